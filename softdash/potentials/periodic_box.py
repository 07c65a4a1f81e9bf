"""The same frame in a cell that every network computes right: periodic in all directions, right-handed, bounded.

Libraries differ in what they make of other cells, and none says a word: one drops the cell unless all directions are
periodic, one turns the sign of the stress in a left-handed cell, and most search neighbours in a time and a memory that
grow with the distance of an atom from its cell.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import PredictionError

# Space left on each side of an isolated structure, in Å: two of them exceed every cutoff (5 to 6 Å).
VACUUM = 8.0
# Of the three lengths over the volume: 1 for a right-angled cell. Nearly all published cells stay below.
_STRONGLY_SKEWED = 20.0
# In cell vectors. Atoms a little outside stay where they are: float32 computes them as well as any.
_FAR_OUTSIDE = 1.0
# A lattice vector, or the height of a cell, below this in Å is none.
_SMALLEST_EXTENT = 1e-3
# Searching neighbours takes memory by the volume and by the square of the density.
_LARGEST_VOLUME = 1e8
_LARGEST_DENSITY = 4.0


def in_periodic_box(atoms: Atoms, where: str = "") -> Atoms:
    """Return the frame in a right-handed cell that is periodic in all directions, as a copy unless it is in one.

    Directions without periodicity get vacuum at right angles to the others, whatever the cell says of them. Forces,
    energy and Cartesian axes are those of the frame; a stress refers to the new volume, see `stress_volume_ratio`.

    Parameters
    ----------
    atoms : ase.Atoms
        Left as it is.
    where : str
        Name of the frame, for messages.

    Raises
    ------
    PredictionError
        If it has no cell where it is periodic, numbers that are not finite, or a size or a density that no search for
        neighbours could cope with.
    """
    _check_numbers(atoms, where)
    cell, positions = atoms.cell.array, atoms.positions
    if not atoms.pbc.all():
        cell, positions = _with_vacuum(cell, positions, atoms.pbc)
    volume = abs(float(np.linalg.det(cell)))
    _check_size(len(atoms), volume, where)
    if np.prod(np.linalg.norm(cell, axis=1)) > _STRONGLY_SKEWED * volume:
        cell = _reduced(cell, where)
    if np.linalg.det(cell) < 0:
        cell = cell[[1, 0, 2]]
    positions = _near_the_cell(cell, positions)
    if cell is atoms.cell.array and positions is atoms.positions:
        return atoms
    return Atoms(atoms.numbers, positions, cell=cell, pbc=True)


def stress_volume_ratio(frame: Atoms, boxed: Atoms) -> float | None:
    """Return by what to multiply a stress in the box, to have the frame's; None where its cell has no volume."""
    if frame is boxed:
        return 1.0
    if frame.cell.rank < 3:
        return None
    return float(boxed.get_volume() / frame.get_volume())


def _check_numbers(atoms: Atoms, where: str) -> None:
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise PredictionError(
            "A position or a cell vector is not a finite number.", where=where, advice="Correct the structure."
        )
    vectors = atoms.cell.array[atoms.pbc]
    if len(vectors) and np.linalg.svd(vectors, compute_uv=False).min() < _SMALLEST_EXTENT:
        raise PredictionError(
            "The frame is called periodic in a direction in which its cell has no extent.",
            where=where,
            advice="Give all three cell vectors, or say in which directions the structure is periodic.",
        )


def _check_size(atom_count: int, volume: float, where: str) -> None:
    if volume > _LARGEST_VOLUME:
        raise PredictionError(
            f"The frame fills {volume:.1e} Å³, more than potentials can search for neighbours.",
            where=where,
            advice="Check the unit of cell and positions, or leave out what is far from everything else.",
        )
    if atom_count > _LARGEST_DENSITY * volume:
        raise PredictionError(
            f"Atoms per volume of the cell: {atom_count:,} in {volume:.2g} Å³, denser than any matter.",
            where=where,
            advice="Check the unit of the cell.",
        )


def _with_vacuum(
    cell: NDArray[np.float64], positions: NDArray[np.float64], pbc: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cell and positions with vacuum on both sides of the atoms in each direction that is not periodic."""
    count = int(pbc.sum())
    # Of the full set of directions that begins with the periodic ones, the others are at right angles to them.
    directions = np.linalg.qr(cell[pbc].T, mode="complete")[0].T[count:] if count else np.eye(3)
    along = positions @ directions.T
    boxed = cell.copy()
    boxed[~pbc] = directions * (np.ptp(along, axis=0) + 2 * VACUUM)[:, np.newaxis]
    return boxed, positions + (VACUUM - along.min(axis=0)) @ directions


def _reduced(cell: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    """Return the shortest vectors of the same lattice."""
    from ase.geometry import minkowski_reduce

    try:
        shortest: NDArray[np.float64] = minkowski_reduce(cell)[0]
    except RuntimeError as error:
        raise PredictionError(
            "The cell is too skewed to be computed.", where=where, advice="Give the shortest vectors of its lattice."
        ) from error
    return shortest


def _near_the_cell(cell: NDArray[np.float64], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring atoms that are far outside the cell into it by whole cell vectors."""
    fractions = np.linalg.solve(cell.T, positions.T).T
    far = ((fractions < -_FAR_OUTSIDE) | (fractions > 1 + _FAR_OUTSIDE)).any(axis=1)
    if not far.any():
        return positions
    moved = positions.copy()
    moved[far] = (fractions[far] % 1.0) @ cell
    return moved
