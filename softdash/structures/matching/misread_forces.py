"""Tables that are not the forces of their structure: other numbers of rows, positions in place of forces."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from numpy.typing import NDArray

from softdash.errors import RefusalError
from softdash.structures.matching.atom_order import AtomsByPlace
from softdash.structures.matching.table_positions import LENGTHS

if TYPE_CHECKING:
    from softdash.structures.readers.bare_structure import BareStructure
    from softdash.structures.readers.tables.forces_table import ForcesTable

_EQUAL = 2e-3  # Å; forces that equal all positions so closely are no forces
_SOME_FORCE = 0.05
_FEWEST_DIRECTIONS = 3
_SAME_CELL = "Both files must describe the same cell, one row per atom."
_SUM_TOLERANCE = 1e-6
_Names = tuple[str, str]


def require_equal_counts(structure: BareStructure, table: ForcesTable, names: _Names) -> None:
    """Raise a refusal that names the cause if there are not as many rows as atoms.

    Parameters
    ----------
    structure : BareStructure
    table : ForcesTable
    names : tuple of str
        Of their two files.

    Raises
    ------
    RefusalError
    """
    rows, atoms = len(table.forces), len(structure.atoms)
    if rows == atoms:
        return
    expansion = f" (its {structure.site_count} sites, multiplied by symmetry)" if structure.is_expanded else ""
    counts = f"{names[1]} has {rows} rows, {names[0]} has {atoms} atoms{expansion}"
    cause, advice = _cause(structure.atoms, table)
    raise RefusalError(f"{counts}{cause}.", where=names[1], advice=advice)


def _cause(atoms: Atoms, table: ForcesTable) -> tuple[str, str]:
    """Return the cause of different counts as the end of a sentence, and what to do."""
    rows, count = len(table.forces), len(atoms)
    extra = rows - count
    if extra > 0 and not table.forces[count:].any():
        some = "row is" if extra == 1 else f"{extra} rows are"
        return f": its last {some} exactly zero, no forces", f"Delete the last {_row_words(extra)}."
    zeros = int(np.count_nonzero(~table.forces.any(axis=1)))
    if extra > 0 and zeros == extra:
        return f": {_row_words(zeros)} of it are exactly zero", "Delete the rows that belong to no atom."
    if extra == 1 and rows > 2 and _is_total(table.forces):
        return ": its last row is the sum or the mean of the others", "Delete the last row."
    if table.numbers is not None and rows % count and count % rows:
        return _different_elements(atoms, table.numbers), _SAME_CELL
    if rows % count == 0:
        times = rows // count
        return (
            f", {times} times as many: forces of {times} frames, or of a cell {times} times as large",
            "Upload the structure of each frame beside the table, or the cell that the DFT run used.",
        )
    if count % rows == 0:
        times = count // rows
        primitive = _primitive_count(atoms) == rows
        smaller = "its primitive cell has" if primitive else f"they may be of a cell {times} times smaller with"
        return (
            f", {times} times as many: {smaller} {rows} atoms",
            f"Upload the cell of the DFT run: {'the primitive cell' if primitive else 'one atom for each row'}.",
        )
    if table.numbers is not None:
        return _different_elements(atoms, table.numbers), _SAME_CELL
    return "", _SAME_CELL


def _row_words(count: int) -> str:
    return "row" if count == 1 else f"{count} rows"


def _is_total(forces: NDArray[np.float64]) -> bool:
    total = forces[:-1].sum(axis=0)
    scale = float(np.abs(forces[:-1]).sum())
    return scale > 0 and any(
        bool(np.abs(forces[-1] - guess).max() <= _SUM_TOLERANCE * scale) for guess in (total, total / (len(forces) - 1))
    )


def _different_elements(atoms: Atoms, numbers: NDArray[np.int64]) -> str:
    there, here = Counter(numbers.tolist()), Counter(atoms.numbers.tolist())
    different = [number for number in sorted({*there, *here}) if there[number] != here[number]]
    if not different:
        return ""
    table = " and ".join(f"{there[number]} {chemical_symbols[number]}" for number in different)
    structure = " and ".join(str(here[number]) for number in different)
    return f": the table has {table}, the structure {structure}"


def _primitive_count(atoms: Atoms) -> int | None:
    import spglib

    if atoms.cell.rank < 3:
        return None
    found = spglib.find_primitive((atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers), symprec=1e-2)
    return None if found is None else len(found[2])


def what_forces_are(atoms: Atoms, forces: NDArray[np.float64]) -> str | None:
    """Say what the "forces" of a frame are instead: its own positions, row by row up to lattice vectors, or directions.

    For formats that hold each force beside its atom; a table of its own has `refuse_positions_as_forces`.

    Parameters
    ----------
    atoms : ase.Atoms
        All positions finite; a cell with volume, or none.
    forces : ndarray, shape (N, 3)
        Finite, in eV/Å.

    Returns
    -------
    str or None
        None for what may be forces.
    """
    if not np.abs(forces).max(initial=0.0) > _SOME_FORCE:
        return None
    if _are_directions(forces):
        return "vectors of length 1, which are directions"
    cell = atoms.cell.array if atoms.cell.rank == 3 else None
    tried = {f"its positions in {unit}": forces * LENGTHS[unit] for unit in ("Å", "bohr", "nm")}
    if cell is not None:
        tried["its fractional coordinates"] = forces @ cell
    inverse = None if cell is None else np.linalg.inv(cell)
    for what, rows in tried.items():
        apart = rows - atoms.positions
        if cell is not None and inverse is not None:
            apart = apart - np.rint(apart @ inverse) @ cell
        if np.abs(apart).max() < _EQUAL:
            return what
    return None


def _are_directions(vectors: NDArray[np.float64]) -> bool:
    sizes = np.linalg.norm(vectors, axis=1)
    are_whole = np.array_equal(vectors, np.rint(vectors))
    return bool(len(vectors) >= _FEWEST_DIRECTIONS and np.abs(sizes - 1).max() < _EQUAL and not are_whole)


def refuse_positions_as_forces(sites: AtomsByPlace, forces: NDArray[np.float64], names: _Names) -> None:
    """Raise a refusal if forces equal positions of the atoms, in any order, up to lattice vectors, or have length 1.

    Parameters
    ----------
    sites : AtomsByPlace
    forces : ndarray, shape (N, 3)
        As written.
    names : tuple of str
        Of the files of structure and forces.

    Raises
    ------
    RefusalError
    """
    if not np.isfinite(forces).all() or not np.abs(forces).max(initial=0.0) > _SOME_FORCE:
        return
    cell = sites.atoms.cell.array
    if _are_directions(forces):
        raise RefusalError(
            "All its vectors have the length 1: they are directions, and no forces.",
            where=names[1],
            advice="Upload the forces as the program wrote them.",
        )
    tried = {f"positions in {unit}": forces * LENGTHS[unit] for unit in ("Å", "bohr", "nm")}
    if sites.is_periodic:
        tried["fractional coordinates"] = forces @ cell
        tried |= {
            f"positions in Å (setting of {setting.name})": forces @ setting.rotation for setting in sites.settings[1:]
        }
    for what, rows in tried.items():
        if sites.order_of_rows(rows, None, _EQUAL) is not None:
            raise RefusalError(
                f"Its numbers are no forces, but the {what} of the atoms in {names[0]}.",
                where=names[1],
                advice="Upload the columns with the forces (fx, fy, fz).",
            )
