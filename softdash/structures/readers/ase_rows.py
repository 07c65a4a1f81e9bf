"""One row of an ASE database, or one Atoms object in ASE's JSON, as a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.structures.frames.fixed_atoms import Fixed, FixedAtoms
from softdash.structures.frames.labelled_frame import LabelledFrame
from softdash.structures.readers.frame_problem import ForcesAbsent, FrameProblem

UNIT = "eV/Å (ASE's convention)"
_FUNCTIONAL_KEYS = ("functional", "xc", "xc_functional", "dft_functional", "level_of_theory", "gga")
_KNOWN = {"pe": "PBE", "ps": "PBEsol"} | {name.lower(): name for name in ("PBE", "PBEsol", "LDA", "SCAN", "r2SCAN")}


@dataclass(frozen=True, slots=True)
class AseRow:
    """What one row holds, as arrays.

    Attributes
    ----------
    numbers : ndarray of int, shape (N,)
    positions : ndarray, shape (N, 3)
        Å.
    cell : ndarray, shape (3, 3)
        Å; zero without a cell.
    periodic : sequence of bool
    forces : ndarray, shape (N, 3), or None
        eV/Å.
    energy : float or None
        eV.
    stress : ndarray, shape (3, 3), or None
        eV/Å³.
    fixed : ndarray of bool, shape (N, 3), or None
        What the row's constraints keep in place.
    """

    numbers: NDArray[np.int64]
    positions: NDArray[np.float64]
    cell: NDArray[np.float64]
    periodic: tuple[bool, bool, bool]
    forces: NDArray[np.float64] | None
    energy: float | None = None
    stress: NDArray[np.float64] | None = None
    fixed: Fixed | None = None

    @property
    def atoms(self) -> Atoms:
        """The structure; `FrameProblem` if its parts do not fit."""
        if len(self.numbers) == 0 or self.positions.shape != (len(self.numbers), 3) or self.cell.shape != (3, 3):
            raise FrameProblem(f"It has {len(self.numbers)} atoms and {len(self.positions)} positions.")
        return Atoms(numbers=self.numbers, positions=self.positions, cell=self.cell, pbc=self.periodic)

    def frame(self, origin: str, fixed: FixedAtoms) -> LabelledFrame:
        """Return the labelled frame, noting what is `fixed`; `FrameProblem` without forces, or if parts do not fit."""
        if self.forces is None:
            raise ForcesAbsent("It has no forces.")
        if self.forces.shape != (len(self.numbers), 3):
            raise FrameProblem(f"It has {len(self.numbers)} atoms and {len(self.forces)} forces.")
        fixed.note(self.fixed, self.forces)
        return LabelledFrame(self.atoms, self.forces, origin, self.energy, self.stress)


def functional_of(details: Mapping[str, Any]) -> str | None:
    """Return the functional that key-value pairs or calculator parameters name, None if they do not."""
    lowered = {str(key).lower(): value for key, value in details.items()}
    for key in _FUNCTIONAL_KEYS:
        value = lowered.get(key)
        if isinstance(value, str) and value.strip():
            return _KNOWN.get(value.strip().lower(), value.strip()[:60])
    return None


def stress_tensor(values: list[float]) -> NDArray[np.float64] | None:
    """Return (3, 3) from nine numbers, or six in Voigt's order xx, yy, zz, yz, xz, xy; None for other counts."""
    if len(values) == 9:
        return np.array(values).reshape(3, 3)
    if len(values) != 6:
        return None
    xx, yy, zz, yz, xz, xy = values
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
