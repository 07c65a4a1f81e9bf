"""A PhononDB archive made here from effective-medium aluminium, and potentials to compute it with."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from phonopy import Phonopy
from phonopy.file_IO import get_FORCE_SETS_lines

from softdash.benchmarks.phonons.calculation import potential_phonons
from softdash.benchmarks.phonons.forces import displacement_forces, from_ase, to_ase
from softdash.benchmarks.phonons.phonondb import PhononDBEntry
from softdash.catalog.resources import PotentialVersion
from softdash.potentials.interface import Potential, Prediction, Progress
from softdash.settings import Settings

LATTICE_CONSTANT = 4.03
SUPERCELL = np.diag([2, 2, 2])
PRIMITIVE = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
CONFIGURATION = "DIM = 2 0 0 0 2 0 0 0 2\nPRIMITIVE_AXIS = 0 1/2 1/2 1/2 0 1/2 1/2 1/2 0"
MATERIAL = "mp-134"
VERSION = PotentialVersion(name="emt", version="2", package="ase", package_version="4", weights_sha256="0" * 64)


class ScaledPotential:
    """Another potential with its whole energy surface multiplied by a factor."""

    def __init__(self, potential: Potential, factor: float) -> None:
        self.potential = potential
        self.factor = factor

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        return [
            Prediction(
                self.factor * p.forces, self.factor * p.energy, None if p.stress is None else self.factor * p.stress
            )
            for p in self.potential.predict(frames, stress=stress, progress=progress)
        ]


class CountingPotential:
    """Another potential that counts the frames it is asked for."""

    def __init__(self, potential: Potential) -> None:
        self.potential = potential
        self.frame_count = 0

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        self.frame_count += len(frames)
        return self.potential.predict(frames, stress=stress, progress=progress)


def aluminium() -> Atoms:
    return bulk("Al", "fcc", a=LATTICE_CONSTANT, cubic=True)


def direct_phonopy(supercell: object = SUPERCELL) -> Phonopy:
    """The phonons as anybody would compute them with phonopy and ASE alone."""
    phonon = Phonopy(from_ase(aluminium()), supercell, primitive_matrix=PRIMITIVE)
    phonon.generate_displacements(distance=0.01)
    forces = []
    for cell in phonon.supercells_with_displacements:
        atoms = Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
        atoms.calc = EMT()
        forces.append(atoms.get_forces())
    phonon.forces = np.array(forces)
    phonon.produce_force_constants()
    return phonon


def at_reference(entry: PhononDBEntry, potential: Potential) -> Phonopy:
    return potential_phonons(entry, displacement_forces(entry, to_ase(entry.unit_cell), potential))


def write_archive(path: Path, members: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:xz") as archive:
        for name, text in members.items():
            content = text.encode()
            header = tarfile.TarInfo(f"{MATERIAL}-20180417/{name}")
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return path


def archive_members() -> dict[str, str]:
    poscar = io.StringIO()
    aluminium().write(poscar, format="vasp", direct=True, vasp6=True)
    return {
        "POSCAR-unitcell": poscar.getvalue(),
        "phonopy.conf": CONFIGURATION,
        "FORCE_SETS": "\n".join(get_FORCE_SETS_lines(direct_phonopy().dataset)),
        "BORN": "not read",
    }


def sample_settings(data_dir: Path, precomputed_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, precomputed_dir=precomputed_dir, state_dir=precomputed_dir / "state")
