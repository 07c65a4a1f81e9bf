"""The plain-language outcome for one potential: a level, a headline, and sentences that carry their numbers.

Rules on numbers, nothing else; the rules and their thresholds are the constants below. What a slope does not say is
part of the verdict (Deng et al., npj Comput. Mater. 11, 9 (2025), and the later literature on its limits).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ase.data import chemical_symbols

from softdash.diagnosis import verdict_sentences as sentences
from softdash.diagnosis.records import PopulationComparison, ReadingDoubt, Verdict, VerdictSentence
from softdash.diagnosis.verdict_sentences import Answers, Reason
from softdash.softening import three_digits
from softdash.softening.notices import HIGH_LEVERAGE, LOW_R_SQUARED, NEAR_EQUILIBRIUM_FORCE
from softdash.softening.statistics import ElementSlope, Notice, SofteningStatistics

__all__ = ["Answers", "decide", "doubtful_verdict", "opposite_elements", "reach_verdict"]

NEGLIGIBLE_BIAS = 0.02
"""A softening scale whose whole interval lies within 1 ± this is called unbiased, even if the interval excludes 1."""
WIDEST_UNBIASED_INTERVAL = 0.05
"""Half width of an interval around 1 above which nothing is concluded: softening could hide in it."""
ONE_COMPONENT = HIGH_LEVERAGE
"""Share of Σx² in one component from which on it may decide the verdict alone; then nothing is concluded."""

Level = Literal["softened", "stiffened", "unbiased", "inconclusive"]


def reach_verdict(
    label: str,
    statistics: SofteningStatistics,
    notices: Sequence[Notice] = (),
    populations: Sequence[PopulationComparison] = (),
    answers: Answers | None = None,
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
    answers : Answers, optional
        What is known beside the forces' statistics.
    """
    answers = answers or Answers()
    level, reason = decide(statistics)
    codes = {notice.code for notice in notices}
    softened = level in ("softened", "stiffened")
    if answers.doubts:
        return doubtful_verdict(statistics, answers.doubts, notices)
    found: list[VerdictSentence | None] = [
        sentences.scale(statistics),
        _opposite(statistics) if reason == "elements_opposite" else sentences.reason(statistics, reason),
        *(sentences.comparison(population) for population in populations if population.element is None),
        sentences.stability(statistics, answers.influence),
        sentences.outliers(answers.influence),
        sentences.energies(answers.energies),
        sentences.stresses(answers.stresses),
        sentences.correction(statistics, answers.advice) if softened else None,
        sentences.disagreement(statistics, answers) if softened else None,
        sentences.frequencies(statistics) if level == "softened" else None,
        *(VerdictSentence(code=notice.code, text=notice.message, numbers={}) for notice in notices),
        sentences.single_frame(statistics),
        sentences.labels_needed(statistics, answers.advice),
        sentences.limits(),
    ]
    return Verdict(
        level=level,
        headline=_headline(label, statistics, level, reason, codes),
        sentences=tuple(sentence for sentence in found if sentence is not None),
    )


def doubtful_verdict(
    statistics: SofteningStatistics, doubts: Sequence[ReadingDoubt], notices: Sequence[Notice]
) -> Verdict:
    """Return the verdict while the physics contradicts how the files were read: none on softening."""
    return Verdict(
        level="inconclusive",
        headline=doubts[0].headline,
        sentences=(
            *(sentences.doubt(doubt) for doubt in doubts),
            sentences.as_read(statistics),
            *(VerdictSentence(code=notice.code, text=notice.message, numbers={}) for notice in notices),
        ),
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
    if _one_component_decides(statistics):
        return "inconclusive", "one_component"
    if opposite_elements(statistics) is not None:
        return "inconclusive", "elements_opposite"
    if interval.low >= 1 - NEGLIGIBLE_BIAS and interval.high <= 1 + NEGLIGIBLE_BIAS:
        return "unbiased", ""
    if interval.high < 1:
        return "softened", ""
    if interval.low > 1:
        return "stiffened", ""
    return ("unbiased", "") if interval.half_width <= WIDEST_UNBIASED_INTERVAL else ("inconclusive", "wide_interval")


def opposite_elements(statistics: SofteningStatistics) -> tuple[ElementSlope, ElementSlope] | None:
    """Return the softest and the stiffest element where one is surely too soft and the other surely too stiff."""
    known = [element for element in statistics.elements if element.interval is not None]
    soft = [e for e in known if e.interval is not None and e.interval.high < 1 - NEGLIGIBLE_BIAS]
    stiff = [e for e in known if e.interval is not None and e.interval.low > 1 + NEGLIGIBLE_BIAS]
    if not soft or not stiff:
        return None
    return min(soft, key=lambda element: element.slope), max(stiff, key=lambda element: element.slope)


def _one_component_decides(statistics: SofteningStatistics) -> bool:
    """Whether leaving out one component moves the slope out of its own interval, which then says too little."""
    leverage, interval = statistics.largest_leverage, statistics.slope_interval
    if leverage.share <= ONE_COMPONENT or interval is None:
        return False
    without = leverage.slope_without
    return without is None or not interval.low <= without <= interval.high


def _opposite(statistics: SofteningStatistics) -> VerdictSentence | None:
    found = opposite_elements(statistics)
    return None if found is None else sentences.elements_opposite(*found)


def _headline(label: str, statistics: SofteningStatistics, level: Level, reason: Reason, codes: set[str]) -> str:
    percent = three_digits(100 * abs(1 - statistics.slope))
    functional = " Part of it may be the functional." if "functional_mismatch" in codes else ""
    if level == "softened":
        return f"{label} is too soft for this material: its forces are {percent} % too small.{functional}"
    if level == "stiffened":
        return f"{label} is too stiff for this material: its forces are {percent} % too large.{functional}"
    if level == "unbiased":
        return f"{label} is neither soft nor stiff for this material: the softening scale agrees with 1."
    opposite = opposite_elements(statistics)
    if reason == "elements_opposite" and opposite is not None:
        soft, stiff = (chemical_symbols[element.atomic_number] for element in opposite)
        return f"{label} is too soft on {soft} and too stiff on {stiff}: one slope does not describe this material."
    return {
        "one_component": "A single force decides the slope: look at it before anything else.",
        "no_interval": "Too few forces to tell whether the potential is soft.",
        "negative_slope": f"The forces of {label} point the wrong way: check signs, units and the order of the atoms.",
        "scatter": f"{label} scatters too much here for a softening scale to mean something.",
        "near_equilibrium": "These structures are too close to equilibrium to tell.",
        "wide_interval": "Too few independent frames to tell whether the potential is soft.",
    }[reason]
