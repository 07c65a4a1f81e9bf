"""Rows of the table of materials, the same on page, in files, on the terminal and in Python; and their population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from softdash.diagnosis.records import MaterialResult, PotentialResult
from softdash.diagnosis.several_materials import by_slope, counts_among_materials
from softdash.reports.number_text import slope_text
from softdash.softening.statistics import Interval

RowState = Literal["softened", "stiffened", "unbiased", "inconclusive", "in doubt", "no result"]
"""What one potential says about a material: the level of its verdict; or that the reading is in doubt, or it failed."""

STATE_TEXTS: dict[RowState, str] = {
    "softened": "softer than DFT",
    "stiffened": "stiffer than DFT",
    "unbiased": "neither soft nor stiff",
    "inconclusive": "no verdict",
    "in doubt": "reading in doubt",
    "no result": "no slope",
}
"""These states in words."""


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """One material in the table of one potential.

    Attributes
    ----------
    name : str
        As in `MaterialResult.name`.
    frame_count : int
        Frames of the upload.
    slope : float or None
        None where there is no result. In doubt it is of the forces as read.
    interval : Interval or None
    r_squared, mae : float or None
        MAE in eV/Å.
    component_count : int
        Force components that the slope rests on.
    state : str
        See `RowState`.
    answer : str
        Title of the answer, "Good enough as it is"; the state in words where there is none.
    reason : str
        Why, in a sentence or two: of the answer, the doubt or the error.
    is_counted : bool
        Whether its slope counts among those of the others, see `counts_among_materials`.
    """

    name: str
    frame_count: int
    slope: float | None
    interval: Interval | None
    r_squared: float | None
    mae: float | None
    component_count: int
    state: RowState
    answer: str
    reason: str
    is_counted: bool

    @property
    def slope_text(self) -> str:
        """The slope with half its interval, ``"0.799 ± 0.012"``; a dash where there is none."""
        return "–" if self.slope is None else slope_text(self.slope, self.interval)


@dataclass(frozen=True, slots=True)
class MaterialPopulation:
    """The materials of an upload as a small population of one potential; see `material_population`.

    Attributes
    ----------
    names : tuple of str
        The softest first; materials whose slope means nothing are left out.
    slopes : tuple of float
        Of these.
    """

    names: tuple[str, ...]
    slopes: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the slopes; not a number where there is none."""
        return float(np.median(self.slopes)) if self.slopes else float("nan")


def material_rows(result: PotentialResult) -> list[MaterialRow]:
    """Return one row per material, in the order of the upload; empty where it has one material."""
    return [_row(part) for part in result.materials]


def material_population(materials: Sequence[MaterialResult]) -> MaterialPopulation:
    """Return names and slopes of the materials whose slope means something, by slope."""
    known = by_slope(materials)
    return MaterialPopulation(tuple(part.name for part, _ in known), tuple(statistics.slope for _, statistics in known))


def _row(part: MaterialResult) -> MaterialRow:
    statistics, state = part.statistics, _state(part)
    answer = part.answer.title if part.answer is not None and state != "in doubt" else _sentence(STATE_TEXTS[state])
    return MaterialRow(
        name=part.name,
        frame_count=len(part.frames),
        slope=None if statistics is None else statistics.slope,
        interval=None if statistics is None else statistics.slope_interval,
        r_squared=None if statistics is None else statistics.r_squared,
        mae=None if statistics is None else statistics.mae,
        component_count=0 if statistics is None else statistics.component_count,
        state=state,
        answer=answer,
        reason=_reason(part),
        is_counted=counts_among_materials(part),
    )


def _state(part: MaterialResult) -> RowState:
    if part.statistics is None:
        return "no result"
    if part.doubts:
        return "in doubt"
    level = part.verdict.level if part.verdict is not None else "inconclusive"
    found: dict[str, RowState] = {"softened": "softened", "stiffened": "stiffened", "unbiased": "unbiased"}
    return found.get(level, "inconclusive")


def _reason(part: MaterialResult) -> str:
    if part.statistics is None:
        return str((part.error or {}).get("message", ""))
    if part.doubts:
        return part.doubts[0].headline
    if part.answer is not None:
        return part.answer.text
    return part.verdict.headline if part.verdict is not None else ""


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
