"""Which frames of an upload are one material: a slope describes one material, so several are never pooled unasked."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from softdash.structures.frames.readings import Reading

MaterialGrouping = Literal["auto", "formula", "elements", "together"]
"""How frames are sorted into materials: by reduced formula; by the set of their elements; all together; or by formula
unless that leaves most materials with too few frames, then by elements."""

FEW_FRAMES = 3
"""Materials with fewer frames than this say little about themselves."""

_NAMED_IN_TITLE = 3

GROUPED_BY = {"formula": "reduced formula", "elements": "set of elements", "together": "nothing: all together"}
"""Ways of grouping in words."""


@dataclass(frozen=True, slots=True)
class Material:
    """Frames of one material.

    Attributes
    ----------
    name : str
        Reduced formula, ``"LiF"``, or elements, ``"Li-F"``; unique in an upload.
    frames : tuple of int
        Positions among the frames of the upload.
    """

    name: str
    frames: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Materials:
    """The materials of an upload, in order of their first frames.

    Attributes
    ----------
    materials : tuple of Material
        Every frame is in one of them.
    grouped_by : str
        ``formula``, ``elements`` or ``together``.
    is_chosen : bool
        Whether the visitor decided that.
    """

    materials: tuple[Material, ...]
    grouped_by: Literal["formula", "elements", "together"]
    is_chosen: bool

    @property
    def are_several(self) -> bool:
        """Whether there is more than one."""
        return len(self.materials) > 1

    @property
    def name(self) -> str:
        """What a title calls them: ``"LiF"``, ``"LiF and Si"``, ``"LiF, Si, MgO and 4 more"``."""
        names = [one.name for one in self.materials]
        if len(names) > _NAMED_IN_TITLE + 1:
            names = [*names[:_NAMED_IN_TITLE], f"{len(names) - _NAMED_IN_TITLE} more"]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def materials_of(formulas: Sequence[str], grouping: MaterialGrouping = "auto") -> Materials:
    """Sort frames into materials.

    Parameters
    ----------
    formulas : sequence of str
        Reduced formula of each frame, as in `FrameRecord.formula`; at least one.
    grouping : str
        See `MaterialGrouping`.

    Raises
    ------
    ValueError
        If there is no frame.
    """
    if not formulas:
        raise ValueError("no frames")
    is_chosen = grouping != "auto"
    if grouping == "together":
        return Materials((Material(_joined_name(formulas), tuple(range(len(formulas)))),), "together", is_chosen)
    by_formula = _grouped(formulas, lambda formula: formula, lambda formula: formula)
    if grouping == "formula" or len(by_formula) == 1:
        return Materials(by_formula, "formula", is_chosen and grouping == "formula")
    by_elements = _grouped(formulas, lambda formula: frozenset(elements_in(formula)), _elements_name)
    few = sum(len(one.frames) < FEW_FRAMES for one in by_formula)
    is_split_too_far = 2 * few > len(by_formula) and len(by_elements) < len(by_formula)
    if grouping == "elements" or is_split_too_far:
        return Materials(by_elements, "elements", is_chosen)
    return Materials(by_formula, "formula", is_chosen)


def elements_in(formula: str) -> tuple[str, ...]:
    """Return the symbols of a formula, each once, in its order."""
    return tuple(dict.fromkeys(re.findall("[A-Z][a-z]?", formula)))


def reading_of_materials(formulas: Sequence[str], grouping: MaterialGrouping) -> Reading | None:
    """Return what was understood about materials, with its ground; None where all frames have one formula."""
    if len(set(formulas)) < 2:
        return None
    found = materials_of(formulas, grouping)
    count = len(set(formulas))
    if found.grouped_by == "together":
        value = f"{count} formulas taken together"
        detail = "One slope for all of them: it describes none, unless they behave alike."
        return Reading("materials", value, "chosen", detail)
    sizes = [f"{one.name} ({len(one.frames)})" for one in found.materials[:_NAMED]]
    more = len(found.materials) - len(sizes)
    listed = ", ".join(sizes) + (f" and {more} more" if more else "")
    several = "materials" if found.are_several else "material"
    value = f"{len(found.materials)} {several}, by {GROUPED_BY[found.grouped_by]}: {listed}"
    detail = "Numbers in brackets are frames; each material has a slope of its own."
    if found.grouped_by == "elements" and not found.is_chosen:
        detail += f" By formula most of the {count} would have fewer than {FEW_FRAMES} frames."
    return Reading("materials", value, "chosen" if found.is_chosen else "stated", detail)


_NAMED = 4


def _grouped(
    formulas: Sequence[str], key: Callable[[str], Hashable], name: Callable[[str], str]
) -> tuple[Material, ...]:
    frames: dict[Hashable, list[int]] = {}
    for position, formula in enumerate(formulas):
        frames.setdefault(key(formula), []).append(position)
    return tuple(Material(name(formulas[positions[0]]), tuple(positions)) for positions in frames.values())


def _elements_name(formula: str) -> str:
    return "-".join(elements_in(formula))


def _joined_name(formulas: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(formulas))
    return distinct[0] if len(distinct) == 1 else f"{len(distinct)} formulas"
