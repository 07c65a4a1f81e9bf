"""Atoms from fractional coordinates, where the cell may be anything that a damaged file says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.structures.readers.frame_problem import FrameProblem


def atoms_from_fractional(
    numbers: NDArray[np.int64],
    fractional: NDArray[np.float64],
    cell: NDArray[np.float64],
    periodic: bool | Sequence[bool] = True,
) -> Atoms:
    """Return atoms at fractional coordinates (N, 3) of a cell (3, 3), Å.

    Raises
    ------
    FrameProblem
        If a cell vector has no length: then a fraction of it means nothing, and ASE stops with an assertion.
    """
    if not np.isfinite(cell).all() or np.any(np.linalg.norm(cell, axis=1) == 0):
        raise FrameProblem("A cell vector has no length, or is not finite.")
    with np.errstate(invalid="ignore", over="ignore"):
        return Atoms(numbers=numbers, scaled_positions=fractional, cell=cell, pbc=periodic)
