"""Atoms that a run kept in place. Some programs then write zero where DFT had a force: no reference, and it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Fixed = NDArray[np.bool_]
"""Components of positions that were kept, shape (N, 3)."""


@dataclass
class FixedAtoms:
    """Fixed atoms of the frames of one file, gathered while it is read; nothing is left out because of them."""

    frame_count: int = 0
    zeroed: int = 0
    most: int = 0
    atom_count: int = 0
    along_some_axes: bool = False

    def note(self, fixed: Fixed | None, forces: NDArray[np.float64]) -> None:
        """Take one frame: what of it was fixed, None if nothing, and its forces, shape (N, 3)."""
        if fixed is None or fixed.shape != forces.shape or not fixed.any():
            return
        atoms: NDArray[np.bool_] = np.any(fixed, axis=1)
        self.frame_count += 1
        self.zeroed += not forces[fixed].any()
        self.along_some_axes |= not fixed[atoms].all()
        if atoms.sum() > self.most:
            self.most, self.atom_count = int(atoms.sum()), len(atoms)

    def warnings(self, name: str) -> list[str]:
        """Return what to say about the file called `name`: nothing, or one sentence or two."""
        if self.frame_count == 0:
            return []
        axes = " along some axes" if self.along_some_axes else ""
        kept = f"{name}: {self.most} of {self.atom_count} atoms were kept fixed{axes}"
        if self.zeroed == 0:
            return [f"{kept}; their forces are in the file and are used like the others."]
        where = "" if self.zeroed == self.frame_count else f" in {self.zeroed} of {self.frame_count} frames"
        sentence = (
            f"{kept}, and their forces are zero in the file{where}, not DFT's. The softening scale does not change by "
            "zeros, but the errors, R² and the correction c* do. Upload forces without the constraint if you have them."
        )
        return [sentence]


def movable_flags(rows: Sequence[Sequence[bool]]) -> Fixed | None:
    """Return what was fixed from flags that say what may move (VASP's T and F, pw.x's 1 and 0): three per atom, or one.

    None where the rows are of other lengths.
    """
    if not rows or any(len(row) != len(rows[0]) for row in rows) or len(rows[0]) not in (1, 3):
        return None
    movable = np.array(rows, dtype=bool)
    return ~np.broadcast_to(movable, (len(rows), 3))


def fixed_by_constraints(constraints: Any, count: int) -> Fixed | None:
    """Return what constraints of ASE, in its JSON form, keep fixed of `count` atoms.

    Parameters
    ----------
    constraints : object
        ``[{"name": "FixAtoms", "kwargs": {"indices": [0, 1]}}, …]``; `FixAtoms` and `FixCartesian` are known, others
        and what has another form are passed over.
    """
    fixed = np.zeros((count, 3), dtype=bool)
    for constraint in constraints if isinstance(constraints, list) else []:
        name = constraint.get("name") if isinstance(constraint, dict) else None
        details = constraint.get("kwargs") if name in ("FixAtoms", "FixCartesian") else None
        if not isinstance(details, dict):
            continue
        indices = details.get("indices", details.get("a"))
        mask = details.get("mask", [True] * 3)
        given = indices if isinstance(indices, list) else [indices]
        chosen = [index for index in given if isinstance(index, int) and 0 <= index < count]
        if chosen and isinstance(mask, list) and len(mask) == 3:
            fixed[chosen] |= np.array([bool(flag) for flag in mask])
    return fixed if fixed.any() else None
