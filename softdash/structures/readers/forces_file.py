"""A table of forces, N × 3, for a structure in another file: csv, whitespace table, JSON, npy or npz."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.decompression import SourceFile
from softdash.structures.force_units import known_unit
from softdash.structures.readers.force_arrays import read_npy, read_npz
from softdash.structures.readers.force_columns import columns_by_names, columns_by_rows
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.json_document import is_number, load_json, vectors
from softdash.structures.readers.json_frames import FORCE_NAMES
from softdash.structures.readers.numbers_in_text import atomic_number, read_elements, read_number, read_numbers

_JSON_SPECIES = ("symbols", "species", "elements", "atomic_numbers", "numbers")
_JSON_UNITS = ("force_unit", "forces_unit", "unit", "units")
_ADVICE = "A forces table has one row per atom, in the order of the structure, with Fx Fy Fz in eV/Å."


@dataclass(frozen=True, slots=True)
class ForcesTable:
    """Forces without their structure, and what the file says to check the order of atoms.

    Attributes
    ----------
    forces : ndarray, shape (N, 3)
        In the unit of the file.
    numbers : ndarray of int, shape (N,), or None
        Atomic numbers, if the file names the elements.
    positions : ndarray, shape (N, 3), or None
        Cartesian, Å, if the file has them.
    numbering : ndarray of int, shape (N,), or None
        Numbers of the atoms (a permutation of 0 … N−1), if the file numbers its rows.
    first_line : int or None
        Line of the first atom, in a text table.
    energy : float or None
        eV, only from JSON.
    stated_unit : str or None
        Unit of the forces if the file states it: a key of `force_units.IN_EV_PER_ANGSTROM`.
    unit_place : str
        Where it states it: ``"from the header"``.
    """

    forces: NDArray[np.float64]
    numbers: NDArray[np.int64] | None = None
    positions: NDArray[np.float64] | None = None
    numbering: NDArray[np.int64] | None = None
    first_line: int | None = None
    energy: float | None = None
    stated_unit: str | None = None
    unit_place: str = "from the header"

    def row_place(self, index: int) -> str:
        """Return the place of row `index` (0-based) in words."""
        return f"row {index + 1}" if self.first_line is None else f"line {self.first_line + index}"

    def reordered(self, order: NDArray[np.intp]) -> ForcesTable:
        """Return the table with its rows taken in `order`; rows have no lines any more, and no numbers."""
        return replace(
            self,
            forces=self.forces[order],
            numbers=None if self.numbers is None else self.numbers[order],
            positions=None if self.positions is None else self.positions[order],
            numbering=None,
            first_line=None,
        )


def read(source: SourceFile, settings: Settings) -> ForcesTable:
    """Read a forces table by the ending of its name.

    Raises
    ------
    InputError
        If it is not N × 3 numbers.
    TooLargeError
        If it has more rows than a frame may have atoms.
    """
    name = source.name.lower().removesuffix(".gz")
    limit = settings.structure_file_max_bytes
    try:
        if name.endswith(".npy"):
            table = ForcesTable(_only_frame(read_npy(source.read_bytes(limit), source.name), source.name))
        elif name.endswith(".npz"):
            table = ForcesTable(_only_frame(read_npz(source.read_bytes(limit), source.name, limit), source.name))
        elif name.endswith(".json"):
            table = _from_json(load_json(source, settings))
        else:
            table = _read_text(source.read_text(limit), source.name)
    except FrameProblem as problem:
        raise InputError(str(problem), where=source.name, advice=_ADVICE) from None
    if len(table.forces) > settings.atoms_per_frame_max:
        raise TooLargeError(
            f"It has {len(table.forces):,} rows; a frame may have {settings.atoms_per_frame_max:,} atoms.",
            where=source.name,
            advice="Upload several frames as extended XYZ, or use a smaller cell.",
        )
    return table


def read_stack(source: SourceFile, settings: Settings) -> NDArray[np.float64]:
    """Read the forces of several frames, shape (frames, N, 3), from an array of numpy; errors as in `read`."""
    content = source.read_bytes(settings.upload_max_bytes)
    if source.name.lower().removesuffix(".gz").endswith(".npz"):
        return read_npz(content, source.name, settings.decompressed_max_bytes)
    return read_npy(content, source.name)


def _only_frame(stack: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if len(stack) > 1:
        raise InputError(
            f"It holds forces of {len(stack):,} frames, but one structure came with it.",
            where=name,
            advice="Upload the structure of each frame beside it, named in their order, or one extended XYZ file.",
        )
    only: NDArray[np.float64] = stack[0]
    return only


def _from_json(data: Any) -> ForcesTable:
    """Read ``[[fx, fy, fz], …]`` or an object with ``forces`` and perhaps ``symbols``, ``positions``, ``energy``."""
    if not isinstance(data, dict):
        return ForcesTable(_json_vectors(data, "Forces"))
    key = next((key for key in FORCE_NAMES if key in data), None)
    if key is None:
        found = ", ".join(str(key)[:30] for key in list(data)[:10])
        raise FrameProblem(f"It has no forces. Found: {found}.")
    table = ForcesTable(_json_vectors(data[key], "Forces"))
    species = next((data[key] for key in _JSON_SPECIES if isinstance(data.get(key), list)), None)
    if species is not None:
        table = replace(table, numbers=read_elements([str(word) for word in species]))
    if isinstance(data.get("positions"), list):
        table = replace(table, positions=_json_vectors(data["positions"], "Positions"))
    for what, rows in (("elements", table.numbers), ("positions", table.positions)):
        if rows is not None and len(rows) != len(table.forces):
            raise FrameProblem(f"It has {len(table.forces)} forces and {len(rows)} {what}.")
    stated = next((data[key] for key in _JSON_UNITS if isinstance(data.get(key), str)), None)
    if stated is not None:
        table = replace(table, stated_unit=known_unit(stated), unit_place="as the file says")
        if table.stated_unit is None:
            raise FrameProblem(f"Its unit of force {stated[:30]!r} is unknown.")
    energy: Any = data.get("energy")
    return replace(table, energy=float(energy)) if is_number(energy) else table


def _json_vectors(data: Any, what: str) -> NDArray[np.float64]:
    is_one_frame = isinstance(data, list) and len(data) == 1 and isinstance(data[0], list)
    if is_one_frame and data[0] and all(isinstance(row, list) for row in data[0]):
        data = data[0]
    return vectors(data, what)


def _read_text(text: str, name: str) -> ForcesTable:
    """Read a table separated by commas, semicolons, tabs or blanks, with or without a header."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    header: list[str] | None = None
    while lines and (lines[0][1].lstrip().startswith(("#", "!", "%")) or _is_header(_words(lines[0][1]))):
        candidate = _words(lines[0][1].lstrip("#!% \t"))
        header = candidate if columns_by_names(candidate, ()) is not None else header
        lines.pop(0)
    lines = [(number, line) for number, line in lines if not line.lstrip().startswith(("#", "!", "%"))]
    if not lines:
        raise FrameProblem("It has no rows of numbers.")
    rows = [_words(line) for _, line in lines]
    for (number, _), row in zip(lines, rows, strict=True):
        if len(row) != len(rows[0]):
            raise InputError(
                f"The row has {len(row)} columns, the first one has {len(rows[0])}.",
                where=f"{name}, line {number}",
                advice=_ADVICE,
            )
    columns = columns_by_names(header, rows[0]) if header is not None and len(header) == len(rows[0]) else None
    if columns is None:
        columns = columns_by_rows(rows)
    contiguous = all(number == lines[0][0] + index for index, (number, _) in enumerate(lines))
    return ForcesTable(
        forces=_vectors(rows, columns.forces, "Force"),
        numbers=None if columns.element is None else read_elements([_element_of(row[columns.element]) for row in rows]),
        positions=None if columns.positions is None else _vectors(rows, columns.positions, "Position"),
        numbering=None if columns.row_number is None else _numbering([row[columns.row_number] for row in rows]),
        first_line=lines[0][0] if contiguous else None,
        stated_unit=columns.stated_unit,
    )


def _words(line: str) -> list[str]:
    """Return the cells of one line; a semicolon-separated table may have decimal commas."""
    for separator in (";", "\t", ","):
        if separator in line:
            words = [word.strip().strip("\"'") for word in line.strip().rstrip(separator).split(separator)]
            decimal_commas = separator != "," and any(re.fullmatch(r"[-+]?\d+,\d+([eE][-+]?\d+)?", w) for w in words)
            return [word.replace(",", ".") for word in words] if decimal_commas else words
    return line.split()


def _is_header(words: Sequence[str]) -> bool:
    """Whether a line names columns: it has no number at all, and is more than one element."""
    return not any(_reads_as_number(word) for word in words)


def _reads_as_number(word: str) -> bool:
    try:
        read_number(word)
    except ValueError:
        return False
    return True


def _element_of(word: str) -> str:
    """Return the chemical symbol in ``Na``, ``Na1`` or ``Na_pv``."""
    symbol = re.match(r"[A-Z][a-z]?(?![a-z])", word)
    return symbol[0] if symbol and atomic_number(symbol[0]) else word


def _numbering(words: list[str]) -> NDArray[np.int64]:
    """Return the numbers of the atoms from 0; `FrameProblem` unless they are 0 … N−1 or 1 … N in some order."""
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        bad = next(word for word in words if not (word.isascii() and word.isdigit() and len(word) < 10))
        raise FrameProblem(f"Its atom numbers are not whole numbers: {bad[:20]!r}.")
    numbers = np.array([int(word) for word in words], dtype=np.int64)
    start = int(numbers.min())
    if start not in (0, 1):
        raise FrameProblem(f"Its atom numbers begin with {start}, not with 0 or 1.")
    sorted_numbers = np.sort(numbers)
    wrong = np.flatnonzero(sorted_numbers != np.arange(start, start + len(numbers)))
    if len(wrong):
        raise FrameProblem(f"Its atom numbers are not each there once: see {sorted_numbers[wrong[0]]}.")
    return numbers - start


def _vectors(rows: list[list[str]], columns: tuple[int, int, int], what: str) -> NDArray[np.float64]:
    return read_numbers([[row[column] for column in columns] for row in rows], what)
