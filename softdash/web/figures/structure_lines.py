"""Lines in space that a picture of a structure is drawn from: cell, bonds, force arrows.

Each is a list of places (x, y, z) with None where the pen is lifted.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

Places = list[list[float] | None]

_BOND = 1.2
"""Two atoms closer than this many sums of their covalent radii are drawn with a bond."""


def cell_edges(cell: NDArray[np.float64], centre: NDArray[np.float64]) -> Places:
    """Return the twelve edges of a cell, relative to `centre`."""
    places: Places = []
    for axis in range(3):
        for corner in product((0, 1), repeat=2):
            start = np.insert(np.array(corner, dtype=float), axis, 0.0)
            end = start + np.eye(3)[axis]
            places += [rounded(start @ cell - centre), rounded(end @ cell - centre), None]
    return places


def bond_lines(numbers: NDArray[np.int64], positions: NDArray[np.float64]) -> Places:
    """Return lines between close atoms; `numbers` (N,), `positions` (N, 3) in Å."""
    radii = covalent_radii[numbers]
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    near = np.triu(distances < _BOND * (radii[:, None] + radii[None]), k=1)
    places: Places = []
    for one, other in zip(*np.nonzero(near), strict=True):
        places += [rounded(positions[one]), rounded(positions[other]), None]
    return places


def arrow_lines(starts: NDArray[np.float64], vectors: NDArray[np.float64]) -> Places:
    """Return shafts and four barbs each; vectors too short to see are left out.

    Parameters
    ----------
    starts, vectors : ndarray, shape (N, 3)
        In the unit of the picture.
    """
    places: Places = []
    for start, vector in zip(starts, vectors, strict=True):
        length = float(np.linalg.norm(vector))
        if not length > 0.02:
            continue
        along = vector / length
        side = np.cross(along, np.eye(3)[int(np.argmin(np.abs(along)))])
        side /= np.linalg.norm(side)
        head, tip = min(0.35, 0.4 * length), start + vector
        places += [rounded(start), rounded(tip), None]
        for sideways in (side, np.cross(along, side)):
            back = tip - head * along
            barbs = (back + 0.45 * head * sideways, tip, back - 0.45 * head * sideways)
            places += [*(rounded(place) for place in barbs), None]
    return places


def rounded(place: NDArray[np.float64]) -> list[float]:
    """Return a place in space to 0.001 Å."""
    return [round(float(value), 3) for value in place]
