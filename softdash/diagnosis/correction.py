"""Fitting a linear correction to labelled frames, and judging whether it helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from softdash.catalog import Catalog
from softdash.diagnosis.advice import advise
from softdash.diagnosis.answer import Limits, reach_answer, settled
from softdash.diagnosis.answer_records import Answer
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.factor_advice import (
    SMALLEST_GAIN,
    SMALLEST_R_SQUARED,
    factor_interval,
    held_out_or_reason,
    not_before,
)
from softdash.diagnosis.other_labels import compare_energies, compare_stresses, wants_stress
from softdash.diagnosis.plausibility.examination import examine
from softdash.diagnosis.recipe_making import make_recipe
from softdash.diagnosis.suitability import notices_about
from softdash.errors import PredictionError, RefusalError
from softdash.potentials.correction_recipe import (
    CorrectedPotential,
    CorrectionRecipe,
    RecipeInput,
    ReferenceState,
)
from softdash.potentials.interface import Potential, PotentialCard, Prediction, Progress
from softdash.potentials.registry import load_card, package_version
from softdash.softening import analyse_forces, check_frame, three_digits
from softdash.softening.notices import LABEL_NOISE
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.version import __version__

__all__ = [
    "SMALLEST_GAIN",
    "SMALLEST_R_SQUARED",
    "FittedCorrection",
    "factor_interval",
    "fit_correction",
    "held_out_or_reason",
    "not_before",
    "reference_states",
]


@dataclass(frozen=True, slots=True)
class FittedCorrection:
    """A recipe, the frames that could not be used for it, and the answer that a diagnosis of the files begins with."""

    recipe: CorrectionRecipe
    refused: tuple[RefusedFrame, ...]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Frames with both forces."""

    frames: tuple[LabelledFrame, ...]
    predictions: tuple[Prediction, ...]

    @property
    def x(self) -> list[NDArray[np.float64]]:
        return [frame.reference_forces for frame in self.frames]

    @property
    def y(self) -> list[NDArray[np.float64]]:
        return [prediction.forces for prediction in self.predictions]


def fit_correction(
    frames: LabelledFrames,
    card: PotentialCard,
    inputs: Sequence[RecipeInput],
    *,
    label_noise: float = LABEL_NOISE,
    frame_spread: float | None = None,
    catalog: Catalog | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> FittedCorrection:
    """Fit c* = Σxy/Σy² to all force components of labelled frames.

    Parameters
    ----------
    frames : LabelledFrames
    card : PotentialCard
        Installed.
    inputs : sequence of RecipeInput
        The files the frames come from.
    label_noise : float
        Noise of the reference forces that is reckoned with, eV/Å.
    frame_spread : float or None
        Spread of the slope between frames that the benchmark shows for this potential; a single frame needs it.
    catalog : Catalog, optional
        For what the benchmark shows for the potential; without it there is no answer.
    limits : Limits, optional
        What counts as good enough.
    progress : callable, optional

    Raises
    ------
    PotentialUnavailableError
        If the potential cannot be loaded.
    PredictionError
        If it can compute none of the frames.
    RefusalError
        If no factor can be had from these forces: almost zero, or unrelated to the predicted ones.
    """
    potential = load_card(card)
    pairs, refused = _predict(potential, frames.frames, progress)
    compared = ComparedFrames(tuple(range(len(pairs.frames))), pairs.frames, pairs.predictions)
    examined = examine(frames, compared, potential)
    try:
        statistics = analyse_forces(
            pairs.x,
            pairs.y,
            [frame.atoms.numbers for frame in pairs.frames],
            [frame.origin for frame in pairs.frames],
            label_noise=label_noise,
            frame_spread=frame_spread,
            positions=[frame.atoms.positions for frame in pairs.frames],
        )
    except RefusalError as error:
        raise examined.in_place_of(error) from error
    statistics, doubts = examined.widened(statistics), examined.doubts_about(statistics)
    factor = statistics.linear_correction
    if factor <= 0:
        refusal = RefusalError(
            f"The predicted forces point against the reference forces (factor {three_digits(factor)}).",
            advice="Check that structure and forces belong together and list the atoms in the same order.",
        )
        raise examined.in_place_of(refusal)
    # The advice of `softdash diagnose` on the same files, by the same function.
    notices = notices_about(card, [set(frame.atoms.symbols) for frame in frames.frames], frames.functional)
    energies, stresses = compare_energies(compared), compare_stresses(compared)
    advice = advise(compared, statistics, notices, 0, doubts, energies, stresses)
    answer = None if catalog is None else reach_answer(catalog, card, statistics, notices, advice, doubts, limits)
    advice = advice if answer is None else settled(advice, answer)
    recipe = make_recipe(
        _corrected(card),
        statistics,
        advice,
        reference_states(pairs.frames, [prediction.energy for prediction in pairs.predictions]),
        inputs=inputs,
        softdash_version=__version__,
        created=datetime.now(UTC),
    )
    return FittedCorrection(recipe, (*frames.refused, *refused), answer)


def reference_states(frames: Sequence[LabelledFrame], energies: Sequence[float]) -> tuple[ReferenceState, ...]:
    """Return, for each composition, the frame of the lowest predicted energy per atom.

    Parameters
    ----------
    frames : sequence of LabelledFrame
    energies : sequence of float
        Predicted, eV per cell.
    """
    states: dict[str, ReferenceState] = {}
    for frame, energy in zip(frames, energies, strict=True):
        formula = str(frame.atoms.get_chemical_formula(mode="metal", empirical=True))
        per_atom = energy / len(frame.atoms)
        if formula not in states or per_atom < states[formula].energy_per_atom:
            states[formula] = ReferenceState(formula=formula, energy_per_atom=per_atom, origin=frame.origin)
    return tuple(states[formula] for formula in sorted(states))


def _corrected(card: PotentialCard) -> CorrectedPotential:
    return CorrectedPotential(
        name=card.name,
        label=card.label,
        version=card.version,
        package=card.package,
        package_version=package_version(card),
        weights_sha256=card.weights_sha256(),
    )


def _predict(
    potential: Potential, frames: Sequence[LabelledFrame], progress: Progress | None
) -> tuple[_Pairs, list[RefusedFrame]]:
    """Predict all frames one by one; one that cannot be computed costs that frame."""
    used, predictions, refused = [], [], []
    for position, frame in enumerate(frames, start=1):
        try:
            prediction = potential.predict([frame.atoms], stress=wants_stress(frame))[0]
            check_frame(frame.reference_forces, prediction.forces, where=frame.origin)
        except (PredictionError, RefusalError) as error:
            refused.append(RefusedFrame(frame.origin, error.what))
        else:
            used.append(frame)
            predictions.append(prediction)
        if progress is not None:
            progress(position, len(frames))
    if not used:
        raise PredictionError(f"No frame could be computed: {refused[0].reason}", where=refused[0].origin)
    return _Pairs(tuple(used), tuple(predictions)), refused
