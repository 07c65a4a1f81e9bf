"""The plain-language outcome for one potential: a level, a headline, and sentences that carry their numbers.

Rules on numbers, nothing else; the rules and their thresholds are the constants below. What a slope does not say is
part of the verdict (Deng et al., npj Comput. Mater. 11, 9 (2025), and the later literature on its limits).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ase.data import chemical_symbols

from softdash.diagnosis import verdict_label_sentences as label_sentences
from softdash.diagnosis import verdict_sentences as sentences
from softdash.diagnosis.records import PopulationComparison, ReadingDoubt, Verdict, VerdictSentence
from softdash.diagnosis.verdict_sentences import Answers, Reason
from softdash.softening import three_digits
from softdash.softening.notices import (
    HIGH_LEVERAGE,
    LOW_R_SQUARED,
    is_near_equilibrium,
    is_single_frame,
    scatter_is_larger,
)
from softdash.softening.statistics import ElementSlope, Notice, SofteningStatistics

__all__ = ["HEADLINE_CLAUSES", "Answers", "decide", "doubtful_verdict", "opposite_elements", "reach_verdict"]

NEGLIGIBLE_BIAS = 0.02
"""A softening scale whose whole interval lies within 1 ± this is called unbiased, even if the interval excludes 1."""
WIDEST_UNBIASED_INTERVAL = 0.05
"""Half width of an interval around 1 above which nothing is concluded: softening could hide in it."""
ONE_COMPONENT = HIGH_LEVERAGE
"""Share of Σx² in one component from which on it may decide the verdict alone; then nothing is concluded."""
MOST_OF_THE_WEIGHT = 0.5
"""Share of Σx² in one component from which on its change of the slope counts whatever the interval."""

HEADLINE_CLAUSES = {
    "functional_mismatch": "the labels are of another functional",
    "hubbard_u_unknown": "the labels may or may not have a Hubbard U",
    "element_outside_training_set": "it has not learnt every element",
}
"""By the code of a notice with which a slope is not softening alone: the clause that every firm headline carries. Then
nothing is said of other compounds or of frequencies either."""

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
    is_softening = codes.isdisjoint(HEADLINE_CLAUSES)
    if answers.doubts:
        return doubtful_verdict(statistics, answers.doubts, notices)
    found: list[VerdictSentence | None] = [
        sentences.scale(statistics),
        sentences.error_split(statistics),
        _opposite(statistics) if reason == "elements_opposite" else sentences.reason(statistics, reason),
        *(sentences.comparison(one) for one in populations if one.element is None and is_softening),
        sentences.stability(statistics, answers.influence),
        sentences.outliers(answers.influence),
        label_sentences.energies(answers.energies),
        label_sentences.stresses(answers.stresses),
        sentences.correction(statistics, answers.advice) if softened else None,
        label_sentences.disagreement(statistics, answers.energies) if softened else None,
        label_sentences.stress_disagreement(statistics, answers.stresses) if softened else None,
        sentences.frequencies(statistics) if level == "softened" and is_softening else None,
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
    reason = _why_nothing_is_concluded(statistics)
    if reason or interval is None:
        return "inconclusive", reason or "no_interval"
    if interval.low >= 1 - NEGLIGIBLE_BIAS and interval.high <= 1 + NEGLIGIBLE_BIAS:
        return "unbiased", ""
    if interval.high < 1:
        return "softened", ""
    if interval.low > 1:
        return "stiffened", ""
    return ("unbiased", "") if interval.half_width <= WIDEST_UNBIASED_INTERVAL else ("inconclusive", "wide_interval")


def _why_nothing_is_concluded(statistics: SofteningStatistics) -> Reason:
    if statistics.slope < 0:
        return "negative_slope"
    if statistics.r_squared < LOW_R_SQUARED:
        return "scatter" if scatter_is_larger(statistics) else "weak_relation"
    if is_near_equilibrium(statistics):
        return "near_equilibrium"
    if _one_component_decides(statistics):
        return "one_component"
    if is_single_frame(statistics):
        return "single_frame"
    if opposite_elements(statistics) is not None:
        return "elements_opposite"
    return ""


def opposite_elements(statistics: SofteningStatistics) -> tuple[ElementSlope, ElementSlope] | None:
    """Return the softest and the stiffest element where one interval lies below one and another above it."""
    known = [element for element in statistics.elements if element.interval is not None]
    soft = [e for e in known if e.interval is not None and e.interval.high < 1 - NEGLIGIBLE_BIAS]
    stiff = [e for e in known if e.interval is not None and e.interval.low > 1 + NEGLIGIBLE_BIAS]
    if not soft or not stiff:
        return None
    return min(soft, key=lambda element: element.slope), max(stiff, key=lambda element: element.slope)


def _one_component_decides(statistics: SofteningStatistics) -> bool:
    """Whether leaving out one component moves the slope out of its own interval, which then says too little.

    An interval that compares frames is as wide as that one makes it; so where a component has most of the weight, a
    change counts that is more than a verdict allows.
    """
    leverage, interval = statistics.largest_leverage, statistics.slope_interval
    if leverage.share <= ONE_COMPONENT or interval is None:
        return False
    without = leverage.slope_without
    if without is None or not interval.low <= without <= interval.high:
        return True
    return leverage.share > MOST_OF_THE_WEIGHT and abs(without - statistics.slope) > WIDEST_UNBIASED_INTERVAL


def _opposite(statistics: SofteningStatistics) -> VerdictSentence | None:
    found = opposite_elements(statistics)
    return None if found is None else sentences.elements_opposite(*found)


def _headline(label: str, statistics: SofteningStatistics, level: Level, reason: Reason, codes: set[str]) -> str:
    percent = three_digits(100 * abs(1 - statistics.slope))
    clause = " and ".join(words for code, words in HEADLINE_CLAUSES.items() if code in codes)
    other_cause = f" But {clause}, which may be part of it." if clause else ""
    if level == "softened":
        return f"{label} is softer than DFT for this material: its forces are {percent} % too small.{other_cause}"
    if level == "stiffened":
        return f"{label} is stiffer than DFT for this material: its forces are {percent} % too large.{other_cause}"
    if level == "unbiased" and clause:
        return (
            f"On average the forces of {label} are as large as the labels, but {clause}: it may be biased all the same."
        )
    if level == "unbiased":
        return f"{label} is neither soft nor stiff for this material: the softening scale agrees with 1."
    if reason == "single_frame":
        return f"{_in_one_frame(label, statistics, percent)} More frames are needed for a verdict.{other_cause}"
    opposite = opposite_elements(statistics)
    if reason == "elements_opposite" and opposite is not None:
        soft, stiff = (chemical_symbols[element.atomic_number] for element in opposite)
        return (
            f"{label} is softer than DFT on {soft} and stiffer on {stiff}: one slope does not describe this material."
        )
    return {
        "one_component": "A single force decides the slope: look at it before anything else.",
        "no_interval": "The steps of one relaxation are no sample of this material: they give a slope, not a verdict."
        if statistics.no_interval_reason == "relaxation_steps"
        else "Too few independent frames to tell whether the potential is soft.",
        "negative_slope": f"The forces of {label} point the wrong way: check signs, units and the order of the atoms.",
        "scatter": f"{label} scatters too much here for a softening scale to mean something.",
        "weak_relation": f"The forces of {label} follow the reference too loosely for one slope to describe them.",
        "near_equilibrium": "These structures are too close to equilibrium to tell.",
        "wide_interval": "Too few independent frames to tell whether the potential is soft.",
    }[reason]


def _in_one_frame(label: str, statistics: SofteningStatistics, percent: str) -> str:
    """Say what one frame shows, which is no verdict on the material."""
    is_one = statistics.informative_frame_count < 2
    where = "In this one frame" if is_one else "In these frames, which count as one,"
    if abs(1 - statistics.slope) <= NEGLIGIBLE_BIAS:
        return f"{where} the forces of {label} have the right size on average."
    return f"{where} the forces of {label} are {percent} % too {'small' if statistics.slope < 1 else 'large'}."
