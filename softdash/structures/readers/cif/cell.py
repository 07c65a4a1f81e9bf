"""The cell of a CIF: lengths and angles, and how it lies in space where the file says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase.cell import Cell

from softdash.errors import InputError
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.cif.document import CifBlock, number_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAGS = tuple(f"_cell_length_{axis}" for axis in "abc") + tuple(
    f"_cell_angle_{angle}" for angle in ("alpha", "beta", "gamma")
)
_MATRIX_AGREES = 0.01
_ADVICE = "Upload the structure as POSCAR or extended XYZ instead."
_CORRECT = "Correct the file and upload it again."
ASSUMED = Reading(
    "orientation",
    "a along x, b in the xy plane",
    "assumed",
    "A CIF gives the lengths and angles of its cell, not how it lies in the axes of the forces.",
)


def cell_of(block: CifBlock, name: str) -> tuple[NDArray[np.float64], Reading]:
    """Return the cell vectors as rows, shape (3, 3), Å, and how their orientation is known.

    Raises
    ------
    InputError
        If lengths and angles are missing, are no numbers, or make no cell.
    """
    values = []
    if any(block.column(tag) is None for tag in TAGS):
        raise InputError("It has no complete cell (_cell_length_…, _cell_angle_…).", where=name, advice=_ADVICE)
    for tag in TAGS:
        text = (block.column(tag) or [""])[0]
        value = number_of(text)
        if value is None or not 0 < value < 1e6:
            what = f"{tag} is {text[:30]!r}, not a positive number."
            raise InputError(what, where=f"{name}, line {block.lines[tag]}", advice=_CORRECT)
        values.append(value)
    cell = _standard(values)
    if cell is None:
        angles = ", ".join(f"{angle:g}°" for angle in values[3:])
        raise InputError(f"No cell has the angles {angles}.", where=name, advice=_CORRECT)
    for stated in (_from_matrix(block), _from_inverse_matrix(block), _from_both_coordinates(block)):
        if stated is not None and _has_the_metric(stated, cell):
            detail = "The file says how fractional coordinates become Cartesian ones."
            return stated, Reading("orientation", "as the file gives it", "stated", detail)
    return cell, ASSUMED


def _standard(values: list[float]) -> NDArray[np.float64] | None:
    with np.errstate(all="ignore"):
        try:
            cell = np.asarray(Cell.new(values).array, dtype=np.float64)
        except (AssertionError, ValueError, FloatingPointError):
            return None
    lengths = np.prod(values[:3])
    return cell if np.isfinite(cell).all() and abs(np.linalg.det(cell)) > 1e-6 * lengths else None


def _matrix(block: CifBlock, prefix: str) -> NDArray[np.float64] | None:
    rows = []
    for row in "123":
        texts = [block.value(f"{prefix}_{row}{column}", f"{prefix}[{row}][{column}]") for column in "123"]
        values = [None if text is None else number_of(text) for text in texts]
        if any(value is None for value in values):
            return None
        rows.append([value for value in values if value is not None])
    return np.array(rows)


def _from_matrix(block: CifBlock) -> NDArray[np.float64] | None:
    matrix = _matrix(block, "_atom_sites_cartn_tran_matrix")
    return None if matrix is None else matrix.T


def _from_inverse_matrix(block: CifBlock) -> NDArray[np.float64] | None:
    matrix = _matrix(block, "_atom_sites_fract_tran_matrix")
    if matrix is None or abs(np.linalg.det(matrix)) < 1e-12:
        return None
    return np.asarray(np.linalg.inv(matrix).T)


def _from_both_coordinates(block: CifBlock) -> NDArray[np.float64] | None:
    """Return the cell by which a file that lists both kinds of coordinates turns one into the other."""
    tables = []
    for kind in ("fract", "cartn"):
        columns = [block.column(f"_atom_site_{kind}_{axis}") for axis in "xyz"]
        if any(column is None or len(column) != len(columns[0] or ()) for column in columns):
            return None
        values = [[number_of(text) for text in column or ()] for column in columns]
        if any(value is None for column in values for value in column):
            return None
        tables.append(np.array(values, dtype=np.float64).T)
    fractional, cartesian = tables
    if len(fractional) < 3 or np.linalg.matrix_rank(fractional, tol=1e-3) < 3:
        return None
    cell, *_ = np.linalg.lstsq(fractional, cartesian, rcond=None)
    return np.asarray(cell) if np.abs(fractional @ cell - cartesian).max() < _MATRIX_AGREES else None


def _has_the_metric(found: NDArray[np.float64], cell: NDArray[np.float64]) -> bool:
    if not np.isfinite(found).all() or abs(np.linalg.det(found)) < 1e-9:
        return False
    difference = np.abs(found @ found.T - cell @ cell.T)
    return bool(difference.max() <= _MATRIX_AGREES * np.abs(cell @ cell.T).max())
