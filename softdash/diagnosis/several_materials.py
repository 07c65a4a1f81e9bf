"""Uploads of several materials: a small population, each material with findings of its own, nothing pooled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from softdash.diagnosis.records import (
    MaterialResult,
    PotentialIdentity,
    PotentialResult,
    Reading,
    ReadingDoubt,
    ReadingProposal,
    RefusedFrameRecord,
    Verdict,
    VerdictSentence,
)
from softdash.diagnosis.verdict import decide
from softdash.softening import three_digits
from softdash.softening.statistics import Notice, SofteningStatistics
from softdash.structures.frames.materials import Material

POOLED = "These are the points of several materials: their common slope describes none of them."
_ALONE = "Other materials of this upload want no such change: upload this one by itself."
_NAMED = 6
_VERDICT_WORDS = {"softened": "softer than DFT", "stiffened": "stiffer than DFT", "unbiased": "neither soft nor stiff"}
"""Levels that conclude something, in words."""
_MEANINGLESS = frozenset({"negative_slope", "scatter", "weak_relation", "near_equilibrium", "one_component"})
"""Reasons for no verdict that leave a slope without a meaning."""


def as_material(result: PotentialResult, material: Material) -> MaterialResult:
    """Return the findings about one material as part of a result about several."""
    fields = {name: getattr(result, name) for name in MaterialResult.model_fields if hasattr(result, name)}
    return MaterialResult(**fields, name=material.name, frames=material.frames)


def failed_material(material: Material, error: Mapping[str, Any]) -> MaterialResult:
    """Return the part of a material that gives no slope, and why (the inner form of `SoftdashError.as_json`)."""
    return MaterialResult(statistics=None, error=dict(error), name=material.name, frames=material.frames)


def over_materials(
    identity: PotentialIdentity,
    pooled: SofteningStatistics,
    parts: Sequence[MaterialResult],
    refused: Sequence[RefusedFrameRecord],
) -> PotentialResult:
    """Put findings about several materials into one potential's result.

    Parameters
    ----------
    identity : PotentialIdentity
    pooled : SofteningStatistics
        From `all_points`.
    parts : sequence of MaterialResult
        At least one of them with statistics.
    refused : sequence of RefusedFrameRecord
        Frames that the potential could not compute.
    """
    parts = _with_applicable_proposals(parts)
    known = [part for part in parts if part.statistics is not None]
    return PotentialResult(
        potential=identity,
        seconds=0.0,
        statistics=pooled,
        notices=_shared_notices(known),
        verdict=verdict_on(identity.label, parts),
        reference_states=tuple(state for part in parts for state in part.reference_states),
        doubts=_shared_doubts(known),
        tested=_shared_readings(known),
        refused=tuple(refused),
        materials=tuple(parts),
    )


def verdict_on(label: str, parts: Sequence[MaterialResult]) -> Verdict:
    """Return what can be said about several materials: how many are soft, and which most."""
    levels = [part.verdict.level for part in parts if part.verdict is not None]
    counts = {level: levels.count(level) for level in _VERDICT_WORDS}
    open_count = len(parts) - sum(counts.values())
    said = [f"{_VERDICT_WORDS[level]} for {count}" for level, count in counts.items() if count]
    said += [f"no verdict for {open_count}"] if open_count else []
    sentences = [VerdictSentence(code="several_materials", text=POOLED, numbers={"materials": float(len(parts))})]
    slopes = by_slope(parts)
    if len(slopes) > 1:
        (softest, low), (stiffest, high) = slopes[0], slopes[-1]
        median = float(np.median([statistics.slope for _, statistics in slopes]))
        text = f"Softest: {softest.name} ({three_digits(low.slope)}); stiffest: {stiffest.name} "
        those = "" if len(slopes) == len(parts) else " whose slope means something"
        text += f"({three_digits(high.slope)}); median of the {len(slopes)}{those}: {three_digits(median)}."
        numbers = {
            "softest": low.slope,
            "stiffest": high.slope,
            "median": median,
            "materials": float(len(slopes)),
        }
        sentences.append(VerdictSentence(code="softest_and_stiffest", text=text, numbers=numbers))
    failed = [part for part in parts if part.statistics is None]
    if failed:
        names = ", ".join(part.name for part in failed[:_NAMED]) + (" …" if len(failed) > _NAMED else "")
        text = f"No slope for {len(failed)} of {len(parts)} materials ({names})."
        sentences.append(VerdictSentence(code="materials_without_slope", text=text, numbers={"n": float(len(failed))}))
    return Verdict(
        level="several_materials",
        headline=f"{len(parts)} materials, each for itself: {label} is {', '.join(said)}."
        if any(counts.values())
        else f"{len(parts)} materials, each for itself: no verdict on {label} for any of them.",
        sentences=tuple(sentences),
    )


def by_slope(parts: Iterable[MaterialResult]) -> list[tuple[MaterialResult, SofteningStatistics]]:
    """Return the materials whose slope means something, the softest first; see `counts_among_materials`."""
    known = [(part, part.statistics) for part in parts if part.statistics is not None and counts_among_materials(part)]
    return sorted(known, key=lambda pair: pair[1].slope)


def counts_among_materials(part: MaterialResult) -> bool:
    """Whether the slope of a material counts among those of the others: it has one, read beyond doubt, with a meaning.

    Slopes without a verdict because their interval is wide, or missing, count all the same: those are mostly slopes
    near one, and a median without them would be too far from it.
    """
    if part.statistics is None or part.doubts:
        return False
    return decide(part.statistics)[1] not in _MEANINGLESS


def result_of_material(result: PotentialResult, name: str) -> PotentialResult:
    """Return a potential's result for one material, as if that had been uploaded alone; a failed one as it is."""
    part = next((part for part in result.materials if part.name == name), None)
    if part is None:
        return result
    findings = {field: getattr(part, field) for field in MaterialResult.model_fields if field not in ("name", "frames")}
    return result.model_copy(update={**findings, "materials": ()})


def _shared_notices(known: Sequence[MaterialResult]) -> tuple[Notice, ...]:
    """Return notices that hold for every material, such as that of a potential for demonstrations."""
    codes = set.intersection(*({notice.code for notice in part.notices} for part in known))
    return tuple(notice for notice in known[0].notices if notice.code in codes)


def _with_applicable_proposals(parts: Sequence[MaterialResult]) -> list[MaterialResult]:
    """Return parts whose doubts propose only what every material with a slope wants: options hold for all files."""
    known = [part for part in parts if part.statistics is not None]
    wanted = [
        {_key(proposal) for doubt in part.doubts for proposal in doubt.proposals if proposal.options} for part in known
    ]
    common = set.intersection(*wanted)

    def kept(doubt: ReadingDoubt) -> ReadingDoubt:
        proposals = tuple(proposal for proposal in doubt.proposals if _key(proposal) in common)
        alone = "" if len(proposals) == len(doubt.proposals) else f" {_ALONE}"
        return doubt.model_copy(update={"proposals": proposals, "text": f"{doubt.text}{alone}"})

    return [part.model_copy(update={"doubts": tuple(map(kept, part.doubts))}) for part in parts]


def _key(proposal: ReadingProposal) -> str:
    return json.dumps(proposal.options, sort_keys=True)


def _shared_doubts(known: Sequence[MaterialResult]) -> tuple[ReadingDoubt, ...]:
    """Return doubts that all materials with a slope share: they are about the files as a whole."""
    codes = set.intersection(*({doubt.code for doubt in part.doubts} for part in known))
    return tuple(doubt for doubt in known[0].doubts if doubt.code in codes)


def _shared_readings(known: Sequence[MaterialResult]) -> tuple[Reading, ...]:
    """Return readings that the forces of every material confirm; the detail is that of the first."""
    topics = set.intersection(*({one.topic for one in part.tested} for part in known))
    return tuple(
        replace(one, detail=f"Each material confirms it; {known[0].name}: {one.detail}")
        for one in known[0].tested
        if one.topic in topics
    )
