"""One reading for all potentials of a report: what one of them doubts, no other may judge by."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.diagnosis.factor_advice import not_before
from softdash.diagnosis.records import PotentialResult, ReadingDoubt
from softdash.diagnosis.verdict import doubtful_verdict
from softdash.softening.statistics import SofteningStatistics

_OF_THE_FILES = frozenset({"unit", "gradients", "orientation", "order", "some_rows", "equilibrium_structure"})
"""Codes of doubts about the files, which are the same for all potentials. Unrelated forces may be one potential's
failure, and rounding moves each potential's slope by its own amount."""


def with_shared_doubts(results: Sequence[PotentialResult]) -> tuple[PotentialResult, ...]:
    """Return results of which each withholds its verdict if another one has reason to doubt the reading.

    The reason counts of the potential whose forces fit the proposed reading best. A potential for demonstrations
    raises no doubt for others.

    Parameters
    ----------
    results : sequence of PotentialResult
        Of one upload.
    """
    doubted = {
        result.potential.name: shared
        for result in results
        if (shared := [doubt for doubt in result.doubts if doubt.code in _OF_THE_FILES])
        and not _is_demonstration(result)
    }
    if not doubted:
        return tuple(results)
    best = max(doubted, key=lambda name: _fit(doubted[name][0]))
    by = next(result.potential.label for result in results if result.potential.name == best)
    return tuple(
        result
        if result.doubts or result.statistics is None
        else _withheld(result, result.statistics, doubted[best], by)
        for result in results
    )


def _is_demonstration(result: PotentialResult) -> bool:
    return any(notice.code == "demonstration_potential" for notice in result.notices)


def _fit(doubt: ReadingDoubt) -> float:
    return doubt.proposals[0].r_squared if doubt.proposals else 0.0


def _withheld(
    result: PotentialResult, statistics: SofteningStatistics, doubts: Sequence[ReadingDoubt], by: str
) -> PotentialResult:
    shared = tuple(doubt.model_copy(update={"text": f"By the forces of {by}: {doubt.text}"}) for doubt in doubts)
    advice = result.advice and result.advice.model_copy(
        update={"code": "doubtful_reading", "text": not_before(shared), "is_recommended": False}
    )
    return result.model_copy(
        update={
            "doubts": shared,
            "tested": (),
            "populations": (),
            "verdict": doubtful_verdict(statistics, shared, result.notices),
            "advice": advice,
        }
    )
