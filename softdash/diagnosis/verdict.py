"""The plain-language outcome for one potential: a level, a headline, and sentences that carry their numbers.

Rules on numbers, nothing else; the rules and their thresholds are the constants below. What a slope does not say is
part of the verdict (Deng et al., npj Comput. Mater. 11, 9 (2025), and the later literature on its limits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Literal

from softdash.diagnosis.records import PopulationComparison, Verdict, VerdictSentence
from softdash.softening import three_digits
from softdash.softening.notices import LOW_R_SQUARED, NEAR_EQUILIBRIUM_FORCE
from softdash.softening.statistics import Interval, Notice, SofteningStatistics

NEGLIGIBLE_BIAS = 0.02
"""A softening scale whose whole interval lies within 1 ± this is called unbiased, even if the interval excludes 1."""
WIDEST_UNBIASED_INTERVAL = 0.05
"""Half width of an interval around 1 above which nothing is concluded: softening could hide in it."""
USEFUL_CORRECTION = 0.1
"""Share by which c* must lower the mean error before it is recommended."""

_NOT_TO_BE_CORRECTED = {"functional_mismatch", "demonstration_potential", "element_outside_training_set"}

Level = Literal["softened", "stiffened", "unbiased", "inconclusive"]
Reason = Literal["no_interval", "negative_slope", "scatter", "near_equilibrium", "wide_interval", ""]


def reach_verdict(
    label: str,
    statistics: SofteningStatistics,
    notices: Sequence[Notice] = (),
    populations: Sequence[PopulationComparison] = (),
) -> Verdict:
    """Return the verdict on one potential for one material.

    Parameters
    ----------
    label : str
        The potential's name for people.
    statistics : SofteningStatistics
    notices : sequence of Notice
        About this potential for this material (`softdash.diagnosis.suitability`).
    populations : sequence of PopulationComparison
    """
    level, reason = decide(statistics)
    codes = {notice.code for notice in notices}
    sentences = [
        _scale(statistics),
        _reason(statistics, reason),
        *(_comparison(population) for population in populations),
        _stability(statistics),
        _correction(statistics, recommend=not codes & _NOT_TO_BE_CORRECTED)
        if level in ("softened", "stiffened")
        else None,
        _frequencies(statistics) if level == "softened" else None,
        *(VerdictSentence(code=notice.code, text=notice.message, numbers={}) for notice in notices),
        _single_frame(statistics),
        _labels_needed(statistics),
        _limits(),
    ]
    return Verdict(
        level=level,
        headline=_headline(label, statistics, level, reason, codes),
        sentences=tuple(sentence for sentence in sentences if sentence is not None),
    )


def decide(statistics: SofteningStatistics) -> tuple[Level, Reason]:
    """Return the level, and for ``inconclusive`` the reason."""
    interval = statistics.slope_interval
    if interval is None:
        return "inconclusive", "no_interval"
    if statistics.slope < 0:
        return "inconclusive", "negative_slope"
    if statistics.r_squared < LOW_R_SQUARED:
        return "inconclusive", "scatter"
    if statistics.reference_max < NEAR_EQUILIBRIUM_FORCE:
        return "inconclusive", "near_equilibrium"
    if interval.low >= 1 - NEGLIGIBLE_BIAS and interval.high <= 1 + NEGLIGIBLE_BIAS:
        return "unbiased", ""
    if interval.high < 1:
        return "softened", ""
    if interval.low > 1:
        return "stiffened", ""
    return ("unbiased", "") if interval.half_width <= WIDEST_UNBIASED_INTERVAL else ("inconclusive", "wide_interval")


def _headline(label: str, statistics: SofteningStatistics, level: Level, reason: Reason, codes: set[str]) -> str:
    percent = three_digits(100 * abs(1 - statistics.slope))
    functional = " Part of it may be the functional." if "functional_mismatch" in codes else ""
    if level == "softened":
        return f"{label} is too soft for this material: its forces are {percent} % too small.{functional}"
    if level == "stiffened":
        return f"{label} is too stiff for this material: its forces are {percent} % too large.{functional}"
    if level == "unbiased":
        return f"{label} is neither soft nor stiff for this material: the softening scale agrees with 1."
    return {
        "no_interval": "Too few forces to tell whether the potential is soft.",
        "negative_slope": f"The forces of {label} point the wrong way: check signs, units and the order of the atoms.",
        "scatter": f"{label} scatters too much here for a softening scale to mean something.",
        "near_equilibrium": "These structures are too close to equilibrium to tell.",
        "wide_interval": "Too few independent frames to tell whether the potential is soft.",
    }[reason]


def _sentence(code: str, text: str, numbers: Mapping[str, float]) -> VerdictSentence:
    """Fill the numbers into `text`, three significant digits each, counts in full."""
    shown = {name: str(value) if isinstance(value, int) else three_digits(value) for name, value in numbers.items()}
    return VerdictSentence(
        code=code, text=text.format(**shown), numbers={name: float(value) for name, value in numbers.items()}
    )


def _scale(statistics: SofteningStatistics) -> VerdictSentence:
    numbers: dict[str, float] = {"slope": statistics.slope, "component_count": statistics.component_count}
    frames = "one frame"
    if statistics.frame_count > 1:
        numbers["frame_count"], frames = statistics.frame_count, "{frame_count} frames"
    interval = statistics.slope_interval
    given = ""
    if interval is not None:
        numbers |= _interval_numbers(interval)
        given = "{level_percent} % interval {interval_low} to {interval_high}, "
    text = f"The softening scale is {{slope}} ({given}{frames}, {{component_count}} force components); 1 is unbiased."
    return _sentence("scale", text, numbers)


def _interval_numbers(interval: Interval) -> dict[str, float]:
    return {
        "interval_low": interval.low,
        "interval_high": interval.high,
        "level_percent": round(100 * interval.level),
    }


def _reason(statistics: SofteningStatistics, reason: Reason) -> VerdictSentence | None:
    interval = statistics.slope_interval
    if reason == "scatter":
        text = (
            "R² is {r_squared}: most of the error (MAE {mae} eV/Å) is scatter. A factor cannot repair that; "
            "fine-tune with DFT forces of this material, or take another potential."
        )
        return _sentence(reason, text, {"r_squared": statistics.r_squared, "mae": statistics.mae})
    if reason == "near_equilibrium":
        text = (
            "The largest reference force is {reference_max} eV/Å, so noise of both sides dominates the slope. "
            "Use frames from hot dynamics or with random displacements."
        )
        return _sentence(reason, text, {"reference_max": statistics.reference_max})
    if reason == "wide_interval" and interval is not None:
        text = "The interval is ±{half_width} wide and holds both softening and none. Add frames far from each other."
        return _sentence(reason, text, {"half_width": interval.half_width})
    if reason == "no_interval":
        return _sentence(reason, "All forces act on one atom: the spread of the slope is unknown. Add frames.", {})
    return None


def _comparison(population: PopulationComparison) -> VerdictSentence:
    return VerdictSentence(
        code="population",
        text=population.sentence,
        numbers={
            "material_count": population.material_count,
            "softer_than": population.softer_than,
            "median": population.median,
        },
    )


def _stability(statistics: SofteningStatistics) -> VerdictSentence | None:
    if statistics.leave_one_frame_out is None:
        return None
    low, high = statistics.leave_one_frame_out
    text = (
        "Without any one of the frames it stays between {leave_one_out_low} and {leave_one_out_high}; "
        "the robust (Huber) slope is {huber_slope}."
    )
    numbers = {"leave_one_out_low": low, "leave_one_out_high": high, "huber_slope": statistics.huber_slope}
    return _sentence("stability", text, numbers)


def _correction(statistics: SofteningStatistics, *, recommend: bool) -> VerdictSentence:
    after, before = statistics.mae_at_linear_correction, statistics.mae
    numbers = {
        "linear_correction": statistics.linear_correction,
        "mae": before,
        "mae_at_linear_correction": after,
    }
    change = "the mean error of these forces from {mae} to {mae_at_linear_correction} eV/Å"
    if not recommend:
        return _sentence(
            "correction", f"The best single factor (c* = {{linear_correction}}) would take {change}.", numbers
        )
    if 1 - after / before < USEFUL_CORRECTION:
        text = (
            f"One factor (c* = {{linear_correction}}) would only take {change}. "
            "What to do: fine-tune with some DFT forces of this material."
        )
        return _sentence("correction", text, numbers)
    numbers["reduction_percent"] = 100 * (1 - after / before)
    text = (
        "What to do: multiply its energies and forces by c* = {linear_correction}. "
        f"That takes {change}, {{reduction_percent}} % less."
    )
    return _sentence("correction", text, numbers)


def _frequencies(statistics: SofteningStatistics) -> VerdictSentence:
    text = "If all its forces are soft alike, vibration frequencies come out about {frequency_percent} % too low (√s)."
    return _sentence("frequencies", text, {"frequency_percent": 100 * (1 - sqrt(statistics.slope))})


def _single_frame(statistics: SofteningStatistics) -> VerdictSentence | None:
    if statistics.frame_count > 1:
        return None
    text = "One frame only: the interval compares its atoms and says nothing about other configurations."
    return _sentence("single_frame", text, {})


def _labels_needed(statistics: SofteningStatistics) -> VerdictSentence | None:
    needed, interval = statistics.labels_needed, statistics.slope_interval
    if interval is None or interval.half_width <= needed.half_width or needed.frames is None:
        return None
    if needed.frames <= statistics.frame_count:
        return None
    text = f"To know the scale to ±{needed.half_width:g}, about {{frames}} frames like these are needed."
    return _sentence("labels_needed", text, {"half_width": needed.half_width, "frames": needed.frames})


def _limits() -> VerdictSentence:
    text = (
        "This holds for configurations like these frames. A slope of the forces predicts neither migration barriers "
        "nor relaxed energies, which come out too low even for an unbiased potential."
    )
    return _sentence("limits", text, {})
