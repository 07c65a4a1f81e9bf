"""ASE databases in SQLite (``.db``). Read as plain tables: ASE's own reader would decode whatever objects are inside.

The file is copied into memory, where nothing of it can write, call functions, or load extensions; only the table
`systems` may be read, and only if it is an ordinary table, neither a view nor a virtual one.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.fixed_atoms import FixedAtoms, fixed_by_constraints
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.ase_rows import UNIT, AseRow, functional_of, stress_tensor
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import FramesFormat
from softdash.structures.readers.frame_problem import FrameProblem

_log = logging.getLogger(__name__)
_MAGIC = b"SQLite format 3\x00"
_COLUMNS = (
    "id",
    "numbers",
    "positions",
    "cell",
    "pbc",
    "calculator",
    "calculator_parameters",
    "energy",
    "forces",
    "stress",
    "key_value_pairs",
    "constraints",
)
_MAY_LACK = "constraints"
_TEXT_MAX = 100_000
_ADVICE = "Write its frames as extended XYZ, in a terminal: ase convert frames.db frames.extxyz"


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:
    """Read all rows with forces of an ASE database; rows without forces are refused one by one.

    Raises
    ------
    InputError
        If it is no SQLite database of ASE.
    TooLargeError
    """
    content = _content(source, settings)
    frames: list[LabelledFrame] = []
    refused: list[RefusedFrame] = []
    functionals: dict[str, None] = {}
    codes: dict[str, None] = {}
    fixed = FixedAtoms()
    for row in _rows(content, source.name):
        origin = f"{source.name}, row {row['id']}"
        numbers = row["numbers"]
        if not budget.take(len(numbers) // 4 if isinstance(numbers, bytes) else 0, origin):
            continue
        try:
            frames.append(_parsed(row).frame(origin, fixed))
        except FrameProblem as problem:
            refused.append(RefusedFrame(origin, str(problem), problem.advice, problem.lacks_forces))
            continue
        functional = functional_of({**_mapping(row["calculator_parameters"]), **_mapping(row["key_value_pairs"])})
        if functional and len(functionals) < 5:
            functionals[functional] = None
        if isinstance(row["calculator"], str) and row["calculator"] not in ("", "unknown") and len(codes) < 5:
            codes[row["calculator"][:40]] = None
    if not frames and not refused:
        raise InputError("The database holds no rows.", where=source.name, advice=_ADVICE)
    return LabelledFrames(
        frames=tuple(frames),
        refused=tuple(refused),
        file_format="ASE database",
        functional=", ".join(functionals) or None,
        code=", ".join(codes) or None,
        force_unit=UNIT,
        warnings=tuple(fixed.warnings(source.name)),
    )


def last_structure(source: SourceFile, settings: Settings, budget: FrameBudget) -> tuple[Atoms, int]:
    """Return the structure of the last row, with forces or without, and the number of rows. Raises as `read`."""
    row, count = None, 0
    for row in _rows(_content(source, settings), source.name):  # noqa: B007 - the last one is wanted
        count += 1
    if row is None:
        raise InputError("The database holds no rows.", where=source.name, advice=_ADVICE)
    numbers = row["numbers"]
    budget.take(len(numbers) // 4 if isinstance(numbers, bytes) else 0, f"{source.name}, row {row['id']}")
    try:
        return _parsed(row).atoms, count
    except FrameProblem as problem:
        raise InputError(str(problem), where=f"{source.name}, row {row['id']}", advice=_ADVICE) from None


def _content(source: SourceFile, settings: Settings) -> bytes:
    content = source.read_bytes(settings.upload_max_bytes)
    if not content.startswith(_MAGIC):
        what = "By its name it is a database of ASE, by its content it is none."
        raise InputError(what, where=source.name, advice="Upload the file that ASE wrote, or extended XYZ.")
    return content


def _rows(content: bytes, name: str) -> Iterator[dict[str, Any]]:
    plain = bytearray(content)
    plain[18:20] = b"\x01\x01"  # a database in WAL mode cannot be opened in memory; its log is not here anyway
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.deserialize(bytes(plain))
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, len(content) + 1000)
        made = connection.execute("SELECT type, sql FROM sqlite_master WHERE name='systems'").fetchall()
        if len(made) != 1 or made[0][0] != "table" or not re.match(r"CREATE\s+TABLE\b", str(made[0][1])):
            raise InputError("It is no database of ASE: it has no table 'systems'.", where=name, advice=_ADVICE)
        there = {str(column[1]) for column in connection.execute("PRAGMA table_info(systems)")}
        connection.set_authorizer(_authorise)
        wanted = ("NULL" if name == _MAY_LACK and name not in there else f"systems.{name}" for name in _COLUMNS)
        columns = ", ".join(wanted)
        for values in connection.execute(f"SELECT {columns} FROM systems ORDER BY id"):  # noqa: S608 - constants
            yield dict(zip(_COLUMNS, values, strict=True))
    except (sqlite3.Error, UnicodeDecodeError) as problem:
        _log.info("SQLite could not read %s: %s", name, problem)
        raise InputError("The database is damaged, or not one of ASE.", where=name, advice=_ADVICE) from None
    finally:
        connection.close()


def _authorise(action: int, first: str | None, *_: str | None) -> int:
    """Allow reading the table of systems, nothing else."""
    if action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and first == "systems"):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _parsed(row: dict[str, Any]) -> AseRow:
    numbers = _blob(row["numbers"], "<i4", "atomic numbers")
    positions, cell = _blob(row["positions"], "<f8", "positions"), _blob(row["cell"], "<f8", "cell")
    if numbers is None or positions is None or cell is None or positions.size % 3 or cell.size != 9:
        raise FrameProblem("Its atoms or its cell are missing.")
    forces, stress = _blob(row["forces"], "<f8", "forces"), _blob(row["stress"], "<f8", "stress")
    if forces is not None and forces.size % 3:
        raise FrameProblem("Its forces are no N × 3 numbers.")
    periodic = row["pbc"] if isinstance(row["pbc"], int) else 0
    return AseRow(
        numbers=numbers.astype(np.int64),
        positions=positions.astype(np.float64).reshape(-1, 3),
        cell=cell.astype(np.float64).reshape(3, 3),
        periodic=(bool(periodic & 1), bool(periodic & 2), bool(periodic & 4)),
        forces=None if forces is None else forces.astype(np.float64).reshape(-1, 3),
        energy=float(row["energy"]) if isinstance(row["energy"], int | float) else None,
        stress=None if stress is None else stress_tensor([float(value) for value in stress]),
        fixed=fixed_by_constraints(_json(row["constraints"]), len(numbers)),
    )


def _blob(value: Any, kind: str, what: str) -> NDArray[Any] | None:
    """Return the numbers in a blob of SQLite; None for NULL."""
    if value is None:
        return None
    if not isinstance(value, bytes) or len(value) % np.dtype(kind).itemsize:
        raise FrameProblem(f"Its {what} are not stored as numbers.")
    return np.frombuffer(value, dtype=kind)


def _mapping(text: Any) -> dict[str, Any]:
    """Return a JSON object stored as text; empty where there is none."""
    data = _json(text)
    return data if isinstance(data, dict) else {}


def _json(text: Any) -> Any:
    """Return JSON stored as text; None where there is none."""
    if not isinstance(text, str) or len(text) > _TEXT_MAX:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


FORMAT = FramesFormat(
    name="ASE database",
    suffixes=(".db",),
    holds=("structure", "forces", "energy", "stress", "functional"),
    read=read,
    last_structure=last_structure,
)
