"""Fitting a linear correction to labelled frames, and judging whether it helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from softdash import __version__
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.plausibility.examination import examine
from softdash.diagnosis.recipe_making import make_recipe
from softdash.diagnosis.records import AdviceCode, ReadingDoubt
from softdash.errors import PredictionError, RefusalError
from softdash.potentials.correction_recipe import (
    CorrectedPotential,
    CorrectionRecipe,
    RecipeInput,
    ReferenceState,
)
from softdash.potentials.interface import Potential, PotentialCard, Prediction, Progress
from softdash.potentials.registry import load_potential, package_version
from softdash.softening import analyse_forces, check_frame, cluster_interval, three_digits
from softdash.softening.answers import HeldOutGain
from softdash.softening.held_out import held_out_gain
from softdash.softening.statistics import Interval, SofteningStatistics
from softdash.structures.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame

SMALLEST_R_SQUARED = 0.8
"""Below, scatter dominates: even after the best factor the slope is R², and forces would stay a fifth too small."""

SMALLEST_GAIN = 0.02
"""Relative fall of the error of held-out frames below which a correction is not worth its name."""


@dataclass(frozen=True, slots=True)
class FittedCorrection:
    """A recipe, and the frames that could not be used for it."""

    recipe: CorrectionRecipe
    refused: tuple[RefusedFrame, ...]


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
    potential = load_potential(card.name)
    pairs, refused = _predict(potential, frames.frames, progress)
    compared = ComparedFrames(tuple(range(len(pairs.frames))), pairs.frames, pairs.predictions)
    examined = examine(frames, compared, potential)
    try:
        statistics = analyse_forces(
            pairs.x, pairs.y, [frame.atoms.numbers for frame in pairs.frames], [frame.origin for frame in pairs.frames]
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
    interval = factor_interval(pairs.x, pairs.y)
    held_out, _ = held_out_or_reason(pairs.x, pairs.y)
    code, advice = judge(statistics, interval, held_out)
    if doubts:
        code, advice = "doubtful_reading", not_before(doubts)
    recipe = make_recipe(
        _corrected(card),
        statistics,
        factor,
        interval,
        held_out,
        reference_states(pairs.frames, [prediction.energy for prediction in pairs.predictions]),
        is_recommended=code == "multiply",
        advice=advice,
        inputs=inputs,
        softdash_version=__version__,
        created=datetime.now(UTC),
    )
    return FittedCorrection(recipe, (*frames.refused, *refused))


def not_before(doubts: Sequence[ReadingDoubt]) -> str:
    """Return the advice against any factor while the files may have been read wrongly."""
    return f"Not before this is clear: {doubts[0].headline}"


def factor_interval(x: Sequence[NDArray[np.float64]], y: Sequence[NDArray[np.float64]]) -> Interval | None:
    """Return the interval of c*, clustered by frame, or by atom for a single frame.

    c* is the slope through the origin of reference on predicted forces, so its variance is that of a softening scale
    with the sides exchanged.

    Parameters
    ----------
    x, y : sequence of ndarray, shape (N_g, 3)
        Reference and predicted forces of each frame, eV/Å.
    """
    frame = np.repeat(np.arange(len(x)), [one.size for one in x])
    all_x, all_y = np.concatenate(x), np.concatenate(y)
    _, interval = cluster_interval(all_y, all_x, frame, method="cluster by frame")
    if interval is None:
        _, interval = cluster_interval(all_y, all_x, np.repeat(np.arange(len(all_x)), 3), method="cluster by atom")
    return interval


def held_out_or_reason(
    x: Sequence[NDArray[np.float64]], y: Sequence[NDArray[np.float64]]
) -> tuple[HeldOutGain | None, str | None]:
    """Return what a factor brings to frames left out of its fit, or the sentence that says why nobody knows.

    Parameters
    ----------
    x, y : sequence of ndarray, shape (N_g, 3)
        Reference and predicted forces of each frame, eV/Å.
    """
    try:
        return held_out_gain(x, y), None
    except RefusalError as error:
        return None, f"{error.what} {error.advice or ''}".strip()


def judge(
    statistics: SofteningStatistics, interval: Interval | None, held_out: HeldOutGain | None
) -> tuple[AdviceCode, str]:
    """Say whether one factor helps on this material, and why.

    Parameters
    ----------
    statistics : SofteningStatistics
    interval : Interval or None
        Of c*.
    held_out : HeldOutGain or None
        None for a single frame.

    Returns
    -------
    code : str
        ``multiply`` if it helps; else the reason (`softdash.diagnosis.records.CorrectionAdvice`).
    text : str
        One or two sentences.
    """
    r_squared = statistics.r_squared
    if r_squared < SMALLEST_R_SQUARED:
        return "scatter", (
            f"No: one factor does not help here. R² is {three_digits(r_squared)}, so scatter is the larger part of the "
            f"error, and the slope after the best factor would be {three_digits(r_squared)}. Fine-tune on these labels."
        )
    if interval is None:
        return "no_interval", "No: all forces act on one atom, so nothing says how sure the factor is. Add frames."
    slope_ends = statistics.slope_interval
    if interval.low <= 1 <= interval.high and slope_ends is not None and not slope_ends.low <= 1 <= slope_ends.high:
        return "scatter", (
            f"No: one factor does not help here. The slope is {three_digits(statistics.slope)}, but R² is "
            f"{three_digits(r_squared)}, and the best factor, R²/s = {three_digits(statistics.linear_correction)}, "
            "cannot be told from 1: scatter takes what it would bring. Fine-tune on these labels."
        )
    if interval.low <= 1 <= interval.high:
        return "unbiased", "No: these labels do not tell the factor from 1, so there is nothing to correct."
    if held_out is None:
        return "multiply", (
            "Yes: one factor helps near the configurations of these labels. It rests on a single frame: try it on "
            "another one."
            if statistics.frame_count == 1
            else "Yes: one factor helps near the configurations of these labels."
        )
    change = f"from {three_digits(held_out.mae_before)} to {three_digits(held_out.mae_after)} eV/Å"
    if held_out.gain < SMALLEST_GAIN:
        return "no_gain", f"No: in frames left out of the fit the error goes {change}, which is no gain."
    if held_out.gain_interval.low <= 0:
        return "unsure_gain", (
            f"Not yet: in frames left out of the fit the error goes {change}, but by so few or so different frames "
            "that this may be chance. Label more frames."
        )
    return "multiply", (
        "Yes: one factor helps near the configurations of these labels. "
        f"In frames left out of the fit the error falls {change}."
    )


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
            prediction = potential.predict([frame.atoms])[0]
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
