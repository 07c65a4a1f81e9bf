"""Whether two files have their atoms in the same order, and the order that makes them agree."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

_ROWS_AT_ONCE = 200


def distances_in_order(atoms: Atoms, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each row of `positions` (N, 3) lies from the atom of its number, up to lattice vectors, Å."""
    return np.asarray(np.linalg.norm(_nearest(atoms, positions - atoms.positions), axis=1))


def order_by_positions(
    atoms: Atoms, positions: NDArray[np.float64], numbers: NDArray[np.int64] | None, tolerance: float
) -> NDArray[np.intp] | None:
    """Return for each atom the row of `positions` that is its own, shape (N,).

    Parameters
    ----------
    atoms : ase.Atoms
    positions : ndarray, shape (N, 3)
        Cartesian, Å; any lattice vector may be added to a row.
    numbers : ndarray of int, shape (N,), optional
        Elements of the rows.
    tolerance : float
        Å.

    Returns
    -------
    ndarray or None
        None unless each atom has exactly one row within `tolerance`, of its element, and each row one atom.
    """
    count = len(atoms)
    order = np.full(count, -1, dtype=np.intp)
    for start in range(0, count, _ROWS_AT_ONCE):
        block = atoms.positions[start : start + _ROWS_AT_ONCE]
        differences = (positions[None, :, :] - block[:, None, :]).reshape(-1, 3)
        close = np.linalg.norm(_nearest(atoms, differences), axis=1).reshape(len(block), count) <= tolerance
        if numbers is not None:
            close &= numbers[None, :] == atoms.numbers[start : start + _ROWS_AT_ONCE, None]
        if np.any(close.sum(axis=1) != 1):
            return None
        order[start : start + len(block)] = close.argmax(axis=1)
    return order if len(np.unique(order)) == count else None


def order_by_elements(wanted: NDArray[np.int64], found: NDArray[np.int64]) -> NDArray[np.intp] | None:
    """Return for each atom the row that is its own, if only the grouping by elements differs.

    Among atoms of one element, rows keep their order: what sorting by element does, and programs that group species.

    Parameters
    ----------
    wanted, found : ndarray of int, shape (N,)
        Atomic numbers of the structure and of the rows.

    Returns
    -------
    ndarray or None
        None if the elements are not the same.
    """
    rows: dict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(found):
        rows[int(number)].append(row)
    if len(wanted) != len(found) or not np.array_equal(np.sort(wanted), np.sort(found)):
        return None
    taken: dict[int, int] = defaultdict(int)
    order = np.empty(len(wanted), dtype=np.intp)
    for atom, number in enumerate(wanted):
        order[atom] = rows[int(number)][taken[int(number)]]
        taken[int(number)] += 1
    return order


def _nearest(atoms: Atoms, differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return differences (M, 3) shortened by lattice vectors; exact below half of the cell's smallest height."""
    if atoms.cell.rank < 3:
        return differences
    cell = atoms.cell.array
    fractional = np.linalg.solve(cell.T, differences.T).T
    fractional -= np.rint(fractional)
    return np.asarray(fractional @ cell)
