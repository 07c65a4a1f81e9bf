"""Statements of a report that exclude each other, and a look whether a result makes two such statements.

A statement is a code: ``level:…`` of the verdict, ``says:…`` one of its sentences, ``notice:…`` a warning, ``advice:…``
whether to correct, ``factor:…`` what an advised factor is for, ``answer:…`` what the report begins with, ``reason:…``
why, ``title:bare`` a title that does not say why, ``headline:without_…`` a firm one that lacks a clause, ``part:…``
which part of the error is larger, ``finding:…`` what a figure's title says.
"""

from __future__ import annotations

from itertools import product
from typing import get_args

from softdash.diagnosis.answer_records import AnswerReason
from softdash.diagnosis.population import pressure_offset
from softdash.diagnosis.records import AdviceCode, CorrectionAdvice, PotentialResult
from softdash.diagnosis.verdict import HEADLINE_CLAUSES
from softdash.diagnosis.verdict_label_sentences import LARGE_PRESSURE_OFFSET
from softdash.softening.breakdowns import unlike_magnitudes
from softdash.softening.notices import scatter_is_larger

_FIRM = ("level:softened", "level:stiffened", "level:unbiased")
_NO_FIRM_VERDICT_WITH = (
    "notice:near_equilibrium",
    "notice:single_frame",
    "notice:no_interval",
    "notice:negative_slope",
    "notice:low_r_squared",
    "says:doubt",
    "says:elements_opposite",
    "says:one_component",
)
_NO_FACTOR_WITH = (
    "level:inconclusive",
    "level:unbiased",
    "notice:functional_mismatch",
    "notice:hubbard_u_unknown",
    "notice:element_outside_training_set",
    "notice:demonstration_potential",
    "notice:near_equilibrium",
    "notice:single_frame",
    "notice:no_interval",
    "notice:negative_slope",
    "notice:low_r_squared",
    "says:disagreement",
    "says:elements_opposite",
    "says:one_component",
    "says:scatter",
    "says:weak_relation",
    "says:doubt",
)

_NO_ANSWER_WITH = (
    "notice:functional_mismatch",
    "notice:hubbard_u_unknown",
    "notice:element_outside_training_set",
    "notice:demonstration_potential",
    "notice:near_equilibrium",
    "notice:single_frame",
    "notice:no_interval",
    "notice:negative_slope",
    "says:one_component",
    "says:doubt",
)
_ANSWERS = ("answer:good_enough", "answer:one_factor", "answer:fine_tune")
_NOT_GOOD_ENOUGH_WITH = (
    "advice:weak_relation",
    "advice:wrong_way",
    "advice:doubtful_reading",
    "advice:unsuitable",
    "advice:single_frame",
    "notice:low_r_squared",
    "says:scatter",
    "says:weak_relation",
    "says:wide_interval",
    "level:inconclusive",
)
_NO_ONE_FACTOR_WITH = (
    *(f"advice:{code}" for code in get_args(AdviceCode) if code != "multiply"),
    "level:unbiased",
    "level:inconclusive",
    "notice:low_r_squared",
    "says:disagreement",
    "says:elements_opposite",
    "says:scatter",
    "says:weak_relation",
    "says:wide_interval",
)
_BARE_TITLES = ("do not conclude", "no answer")
_WITH_ADVISED_FACTOR = ("better_with_factor", "factor_within_limits", "factor_not_enough", "factor_at_the_limit")
"""Reasons of an answer that may stand beside the advice to multiply."""

EXCLUSIVE: tuple[tuple[str, str], ...] = (
    *product(_FIRM, _NO_FIRM_VERDICT_WITH),
    *product(("advice:multiply",), _NO_FACTOR_WITH),
    *product(_ANSWERS, _NO_ANSWER_WITH),
    *product(("answer:good_enough",), _NOT_GOOD_ENOUGH_WITH),
    *product(("answer:one_factor",), _NO_ONE_FACTOR_WITH),
    *product(("title:bare",), (*_FIRM, "advice:multiply")),
    *(("advice:multiply", f"reason:{one}") for one in get_args(AnswerReason) if one not in _WITH_ADVISED_FACTOR),
    *((f"notice:{code}", f"headline:without_{code}") for code in HEADLINE_CLAUSES),
    *product([f"notice:{code}" for code in HEADLINE_CLAUSES], ("says:population", "says:frequencies")),
    *((f"notice:{code}", "advice:unbiased") for code in HEADLINE_CLAUSES),
    ("answer:good_enough", "factor:needed"),
    ("answer:one_factor", "factor:optional"),
    ("answer:fine_tune", "factor:optional"),
    ("answer:do_not_conclude", "factor:optional"),
    ("factor:for_stresses", "says:stress_disagreement"),
    ("factor:for_energies", "says:disagreement"),
    ("population:like_pressure", "labels:pressure_offset"),
    ("level:inconclusive", "advice:unbiased"),
    ("level:unbiased", "advice:unsure_gain"),
    ("level:softened", "advice:unbiased"),
    ("level:stiffened", "advice:unbiased"),
    ("level:stiffened", "says:frequencies"),
    ("level:unbiased", "says:frequencies"),
    ("level:inconclusive", "says:frequencies"),
    ("level:inconclusive", "says:population"),
    ("says:doubt", "says:population"),
    ("says:population", "says:population_too_few"),
    ("says:as_read", "says:scale"),
    ("says:scatter", "says:weak_relation"),
    ("says:scatter", "part:softening_larger"),
    ("says:weak_relation", "part:scatter_larger"),
    ("advice:scatter", "part:softening_larger"),
    ("advice:weak_relation", "part:scatter_larger"),
    ("finding:sizes_alike", "notice:curvature"),
    ("notice:single_frame", "notice:few_frames"),
    ("notice:near_equilibrium", "notice:reference_noise"),
    ("notice:functional_mismatch", "notice:functional_unknown"),
    ("notice:hubbard_u_unknown", "notice:functional_unknown"),
    ("notice:hubbard_u_unknown", "notice:functional_mismatch"),
)
"""Pairs of statements of which a report about one potential may make one at most."""


def statements(result: PotentialResult) -> frozenset[str]:
    """Return the codes of all that one potential's part of a report states."""
    found = {f"notice:{notice.code}" for notice in result.notices}
    if result.verdict is not None:
        found.add(f"level:{result.verdict.level}")
        found |= {f"says:{_kind(sentence.code)}" for sentence in result.verdict.sentences}
        if f"level:{result.verdict.level}" in _FIRM:
            lacking = [code for code, clause in HEADLINE_CLAUSES.items() if clause not in result.verdict.headline]
            found |= {f"headline:without_{code}" for code in lacking}
    if result.advice is not None:
        found |= {f"advice:{result.advice.code}", *_factor(result.advice)}
    if result.answer is not None:
        found |= {f"answer:{result.answer.code}", f"reason:{result.answer.reason}"}
        if result.answer.title.strip(" .").lower() in _BARE_TITLES:
            found.add("title:bare")
    if any(one.pressure_range is not None for one in result.populations):
        found.add("population:like_pressure")
    offset = None if result.stresses is None else pressure_offset(result.stresses)
    if offset is not None and abs(offset) > LARGE_PRESSURE_OFFSET:
        found.add("labels:pressure_offset")
    statistics = result.statistics
    # While the reading is in doubt, pages show neither warnings about the fit nor what the error consists of.
    if statistics is not None and not result.doubts:
        found |= {f"notice:{notice.code}" for notice in statistics.notices}
        if statistics.error_shares is not None:
            found.add("part:scatter_larger" if scatter_is_larger(statistics) else "part:softening_larger")
        if len(statistics.magnitude_bins) > 1:
            found.add(f"finding:sizes_{'alike' if unlike_magnitudes(statistics) is None else 'differ'}")
    return frozenset(found)


def contradictions(result: PotentialResult) -> list[tuple[str, str]]:
    """Return the pairs of `EXCLUSIVE` that a result states together."""
    stated = statements(result)
    return [pair for pair in EXCLUSIVE if stated.issuperset(pair)]


def _factor(advice: CorrectionAdvice) -> set[str]:
    """Return what an advised factor is for."""
    if not advice.is_recommended:
        return set()
    names = {"energy": "for_energies", "stress": "for_stresses"}
    held = {f"factor:{name}" for quantity, name in names.items() if quantity in advice.holds_for}
    return held | {"factor:optional" if advice.is_optional else "factor:needed"}


def _kind(code: str) -> str:
    return "doubt" if code.startswith("doubt_") else code
