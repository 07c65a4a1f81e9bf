"""From labelled frames to one potential's part of a report; workers and the command line call this same function."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from softdash.benchmarks.frame_spreads import known_frame_spread
from softdash.catalog import Catalog
from softdash.diagnosis.advice import advise
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.correction import reference_states
from softdash.diagnosis.other_labels import compare_energies, compare_stresses
from softdash.diagnosis.plausibility.examination import examine
from softdash.diagnosis.population import compare_with_populations, mean_pressure
from softdash.diagnosis.records import PotentialIdentity, PotentialResult, RefusedFrameRecord
from softdash.diagnosis.suitability import notices_about
from softdash.diagnosis.verdict import Answers, reach_verdict
from softdash.errors import PredictionError, RefusalError, SoftdashError
from softdash.potentials.interface import Potential, PotentialCard, Prediction, Progress
from softdash.potentials.registry import load_potential, package_version
from softdash.softening import analyse_forces, check_frame
from softdash.softening.answers import Influence
from softdash.softening.influence import analyse_influence
from softdash.softening.notices import LABEL_NOISE
from softdash.softening.statistics import SofteningStatistics
from softdash.structures.labelled_frame import LabelledFrame, LabelledFrames

RANKED_ITEMS = 10
"""Length of the lists in a report where the settings do not say otherwise."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One potential's result, and the forces behind it.

    Attributes
    ----------
    result : PotentialResult
    predictions : tuple of Prediction or None
        One entry per frame of the upload; None where the potential could not compute the frame.
    """

    result: PotentialResult
    predictions: tuple[Prediction | None, ...]


def analyse(
    frames: LabelledFrames,
    card: PotentialCard,
    catalog: Catalog,
    *,
    ranked_items: int = RANKED_ITEMS,
    label_noise: float = LABEL_NOISE,
    progress: Progress | None = None,
) -> Analysis:
    """Compute forces with one potential and compare them with the reference.

    Parameters
    ----------
    frames : LabelledFrames
    card : PotentialCard
    catalog : Catalog
        For the comparison with the potential's distribution over benchmark materials.
    ranked_items : int
        Length of the lists of worst atoms, worst frames, outliers and frames worth labelling.
    label_noise : float
        Noise of the reference forces that is reckoned with, eV/Å.
    progress : callable, optional
        Called as ``progress(done, total)`` in frames; may raise to stop.

    Raises
    ------
    PotentialUnavailableError
        If the potential cannot be loaded.
    PredictionError
        If it can compute none of the frames; before it is loaded, where their elements say so.
    RefusalError
        If no softening scale can be had from these forces.
    """
    started = time.monotonic()
    elements = sorted({symbol for frame in frames.frames for symbol in frame.atoms.symbols})
    notices = notices_about(card, [set(frame.atoms.symbols) for frame in frames.frames], frames.functional)
    potential = load_potential(card.name)
    predictions, refused = _predict(potential, frames.frames, progress)
    used = [position for position, prediction in enumerate(predictions) if prediction is not None]
    if not used:
        raise _none_computed(card, refused)
    pairs = ComparedFrames(
        positions=tuple(used),
        frames=tuple(frames.frames[position] for position in used),
        predictions=tuple(prediction for prediction in predictions if prediction is not None),
    )
    examined = examine(frames, pairs, potential)
    try:
        statistics, influence = _statistics(pairs, ranked_items, label_noise, known_frame_spread(catalog, card))
    except RefusalError as error:
        raise examined.in_place_of(error) from error
    statistics, doubts = examined.widened(statistics), examined.doubts_about(statistics)
    # A place among benchmark materials would be that of a slope which may not be this material's.
    populations = (
        () if doubts else compare_with_populations(catalog, card, statistics, elements, mean_pressure(pairs.frames))
    )
    energies, stresses = compare_energies(pairs), compare_stresses(pairs)
    advice = advise(pairs, statistics, notices, ranked_items, doubts, energies)
    result = PotentialResult(
        potential=identify(card),
        seconds=time.monotonic() - started,
        statistics=statistics,
        refused=tuple(refused),
        notices=notices,
        populations=populations,
        verdict=reach_verdict(
            card.label,
            statistics,
            notices,
            populations,
            Answers(advice=advice, influence=influence, energies=energies, stresses=stresses, doubts=doubts),
        ),
        energies=energies,
        stresses=stresses,
        influence=influence,
        advice=advice,
        reference_states=reference_states(pairs.frames, [prediction.energy for prediction in pairs.predictions]),
        doubts=doubts,
        tested=examined.tested,
    )
    return Analysis(result, tuple(predictions))


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
) -> tuple[list[Prediction | None], list[RefusedFrameRecord]]:
    """Predict all frames; one that cannot be computed costs that frame, not the material.

    Stresses cost a third more and are computed only for periodic frames that have a reference stress.
    """
    predicted: list[Prediction | None] = [None] * len(frames)
    refused: dict[int, SoftdashError] = {}
    # Halving finds the few bad frames among many without computing all others one by one.
    pending = [part for part in _by_wanted_stress(frames) if part]
    finished = 0
    while pending:
        part = pending.pop()

        def report(done: int, _total: int, finished: int = finished) -> None:
            if progress is not None:
                progress(finished + done, len(frames))

        atoms = [frames[position].atoms for position in part]
        with_stress = _wants_stress(frames[part[0]])
        try:
            predictions = potential.predict(atoms, stress=with_stress, progress=report)
        except PredictionError as error:
            if len(part) == 1:
                refused[part[0]] = error
                report(1, 1)
                finished += 1
            else:
                middle = len(part) // 2
                pending += [part[middle:], part[:middle]]
            continue
        finished += len(part)
        for position, prediction in zip(part, predictions, strict=True):
            try:
                check_frame(frames[position].reference_forces, prediction.forces, where=frames[position].origin)
            except RefusalError as error:
                refused[position] = error
            else:
                predicted[position] = prediction
    return predicted, [_refused_frame(frames[position].origin, refused[position]) for position in sorted(refused)]


def _by_wanted_stress(frames: Sequence[LabelledFrame]) -> tuple[list[int], list[int]]:
    """Return the positions of the frames whose stress is to be compared, and of those where it is not."""
    wanted = [_wants_stress(frame) for frame in frames]
    return (
        [position for position, is_wanted in enumerate(wanted) if is_wanted],
        [position for position, is_wanted in enumerate(wanted) if not is_wanted],
    )


def _wants_stress(frame: LabelledFrame) -> bool:
    """Whether it has a reference stress, and the volume that a stress refers to: vacuum has no thickness of its own."""
    return frame.reference_stress is not None and bool(frame.atoms.pbc.all()) and frame.atoms.cell.rank == 3


def _refused_frame(origin: str, error: SoftdashError) -> RefusedFrameRecord:
    return RefusedFrameRecord(origin=origin, reason=f"{error.what} {error.advice or ''}".strip())


def _statistics(
    pairs: ComparedFrames, ranked_items: int, label_noise: float, frame_spread: float | None
) -> tuple[SofteningStatistics, Influence]:
    statistics = analyse_forces(
        pairs.reference,
        pairs.predicted,
        pairs.numbers,
        frame_names=[frame.origin for frame in pairs.frames],
        label_noise=label_noise,
        frame_spread=frame_spread,
        positions=[frame.atoms.positions for frame in pairs.frames],
    )
    influence = analyse_influence(
        pairs.reference, pairs.predicted, pairs.numbers, statistics, positions=pairs.positions, listed=ranked_items
    )
    # The statistics count the frames they were given; the report counts the frames of the upload.
    leverage = statistics.largest_leverage
    in_upload = replace(
        statistics,
        largest_leverage=replace(leverage, frame=pairs.positions[leverage.frame]),
        frames=tuple(replace(slope, frame=pairs.positions[slope.frame]) for slope in statistics.frames),
    )
    return in_upload, influence


def _none_computed(card: PotentialCard, refused: Sequence[RefusedFrameRecord]) -> PredictionError:
    first = refused[0]
    others = f" (and {len(refused) - 1} more frames)" if len(refused) > 1 else ""
    return PredictionError(f"{card.label} could not compute this: {first.reason}", where=f"{first.origin}{others}")
