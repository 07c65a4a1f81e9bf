"""Statements of a report that exclude each other, and a look whether a result makes two such statements.

A statement is a code: ``level:…`` of the verdict, ``says:…`` one of its sentences, ``notice:…`` a warning, ``advice:…``
whether to correct, ``part:…`` which part of the error is larger, ``finding:…`` what a figure's title says.
"""

from __future__ import annotations

from itertools import product

from softdash.diagnosis.records import PotentialResult
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

EXCLUSIVE: tuple[tuple[str, str], ...] = (
    *product(_FIRM, _NO_FIRM_VERDICT_WITH),
    *product(("advice:multiply",), _NO_FACTOR_WITH),
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
)
"""Pairs of statements of which a report about one potential may make one at most."""


def statements(result: PotentialResult) -> frozenset[str]:
    """Return the codes of all that one potential's part of a report states."""
    found = {f"notice:{notice.code}" for notice in result.notices}
    if result.verdict is not None:
        found.add(f"level:{result.verdict.level}")
        found |= {f"says:{_kind(sentence.code)}" for sentence in result.verdict.sentences}
    if result.advice is not None:
        found.add(f"advice:{result.advice.code}")
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


def _kind(code: str) -> str:
    return "doubt" if code.startswith("doubt_") else code
