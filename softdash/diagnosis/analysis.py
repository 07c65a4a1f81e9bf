"""From labelled frames to one potential's part of a report; workers and the command line call this same function."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softdash.catalog import Catalog
from softdash.diagnosis.population import compare_with_populations
from softdash.diagnosis.records import PotentialIdentity, PotentialResult, RefusedFrameRecord
from softdash.diagnosis.suitability import notices_about
from softdash.diagnosis.verdict import reach_verdict
from softdash.errors import PredictionError, RefusalError, SoftdashError
from softdash.potentials.interface import Potential, PotentialCard, Progress
from softdash.potentials.registry import load_potential, package_version
from softdash.softening import analyse_forces, check_frame
from softdash.softening.statistics import SofteningStatistics
from softdash.structures.labelled_frame import LabelledFrame, LabelledFrames

Forces = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One potential's result, and the forces behind it.

    Attributes
    ----------
    result : PotentialResult
    predicted : tuple of ndarray, shapes (N_frame, 3), or None
        eV/Å, one entry per frame of the upload; None where the potential could not compute the frame.
    """

    result: PotentialResult
    predicted: tuple[Forces | None, ...]


def analyse(
    frames: LabelledFrames, card: PotentialCard, catalog: Catalog, *, progress: Progress | None = None
) -> Analysis:
    """Compute forces with one potential and compare them with the reference.

    Parameters
    ----------
    frames : LabelledFrames
    card : PotentialCard
    catalog : Catalog
        For the comparison with the potential's distribution over benchmark materials.
    progress : callable, optional
        Called as ``progress(done, total)`` in frames; may raise to stop.

    Raises
    ------
    PotentialUnavailableError
        If the potential cannot be loaded.
    PredictionError
        If it can compute none of the frames.
    RefusalError
        If no softening scale can be had from these forces.
    InputError
        If a classical potential lacks an element.
    """
    started = time.monotonic()
    elements = sorted({symbol for frame in frames.frames for symbol in frame.atoms.symbols})
    notices = notices_about(card, elements, frames.functional)
    predicted, refused = _predict(load_potential(card.name), frames.frames, progress)
    used = [position for position, forces in enumerate(predicted) if forces is not None]
    if not used:
        raise _none_computed(card, refused)
    statistics = _statistics(frames.frames, predicted, used)
    populations = compare_with_populations(catalog, card, statistics)
    result = PotentialResult(
        potential=identify(card),
        seconds=time.monotonic() - started,
        statistics=statistics,
        refused=tuple(refused),
        notices=notices,
        populations=populations,
        verdict=reach_verdict(card.label, statistics, notices, populations),
    )
    return Analysis(result, tuple(predicted))


def failed_result(card: PotentialCard, error: Mapping[str, Any]) -> PotentialResult:
    """Return the part of a potential that failed: who it was, and why (the inner form of `SoftdashError.as_json`)."""
    return PotentialResult(potential=identify(card), seconds=0.0, statistics=None, error=dict(error))


def identify(card: PotentialCard) -> PotentialIdentity:
    """Return which potential this is, exactly: versions and the hash of its weights."""
    try:
        weights_sha256 = card.weights_sha256()
    except SoftdashError:  # not installed: a failed result must still say which potential it was
        weights_sha256 = ""
    return PotentialIdentity(
        name=card.name,
        label=card.label,
        family=card.family,
        version=card.version,
        package=card.package,
        package_version=package_version(card),
        weights_sha256=weights_sha256,
        functional=card.functional,
        training_set=card.training_set,
        citation=card.citation,
        licence=card.licence,
        notes=card.notes,
    )


def _predict(
    potential: Potential, frames: Sequence[LabelledFrame], progress: Progress | None
) -> tuple[list[Forces | None], list[RefusedFrameRecord]]:
    """Predict all frames; one that cannot be computed costs that frame, not the material."""
    predicted: list[Forces | None] = [None] * len(frames)
    refused: dict[int, SoftdashError] = {}
    # Halving finds the few bad frames among many without computing all others one by one.
    pending = [range(len(frames))]
    while pending:
        part = pending.pop()
        finished = part.start

        def report(done: int, _total: int, finished: int = finished) -> None:
            if progress is not None:
                progress(finished + done, len(frames))

        try:
            predictions = potential.predict([frames[position].atoms for position in part], progress=report)
        except PredictionError as error:
            if len(part) == 1:
                refused[part.start] = error
                report(1, 1)
            else:
                middle = (part.start + part.stop) // 2
                pending += [range(middle, part.stop), range(part.start, middle)]
            continue
        for position, prediction in zip(part, predictions, strict=True):
            try:
                check_frame(frames[position].reference_forces, prediction.forces, where=frames[position].origin)
            except RefusalError as error:
                refused[position] = error
            else:
                predicted[position] = prediction.forces
    return predicted, [_refused_frame(frames[position].origin, refused[position]) for position in sorted(refused)]


def _refused_frame(origin: str, error: SoftdashError) -> RefusedFrameRecord:
    return RefusedFrameRecord(origin=origin, reason=f"{error.what} {error.advice or ''}".strip())


def _statistics(
    frames: Sequence[LabelledFrame], predicted: Sequence[Forces | None], used: Sequence[int]
) -> SofteningStatistics:
    statistics = analyse_forces(
        [frames[position].reference_forces for position in used],
        [forces for forces in predicted if forces is not None],
        [frames[position].atoms.numbers for position in used],
        frame_names=[frames[position].origin for position in used],
    )
    if len(used) == len(frames):
        return statistics
    # The statistics count the frames they were given; the report counts the frames of the upload.
    return replace(
        statistics,
        largest_leverage=replace(statistics.largest_leverage, frame=used[statistics.largest_leverage.frame]),
        frames=tuple(replace(slope, frame=used[slope.frame]) for slope in statistics.frames),
    )


def _none_computed(card: PotentialCard, refused: Sequence[RefusedFrameRecord]) -> PredictionError:
    first = refused[0]
    others = f" (and {len(refused) - 1} more frames)" if len(refused) > 1 else ""
    return PredictionError(f"{card.label} could not compute this: {first.reason}", where=f"{first.origin}{others}")
