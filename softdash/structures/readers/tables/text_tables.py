"""A forces table from text or from the sheets of a spreadsheet: blocks of programs, printed arrays, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError, RefusalError, TooLargeError
from softdash.structures.frames.force_units import StatedUnit
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Ground, Reading
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import element_in, is_number_word, read_number
from softdash.structures.readers.tables.bracketed_rows import bracketed_rows, without_row_brackets
from softdash.structures.readers.tables.column_contents import atom_words
from softdash.structures.readers.tables.column_names import read_heading
from softdash.structures.readers.tables.force_columns import ForceColumns, find_columns
from softdash.structures.readers.tables.forces_table import ForcesTable, Layout, PositionsKind
from softdash.structures.readers.tables.pasted_blocks import Block, find_blocks
from softdash.structures.readers.tables.reference_set import choose_set
from softdash.structures.readers.tables.stated_units import agreed_unit, gradient_reading, stated_gradient, stated_unit
from softdash.structures.readers.tables.table_body import TableBody, find_body
from softdash.structures.readers.tables.table_text import TableText, split_rows, without_line_prefix
from softdash.structures.readers.tables.turbomole_gradient import gradient_blocks
from softdash.structures.units.unit_grammar import parse_length, parse_unit

_AXIS_ROWS = 3
_ROWS_MAX = 2_000
_LINES_PER_ROW, _LINES_MORE = 8, 5_000
_SIGNS_PER_ROW, _SIGNS_MORE = 1_000, 200_000


def table_of_text(text: str, name: str, options: ReadOptions, rows_max: int = _ROWS_MAX) -> ForcesTable:
    """Return the forces in a text; a text far too long for `rows_max` rows is refused before it is taken apart.

    Raises
    ------
    InputError, RefusalError, TooLargeError
        Naming line and atom of what cannot be read, or with a choice for each possible reading.
    FrameProblem
        If it has no such table.
    """
    text = without_line_prefix(text)
    blocks = gradient_blocks(text) or find_blocks(text)
    if blocks:
        return _of_blocks(_of_dft(blocks, name), name, options)
    if (
        text.count("\n") > _LINES_PER_ROW * rows_max + _LINES_MORE
        or len(text) > _SIGNS_PER_ROW * rows_max + _SIGNS_MORE
    ):
        raise TooLargeError(
            f"It has {text.count(chr(10)) + 1:,} lines and {len(text):,} characters, too many for a table of "
            f"{rows_max:,} atoms.",
            where=name,
            advice="Upload several frames as extended XYZ, or the output of the program itself.",
        )
    rows = bracketed_rows(text)
    return table_of_rows(rows if rows is not None else split_rows(without_row_brackets(text)), name, options)


def table_of_sheets(sheets: Mapping[str, TableText], name: str, options: ReadOptions) -> ForcesTable:
    """Return the forces in the only sheet of a spreadsheet that has a table of them; errors as in `table_of_text`."""
    found: dict[str, ForcesTable] = {}
    problems: list[Exception] = []
    for title, rows in sheets.items():
        try:
            found[title] = table_of_rows(rows, name, options)
        except (FrameProblem, InputError) as problem:
            problems.append(problem)
    if len(found) > 1:
        named = [
            title
            for title in found
            if "force" in title.lower() or "kraft" in title.lower() or "kräfte" in title.lower()
        ]
        found = {title: found[title] for title in named} if len(named) == 1 else found
    if len(found) > 1:
        raise InputError(
            f"Several of its sheets have a table that may be the forces: {', '.join(title[:30] for title in found)}.",
            where=name,
            advice="Leave only one of them in the file, or call it forces.",
        )
    if not found:
        raise problems[0] if problems else FrameProblem("It has no rows of numbers.")
    return next(iter(found.values()))


def table_of_rows(rows: TableText, name: str, options: ReadOptions) -> ForcesTable:
    """Return the forces in rows of cells; errors as in `table_of_text`."""
    body = find_body(rows, name)
    flat = _flat(body)
    if flat is not None:
        return _of_layout(flat, "flat", body, name, options)
    across = _across(body)
    if across is not None and not _may_be_rows(body):
        return _of_layout(across[0], "columns", body, name, options, across[1])
    table = _of_columns(body, name, options)
    if across is not None and len(body.rows) == _AXIS_ROWS:
        table = replace(table, alternative=_of_layout(across[0], "columns", body, name, options, across[1]))
    elif len(body.rows) == 1 and len(body.rows[0].cells) == 6:
        one = _vectors(np.array(body.rows[0].cells).reshape(2, 3).tolist(), [body.rows[0].line] * 2, name, "Force")
        table = replace(table, alternative=_of_layout(one, "flat", body, name, options))
    return table


def _of_columns(body: TableBody, name: str, options: ReadOptions) -> ForcesTable:
    columns = find_columns(body, options.forces, name)
    lines = tuple(row.line for row in body.rows)
    forces = _three(body, columns.forces, name, "Force")
    positions = None if columns.positions is None else _three(body, columns.positions, name, "Position")
    factor = _length_factor(columns)
    if positions is not None and factor is not None:
        positions = positions * factor
    headings = [] if columns.headings is None else [columns.headings[place] for place in columns.forces]
    is_gradient, place, readings = stated_gradient(columns.is_gradient, body.remarks, name)
    words = columns.words
    return ForcesTable(
        forces=forces,
        numbers=None if words is None else words.numbers,
        labels=None if words is None else words.labels,
        positions=positions,
        positions_kind=_positions_kind(columns, factor),
        position_unit_factor=factor,
        numbering=columns.numbering,
        raw_numbering=columns.raw_numbering,
        frame_numbers=columns.frame_numbers,
        first_line=lines[0] if lines[-1] - lines[0] == len(lines) - 1 else None,
        row_lines=lines if lines[0] > 0 else None,
        stated_unit=stated_unit(headings, body.remarks, name, options, column=columns.unit),
        is_gradient=is_gradient,
        gradient_place=place,
        force_set=columns.taken.name or None,
        other_sets=columns.taken.others,
        readings=(*columns.taken.readings, *readings),
        six_columns=None if columns.other_three is None or positions is None else (positions, forces),
    )


def _length_factor(columns: ForceColumns) -> float | None:
    """Return the Å of the unit of length that the header states for positions."""
    if columns.positions is None or columns.headings is None:
        return None
    units = {columns.headings[place].unit for place in columns.positions} - {None}
    factors = {factor for unit in units if unit and (factor := parse_length(unit)) is not None}
    return factors.pop() if len(factors) == 1 else None


def _positions_kind(columns: ForceColumns, factor: float | None) -> PositionsKind:
    if columns.is_fractional:
        return "fractional"
    return "cartesian" if factor is not None else "unknown"


def _three(body: TableBody, columns: tuple[int, int, int], name: str, what: str) -> NDArray[np.float64]:
    return _vectors(
        [[row.cells[column] for column in columns] for row in body.rows], [row.line for row in body.rows], name, what
    )


def _vectors(rows: Sequence[Sequence[str]], lines: Sequence[int], name: str, what: str) -> NDArray[np.float64]:
    """Return rows of three words as numbers; `InputError` naming line and atom of the first that is none."""
    table = np.empty((len(rows), 3))
    for index, row in enumerate(rows):
        for axis, word in enumerate(row):
            try:
                table[index, axis] = read_number(word)
            except ValueError:
                raise InputError(
                    _unreadable(word, what, index),
                    where=f"{name}, line {lines[index]}" if lines[index] else name,
                    advice="Correct the file and upload it again."
                    if word.strip("*") or not word
                    else "Print it with more digits.",
                ) from None
    return table


def _unreadable(word: str, what: str, index: int) -> str:
    if not word:
        return f"{what} of atom {index + 1}: a cell is empty."
    if not word.strip("*"):
        return (
            f"{what} of atom {index + 1} is written as {word[:12]}: it is too wide for its column, and is not a number."
        )
    return f"{what} of atom {index + 1}: {word[:40]!r} is not a number."


def _flat(body: TableBody) -> NDArray[np.float64] | None:
    """Return forces whose numbers stand all in one column, or all in one row; None if they do not."""
    rows = body.rows
    cells = [row.cells[0] for row in rows] if len(rows[0].cells) == 1 else list(rows[0].cells) if len(rows) == 1 else []
    least = 9 if len(rows) == 1 else 3
    if len(cells) < least or not all(map(is_number_word, cells)):
        return None
    if len(cells) % 3:
        raise FrameProblem(
            f"It has {len(cells)} numbers in one {'column' if len(rows) > 1 else 'row'}: no multiple of 3."
        )
    lines = [row.line for row in rows] if len(rows) > 1 else [rows[0].line] * len(cells)
    return _vectors([cells[at : at + 3] for at in range(0, len(cells), 3)], lines[::3], "", "Force")


def _across(body: TableBody) -> tuple[NDArray[np.float64], tuple[str, ...] | None] | None:
    """Return forces that stand in three rows, one column per atom, and the words above them; None if they do not."""
    rows = body.rows
    if len(rows) != _AXIS_ROWS or len(rows[0].cells) < 4:
        return None
    named = [read_heading(row.cells[0]) for row in rows]
    has_names = [heading.axis for heading in named] == ["x", "y", "z"]
    start = 1 if has_names else 0
    cells = [row.cells[start:] for row in rows]
    if not all(is_number_word(cell) for row in cells for cell in row):
        return None
    words = None if body.headings is None else body.headings[start:]
    if words is not None and any(read_heading(word).axis is not None for word in words):
        return None
    by_atom = [[row[place] for row in cells] for place in range(len(cells[0]))]
    return _vectors(by_atom, [rows[0].line] * len(by_atom), "", "Force"), words


def _may_be_rows(body: TableBody) -> bool:
    """Whether three rows may as well be three atoms: of a width that a table with positions or numbers has."""
    first = body.rows[0].cells
    if read_heading(first[0]).axis == "x":
        return False
    return len(first) in (4, 5, 6, 7, 8) and not _are_all_headed(body)


def _are_all_headed(body: TableBody) -> bool:
    """Whether the words above the columns are all elements, so that columns are atoms."""
    return body.headings is not None and all(element_in(word) is not None for word in body.headings if word)


def _of_layout(
    forces: NDArray[np.float64],
    layout: Layout,
    body: TableBody,
    name: str,
    options: ReadOptions,
    words: Sequence[str] | None = None,
) -> ForcesTable:
    taken = choose_set([""], options.forces, name)
    is_gradient, place, readings = stated_gradient(False, body.remarks, name)
    said = "three rows, one column per atom" if layout == "columns" else "one line of numbers, three for each atom"
    found = atom_words(words) if words is not None and all(words) else None
    return ForcesTable(
        forces,
        numbers=None if found is None else found.numbers,
        labels=None if found is None else found.labels,
        stated_unit=stated_unit((), body.remarks, name, options),
        is_gradient=is_gradient,
        gradient_place=place,
        readings=(*taken.readings, *readings, Reading("columns", said, "assumed", "The table has no other form.")),
        layout=layout,
    )


def _of_blocks(blocks: Sequence[Block], name: str, options: ReadOptions) -> ForcesTable:
    """Return the last of several blocks, with those before it as earlier frames."""
    tables = [_of_block(block, name, options) for block in blocks]
    last = tables[-1]
    if len(tables) > 1:
        said = f"It has {len(tables)} blocks of forces; the last one is that of a single structure."
        last = replace(last, readings=(*last.readings, Reading("frames", f"block {len(tables)}", "assumed", said)))
    return replace(last, earlier=tuple(tables[:-1]))


def _of_dft(blocks: Sequence[Block], name: str) -> Sequence[Block]:
    """Return the blocks that no force field made; `RefusalError` if there are none."""
    found = [block for block in blocks if not block.is_of_model]
    if not found:
        raise RefusalError(
            "Its forces are those of VASP's machine-learned force field, (ML) in their heading, and not of DFT.",
            where=name,
            advice="Give a block without (ML): a step that VASP computed by DFT.",
        )
    return found


def _of_block(block: Block, name: str, options: ReadOptions) -> ForcesTable:
    program = block.program
    unit = parse_unit(block.unit)
    forces = _vectors(block.forces, block.lines, name, "Force")
    numbers = [element_in(word) if not word.isdigit() else int(word) for word in block.elements]
    factor = parse_length(program.length_unit) if program.length_unit else None
    positions = _vectors(block.positions, block.lines, name, "Position") * (factor or 1.0) if block.positions else None
    labels, numbering = _numbered(block, numbers)
    ground: Ground = "stated" if block.has_heading else "assumed"
    value = f"forces of {program.name}"
    detail = (
        f"The block has the heading of {program.name}."
        if block.has_heading
        else f"Its rows have the form of {program.name}'s output, and are read in its unit, {block.unit}."
    )
    readings = [Reading("columns", value, ground, detail)]
    place = f"from the {'heading' if block.has_heading else 'form'} of {program.name}'s output"
    stated = None if unit is None else StatedUnit(unit.name, unit.factor, place)
    if program.is_gradient:
        readings.append(gradient_reading(place))
    taken = choose_set([""], options.forces, name)
    named = stated_unit((), (), name, options)
    return ForcesTable(
        forces,
        numbers=np.array(numbers, dtype=np.int64) if numbers and None not in numbers else None,
        labels=labels,
        positions=positions,
        positions_kind="cartesian" if factor is not None else "unknown",
        position_unit_factor=factor,
        numbering=numbering,
        raw_numbering=None if numbering is None else numbering + 1,
        row_lines=tuple(block.lines),
        stated_unit=agreed_unit(
            [unit for unit in (stated, named) if unit is not None], [] if stated else [block.unit], name, options
        ),
        is_gradient=program.is_gradient,
        gradient_place=place if program.is_gradient else "",
        readings=(*taken.readings, *readings),
        block=program.name,
    )


def _numbered(block: Block, numbers: Sequence[int | None]) -> tuple[tuple[str, ...] | None, NDArray[np.int64] | None]:
    """Return labels (``Ti2``), where atoms are counted by element, or the numbers of the atoms."""
    if len(block.numbers) != len(block.lines):
        return None, None
    counted = np.array(block.numbers, dtype=np.int64)
    start = int(counted.min())
    if start in (0, 1) and np.array_equal(np.sort(counted), np.arange(start, start + len(counted))):
        return None, counted - start
    labels = tuple(f"{element}{number}" for element, number in zip(block.elements, block.numbers, strict=False))
    return (labels, None) if len(set(labels)) == len(block.lines) and numbers else (None, None)
