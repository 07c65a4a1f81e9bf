"""A table of forces, N × 3, for a structure in another file: csv, whitespace table, JSON or npy."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.decompression import SourceFile
from softdash.structures.readers.force_columns import ForceColumns, columns_by_names, columns_by_rows
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import atomic_number, read_elements, read_number, read_numbers

_NPY_HEADER_MAX = 10_000
_JSON_FORCES = ("forces", "force", "F", "vasp_f", "dft_forces", "REF_forces")
_JSON_SPECIES = ("symbols", "species", "elements", "atomic_numbers", "numbers")
_ADVICE = "A forces table has one row per atom, in the order of the structure, with Fx Fy Fz in eV/Å."


@dataclass(frozen=True, slots=True)
class ForcesTable:
    """Forces without their structure, and what the file says to check the order of atoms.

    Attributes
    ----------
    forces : ndarray, shape (N, 3)
        eV/Å.
    numbers : ndarray of int, shape (N,), or None
        Atomic numbers, if the file names the elements.
    positions : ndarray, shape (N, 3), or None
        Cartesian, Å, if the file has them.
    first_line : int or None
        Line of the first atom, in a text table.
    energy : float or None
        eV, only from JSON.
    unit : str
        ``"eV/Å (assumed)"``, or as the header says.
    """

    forces: NDArray[np.float64]
    numbers: NDArray[np.int64] | None = None
    positions: NDArray[np.float64] | None = None
    first_line: int | None = None
    energy: float | None = None
    unit: str = "eV/Å (assumed)"

    def row_place(self, index: int) -> str:
        """Return the place of atom `index` (0-based) in words."""
        return f"row {index + 1}" if self.first_line is None else f"line {self.first_line + index}"


def read(source: SourceFile, settings: Settings) -> ForcesTable:
    """Read a forces table by the ending of its name.

    Raises
    ------
    InputError
        If it is not N × 3 numbers, is in another unit than eV/Å, or is not in the order of its own atom numbers.
    TooLargeError
        If it has more rows than a frame may have atoms.
    """
    name = source.name.lower().removesuffix(".gz")
    try:
        if name.endswith(".npy"):
            table = _read_npy(source.read_bytes(settings.structure_file_max_bytes), source.name)
        elif name.endswith(".json"):
            table = _read_json(source.read_text(settings.structure_file_max_bytes), source.name)
        else:
            table = _read_text(source.read_text(settings.structure_file_max_bytes), source.name)
    except FrameProblem as problem:
        raise InputError(str(problem), where=source.name, advice=_ADVICE) from None
    if len(table.forces) > settings.atoms_per_frame_max:
        raise TooLargeError(
            f"It has {len(table.forces):,} rows; a frame may have {settings.atoms_per_frame_max:,} atoms.",
            where=source.name,
        )
    return table


def _read_npy(content: bytes, name: str) -> ForcesTable:
    """Read an array after its header was compared with the size of the file; never unpickles."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = readers[version](stream, max_header_size=_NPY_HEADER_MAX)
    except (ValueError, KeyError, SyntaxError, RecursionError, TypeError):
        raise InputError("It is no numpy array.", where=name, advice="Save it with numpy.save.") from None
    if dtype.kind not in "fiu":
        raise InputError(f"It holds {dtype}, not numbers; such arrays are not opened.", where=name, advice=_ADVICE)
    if len(shape) == 3 and shape[0] == 1:
        shape = shape[1:]
    if len(shape) != 2 or shape[1] != 3:
        many = " For several frames, use extended XYZ." if len(shape) == 3 else ""
        raise InputError(f"The array has the shape {shape}, not (atoms, 3).{many}", where=name, advice=_ADVICE)
    if shape[0] * 3 * dtype.itemsize != len(content) - stream.tell():
        raise InputError(
            f"Its header announces {shape[0]:,} × 3 numbers, but {len(content) - stream.tell():,} bytes follow.",
            where=name,
            advice="Save it again with numpy.save.",
        )
    array = np.load(io.BytesIO(content), allow_pickle=False)
    return ForcesTable(np.ascontiguousarray(array.reshape(-1, 3), dtype=np.float64))


def _read_json(text: str, name: str) -> ForcesTable:
    """Read ``[[fx, fy, fz], …]`` or an object with ``forces`` and perhaps ``symbols``, ``positions``, ``energy``."""
    try:
        data: Any = json.loads(text)
    except json.JSONDecodeError as problem:
        where = f"{name}, line {problem.lineno}"
        raise InputError(f"It is not valid JSON ({problem.msg}).", where=where) from None
    except (ValueError, RecursionError):
        raise InputError("Its JSON is nested too deeply, or has a number of thousands of digits.", where=name) from None
    if not isinstance(data, dict):
        return ForcesTable(_json_vectors(data, "Forces"))
    key = next((key for key in _JSON_FORCES if key in data), None)
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
    energy: Any = data.get("energy")
    return replace(table, energy=float(energy)) if _is_number(energy) else table


def _json_vectors(data: Any, what: str) -> NDArray[np.float64]:
    if isinstance(data, list) and len(data) == 1 and _is_list_of_lists(data[0]):
        data = data[0]
    if not _is_list_of_lists(data):
        raise FrameProblem(f"{what} are not a list of [x, y, z].")
    for index, row in enumerate(data):
        if len(row) != 3 or not all(map(_is_number, row)):
            raise FrameProblem(f"{what} of atom {index + 1} are {json.dumps(row)[:60]}, not three numbers.")
    return np.array(data, dtype=np.float64)


def _is_list_of_lists(data: Any) -> bool:
    return isinstance(data, list) and bool(data) and all(isinstance(row, list) for row in data)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300)


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
    _check_row_numbers(rows, columns)
    contiguous = all(number == lines[0][0] + index for index, (number, _) in enumerate(lines))
    return ForcesTable(
        forces=_vectors(rows, columns.forces, "Force"),
        numbers=None if columns.element is None else read_elements([_element_of(row[columns.element]) for row in rows]),
        positions=None if columns.positions is None else _vectors(rows, columns.positions, "Position"),
        first_line=lines[0][0] if contiguous else None,
        unit=columns.unit,
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


def _check_row_numbers(rows: list[list[str]], columns: ForceColumns) -> None:
    if columns.row_number is None:
        return
    words = [row[columns.row_number] for row in rows]
    start = words[0]
    if start not in ("0", "1"):
        raise FrameProblem(f"Its atom numbers begin with {start[:20]!r}, not with 0 or 1.")
    for index, word in enumerate(words):
        if word != str(index + int(start)):
            raise FrameProblem(
                f"Its atom numbers are not in order: row {index + 1} has {word[:20]!r}. Sort the rows as the structure."
            )


def _vectors(rows: list[list[str]], columns: tuple[int, int, int], what: str) -> NDArray[np.float64]:
    return read_numbers([[row[column] for column in columns] for row in rows], what)
