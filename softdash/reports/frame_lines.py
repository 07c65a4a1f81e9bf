"""What a picture of a structure is drawn from: a view, and lines in space for cell, bonds and force arrows.

Lines are lists of places (x, y, z) with None where the pen is lifted.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from softdash.structures.frames.frame_geometry import FrameGeometry

Places = list[list[float] | None]

AZIMUTH, ELEVATION = 25.0, 14.0
"""First view, degrees: c (or z) upwards, a (or x) to the right."""

BALL = 0.5
"""Drawn radius of an atom in covalent radii."""

LONGEST_ARROW = 0.42
"""Length of the longest arrow in half widths of the picture."""

ERROR_SCALE = ((0.0, "#f4f1e8"), (0.35, "#c4b8de"), (0.7, "#7d63b6"), (1.0, "#33156b"))
"""Colours of atoms by force error, pale to violet: no potential has such a colour, so that its arrows stand out."""

_BOND = 1.2
"""Two atoms closer than this many sums of their covalent radii are drawn with a bond."""


def view_matrix(azimuth: float, elevation: float) -> NDArray[np.float64]:
    """Return the rows "right", "up" and "towards the eye" of a view, angles in degrees; shape (3, 3)."""
    turn, tilt = np.radians([azimuth, elevation])
    right = np.array([np.cos(turn), np.sin(turn), 0.0])
    eye = np.array([np.sin(turn) * np.cos(tilt), -np.cos(turn) * np.cos(tilt), np.sin(tilt)])
    return np.array([right, np.cross(eye, right), eye])


def middle_and_reach(geometry: FrameGeometry) -> tuple[NDArray[np.float64], float]:
    """Return the middle of cell and atoms, and a half width in which they fit from every side."""
    corners = geometry.positions
    if geometry.shape is not None:
        corners = np.concatenate([corners, np.array(list(product((0.0, 1.0), repeat=3))) @ geometry.cell])
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    reach = float(np.linalg.norm(corners - middle, axis=1).max()) + 0.9
    return middle, reach


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
