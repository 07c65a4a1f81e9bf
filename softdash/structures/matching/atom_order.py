"""Which row of a table is which atom of a structure, by positions up to lattice vectors, or by groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.structures.matching.orientation import Setting, settings_of

_NEIGHBOURS = 12  # atoms that may lie within the tolerance, in the measure of fractional coordinates
_FIRST_ROWS = 6  # compared before all others: most wrong guesses end there
_SEVERAL = 32
_ONE_PLACE = 0.05  # Å
_LEAST_HEIGHT, _MOST_LENGTH = 0.2, 1_000.0  # Å; of cells that symmetry programs take well
FARTHEST = 1e7
"""Å; positions farther away, or not finite, are nobody's."""


def distances_in_order(atoms: Atoms, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each row of `positions` (N, 3) lies from the atom of its number, up to lattice vectors, Å."""
    return np.asarray(np.linalg.norm(nearest_images(atoms, positions - atoms.positions), axis=1))


def nearest_images(atoms: Atoms, differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return differences (M, 3) shortened by lattice vectors; exact below half of the cell's smallest height."""
    if atoms.cell.rank < 3:
        return differences
    cell = atoms.cell.array
    fractional = np.linalg.solve(cell.T, differences.T).T
    fractional -= np.rint(fractional)
    return np.asarray(fractional @ cell)


class AtomsByPlace:
    """The atoms of a structure, to be found by their places; asked many times with one structure.

    Parameters
    ----------
    atoms : ase.Atoms
        All numbers finite, and a cell with volume, or none.
    """

    def __init__(self, atoms: Atoms) -> None:
        self.atoms = atoms
        self.numbers: NDArray[np.int64] = np.asarray(atoms.numbers, dtype=np.int64)
        self.is_periodic = bool(atoms.cell.rank == 3)
        self._inverse: NDArray[np.float64] = np.linalg.inv(atoms.cell.array) if self.is_periodic else np.eye(3)

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(self._places(self.atoms.positions), boxsize=1.0 if self.is_periodic else None)

    def _places(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return fractional coordinates in [0, 1); without a cell, the positions themselves."""
        if not self.is_periodic:
            return positions
        places = np.mod(positions @ self._inverse, 1.0)
        places[places >= 1.0] = 0.0  # of −1e-17
        return np.asarray(places)

    @cached_property
    def has_usual_cell(self) -> bool:
        """Whether there is a cell that could be a crystal's: neither flat as a sheet nor endless."""
        if not self.is_periodic:
            return False
        heights = 1 / np.linalg.norm(self._inverse, axis=0)
        lengths = np.linalg.norm(self.atoms.cell.array, axis=1)
        return bool(heights.min() > _LEAST_HEIGHT and lengths.max() < _MOST_LENGTH)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """Settings of the cell, as given first; only that one for cells that are no crystal's."""
        return settings_of(self.atoms.cell.array) if self.has_usual_cell else (Setting("given", np.eye(3)),)

    @cached_property
    def are_apart(self) -> bool:
        """Whether no two atoms lie in one place."""
        return bool(self.close_atoms(self.atoms.positions, _ONE_PLACE)[2].sum() == len(self.atoms))

    def close_atoms(
        self, positions: NDArray[np.float64], tolerance: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
        """Return atoms near each row of `positions`, and what parts them.

        Returns
        -------
        candidates : ndarray of int, shape (M, K)
            Atoms; what is not close is arbitrary.
        differences : ndarray, shape (M, K, 3)
            From the nearest image of the atom to the row, Å.
        is_close : ndarray of bool, shape (M, K)
            Whether it lies within `tolerance`.
        """
        places = self._places(positions)
        wanted = list(range(1, min(_NEIGHBOURS, len(self.atoms)) + 1))
        radius = tolerance * float(np.linalg.norm(self._inverse)) if self.is_periodic else tolerance
        _, found = self._tree.query(places, k=wanted, distance_upper_bound=max(radius, 1e-12) * (1 + 1e-9))
        is_found = found < len(self.atoms)
        candidates = np.where(is_found, found, 0)
        differences = places[:, None, :] - self._tree.data[candidates]
        if self.is_periodic:
            differences -= np.rint(differences)
            differences = differences @ self.atoms.cell.array
        is_close = is_found & (np.linalg.norm(differences, axis=2) <= tolerance)
        return candidates, differences, is_close

    def order_of_rows(
        self, positions: NDArray[np.float64], numbers: NDArray[np.int64] | None, tolerance: float
    ) -> NDArray[np.intp] | None:
        """Return for each atom the row of `positions` that is its own, shape (N,).

        Parameters
        ----------
        positions : ndarray, shape (N, 3)
            Cartesian, Å; any lattice vector may be added to a row.
        numbers : ndarray of int, shape (N,), optional
            Elements of the rows.
        tolerance : float
            Å.

        Returns
        -------
        ndarray or None
            None unless each row has exactly one atom of its element within `tolerance`, and each atom one row.
        """
        count = len(self.atoms)
        if len(positions) != count or not np.abs(positions).max(initial=0.0) < FARTHEST:
            return None
        order = np.full(count, -1, dtype=np.intp)
        bounds = sorted({0, min(_FIRST_ROWS, count), min(_SEVERAL, count), count})
        for start, stop in pairwise(bounds):
            rows = np.arange(start, stop)
            candidates, _, is_close = self.close_atoms(positions[rows], tolerance)
            if numbers is not None:
                is_close &= self.numbers[candidates] == numbers[rows, None]
            if np.any(is_close.sum(axis=1) != 1):
                return None
            order[candidates[np.arange(len(rows)), is_close.argmax(axis=1)]] = rows
        return order if bool(np.all(order >= 0)) else None


def order_by_positions(
    atoms: Atoms, positions: NDArray[np.float64], numbers: NDArray[np.int64] | None, tolerance: float
) -> NDArray[np.intp] | None:
    """Return for each atom the row of `positions` that is its own; see `AtomsByPlace.order_of_rows`."""
    return AtomsByPlace(atoms).order_of_rows(positions, numbers, tolerance)


def order_by_groups(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> NDArray[np.intp] | None:
    """Return for each atom the row that is its own, if only the grouping differs.

    Among atoms of one group (an element, a site of a CIF), rows keep their order: what sorting by element does, and
    programs that group species.

    Parameters
    ----------
    wanted, found : sequence
        Groups of the N atoms and of the N rows.

    Returns
    -------
    ndarray of int, shape (N,), or None
        None if the groups are not the same.
    """
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for row, group in enumerate(found):
        rows[group].append(row)
    taken: dict[Hashable, int] = defaultdict(int)
    order = np.empty(len(wanted), dtype=np.intp)
    for atom, group in enumerate(wanted):
        place = taken[group]
        if place >= len(rows.get(group, ())):
            return None
        order[atom] = rows[group][place]
        taken[group] += 1
    return order if len(wanted) == len(found) else None


def order_by_elements(wanted: NDArray[np.int64], found: NDArray[np.int64]) -> NDArray[np.intp] | None:
    """Return `order_by_groups` of atomic numbers, each of shape (N,)."""
    return order_by_groups([int(number) for number in wanted], [int(number) for number in found])
