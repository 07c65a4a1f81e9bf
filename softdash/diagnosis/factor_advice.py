"""Whether to multiply by one factor: every reason against it, in one place and in one order.

Reports, recipes, the command line and the API all ask `judge`, so that none of them says yes where another says no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from softdash.diagnosis.other_factors import other_factor
from softdash.diagnosis.records import AdviceCode, LabelComparison, ReadingDoubt
from softdash.diagnosis.verdict import HEADLINE_CLAUSES, NEGLIGIBLE_BIAS, decide
from softdash.errors import RefusalError
from softdash.potentials.correction_recipe import Quantity
from softdash.softening import linear_correction, three_digits
from softdash.softening.answers import HeldOutGain
from softdash.softening.force_components import flatten
from softdash.softening.held_out import held_out_gain
from softdash.softening.notices import is_single_frame, scatter_is_larger
from softdash.softening.slope_uncertainty import factor_uncertainty
from softdash.softening.statistics import Interval, SofteningStatistics

SMALLEST_R_SQUARED = 0.8
"""Below, even after the best factor the slope is R², and forces would stay a fifth too small."""
SMALLEST_GAIN = 0.02
"""Relative fall of the error of held-out frames below which a correction is not worth its name."""

_UNSUITABLE = {
    "functional_mismatch": "the labels come from another functional than the potential learnt, so that the factor "
    "would mix softening with the difference of the functionals",
    "hubbard_u_unknown": "the files do not say whether the labels have a Hubbard U, and the factor may be that "
    "difference",
    "element_outside_training_set": "the potential has not learnt every element, and a factor does not teach it",
    "demonstration_potential": "this is a classical potential for demonstrations",
}
"""By the code of the notice with which a factor would not measure softening."""

Reason = tuple[AdviceCode, str]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)


@dataclass(frozen=True, slots=True)
class FactorEvidence:
    """What speaks for and against one factor.

    Attributes
    ----------
    statistics : SofteningStatistics
    interval : Interval or None
        Of c*.
    held_out : HeldOutGain or None
        None for a single frame.
    notices : collection of str
        Codes of the notices about potential and material (`softdash.diagnosis.suitability`).
    energies : LabelComparison or None
    doubts : sequence of ReadingDoubt
        About how the files were read.
    stresses : LabelComparison or None
        They speak against no factor, but bound what it is good for.
    """

    statistics: SofteningStatistics
    interval: Interval | None
    held_out: HeldOutGain | None
    notices: Collection[str] = ()
    energies: LabelComparison | None = None
    doubts: Sequence[ReadingDoubt] = field(default=())
    stresses: LabelComparison | None = None


def judge(evidence: FactorEvidence) -> Reason:
    """Say whether one factor helps on this material, and why.

    Returns
    -------
    code : str
        ``multiply`` if it helps; else the first reason against (`softdash.diagnosis.records.CorrectionAdvice`).
    text : str
        One or two sentences.
    """
    against = next(reasons_against(evidence), None)
    if against is not None:
        return against
    held_out = evidence.held_out
    change = (
        ""
        if held_out is None
        else " In frames left out of the fit the error falls "
        f"from {three_digits(held_out.mae_before)} to {three_digits(held_out.mae_after)} eV/Å."
    )
    return "multiply", f"Yes: one factor helps near the configurations of these labels.{change}"


def reasons_against(evidence: FactorEvidence) -> Iterator[Reason]:
    """Yield every reason against a factor, the most fundamental one first."""
    if evidence.doubts:
        yield "doubtful_reading", not_before(evidence.doubts)
    if evidence.statistics.linear_correction <= 0:
        yield (
            "wrong_way",
            (
                "No factor can help: the predicted forces point against the reference forces. Check the sign of the "
                "forces and the order of the atoms."
            ),
        )
    # What the slope measures comes before how well it is known; a demonstration measures nothing else.
    yield from _of_the_notices(evidence, HEADLINE_CLAUSES)
    yield from _of_the_forces(evidence.statistics)
    yield from _of_the_fit(evidence)
    yield from _of_unlike_parts(evidence)
    yield from _of_the_level(evidence.statistics)
    yield from _of_the_notices(evidence, _UNSUITABLE.keys() - HEADLINE_CLAUSES.keys())


def quantities_of(evidence: FactorEvidence) -> tuple[Quantity, ...]:
    """Return for which quantities the factor of the forces holds, as far as the labels tell."""
    statistics = evidence.statistics
    other = {
        "energy": other_factor(statistics, evidence.energies),
        "forces": None,
        "stress": other_factor(statistics, evidence.stresses),
    }
    return tuple(name for name in QUANTITIES if other[name] is None)


def caveat_of(evidence: FactorEvidence) -> str:
    """Return the sentence about stresses that want another factor than the forces; empty where they do not."""
    stresses = other_factor(evidence.statistics, evidence.stresses)
    if stresses is None:
        return ""
    return (
        f"Not for stresses: their slope is {three_digits(stresses.slope)}, that of the forces "
        f"{three_digits(evidence.statistics.slope)}, and the factor would not mend them. Keep the cell as it is."
    )


def not_before(doubts: Sequence[ReadingDoubt]) -> str:
    """Return the advice against any factor while the files may have been read wrongly."""
    return f"Not before this is clear: {doubts[0].headline}"


def factor_interval(
    x: Sequence[NDArray[np.float64]],
    y: Sequence[NDArray[np.float64]],
    *,
    relaxation: bool = False,
    slope: float = 1.0,
    slope_interval: Interval | None = None,
) -> Interval | None:
    """Return the interval of c*, frame against frame, in relation no narrower than that of s; None for a single frame.

    Parameters
    ----------
    x, y : sequence of ndarray, shape (N_g, 3)
        Reference and predicted forces of each frame, eV/Å.
    relaxation : bool
        Whether the frames are the steps of one relaxation, which have no interval.
    slope : float
    slope_interval : Interval or None
        Those of s, of the same frames.
    """
    components = flatten(x, y, [np.zeros(len(one), dtype=np.int_) for one in x])
    factor = linear_correction(components.x, components.y)
    share = 0.0 if slope_interval is None or slope == 0 else slope_interval.half_width / abs(slope)
    return factor_uncertainty(components, factor, relaxation=relaxation, least_share=share)[1]


def held_out_or_reason(
    x: Sequence[NDArray[np.float64]], y: Sequence[NDArray[np.float64]], *, relaxation: bool = False
) -> tuple[HeldOutGain | None, str | None]:
    """Return what a factor brings to frames left out of its fit, or the sentence that says why nobody knows.

    Parameters
    ----------
    x, y : sequence of ndarray, shape (N_g, 3)
        Reference and predicted forces of each frame, eV/Å.
    relaxation : bool
        As `factor_interval`.
    """
    try:
        return held_out_gain(x, y, relaxation=relaxation), None
    except RefusalError as error:
        return None, f"{error.what} {error.advice or ''}".strip()


def _of_the_notices(evidence: FactorEvidence, codes: Collection[str]) -> Iterator[Reason]:
    for notice, words in _UNSUITABLE.items():
        if notice in evidence.notices and notice in codes:
            yield (
                "unsuitable",
                (
                    f"No: {words}. Mathematically, c* = {three_digits(evidence.statistics.linear_correction)} would "
                    "make the error smallest."
                ),
            )


def _of_the_forces(statistics: SofteningStatistics) -> Iterator[Reason]:
    _, reason = decide(statistics)
    if reason == "one_component":
        yield (
            "inconclusive",
            "Not before the one force that decides the slope has been checked: it decides the factor, too.",
        )
    if reason == "elements_opposite":
        yield (
            "inconclusive",
            "No: one element is too soft and another too stiff, and one factor makes one of them worse.",
        )
    if reason == "near_equilibrium":
        yield "inconclusive", "Not on these labels: their forces are so small that noise may decide the factor."
    r_squared = statistics.r_squared
    if r_squared < SMALLEST_R_SQUARED and scatter_is_larger(statistics):
        yield (
            "scatter",
            (
                f"No: one factor does not help here. Scatter is {_percent(statistics.error_shares, 1)} of the squared "
                f"error, and the slope after the best factor would be R² = {three_digits(r_squared)}. Only "
                "fine-tuning lowers the scatter."
            ),
        )
    elif r_squared < SMALLEST_R_SQUARED:
        yield (
            "weak_relation",
            (
                f"Not by a factor alone. The slope stands for {_percent(statistics.error_shares, 0)} of the squared "
                "error, but a factor lifts the scatter with the forces: the best one takes the mean error from "
                f"{three_digits(statistics.mae)} to {three_digits(statistics.mae_at_linear_correction)} eV/Å and "
                f"leaves the slope at R² = {three_digits(r_squared)}. Only fine-tuning lowers the scatter."
            ),
        )
    if is_single_frame(statistics):
        rests_on = "a single frame" if statistics.frame_count == 1 else "frames so alike that they count as one"
        yield (
            "single_frame",
            (
                f"Not yet: c* = {three_digits(statistics.linear_correction)} rests on {rests_on}, and what it does "
                "to other frames is not known. Label another one, far from it."
            ),
        )


def _of_the_fit(evidence: FactorEvidence) -> Iterator[Reason]:
    statistics, interval, slope_ends = evidence.statistics, evidence.interval, evidence.statistics.slope_interval
    if decide(statistics)[0] == "unbiased":
        yield "unbiased", "No: the softening scale agrees with 1, so there is nothing to correct."
    if interval is None or slope_ends is None:
        yield "no_interval", "No: nothing says how well the factor is known. Add frames that are independent of these."
    elif interval.low <= 1 <= interval.high and slope_ends.low <= 1 <= slope_ends.high:
        yield (
            "unsure_gain",
            (
                "Not yet known: these labels do not tell whether the best factor, "
                f"{three_digits(statistics.linear_correction)} ({three_digits(interval.low)} to "
                f"{three_digits(interval.high)}), differs from 1. Label more frames."
            ),
        )
    elif interval.low <= 1 <= interval.high and not scatter_is_larger(statistics):
        yield (
            "unsure_gain",
            (
                f"Not yet: the best factor, {three_digits(statistics.linear_correction)}, is known so badly that it "
                "may be 1. Label more frames."
            ),
        )
    elif interval.low <= 1 <= interval.high:
        yield (
            "scatter",
            (
                f"No: one factor does not help here. The slope is {three_digits(statistics.slope)}, but R² is "
                f"{three_digits(statistics.r_squared)}, and the best factor, R²/s = "
                f"{three_digits(statistics.linear_correction)}, cannot be told from 1: scatter takes what it would "
                "bring. Only fine-tuning lowers the scatter."
            ),
        )
    held_out = evidence.held_out
    if held_out is None:
        return
    change = f"from {three_digits(held_out.mae_before)} to {three_digits(held_out.mae_after)} eV/Å"
    if held_out.gain < SMALLEST_GAIN:
        yield "no_gain", f"No: in frames left out of the fit the error goes {change}, which is no gain."
    elif held_out.gain_interval is None or held_out.gain_interval is None or held_out.gain_interval.low <= 0:
        yield (
            "unsure_gain",
            (
                f"Not yet: in frames left out of the fit the error goes {change}, but by so few or so different frames "
                "that this may be chance. Label more frames."
            ),
        )


def _of_unlike_parts(evidence: FactorEvidence) -> Iterator[Reason]:
    statistics = evidence.statistics
    harmed = list(_harmed_parts(statistics))
    if harmed:
        yield (
            "unlike_forces",
            (
                f"No: c* = {three_digits(statistics.linear_correction)} makes {' and '.join(harmed)} worse: one slope "
                "does not describe this material. Only fine-tuning mends such differences."
            ),
        )
    energies = other_factor(statistics, evidence.energies)
    if energies is not None:
        yield (
            "energies_disagree",
            (
                f"No: forces (slope {three_digits(statistics.slope)}) want c* = "
                f"{three_digits(statistics.linear_correction)}, but energies (slope {three_digits(energies.slope)}) "
                "another factor, and both belong to one surface. Only fine-tuning mends such differences."
            ),
        )


def _of_the_level(statistics: SofteningStatistics) -> Iterator[Reason]:
    if decide(statistics)[0] == "inconclusive":
        yield "inconclusive", "Not yet: the softening scale is not known well enough."


def _harmed_parts(statistics: SofteningStatistics) -> Iterator[str]:
    """Yield the elements and sizes of force whose slope the factor takes further from 1, by their whole interval."""
    factor = statistics.linear_correction
    for element in statistics.elements:
        if _is_harmed(element.interval, factor):
            yield f"forces on {chemical_symbols[element.atomic_number]} (slope {three_digits(element.slope)})"
    for part in statistics.magnitude_bins:
        if _is_harmed(part.interval, factor):
            yield f"forces of {part.lower:g} to {part.upper:g} eV/Å (slope {three_digits(part.slope)})"


def _is_harmed(interval: Interval | None, factor: float) -> bool:
    if interval is None:
        return False
    return all(abs(factor * end - 1) > abs(end - 1) + NEGLIGIBLE_BIAS for end in (interval.low, interval.high))


def _percent(shares: tuple[float, float] | None, which: int) -> str:
    return "an unknown part" if shares is None else f"{three_digits(100 * shares[which])} %"
