"""The shortest distance between two atoms of a (periodic) frame, looked for only below a cutoff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.cell import Cell
from ase.geometry import minkowski_reduce
from numpy.typing import NDArray

_CANDIDATES_AT_ONCE = 1_000_000
# Å between opposite faces, below which it is worth to look whether the lattice has better vectors.
_THIN = 2.0
_IndexPairs = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class ClosePair:
    """Two atoms (0-based; equal when an atom meets its own periodic image) and their distance, Å."""

    first: int
    second: int
    distance: float


def closest_pair(atoms: Atoms, cutoff: float) -> ClosePair | None:
    """Return the closest pair of atoms nearer than `cutoff`, periodic images included; None if there is none.

    Rounding fractional differences to the nearest image is exact for distances below half of the smallest distance
    between opposite cell faces; thin cells are repeated until that holds. Atoms are compared only within a window of
    `cutoff` along the longest direction.

    Parameters
    ----------
    atoms : ase.Atoms
        With a cell of non-zero volume in its periodic directions.
    cutoff : float
        Å.
    """
    periodic = np.asarray(atoms.pbc)
    cell = compact_cell(atoms)
    heights = face_distances(cell)
    repeats = np.where(periodic, np.ceil(2.0 * cutoff / heights), 1).astype(int)
    fractional = np.linalg.solve(cell.T, atoms.positions.T).T
    shifts = np.stack(np.meshgrid(*(np.arange(n) for n in repeats), indexing="ij"), axis=-1).reshape(-1, 3)
    owners = np.tile(np.arange(len(atoms)), len(shifts))
    fractional = (fractional[None, :, :] + shifts[:, None, :]).reshape(-1, 3) / repeats
    cell, heights = cell * repeats[:, None], heights * repeats

    fractional = np.where(periodic, fractional % 1.0, fractional)
    axis = int(np.argmax(heights * np.ptp(fractional, axis=0)))
    order = np.argsort(fractional[:, axis], kind="stable")
    sorted_places, owners = fractional[order], owners[order]
    best: ClosePair | None = None
    for first, second in _neighbours(sorted_places[:, axis], cutoff / heights[axis], bool(periodic[axis])):
        difference = sorted_places[first] - sorted_places[second]
        difference -= np.where(periodic, np.rint(difference), 0.0)
        distances = np.linalg.norm(difference @ cell, axis=1)
        if len(distances) == 0 or distances.min() >= cutoff:
            continue
        nearest = int(np.argmin(distances))
        cutoff = float(distances[nearest])
        best = ClosePair(int(owners[first[nearest]]), int(owners[second[nearest]]), cutoff)
    return best


def compact_cell(atoms: Atoms) -> NDArray[np.float64]:
    """Return three cell vectors of a frame, the shortest of its lattice where its own ones are strongly skewed.

    A cell can be thin while its lattice is not: only the lattice is a property of the matter. In directions without
    periodicity a vector stands for nothing, and is at right angles to the others in such a case.

    Parameters
    ----------
    atoms : ase.Atoms
        With a cell of non-zero volume in its periodic directions.

    Returns
    -------
    ndarray, shape (3, 3)
        Å; the row of a periodic direction is a lattice vector.
    """
    cell: NDArray[np.float64] = np.asarray(atoms.cell.complete(), dtype=np.float64)
    if not atoms.pbc.any() or face_distances(cell)[atoms.pbc].min() >= _THIN:
        return cell
    upright = Cell(np.where(atoms.pbc[:, np.newaxis], atoms.cell.array, 0.0)).complete()
    try:
        shortest: NDArray[np.float64] = np.asarray(minkowski_reduce(upright, atoms.pbc)[0], dtype=np.float64)
    except RuntimeError:  # vectors that differ by many orders of magnitude
        return cell
    return shortest


def face_distances(cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the three distances between opposite faces of a cell (3, 3), Å."""
    return 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)  # type: ignore[no-any-return]


def _neighbours(places: NDArray[np.float64], window: float, periodic: bool) -> list[_IndexPairs]:
    """Return blocks of index pairs whose sorted `places` lie within `window`, also across the periodic end."""
    count = len(places)
    extended = np.concatenate([places, places + 1.0]) if periodic else places
    ends = np.searchsorted(extended, places + window, side="right")
    ends = np.minimum(ends, np.arange(count) + count)  # each pair once round the circle
    per_atom = np.maximum(ends - np.arange(count) - 1, 0)
    blocks = []
    start = 0
    while start < count:
        totals = np.cumsum(per_atom[start:])
        stop = start + max(1, int(np.searchsorted(totals, _CANDIDATES_AT_ONCE, side="right")))
        numbers = per_atom[start:stop]
        first = np.repeat(np.arange(start, stop), numbers)
        offsets = np.arange(len(first)) - np.repeat(np.cumsum(numbers) - numbers, numbers)
        blocks.append((first, (first + 1 + offsets) % count))
        start = stop
    return blocks
