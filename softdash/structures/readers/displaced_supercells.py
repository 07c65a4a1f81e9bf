"""Displaced supercells and their forces, as phonopy keeps them in its YAML files and in FORCE_SETS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget


@dataclass(frozen=True, slots=True)
class DisplacedForces:
    """One displaced supercell.

    Attributes
    ----------
    displacements : ndarray, shape (N, 3)
        In the length unit of its file.
    forces : ndarray, shape (N, 3), or None
        In the force unit of its file; None if it has none.
    energy : float or None
        eV.
    """

    displacements: NDArray[np.float64]
    forces: NDArray[np.float64] | None
    energy: float | None = None


@dataclass(frozen=True, slots=True)
class ForceUnits:
    """Units of a phonopy file: Å per unit of length, eV/Å per unit of force, the latter as shown."""

    length: float = 1.0
    force: float = 1.0
    shown: str = "eV/Å (phonopy's unit)"
    is_stated: bool = True


@dataclass(frozen=True, slots=True)
class Supercell:
    """A supercell and what is displaced in it.

    Attributes
    ----------
    atoms : ase.Atoms
        Undisplaced supercell, Å.
    displaced : tuple of DisplacedForces
    units : ForceUnits
    code : str or None
        Code of the forces.
    """

    atoms: Atoms
    displaced: tuple[DisplacedForces, ...]
    units: ForceUnits
    code: str | None


def one_atom_displaced(count: int, atom: int, displacement: Sequence[float]) -> NDArray[np.float64]:
    """Return displacements (count, 3) that are zero but for `atom` (0-based)."""
    displacements = np.zeros((count, 3))
    displacements[atom] = displacement
    return displacements


def displaced_frames(
    supercell: Atoms,
    displaced: Sequence[DisplacedForces],
    units: ForceUnits,
    name: str,
    file_format: str,
    budget: FrameBudget,
) -> LabelledFrames:
    """Return one frame per displaced supercell; one without forces is refused.

    Parameters
    ----------
    supercell : ase.Atoms
        Undisplaced, Å.
    """
    frames: list[LabelledFrame] = []
    refused: list[RefusedFrame] = []
    for entry, origin in _wanted(displaced, len(supercell), name, budget):
        if entry.forces is None:
            refused.append(RefusedFrame(origin, "This displacement has no forces."))
            continue
        atoms = supercell.copy()
        atoms.positions += entry.displacements * units.length
        frames.append(LabelledFrame(atoms, entry.forces * units.force, origin, entry.energy))
    return LabelledFrames(
        frames=tuple(frames),
        refused=tuple(refused),
        file_format=file_format,
        force_unit=units.shown,
        force_unit_is_stated=units.is_stated,
    )


def _wanted(
    displaced: Sequence[DisplacedForces], atom_count: int, name: str, budget: FrameBudget
) -> Iterator[tuple[DisplacedForces, str]]:
    for index, entry in enumerate(displaced, start=1):
        origin = f"{name}, displacement {index}"
        if budget.take(atom_count, origin):
            yield entry, origin
