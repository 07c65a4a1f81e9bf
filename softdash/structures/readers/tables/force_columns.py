"""Which column of a table is which: by the names in its header, and by what stands in it under any name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import element_in
from softdash.structures.readers.tables.column_contents import (
    AtomWords,
    atom_words,
    content_kind,
    first_no_element,
    is_frame_numbers,
    is_permutation,
    is_repeated_numbering,
    may_be_atomic_numbers,
    norm_column,
    whole_numbers,
)
from softdash.structures.readers.tables.column_names import Heading, read_heading
from softdash.structures.readers.tables.reference_set import TakenSet, choose_set, kind_of
from softdash.structures.readers.tables.table_body import TableBody
from softdash.structures.units.unit_grammar import parse_unit

Triple = tuple[int, int, int]

_COLUMNS_MAX = 200
_FLAGS = frozenset({"T", "F", ".TRUE.", ".FALSE."})

_ELEMENT_NAMES = re.compile(
    r"(?:atomic[_ ]?)?(?:elements?|species|specie|symbols?|el|elem|elmt|chem\w*)", re.IGNORECASE
)
_NUMBER_NAMES = re.compile(
    r"(?:(?:atom|site|ion|row|part)[_ ]?)?(?:index|idx|indices|id|i|no\.?|nr\.?|num\.?|number|#|n)?|ions?|sites?",
    re.IGNORECASE,
)
_ATOMIC_NUMBER_NAMES = re.compile(
    r"z|atomic[_ ]?(?:no\.?|nr\.?|num\w*|z)|nuclear[_ ]?charge|protons|znuc\w*", re.IGNORECASE
)
_TYPE_NAMES = re.compile(r"(?:atom[_ ]?)?(?:type|kind|group|class)s?", re.IGNORECASE)
_FRAME_NAMES = re.compile(
    r"(?:frame|step|snapshot|config\w*|image|structure|time|mol\w*|conf)s?(?:[_ ]?(?:id|no\.?|nr|number|index|#))?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class ForceColumns:
    """Columns (from 0) of the parts of a forces table, and what those beside the vectors say about the atoms."""

    forces: Triple
    taken: TakenSet = field(default_factory=lambda: TakenSet(""))
    positions: Triple | None = None
    other_three: Triple | None = None
    headings: tuple[Heading, ...] | None = None
    is_gradient: bool = False
    is_fractional: bool | None = None
    words: AtomWords | None = None
    numbering: NDArray[np.int64] | None = None
    raw_numbering: NDArray[np.int64] | None = None
    frame_numbers: NDArray[np.int64] | None = None
    unit: str | None = None


def find_columns(body: TableBody, wanted: str | None, where: str) -> ForceColumns:
    """Return the columns of a table.

    Parameters
    ----------
    body : TableBody
    wanted : str or None
        `ReadOptions.forces`.
    where : str
        Name of the file.

    Raises
    ------
    FrameProblem
        If it has another form.
    InputError
        If several sets of forces may be the reference, or a column that names atoms does not.
    RefusalError
        If the only forces are those of a model.
    """
    width = len(body.rows[0].cells)
    if width > _COLUMNS_MAX:
        raise FrameProblem(f"Its rows have {width:,} columns; a table of forces has a few, and one row per atom.")
    cells = [tuple(row.cells[place] for row in body.rows) for place in range(width)]
    columns = _by_names(body.headings, wanted, where) if body.headings is not None else None
    if columns is None:
        columns = _by_contents(cells, body, wanted, where)
    used = {place for three in (columns.forces, columns.positions, columns.other_three) if three for place in three}
    rest = [place for place in range(len(cells)) if place not in used]
    _name_atoms(columns, rest, cells, body, where)
    return columns


def _by_names(headings: Sequence[str], wanted: str | None, where: str) -> ForceColumns | None:
    """Return the columns that a header names; None if it names no forces."""
    read = tuple(map(read_heading, headings))
    named = _sets(read, ("force",)) or _sets(read, ("gradient",))
    bare = _sets(read, ("bare",))
    if not named:
        named = {name: three for name, three in bare.items() if kind_of(name) in ("reference", "model")}
        bare = {name: three for name, three in bare.items() if name not in named}
    if not named:
        _refuse_incomplete(read)
        return None
    taken = choose_set(list(named), wanted, where)
    forces = named[taken.name]
    positions = next(iter(_sets(read, ("position",)).values()), None) or next(iter(bare.values()), None)
    fractional = None if positions is None else read[positions[0]].is_fractional
    is_gradient = read[forces[0]].kind == "gradient"
    return ForceColumns(forces, taken, positions, None, read, is_gradient, fractional)


def _sets(headings: Sequence[Heading], kinds: tuple[str, ...]) -> dict[str, Triple]:
    """Return the complete sets of three columns by name; two of one name are told apart by their columns."""
    groups: list[tuple[str, dict[str, int]]] = []
    for place, heading in enumerate(headings):
        if heading.kind not in kinds or heading.axis is None:
            continue
        group = next(
            (axes for name, axes in groups if name == heading.set_name.lower() and heading.axis not in axes), None
        )
        if group is None:
            group = {}
            groups.append((heading.set_name.lower(), group))
        group[heading.axis] = place
    triples: dict[str, Triple] = {}
    counts = [name for name, axes in groups if _triple(axes) is not None]
    for name, axes in groups:
        three = _triple(axes)
        if three is None:
            continue
        shown = headings[three[0]].set_name
        if counts.count(name) > 1:
            shown = f"{shown} columns {min(three) + 1}-{max(three) + 1}".strip()
        triples[shown] = three
    return triples


def _triple(axes: dict[str, int]) -> Triple | None:
    for names in (("x", "y", "z"), ("0", "1", "2"), ("1", "2", "3")):
        if set(names) <= set(axes):
            return axes[names[0]], axes[names[1]], axes[names[2]]
    return None


def _refuse_incomplete(headings: Sequence[Heading]) -> None:
    named = [heading.text for heading in headings if heading.kind in ("force", "gradient")]
    if 0 < len(named) < 3:
        raise FrameProblem(f"Its header names only {' and '.join(named)} of the three components of a force.")


def _by_contents(cells: Sequence[tuple[str, ...]], body: TableBody, wanted: str | None, where: str) -> ForceColumns:
    """Return the columns of a table whose header names no forces, or that has none."""
    read = None if body.headings is None else tuple(map(read_heading, body.headings))
    named = _sets(read, ("position",)) if read is not None else {}
    positions = next(iter(named.values()), None)
    passed = set(positions or ())
    if read is not None:
        passed |= {place for place, heading in enumerate(read) if heading.kind == "position" or _is_no_force(heading)}
    numeric = [place for place in range(len(cells)) if place not in passed and content_kind(cells[place]) == "numbers"]
    numeric = _without_counts(numeric, cells, read)
    numeric = _without_norms(numeric, cells)
    if len(numeric) not in (3, 6) and read is not None:
        bare = next(iter(_sets(read, ("bare",)).values()), None)
        numeric = list(bare) if bare is not None and set(bare) <= set(numeric) else numeric
    if len(numeric) == 0 and positions is not None:
        raise FrameProblem("Its header names positions, and no forces.")
    if len(numeric) == 3:
        forces = _in_order_of_axes(numeric, read)
        fractional = None if read is None or positions is None else read[positions[0]].is_fractional
        return ForceColumns(forces, choose_set([""], wanted, where), positions, None, read, False, fractional)
    if len(numeric) == 6 and positions is None:
        first, last = _in_order_of_axes(numeric[:3], read), _in_order_of_axes(numeric[3:], read)
        return ForceColumns(last, choose_set([""], wanted, where), first, first, read)
    row = body.rows[0].cells
    raise FrameProblem(
        f"Its rows have {len(row)} columns ({' '.join(row)[:60]!r}); expected are Fx Fy Fz, perhaps after the element, "
        "the atom number, or x y z; or a header that names fx, fy, fz."
    )


def _is_no_force(heading: Heading) -> bool:
    """Whether a heading is that of energies, charges, velocities and the like."""
    return heading.kind == "other" and bool(
        re.search(
            r"energ|charge|mass|veloc|magmom|\bvx\b|\bvy\b|\bvz\b|\bv_?[xyz]\b|stress|norm|\|f\|", heading.text.lower()
        )
    )


def _in_order_of_axes(three: Sequence[int], headings: Sequence[Heading] | None) -> Triple:
    """Return three columns as x, y, z, where the header gives them in another order."""
    if headings is not None:
        axes = {headings[place].axis or "": place for place in three}
        found = _triple(axes)
        if found is not None:
            return found
    first, second, third = three
    return first, second, third


def _without_counts(
    numeric: list[int], cells: Sequence[tuple[str, ...]], headings: Sequence[Heading] | None
) -> list[int]:
    """Leave out columns of whole numbers as long as three columns are left: first those named so."""
    whole = [place for place in numeric if whole_numbers(cells[place]) is not None and _looks_counted(cells[place])]
    by_name = [place for place in whole if headings is not None and _names_atoms(headings[place].text)]
    for place in [*by_name, *(place for place in whole if place not in by_name)]:
        left = len(numeric) - 1
        if (
            left >= 3
            and len(numeric) not in (3,)
            and (place in by_name or len(numeric) != 6 or not _are_all_whole(cells, numeric))
        ):
            numeric = [other for other in numeric if other != place]
    return numeric


def _looks_counted(column: Sequence[str]) -> bool:
    numbers = whole_numbers(column)
    if numbers is None:
        return False
    return (
        is_permutation(numbers)
        or is_repeated_numbering(numbers)
        or is_frame_numbers(numbers)
        or may_be_atomic_numbers(numbers)
        or all(cell.isdigit() for cell in column)
    )


def _are_all_whole(cells: Sequence[tuple[str, ...]], numeric: Sequence[int]) -> bool:
    return all(whole_numbers([cell.lstrip("-") for cell in cells[place]]) is not None for place in numeric)


def _without_norms(numeric: list[int], cells: Sequence[tuple[str, ...]]) -> list[int]:
    """Leave out the sizes of vectors: a column that is the norm of the three before it, behind it, or beside it."""
    if len(numeric) == 4:
        found = norm_column([cells[place] for place in numeric])
        return [place for place in numeric if place != numeric[found]] if found is not None else numeric
    if len(numeric) in (7, 8):
        for start in range(len(numeric) - 3):
            four = numeric[start : start + 4]
            found = norm_column([cells[place] for place in four])
            if found is not None and found in (0, 3):
                return _without_norms([place for place in numeric if place != four[found]], cells)
    return numeric


def _names_atoms(text: str) -> bool:
    return any(
        pattern.fullmatch(text.strip(" ."))
        for pattern in (_ELEMENT_NAMES, _NUMBER_NAMES, _ATOMIC_NUMBER_NAMES, _TYPE_NAMES, _FRAME_NAMES)
    )


def _name_atoms(
    columns: ForceColumns, places: Sequence[int], cells: Sequence[tuple[str, ...]], body: TableBody, where: str
) -> None:
    """Find the columns that name elements, label sites, or number atoms and frames."""
    names = {place: "" if body.headings is None else body.headings[place].strip(" .") for place in places}
    flags = [place for place in places if set(cells[place]) <= _FLAGS]
    if len(flags) > 1:  # of selective dynamics; neither tritium nor fluorine
        places = [place for place in places if place not in flags]
    for place in places:
        if _repeats_a_unit(cells[place]):
            columns.unit = cells[place][0]
            continue
        if content_kind(cells[place]) == "words" or (columns.words is None and _ELEMENT_NAMES.fullmatch(names[place])):
            _take_words(columns, names[place], cells[place], body, where)
    numbered: dict[int, NDArray[np.int64]] = {}
    for place in places:
        numbers = whole_numbers(cells[place])
        if numbers is None or _TYPE_NAMES.fullmatch(names[place]):  # types of two atoms look like their numbers
            continue
        if names[place] and _FRAME_NAMES.fullmatch(names[place]):
            columns.frame_numbers = numbers
        elif is_permutation(numbers) or (
            is_repeated_numbering(numbers) and not _labels_by_element(columns, numbers)
        ):  # Na 1, Na 2, Cl 1, Cl 2 is no numbering of two frames
            numbered[place] = numbers
        else:
            _take_other_numbers(columns, numbers, names[place], has_header=body.headings is not None)
    if numbered:
        numbers = numbered[max(numbered, key=lambda place: (bool(names[place]), -place))]
        columns.raw_numbering = numbers
        columns.numbering = numbers - int(numbers.min()) if is_permutation(numbers) else None


def _repeats_a_unit(cells: Sequence[str]) -> bool:
    return len(set(cells)) == 1 and element_in(cells[0]) is None and parse_unit(cells[0]) is not None


def _take_other_numbers(columns: ForceColumns, numbers: NDArray[np.int64], name: str, *, has_header: bool) -> None:
    """Take whole numbers as atomic numbers, or as numbers within an element; raise where they number atoms wrongly."""
    is_named = bool(name) and _NUMBER_NAMES.fullmatch(name) is not None
    if columns.words is None and _may_be_elements(numbers, name, is_named=is_named):
        columns.words = AtomWords(numbers)
        return
    if _labels_by_element(columns, numbers):
        return
    are_numbers = is_named or (not has_header and 2 * len(np.unique(numbers)) > len(numbers))
    if are_numbers and not (columns.words is not None and _count_elements(columns.words, numbers)):
        _refuse_numbering(numbers)


def _may_be_elements(numbers: NDArray[np.int64], name: str, *, is_named: bool) -> bool:
    if _ATOMIC_NUMBER_NAMES.fullmatch(name):
        return bool(numbers.min() >= 1 and numbers.max() <= 118)
    return (not is_named or _ELEMENT_NAMES.fullmatch(name) is not None) and may_be_atomic_numbers(numbers)


def _labels_by_element(columns: ForceColumns, numbers: NDArray[np.int64]) -> bool:
    """Take numbers that count the atoms of each element (Ti 1, Ti 2, O 1) as labels; False if they do not."""
    words = columns.words
    if words is None or words.labels is not None:
        return False
    if not _count_elements(words, numbers):
        return False
    from ase.data import chemical_symbols

    labels = tuple(f"{chemical_symbols[z]}{number}" for z, number in zip(words.numbers, numbers, strict=True))
    columns.words = AtomWords(words.numbers, labels, words.numbering)
    return True


def _count_elements(words: AtomWords, numbers: NDArray[np.int64]) -> bool:
    return all(is_permutation(numbers[words.numbers == element]) for element in np.unique(words.numbers))


def _take_words(columns: ForceColumns, name: str, cells: Sequence[str], body: TableBody, where: str) -> None:
    if _ELEMENT_NAMES.fullmatch(name) and all(cell.isdigit() for cell in cells):
        return
    found = atom_words(cells)
    if found is not None:
        if columns.words is None or (columns.words.labels is None and found.labels is not None):
            columns.words = found
        if found.numbering is not None and is_permutation(found.numbering):
            columns.numbering = found.numbering - int(found.numbering.min())
            columns.raw_numbering = found.numbering
        return
    row = first_no_element(cells)
    if row is not None or _ELEMENT_NAMES.fullmatch(name):
        row = 0 if row is None else row
        raise InputError(
            f"Atom {row + 1}: {cells[row][:20]!r} is not a chemical element.",
            where=f"{where}, line {body.rows[row].line}",
            advice="Correct the file and upload it again.",
        )


def _refuse_numbering(numbers: NDArray[np.int64]) -> None:
    """Raise for numbers of atoms that are not 0 … N−1 or 1 … N."""
    start = int(numbers.min())
    if start not in (0, 1):
        raise FrameProblem(f"Its atom numbers begin with {start}, not with 0 or 1.")
    ordered = np.sort(numbers)
    wrong = int(np.flatnonzero(ordered != np.arange(start, start + len(numbers)))[0])
    raise FrameProblem(f"Its atom numbers are not each there once: see {ordered[wrong]}.")
