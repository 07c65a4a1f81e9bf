"""Tables that are no forces of their structure: the refusal names the cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from ase.units import Bohr
from numpy.typing import NDArray
from upload_contents import Case

import softdash
from softdash.errors import RefusalError
from softdash.settings import Settings
from softdash.structures.matching.atom_order import AtomsByPlace
from softdash.structures.matching.misread_forces import (
    refuse_positions_as_forces,
    require_equal_counts,
    what_forces_are,
)
from softdash.structures.matching.orientation import settings_of
from softdash.structures.readers.bare_structure import BareStructure
from softdash.structures.readers.tables.forces_table import ForcesTable
from softdash.structures.upload.read import read_upload

NAMES = ("a.cif", "f.csv")


def refusal(atoms: Atoms, forces: NDArray, numbers: NDArray | None = None) -> str:
    table = ForcesTable(forces, numbers=numbers)
    with pytest.raises(RefusalError) as caught:
        require_equal_counts(BareStructure(atoms, "CIF", len(atoms)), table, NAMES)
    assert (caught.value.where, caught.value.code) == ("f.csv", "refused")
    assert f"{len(forces)} rows" in caught.value.what
    return f"{caught.value.what} {caught.value.advice}"


def test_equal_counts_pass(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    require_equal_counts(BareStructure(atoms, "CIF", 8), ForcesTable(forces * 0), NAMES)


def test_rows_of_zeros(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    assert "last 2 rows are exactly zero" in refusal(atoms, np.vstack([forces, np.zeros((2, 3))]))
    assert "last row is exactly zero" in refusal(atoms, np.vstack([forces, np.zeros((1, 3))]))
    assert "2 rows of it" in refusal(atoms, np.insert(forces, [0, 4], 0.0, axis=0))


def test_a_total_below_the_rows(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    for total in (forces.sum(axis=0), forces.mean(axis=0)):
        assert "sum or the mean" in refusal(atoms, np.vstack([forces, total]))


def test_several_frames_and_smaller_cells(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    assert "3 times as many: forces of 3 frames" in refusal(atoms, np.vstack([forces] * 3))
    perfect = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    assert "its primitive cell has 2 atoms" in refusal(perfect, forces[:2])
    assert "may be of a cell 2 times smaller" in refusal(perfect, forces[:4])


def test_elements_that_are_missing(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    assert "the table has 3 Na, the structure 4" in refusal(atoms, forces[1:], atoms.numbers[1:])
    numbers = np.array([11] * 5 + [17] * 4)
    assert "has 5 Na, the structure 4" in refusal(atoms, np.vstack([forces, forces[:1] + 1]), numbers)
    with_lithium = np.array([11, 11, 3, 11, 17, 17, 17])
    assert "1 Li and 3 Na and 3 Cl, the structure 0 and 4 and 4" in refusal(atoms, forces[:7], with_lithium)


AS_FORCES: dict[str, Callable[[Atoms], NDArray]] = {
    "positions in Å": lambda atoms: atoms.positions,
    "positions in bohr": lambda atoms: atoms.positions / Bohr,
    "positions in nm": lambda atoms: atoms.positions / 10,
    "fractional coordinates": lambda atoms: atoms.get_scaled_positions(),
    "setting of pymatgen": lambda atoms: (
        atoms.positions @ next(s for s in settings_of(atoms.cell.array) if s.name == "pymatgen").rotation.T
    ),
}


@pytest.mark.parametrize("what", AS_FORCES)
def test_positions_given_as_forces(what: str) -> None:
    atoms = bulk("MgO", "rocksalt", a=4.2) * (2, 2, 1)
    atoms.set_cell(atoms.cell.array @ np.array([[1, 0.1, 0], [0, 1, 0.2], [0.05, 0, 1]]), scale_atoms=True)
    atoms.rattle(0.1, seed=1)
    order = np.random.default_rng(1).permutation(len(atoms))
    forces = np.round(AS_FORCES[what](atoms)[order], 6)
    with pytest.raises(RefusalError) as caught:
        refuse_positions_as_forces(AtomsByPlace(atoms), forces, NAMES)
    assert what in caught.value.what
    forces[2] += 0.05
    refuse_positions_as_forces(AtomsByPlace(atoms), forces, NAMES)


@pytest.mark.parametrize("size", [1e-9, 0.04, 1.0, 50.0, 1e300, np.nan])
def test_forces_are_not_taken_for_positions(size: float) -> None:
    for atoms in (bulk("Cu"), bulk("NaCl", "rocksalt", a=5.6), bulk("Al", cubic=True)):
        forces = np.random.default_rng(3).uniform(0.5, 1, size=(len(atoms), 3)) * size
        refuse_positions_as_forces(AtomsByPlace(atoms), forces, NAMES)


def labelled(atoms: Atoms, forces: NDArray) -> Atoms:
    labelled = atoms.copy()
    labelled.calc = SinglePointCalculator(labelled, forces=forces)
    return labelled


IN_PLACE = {
    "its positions in Å": lambda atoms: atoms.positions,
    "its positions in bohr": lambda atoms: atoms.positions / Bohr,
    "its positions in nm": lambda atoms: atoms.positions / 10,
    "its fractional coordinates": lambda atoms: atoms.get_scaled_positions(),
    "vectors of length 1": lambda atoms: atoms.positions / np.linalg.norm(atoms.positions, axis=1)[:, None],
}


@pytest.mark.parametrize("what", IN_PLACE)
@pytest.mark.parametrize("decimals", [4, 8])
@pytest.mark.parametrize("form", ["extxyz", "atoms"])
def test_positions_beside_the_atoms_given_as_forces(what: str, decimals: int, form: str, tmp_path: Path) -> None:
    atoms = bulk("MgO", "rocksalt", a=4.25, cubic=True)
    atoms.rattle(0.1, seed=1)
    atoms.translate(0.4)
    frame = labelled(atoms, np.round(IN_PLACE[what](atoms), decimals))
    path = tmp_path / "frames.extxyz"
    write(path, frame)
    read: dict[str, Callable[[], object]] = {
        "extxyz": lambda: read_upload([path], Settings()),
        "atoms": lambda: softdash.diagnose(frame, "emt"),
    }
    with pytest.raises(RefusalError) as caught:
        read[form]()
    assert "no forces" in caught.value.what
    assert what in caught.value.what


def test_only_the_frame_of_positions_is_left_out(tmp_path: Path) -> None:
    atoms = bulk("MgO", "rocksalt", a=4.25, cubic=True)
    atoms.rattle(0.1, seed=1)
    forces = np.random.default_rng(1).normal(size=(8, 3))
    write(tmp_path / "frames.extxyz", [labelled(atoms, forces), labelled(atoms, atoms.positions)])
    found = read_upload([tmp_path / "frames.extxyz"], Settings())
    assert len(found.frames) == len(found.refused) == 1
    assert found.refused[0].origin.endswith("frame 2")


def test_no_shipped_frame_is_taken_for_its_positions() -> None:
    folder = Settings().precomputed_dir / "references" / "gpaw_pbe"
    nearest = []
    for path in sorted(folder.glob("*.extxyz")):
        found = read_upload([path], Settings())
        assert not found.refused
        nearest += [float(np.abs(frame.reference_forces - frame.atoms.positions).max()) for frame in found.frames]
    assert len(nearest) > 180
    assert min(nearest) > 1


@pytest.mark.parametrize("size", [1e-9, 0.04, 1.0, 50.0])
def test_forces_beside_the_atoms_are_not_taken_for_positions(size: float) -> None:
    molecule = Atoms("H2O", [[0, 0, 0.12], [0, 0.76, -0.48], [0, -0.76, -0.48]])
    for atoms in (bulk("Cu"), bulk("NaCl", "rocksalt", a=5.6), bulk("Al", cubic=True), molecule):
        for seed in range(50):
            forces = np.random.default_rng(seed).uniform(0.5, 1, size=(len(atoms), 3)) * size
            assert what_forces_are(atoms, forces) is None
