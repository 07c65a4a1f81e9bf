"""Forces of a potential on the displaced supercells of one crystal, and their store: the dear half of a phonon run.

The cheap half (force constants, bands, densities of states: `softdash.benchmarks.phonons.calculation`) can be repeated
without the potential. A file is found by what it rests on: potential, weights, material, geometry and displacements of
the reference.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from zipfile import BadZipFile

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

from softdash.benchmarks.data.predictions import origin_of_predictions
from softdash.benchmarks.phonons.phonondb import PhononDBEntry
from softdash.benchmarks.relaxation import relax_crystal
from softdash.catalog.phonon_bands import Geometry
from softdash.catalog.resources import PotentialVersion
from softdash.errors import PredictionError
from softdash.potentials.interface import Potential

DISPLACEMENT = 0.01
"""Finite displacement, Å (PhononDB's own)."""


@dataclass(frozen=True, slots=True, eq=False)
class DisplacementForces:
    """Forces of a potential on the displaced supercells of one unit cell.

    Attributes
    ----------
    unit_cell : ase.Atoms
    displaced_atoms : ndarray of int, shape (D,)
        The atom of the supercell that each displacement moves.
    displacements : ndarray, shape (D, 3)
        Å.
    forces : ndarray, shape (D, N, 3)
        Forces less those in the undisplaced supercell, eV/Å.
    residual_force, residual_stress : float
        Largest components in the undisplaced unit cell, eV/Å and eV/Å³.
    relaxation_steps : int
        0 where nothing was relaxed.
    has_converged : bool
        Whether the relaxation reached its tolerance; true where nothing was relaxed.
    """

    unit_cell: Atoms
    displaced_atoms: NDArray[np.int64]
    displacements: NDArray[np.float64]
    forces: NDArray[np.float64]
    residual_force: float
    residual_stress: float
    relaxation_steps: int = 0
    has_converged: bool = True


def compute_forces(entry: PhononDBEntry, geometry: Geometry, potential: Potential) -> DisplacementForces:
    """Compute the forces for one crystal, at the potential's own minimum or at the geometry of the reference.

    Raises
    ------
    PredictionError
        If the potential cannot compute a cell, or its relaxed cell has lost symmetry.
    """
    atoms = to_ase(entry.unit_cell)
    if geometry == "fixed":
        return displacement_forces(entry, atoms, potential)
    relaxation = relax_crystal(atoms, potential)
    require_kept_symmetry(entry, relaxation.atoms)
    return displacement_forces(
        entry, relaxation.atoms, potential, steps=relaxation.steps, has_converged=relaxation.has_converged
    )


def displacement_forces(
    entry: PhononDBEntry, atoms: Atoms, potential: Potential, *, steps: int = 0, has_converged: bool = True
) -> DisplacementForces:
    """Compute the forces for a given unit cell in the entry's supercell.

    The forces in the undisplaced supercell are subtracted, so that a geometry that is not the potential's own, or
    single precision, leaves no constant part in the force constants.

    Raises
    ------
    PredictionError
        If the potential cannot compute a supercell.
    """
    phonon = new_phonopy(entry, from_ase(atoms))
    phonon.generate_displacements(distance=DISPLACEMENT)
    displaced = [cell for cell in phonon.supercells_with_displacements or [] if cell is not None]
    unit = potential.predict([atoms], stress=True)[0]
    undisplaced, *predictions = potential.predict([to_ase(phonon.supercell), *(to_ase(cell) for cell in displaced)])
    dataset: Any = phonon.dataset
    moved = dataset["first_atoms"]
    return DisplacementForces(
        unit_cell=atoms,
        displaced_atoms=np.array([one["number"] for one in moved], dtype=np.int64),
        displacements=np.array([one["displacement"] for one in moved], dtype=np.float64),
        forces=np.array([prediction.forces - undisplaced.forces for prediction in predictions]),
        residual_force=float(np.abs(unit.forces).max()),
        residual_stress=0.0 if unit.stress is None else float(np.abs(unit.stress).max()),
        relaxation_steps=steps,
        has_converged=has_converged,
    )


def require_kept_symmetry(entry: PhononDBEntry, relaxed: Atoms) -> None:
    """Refuse a relaxation that lost symmetry: the path of the reference would no longer serve both crystals.

    More symmetry than before is allowed: the path in the same reciprocal basis stays valid.

    Raises
    ------
    PredictionError
        If it did.
    """
    before: Any = new_phonopy(entry, entry.unit_cell).symmetry.dataset
    after: Any = new_phonopy(entry, from_ase(relaxed)).symmetry.dataset
    if len(after.rotations) < len(before.rotations):
        raise PredictionError(
            f"The relaxed cell has space group {after.number}, the reference {before.number}: symmetry was lost, and "
            "their bands cannot be compared.",
            where=entry.material_id,
        )


def new_phonopy(entry: PhononDBEntry, unit_cell: PhonopyAtoms) -> Phonopy:
    """Return phonopy's object for a unit cell in the entry's supercell and primitive cell."""
    return Phonopy(unit_cell, supercell_matrix=entry.supercell_matrix, primitive_matrix=entry.primitive_matrix)


def to_ase(cell: PhonopyAtoms) -> Atoms:
    """Return a cell of phonopy as periodic ASE atoms."""
    return Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)


def from_ase(atoms: Atoms) -> PhonopyAtoms:
    """Return ASE atoms as a cell of phonopy."""
    return PhonopyAtoms(
        symbols=atoms.get_chemical_symbols(), cell=atoms.cell.array, scaled_positions=atoms.get_scaled_positions()
    )


class ForceStore:
    """Folder with one file per (potential, weights, crystal, geometry).

    Parameters
    ----------
    folder : pathlib.Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, stamp: PotentialVersion, entry: PhononDBEntry, geometry: Geometry) -> DisplacementForces | None:
        """Return what was stored for this potential and this crystal, or None."""
        file = self._file(stamp, entry, geometry)
        if not file.is_file():
            return None
        try:
            with np.load(file, allow_pickle=False) as stored:
                atoms = Atoms(
                    numbers=stored["numbers"], cell=stored["cell"], scaled_positions=stored["positions"], pbc=True
                )
                return DisplacementForces(
                    unit_cell=atoms,
                    displaced_atoms=stored["displaced_atoms"],
                    displacements=stored["displacements"],
                    forces=stored["forces"].astype(np.float64),
                    residual_force=float(stored["residual_force"]),
                    residual_stress=float(stored["residual_stress"]),
                    relaxation_steps=int(stored["relaxation_steps"]),
                    has_converged=bool(stored["has_converged"]),
                )
        except (ValueError, KeyError, OSError, EOFError, BadZipFile):
            return None  # half a file, from a machine that went down: compute again

    def put(
        self, stamp: PotentialVersion, entry: PhononDBEntry, geometry: Geometry, forces: DisplacementForces
    ) -> None:
        """Store forces; readers see the whole file or none."""
        file = self._file(stamp, entry, geometry)
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".part-")
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(
                stream,
                numbers=forces.unit_cell.numbers,
                cell=forces.unit_cell.cell.array,
                positions=forces.unit_cell.get_scaled_positions(),
                displaced_atoms=forces.displaced_atoms,
                displacements=forces.displacements,
                # The networks compute in single precision: more digits would be noise.
                forces=forces.forces.astype(np.float32),
                residual_force=forces.residual_force,
                residual_stress=forces.residual_stress,
                relaxation_steps=forces.relaxation_steps,
                has_converged=forces.has_converged,
            )
        Path(temporary).replace(file)

    def _file(self, stamp: PotentialVersion, entry: PhononDBEntry, geometry: Geometry) -> Path:
        if geometry not in get_args(Geometry):
            raise ValueError(geometry)
        cell = entry.unit_cell
        digest = hashlib.sha256(origin_of_predictions(stamp).encode())
        for part in (cell.cell, cell.scaled_positions, cell.numbers, entry.supercell_matrix, entry.primitive_matrix):
            digest.update(np.ascontiguousarray(part).tobytes())
        return self._folder / stamp.name / f"{entry.material_id}--{geometry}--{digest.hexdigest()[:16]}.npz"
