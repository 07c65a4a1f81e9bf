"""The body of a table: which rows hold the numbers of atoms, and what stands above, between and below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from softdash.errors import InputError
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import element_in, is_number_word
from softdash.structures.readers.tables.column_names import read_heading
from softdash.structures.readers.tables.heading_words import fitted_heading, names_axes
from softdash.structures.readers.tables.table_text import TableText, TextRow
from softdash.structures.units.unit_grammar import parse_length, parse_unit

ADVICE = "A forces table has one row per atom, in the order of the structure, with Fx Fy Fz in eV/Å."
_TOTALS = re.compile(
    r"(?:grand |net )?(?:total|sums?|means?|avg|average|max|maximum|min|rms|std|net|drift|tot|summe|mittel|σ)\b",
    re.IGNORECASE,
)
_HEADING_ROWS_MAX = 4
_LOOKED_BACK = 40


@dataclass(frozen=True, slots=True)
class TableBody:
    """The rows of a table, and what names its columns.

    Attributes
    ----------
    headings : tuple of str or None
        One per column; None without a header.
    rows : tuple of TextRow
        Equally many cells each.
    remarks : tuple of TextRow
        Comments and titles, each with its text as the only cell.
    """

    headings: tuple[str, ...] | None
    rows: tuple[TextRow, ...]
    remarks: tuple[TextRow, ...]


def find_body(text: TableText, where: str) -> TableBody:
    """Return the rows of numbers of a table and its headings.

    Raises
    ------
    InputError
        Naming the first row that is not like the others.
    FrameProblem
        If there are no rows of numbers.
    """
    data = [index for index, row in enumerate(text.rows) if row.number_count >= 3 and not _is_total(row)]
    if not data:
        data = _single_numbers(text.rows)
    width = _usual_width([text.rows[index] for index in data])
    body = [index for index, row in enumerate(text.rows) if _is_atom(row, width)]
    neutral = _counting_header(text.rows, body)
    if neutral is not None:
        body = [index for index in body if index != neutral]
    above = list(text.rows[: body[0]])
    if neutral is not None and neutral < body[0]:
        counted = text.rows[neutral]
        above = [*text.rows[:neutral], TextRow(counted.line, ("",) * len(counted.cells))]
    headings, titles = _headings(above, text, text.rows[body[0]], width, where)
    rows, between = _rows(text.rows[body[0] :], width, headings, where)
    headings, rows = _without_empty_columns(headings, rows)
    return TableBody(headings, tuple(rows), (*text.comments, *titles, *between))


def _single_numbers(rows: Sequence[TextRow]) -> list[int]:
    """Return the rows of a table that has one number in each row; the last count of cells that is left is an error."""
    numbers = [index for index, row in enumerate(rows) if row.number_count >= 1 and not _is_total(row)]
    if not numbers:
        raise FrameProblem(f"It has no rows of numbers{_nearly_number(rows)}.")
    single = [index for index in numbers if len(rows[index].cells) == 1]
    if len(single) < 3 or len(single) < len(numbers):
        row = rows[numbers[-1]]
        raise FrameProblem(
            f"Its rows have {len(row.cells)} columns ({' '.join(row.cells)[:60]!r}); expected are Fx Fy Fz, perhaps "
            "after the element, the atom number, or x y z; or a header that names fx, fy, fz."
        )
    if (
        len(single) % 3 == 1
        and rows[single[0]].cells[0].isdigit()
        and int(rows[single[0]].cells[0])
        in (
            0,
            len(single) - 1,
            (len(single) - 1) // 3,
        )
    ):
        return single[1:]
    return single


def _nearly_number(rows: Sequence[TextRow]) -> str:
    """Return the first cell that begins like a number and is none, as the end of a sentence; empty without one."""
    for row in rows:
        nearly = [cell for cell in row.cells if re.match(r"\W{0,2}\d", cell)]
        if len(nearly) >= 3:
            return f": {nearly[0][:30]!r} in line {row.line} is none" if row.line else f": {nearly[0][:30]!r} is none"
    return ""


def _usual_width(rows: Sequence[TextRow]) -> int:
    counts = Counter(len(row.cells) for row in rows)
    most = max(counts.values())
    return next(len(row.cells) for row in reversed(rows) if counts[len(row.cells)] == most)


def _is_total(row: TextRow) -> bool:
    first = next((cell for cell in row.cells if cell and not set(cell) <= set("*|#:-")), "")
    return bool(_TOTALS.match(first)) and (len(first) > 3 or element_in(first) is None)


def _counting_header(rows: Sequence[TextRow], body: Sequence[int]) -> int | None:
    """Return the row that counts columns (``0,1,2`` of pandas) where a table has no names; None without one."""
    if not body:
        return None
    below = [rows[index] for index in body[-3:]]
    for index in (body[0], body[0] - 1):
        if index < 0 or index == body[-1]:
            continue
        first = rows[index].cells[0]
        cells = rows[index].cells if first.isdigit() else rows[index].cells[1:]
        numbers = [int(cell) for cell in cells if re.fullmatch(r"\d{1,3}", cell)]
        is_counting = len(numbers) == len(cells) >= 3 and numbers in (
            list(range(len(numbers))),
            list(range(1, len(numbers) + 1)),
        )
        if is_counting and all(any("." in cell for cell in row.cells) for row in below):
            return index
    return None


def _headings(
    above: Sequence[TextRow], text: TableText, first: TextRow, width: int, where: str
) -> tuple[tuple[str, ...] | None, list[TextRow]]:
    """Return one heading per column from the rows and comments above the body, and the rows that are titles."""
    titles: list[TextRow] = []
    found: list[tuple[str, ...]] = []
    comments = [row for row in text.comments if row.line < first.line][-_LOOKED_BACK:]
    for row in reversed(above):
        is_blank = not text.separator
        fitted = (
            fitted_heading(row.cells, width, first.cells, is_blank=is_blank) if len(found) < _HEADING_ROWS_MAX else None
        )
        if row.number_count and any(row.cells):
            _refuse_short_row(row, width, where)
            fitted = None
        may_join = not found or not is_blank or _is_unit_row(found[-1])
        if fitted is None or not may_join:
            titles.append(TextRow(row.line, (" ".join(row.cells),)))
        else:
            found.append(fitted)
    if not found or _is_unit_row(found[-1]):
        for comment in reversed(comments):
            fitted = _comment_heading(comment.cells[0], width, first.cells, text.separator)
            if fitted is not None:
                found.append(fitted)
                break
    if not found:
        return None, titles
    headings = _joined_headings(found[::-1])
    if not names_axes(headings):  # its words may be a title that happens to fit, with a unit in it
        titles += [TextRow(0, (text,)) for row in found for text in (" ".join(row), *row) if text.strip()]
    return headings, titles


def _comment_heading(comment: str, width: int, first: Sequence[str], separator: str) -> tuple[str, ...] | None:
    """Return the headings in a comment (``# fx fy fz``, or ``#,fx,fy,fz`` whose first is ``#``), if it is a header."""
    bare = re.sub(r"^[\s#!%/*]+", "", comment)
    for content in (comment, bare, bare.partition(":")[2], bare.partition("=")[2]):
        for sign in dict.fromkeys((separator or " ", ",", " ")):
            cells = content.split() if sign == " " else [cell.strip() for cell in content.split(sign)]
            fitted = fitted_heading(cells, width, first, is_blank=sign == " ") if len(cells) > 2 else None
            if fitted is not None and names_axes(fitted):
                return fitted
    return None


def _is_unit_row(cells: Sequence[str]) -> bool:
    texts = [cell.strip("()[] ") for cell in cells if cell.strip("()[] -")]
    return bool(texts) and all(parse_unit(text) is not None or parse_length(text) is not None for text in texts)


def _joined_headings(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Join the rows of a header column by column; a name above several columns stands in the first of them."""
    filled: list[list[str]] = []
    for place, row in enumerate(rows):
        cells = list(row)
        if place + 1 < len(rows) and not _is_unit_row(row):
            below = rows[place + 1]
            names = [cell for cell in cells if cell]
            if 1 < len(names) < len(cells) or (names and not cells[0]):
                for column in range(1, len(cells)):
                    if not cells[column] and below[column] and read_heading(below[column]).axis is not None:
                        cells[column] = cells[column - 1]
        filled.append(cells)
    return tuple(" ".join(part for part in column if part) for column in zip(*filled, strict=True))


def _refuse_short_row(row: TextRow, width: int, where: str) -> None:
    """Raise an error for a row of numbers above the others that is not like them; counts and titles are none."""
    if len(row.cells) == 1 or any(_is_title_word(cell) for cell in row.cells):
        return
    raise _ragged(row, width, where)


def _is_title_word(cell: str) -> bool:
    return bool(re.fullmatch(r"[^\W\d]{2,}[:.,]?", cell)) and element_in(cell) is None and not is_number_word(cell)


def _is_atom(row: TextRow, width: int) -> bool:
    """Whether a row is one of the body; a word in the place of a number is told later, with its atom."""
    if len(row.cells) != width or _is_total(row):
        return False
    counted = row.number_count
    return counted >= min(3, width) or (counted > 0 and not any(map(_is_title_word, row.cells)))


def _ragged(row: TextRow, width: int, where: str) -> InputError:
    return InputError(
        f"The row has {len(row.cells)} columns, the first one has {width}.",
        where=f"{where}, line {row.line}",
        advice=ADVICE,
    )


def _rows(
    rows: Sequence[TextRow], width: int, headings: Sequence[str] | None, where: str
) -> tuple[list[TextRow], list[TextRow]]:
    """Return the rows of atoms, and the texts between and below them; see `find_body` for the errors."""
    body: list[TextRow] = []
    texts: list[TextRow] = []
    is_after_count = False
    for row in rows:
        counted = row.number_count
        was_after_count, is_after_count = is_after_count, False
        if width == 1:
            (body if counted else texts).append(row)
        elif _is_total(row):
            continue
        elif _is_atom(row, width):
            body.append(row)
        elif len(row.cells) == 1 and row.cells[0].isdigit():
            is_after_count = True
        elif was_after_count and counted < 3:
            texts.append(TextRow(row.line, (" ".join(row.cells),)))
        elif headings is not None and _is_header_again(row, headings):
            continue
        elif (counted == 0 and len(row.cells) < width) or (counted < 3 and _is_title_word(row.cells[0])):
            texts.append(TextRow(row.line, (" ".join(row.cells),)))
        else:
            raise _ragged(row, width, where) if len(row.cells) != width else _without_numbers(row, where)
    return body, texts


def _is_header_again(row: TextRow, headings: Sequence[str]) -> bool:
    return row.number_count == 0 and any(
        cell and cell in heading for cell, heading in zip(row.cells, headings, strict=False)
    )


def _without_numbers(row: TextRow, where: str) -> InputError:
    bad = next(cell for cell in reversed(row.cells) if not is_number_word(cell))  # an element stands before the numbers
    return InputError(
        f"The row has too few numbers: {bad[:30]!r} is none."
        if bad
        else "The row has too few numbers: a cell is empty.",
        where=f"{where}, line {row.line}",
        advice=ADVICE,
    )


def _without_empty_columns(
    headings: tuple[str, ...] | None, rows: Sequence[TextRow]
) -> tuple[tuple[str, ...] | None, list[TextRow]]:
    width = len(rows[0].cells)
    kept = [place for place in range(width) if any(row.cells[place] for row in rows)]
    if len(kept) == width:
        return headings, list(rows)
    return (
        None if headings is None else tuple(headings[place] for place in kept),
        [TextRow(row.line, tuple(row.cells[place] for place in kept)) for row in rows],
    )
