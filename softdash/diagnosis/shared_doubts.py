"""One reading for all potentials of a report: what one of them doubts, no other may judge by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from softdash.diagnosis.answer import answer_in_doubt
from softdash.diagnosis.factor_advice import not_before
from softdash.diagnosis.records import PotentialResult, ReadingDoubt
from softdash.diagnosis.several_materials import as_material, over_materials, result_of_material
from softdash.diagnosis.verdict import doubtful_verdict
from softdash.softening.statistics import SofteningStatistics
from softdash.structures.frames.materials import Material

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
    names = dict.fromkeys(part.name for result in results for part in result.materials)
    if not names:
        return _with_shared(results)
    shared: dict[str, dict[str, PotentialResult]] = {}
    for name in names:
        of_material = [result_of_material(result, name) for result in results if result.materials]
        shared[name] = {result.potential.name: result for result in _with_shared(of_material)}
    return tuple(_over_judged(result, shared) if result.materials else result for result in results)


def _over_judged(result: PotentialResult, shared: Mapping[str, Mapping[str, PotentialResult]]) -> PotentialResult:
    """Return the result over materials each of which was judged with those of the other potentials."""
    if result.statistics is None:
        return result
    parts = [
        as_material(shared[part.name][result.potential.name], Material(part.name, part.frames))
        for part in result.materials
    ]
    return over_materials(result.potential, result.statistics, parts, result.refused).model_copy(
        update={"seconds": result.seconds}
    )


def _with_shared(results: Sequence[PotentialResult]) -> tuple[PotentialResult, ...]:
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
            "answer": result.answer and answer_in_doubt(result.answer, shared),
        }
    )
