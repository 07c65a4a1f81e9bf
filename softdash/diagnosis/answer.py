"""The answer that a report begins with: whether forces are good enough near its labels.

*Good enough as it is*, *good enough with one factor*, *fine-tune*, or no conclusion, under a title that says why. What
speaks for or against a slope or a factor is decided elsewhere (`verdict.decide`, `factor_advice.judge`); the answer
adds one question, whether the force errors lie within limits, and asks it of whole intervals. `exclusions` says what it
may not stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from softdash.catalog import Catalog
from softdash.diagnosis.answer_records import Answer, AnswerCode, AnswerReason, BenchmarkFinding
from softdash.diagnosis.answer_texts import AnswerEvidence, Limits, answer_text, element_beyond, factor_beside, in_doubt
from softdash.diagnosis.answer_titles import answer_title
from softdash.diagnosis.benchmark_findings import benchmark_findings
from softdash.diagnosis.records import CorrectionAdvice, ReadingDoubt
from softdash.diagnosis.verdict import decide
from softdash.potentials.interface import PotentialCard
from softdash.softening.notices import is_near_equilibrium, is_single_frame
from softdash.softening.relative_error import RelativeError
from softdash.softening.statistics import Notice, SofteningStatistics

__all__ = ["Limits", "answer_in_doubt", "choose", "reach_answer", "settled"]

_FORBIDDING_NOTICES: tuple[AnswerReason, ...] = (
    "demonstration_potential",
    "functional_mismatch",
    "hubbard_u_unknown",
    "element_outside_training_set",
)
"""Codes of notices with which errors are not the potential's alone."""
_FORBIDDING_REASONS: tuple[AnswerReason, ...] = (
    "negative_slope",
    "near_equilibrium",
    "one_component",
    "single_frame",
    "no_interval",
)
"""Reasons of an inconclusive verdict with which errors say nothing either. Scatter, elements on opposite sides and a
wide interval of the slope are no such reasons: the errors may be known all the same."""

Place = Literal["within", "beyond", "open"]
"""Where a whole interval lies to a limit; open where it holds it."""


_WITH_FACTOR: dict[Place, tuple[AnswerCode, AnswerReason]] = {
    "within": ("one_factor", "factor_within_limits"),
    "beyond": ("fine_tune", "factor_not_enough"),
    "open": ("do_not_conclude", "factor_at_the_limit"),
}
_NOT_YET = ("unsure_gain", "no_interval", "inconclusive")
"""Codes of an advice that more labels may turn into another."""


def reach_answer(
    catalog: Catalog,
    card: PotentialCard,
    statistics: SofteningStatistics,
    notices: Sequence[Notice],
    advice: CorrectionAdvice,
    doubts: Sequence[ReadingDoubt] = (),
    limits: Limits | None = None,
) -> Answer:
    """Return the answer for one potential and one material, with what the benchmark shows for the potential.

    Parameters
    ----------
    catalog : Catalog
    card : PotentialCard
    statistics : SofteningStatistics
    notices : sequence of Notice
        About this potential for this material (`softdash.diagnosis.suitability`).
    advice : CorrectionAdvice
        On the same frames; its `relative_errors` are what the limits are about.
    doubts : sequence of ReadingDoubt
        How the files were read; while one stands there is no answer.
    limits : Limits, optional
    """
    evidence = AnswerEvidence(card.label, statistics, tuple(notices), advice, tuple(doubts), limits or Limits())
    return _answer(*choose(evidence), evidence, benchmark_findings(catalog, card))


def settled(advice: CorrectionAdvice, answer: Answer) -> CorrectionAdvice:
    """Return an advice for a factor in words that stand beside the answer: optional, enough, or not enough."""
    words = factor_beside(answer.reason, advice)
    if not advice.is_recommended or words is None:
        return advice
    return advice.model_copy(update={"text": words, "is_optional": answer.reason == "better_with_factor"})


def answer_in_doubt(answer: Answer, doubts: Sequence[ReadingDoubt]) -> Answer:
    """Return what is left of an answer when the reading of the files is in doubt after all."""
    return answer.model_copy(
        update={
            "code": "do_not_conclude",
            "reason": "doubtful_reading",
            "title": answer_title("doubtful_reading"),
            "text": in_doubt(doubts),
            "numbers": {},
            "errors": None,
        }
    )


def choose(evidence: AnswerEvidence) -> tuple[AnswerCode, AnswerReason]:
    """Return the code of the answer, and the reason.

    What forbids an answer comes first. Then: within the limits by whole intervals is good enough; beyond them, as it is
    and with one factor, is not; anything between is not concluded.
    """
    statistics, advice, limits = evidence.statistics, evidence.advice, evidence.limits
    forbidden = _forbidden(evidence)
    if forbidden is not None:
        return "do_not_conclude", forbidden
    errors = advice.relative_errors
    if errors is None or errors.corrected is None or errors.uncorrected.interval is None:
        return "do_not_conclude", "no_interval"
    as_it_is, corrected = _place(errors.uncorrected, limits), _place(errors.corrected, limits)
    if advice.is_recommended:
        is_good = as_it_is == "within" and _slopes(statistics, limits) == "within"
        return ("good_enough", "better_with_factor") if is_good else _WITH_FACTOR[corrected]
    if as_it_is == corrected == "beyond":
        return "fine_tune", "error_too_large"
    if decide(statistics)[1] == "wide_interval":
        return "do_not_conclude", "wide_interval"
    if as_it_is == "open":
        return "do_not_conclude", "at_the_limit"
    if as_it_is == "beyond":
        return _without_factor(advice, "factor_not_advised")
    slopes = _slopes(statistics, limits)
    if slopes == "beyond":
        return _without_factor(advice, "slope_too_far")
    return ("good_enough", "within_limits") if slopes == "within" else ("do_not_conclude", "slope_at_the_limit")


def _forbidden(evidence: AnswerEvidence) -> AnswerReason | None:
    """Return what forbids an answer whatever the errors are."""
    statistics = evidence.statistics
    if evidence.doubts:
        return "doubtful_reading"
    notices = {notice.code for notice in evidence.notices}
    # Of several reasons `decide` names one; scatter comes first there, and would hide these.
    present: dict[str, bool] = {
        decide(statistics)[1]: True,
        "near_equilibrium": is_near_equilibrium(statistics),
        "single_frame": is_single_frame(statistics),
        "no_interval": statistics.slope_interval is None,
    }
    found = [code for code in _FORBIDDING_NOTICES if code in notices]
    found += [code for code in _FORBIDDING_REASONS if present.get(code)]
    return found[0] if found else None


def _without_factor(advice: CorrectionAdvice, reason: AnswerReason) -> tuple[AnswerCode, AnswerReason]:
    """Tell what no factor mends from what one might mend if it were known better."""
    return ("do_not_conclude", "factor_not_known") if advice.code in _NOT_YET else ("fine_tune", reason)


def _place(error: RelativeError, limits: Limits) -> Place:
    interval = error.interval
    if interval is None:
        return "open"
    if interval.high <= limits.force_error:
        return "within"
    return "beyond" if interval.low > limits.force_error else "open"


def _slopes(statistics: SofteningStatistics, limits: Limits) -> Place:
    """Return where the softening scale lies, and beyond where an element surely does."""
    interval = statistics.slope_interval
    if element_beyond(statistics, limits) is not None:
        return "beyond"
    if interval is None:
        return "open"
    low, high = 1 - limits.slope_error, 1 + limits.slope_error
    if low <= interval.low and interval.high <= high:
        return "within"
    return "beyond" if interval.high < low or interval.low > high else "open"


def _answer(
    code: AnswerCode,
    reason: AnswerReason,
    evidence: AnswerEvidence,
    findings: tuple[BenchmarkFinding, ...],
) -> Answer:
    text, numbers = answer_text(reason, evidence)
    return Answer(
        code=code,
        reason=reason,
        title=answer_title(reason, decide(evidence.statistics)[0]),
        text=text,
        numbers=numbers,
        errors=None if evidence.doubts else evidence.advice.relative_errors,
        force_error_limit=evidence.limits.force_error,
        slope_error_limit=evidence.limits.slope_error,
        findings=findings,
    )
