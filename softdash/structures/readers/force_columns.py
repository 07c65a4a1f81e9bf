"""Which column of a forces table is which: by the names in its header, else by what the rows look like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from softdash.structures.force_units import known_unit
from softdash.structures.readers.frame_problem import FrameProblem

_FORCE = re.compile(
    r"(?:(?:dft|ref|reference|vasp|total)_?)?(?:f|force|forces)_?([xyz123])(?:_?(?:dft|ref|reference))?$"
)
_POSITION = re.compile(r"(?:(?:pos|position|coord|r)_?)?([xyz])$")
_ELEMENTS = frozenset({"element", "elements", "species", "symbol", "symbols", "el", "specie"})
_ROW_NUMBERS = frozenset({"index", "idx", "id", "i", "no", "nr", "number", "atom_index", "atom_id", "row", ""})
_UNIT = re.compile(r"[\[(]([^\])]*)[\])]\s*$")


@dataclass(frozen=True, slots=True)
class ForceColumns:
    """Column numbers (0-based) of the parts of a forces table."""

    forces: tuple[int, int, int]
    positions: tuple[int, int, int] | None = None
    element: int | None = None
    row_number: int | None = None
    stated_unit: str | None = None


def columns_by_names(header: Sequence[str], first_row: Sequence[str]) -> ForceColumns | None:
    """Return the columns that a header names (``atom, element, fx, fy, fz``); None if it names no forces.

    A column called *atom* is the element or the number of the atom, as `first_row` shows.

    Raises
    ------
    FrameProblem
        If it gives several units.
    """
    units = {match[1].strip().lower() for word in header if (match := _UNIT.search(word))}
    names = [re.sub(r"[\s\-.]+", "_", _UNIT.sub("", word).strip()).lower() for word in header]
    forces = _axes(names, _FORCE)
    if forces is None:
        return None
    element_names, number_names = set(_ELEMENTS), set(_ROW_NUMBERS)
    if "atom" in names and first_row:
        (element_names if _is_word(first_row[names.index("atom")]) else number_names).add("atom")
    return ForceColumns(
        forces=forces,
        positions=_axes(names, _POSITION),
        element=next((place for place, name in enumerate(names) if name in element_names), None),
        row_number=next((place for place, name in enumerate(names) if name in number_names), None),
        stated_unit=_unit(units),
    )


def _axes(names: Sequence[str], pattern: re.Pattern[str]) -> tuple[int, int, int] | None:
    """Return the columns of x, y and z whose names match; None unless each is there once."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        match = pattern.match(name)
        if match:
            places.setdefault({"1": "x", "2": "y", "3": "z"}.get(match[1], match[1]), place)
    return (places["x"], places["y"], places["z"]) if len(places) == 3 else None


def _unit(units: set[str]) -> str | None:
    """Return the unit of force among the texts in brackets; lengths and other remarks are passed over."""
    found = {known for unit in units if (known := known_unit(unit)) is not None}
    if len(found) > 1:
        raise FrameProblem(f"Its header gives forces in several units: {', '.join(sorted(found))}.")
    return found.pop() if found else None


def columns_by_rows(rows: Sequence[Sequence[str]]) -> ForceColumns:
    """Return the columns of a table without header.

    Three columns are forces; a column of words before them is the element; a column of consecutive integers before
    them numbers the atoms; six columns of numbers are position and force, as in VASP's OUTCAR.

    Raises
    ------
    FrameProblem
        If the table has another form.
    """
    width = len(rows[0])
    words = [place for place in range(width) if any(_is_word(row[place]) for row in rows)]
    numeric = [place for place in range(width) if place not in words]
    row_number = None
    if len(numeric) in (4, 7) and _is_numbering(rows, numeric[0]):
        row_number = numeric.pop(0)
    if len(words) <= 1 and len(numeric) in (3, 6) and numeric == list(range(width - len(numeric), width)):
        first, second, third = numeric[-3:]
        return ForceColumns(
            forces=(first, second, third),
            positions=(numeric[0], numeric[1], numeric[2]) if len(numeric) == 6 else None,
            element=words[0] if words else None,
            row_number=row_number,
        )
    raise FrameProblem(
        f"Its rows have {width} columns ({' '.join(rows[0])[:60]!r}); expected are Fx Fy Fz, perhaps after the "
        "element, the atom number, or x y z; or a header that names fx, fy, fz."
    )


def _is_word(cell: str) -> bool:
    return bool(re.match(r"[A-Za-z]", cell)) and cell.lower() not in {"nan", "inf", "infinity"}


def _is_numbering(rows: Sequence[Sequence[str]], place: int) -> bool:
    return all(re.fullmatch(r"\d{1,7}", row[place]) for row in rows)
