"""The words of a header, brought to one heading per column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from softdash.structures.readers.numbers_in_text import is_number_word
from softdash.structures.readers.tables.column_names import read_heading
from softdash.structures.units.unit_grammar import looks_like_unit, parse_unit

_WORDS_MAX = 500
_UNIT_WORDS_MAX = 4
_BEFORE_AXIS = re.compile(
    r"(?:dft|ref|total|atomic|f|forces?|kraft|pos|positions?|coords?|grad|gradient|fuerza)$", re.IGNORECASE
)
_AFTER_ATOM = re.compile(
    r"(?:no\.?|nr\.?|num\.?|number|index|idx|id|#|label|type|name|kind|symbol|element|species)$", re.IGNORECASE
)
_ATOM = re.compile(r"(?:atom|site|ion|row)$", re.IGNORECASE)


def fitted_heading(cells: Sequence[str], width: int, first: Sequence[str], *, is_blank: bool) -> tuple[str, ...] | None:
    """Return `width` headings from the cells of a header; None if they do not fit.

    Parameters
    ----------
    cells : sequence of str
    width : int
        Columns of the body.
    first : sequence of str
        The first row of the body.
    is_blank : bool
        Whether cells were parted at blanks, so that a heading may be several of them.
    """
    if len(cells) > _WORDS_MAX:
        return tuple(cells) if len(cells) == width else None
    for candidate in _candidates(list(cells), width) if is_blank else [_shortened(list(cells), width)]:
        if len(candidate) == width:
            return tuple(candidate)
        if len(candidate) == width - 1 and width > 3:
            # R and pandas write no heading over the names of rows
            return (*candidate, "") if _is_last_unnamed(first) else ("", *candidate)
        if not is_blank and candidate and 2 <= len(candidate) < width:
            return (*candidate, *[""] * (width - len(candidate)))
        if not is_blank and len(candidate) == 1 and first[0] != "" and _is_name_of_rows(candidate[0], first):
            return (*candidate, *[""] * (width - 1))
    return None


def names_axes(headings: Sequence[str]) -> bool:
    """Whether three of the headings are those of x, y and z."""
    axes = {heading.axis for heading in map(read_heading, headings) if heading.axis is not None}
    return {"x", "y", "z"} <= axes or {"0", "1", "2"} <= axes or {"1", "2", "3"} <= axes


def _is_name_of_rows(cell: str, first: Sequence[str]) -> bool:
    """Whether a lone cell of a header names the rows: ``atom`` below the sets of pandas' header."""
    return bool(_ATOM.match(cell) or _AFTER_ATOM.match(cell)) and bool(re.fullmatch(r"\d+|[A-Za-z].*", first[0]))


def _is_last_unnamed(first: Sequence[str]) -> bool:
    """Whether the last column rather than the first one is that of elements or numbers, which has no heading."""
    return _may_name_rows(first[-1]) and not _may_name_rows(first[0])


def _may_name_rows(cell: str) -> bool:
    return cell.isdigit() or not is_number_word(cell)


def _shortened(cells: list[str], width: int) -> list[str]:
    """Drop empty headings behind the last column."""
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return cells


def _candidates(words: list[str], width: int) -> list[list[str]]:
    """Return ways to read the words of a header that is parted by blanks, the most literal first."""
    joined = _with_brackets_joined(words)
    ways = [words, joined]
    for count in range(1, min(_UNIT_WORDS_MAX, len(joined) - 2) + 1):
        unit = " ".join(joined[-count:])
        if parse_unit(unit) is not None or (count == 1 and looks_like_unit(unit)):
            rest = joined[:-count]
            ways.append([*rest[:-1], f"{rest[-1]} ({unit.strip('()[]')})"])
    ways += [_with_names_joined(way) for way in ways]
    exact = [way for way in ways if len(way) == width]
    return [way for way in exact if names_axes(way)] + exact + [way for way in ways if len(way) == width - 1]


def _with_brackets_joined(words: Sequence[str]) -> list[str]:
    """Join words that stand in one bracket, and a bracket to the word before it: ``Fx (eV / Å)``."""
    joined: list[str] = []
    depth = 0
    for word in words:
        if joined and (depth > 0 or word[:1] in ("(", "[")):
            joined[-1] += f" {word}"
        else:
            joined.append(word)
        depth = max(0, depth + sum(word.count(sign) for sign in "([") - sum(word.count(sign) for sign in ")]"))
    return joined


def _with_names_joined(words: Sequence[str]) -> list[str]:
    """Join the words of one heading: ``Force x``, ``atom no.``, ``Fx eV/Å``."""
    joined: list[str] = []
    for word in words:
        before = joined[-1] if joined else ""
        is_axis = _BEFORE_AXIS.match(before) and read_heading(word).axis is not None
        is_atom = _ATOM.match(before) and _AFTER_ATOM.match(word)
        is_unit = before and read_heading(before).axis is not None and parse_unit(word) is not None
        if is_axis or is_atom or is_unit:
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined
