"""From labelled frames to one potential's part of a report; workers and the command line call this same function."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from softdash.catalog import Catalog
from softdash.diagnosis.answer import Limits
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.findings import RANKED_ITEMS, Rules, all_points, findings_of
from softdash.diagnosis.other_labels import wants_stress
from softdash.diagnosis.records import MaterialResult, PotentialIdentity, PotentialResult, RefusedFrameRecord
from softdash.diagnosis.several_materials import as_material, failed_material, over_materials
from softdash.diagnosis.suitability import notices_about
from softdash.errors import PredictionError, RefusalError, SoftdashError
from softdash.potentials.interface import Potential, PotentialCard, Prediction, Progress
from softdash.potentials.registry import load_card, package_version
from softdash.softening import check_frame
from softdash.softening.notices import LABEL_NOISE
from softdash.structures.frames.frame_functionals import of_frames
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.materials import Material


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
    limits: Limits | None = None,
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
    limits : Limits, optional
        What counts as good enough.
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
    # Refused before anything is loaded, where the elements say so.
    notices_about(card, [set(frame.atoms.symbols) for frame in frames.frames], frames.functional)
    potential = load_card(card)
    predictions, refused = _predict(potential, frames.frames, progress)
    computed = [position for position, prediction in enumerate(predictions) if prediction is not None]
    if not computed:
        raise _none_computed(card, list(refused.values()))
    rules = Rules(catalog, ranked_items=ranked_items, label_noise=label_noise, limits=limits)
    judge = _Judge(frames, predictions, refused, potential, card, identify(card), rules)
    materials = frames.materials
    result = judge.several(materials.materials) if materials.are_several else judge.one(range(len(frames.frames)))
    return Analysis(result.model_copy(update={"seconds": time.monotonic() - started}), tuple(predictions))


@dataclass(frozen=True, slots=True)
class _Judge:
    """From all predictions of one potential to its findings about some of the frames, or about every material."""

    frames: LabelledFrames
    predictions: Sequence[Prediction | None]
    refused: Mapping[int, RefusedFrameRecord]
    potential: Potential
    card: PotentialCard
    identity: PotentialIdentity
    rules: Rules

    def one(self, positions: Sequence[int]) -> PotentialResult:
        """Return the findings about frames of one material."""
        refused = [self.refused[position] for position in positions if position in self.refused]
        pairs = self._pairs(positions)
        if not pairs.frames:
            raise _none_computed(self.card, refused)
        read = of_frames(self.frames, positions)
        return findings_of(read, pairs, self.potential, self.card, self.identity, self.rules, positions, refused)

    def several(self, materials: Sequence[Material]) -> PotentialResult:
        """Return the findings about each material; one that gives no slope costs itself alone."""
        parts = [self._material(material) for material in materials]
        if all(part.statistics is None for part in parts):
            first = parts[0]
            reason = (first.error or {}).get("message", "")
            raise RefusalError(f"None of the {len(parts)} materials gives a slope. {first.name}: {reason}")
        pooled = all_points(self._pairs(range(len(self.frames.frames))), self.rules)
        return over_materials(self.identity, pooled, parts, tuple(self.refused.values()))

    def _material(self, material: Material) -> MaterialResult:
        try:
            return as_material(self.one(material.frames), material)
        except SoftdashError as error:
            return failed_material(material, error.as_json()["error"])

    def _pairs(self, positions: Sequence[int]) -> ComparedFrames:
        found = [(position, self.predictions[position]) for position in positions]
        computed = [(position, prediction) for position, prediction in found if prediction is not None]
        return ComparedFrames(
            positions=tuple(position for position, _ in computed),
            frames=tuple(self.frames.frames[position] for position, _ in computed),
            predictions=tuple(prediction for _, prediction in computed),
        )


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
) -> tuple[list[Prediction | None], dict[int, RefusedFrameRecord]]:
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
        with_stress = wants_stress(frames[part[0]])
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
    return predicted, {place: _refused_frame(frames[place].origin, refused[place]) for place in sorted(refused)}


def _by_wanted_stress(frames: Sequence[LabelledFrame]) -> tuple[list[int], list[int]]:
    """Return the positions of the frames whose stress is to be compared, and of those where it is not."""
    wanted = [wants_stress(frame) for frame in frames]
    return (
        [position for position, is_wanted in enumerate(wanted) if is_wanted],
        [position for position, is_wanted in enumerate(wanted) if not is_wanted],
    )


def _refused_frame(origin: str, error: SoftdashError) -> RefusedFrameRecord:
    return RefusedFrameRecord(origin=origin, reason=f"{error.what} {error.advice or ''}".strip())


def _none_computed(card: PotentialCard, refused: Sequence[RefusedFrameRecord]) -> PredictionError:
    first = refused[0]
    others = f" (and {len(refused) - 1} more frames)" if len(refused) > 1 else ""
    return PredictionError(f"{card.label} could not compute this: {first.reason}", where=f"{first.origin}{others}")
