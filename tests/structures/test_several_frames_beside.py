"""Several structures with one array of forces, trajectories of pymatgen, unit cells with FORCE_SETS, ASE's tensors."""

from __future__ import annotations

import gzip
import io
import json

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from pymatgen.core import Element, Lattice, Molecule, Structure
from pymatgen.core.trajectory import Trajectory
from upload_contents import Case, Files, Reader, packed, poscar

from softdash.errors import InputError, RefusalError


def _moved(rocksalt: Case, count: int) -> list[tuple[Atoms, np.ndarray]]:
    atoms, forces = rocksalt
    frames = []
    for number in range(count):
        moved = atoms.copy()
        moved.positions[:, 0] = np.round(moved.positions[:, 0] + 0.01 * number, 8)
        frames.append((moved, forces * (number + 1)))
    return frames


def _array(frames: list[tuple[Atoms, np.ndarray]], *, archive: bool = False) -> bytes:
    buffer, stack = io.BytesIO(), np.array([forces for _, forces in frames])
    if archive:
        np.savez_compressed(buffer, forces=stack)
    else:
        np.save(buffer, stack)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["npy", "npz", "npy.gz", "zip"])
def test_an_array_of_frames_belongs_to_structures_in_the_order_of_names(
    read_with: Reader, rocksalt: Case, kind: str
) -> None:
    frames = _moved(rocksalt, 11)
    files: Files = {f"POSCAR-{number + 1}": poscar(atoms) for number, (atoms, _) in reversed(list(enumerate(frames)))}
    content = _array(frames, archive=kind == "npz")
    files["f.npy" if kind == "zip" else f"f.{kind}"] = gzip.compress(content) if kind.endswith("gz") else content
    if kind == "zip":
        files = {"all.zip": packed(files)}
    found = read_with(files)
    assert len(found.frames) == 11
    for frame, (atoms, forces) in zip(found.frames, frames, strict=True):
        np.testing.assert_allclose(frame.atoms.positions, atoms.positions, rtol=0, atol=1e-7)
        assert np.array_equal(frame.reference_forces, forces)
    assert found.force_unit == "eV/Å (assumed)"
    reading = next(one for one in found.readings if one.topic == "frames")
    assert (reading.value.split()[0], reading.ground) == ("11", "assumed")
    assert "POSCAR-1," in reading.detail
    assert "POSCAR-11." in reading.detail


def test_an_array_of_other_counts_is_refused(read_with: Reader, rocksalt: Case) -> None:
    frames = _moved(rocksalt, 3)
    structures: Files = {f"POSCAR-{number}": poscar(atoms) for number, (atoms, _) in enumerate(frames)}
    with pytest.raises(RefusalError, match="forces of 2 frames, but 3 structures"):
        read_with({**structures, "f.npy": _array(frames[:2])})
    short = np.array([forces[:-1] for _, forces in frames])
    buffer = io.BytesIO()
    np.save(buffer, short)
    with pytest.raises(RefusalError, match=r"f\.npy has 7 rows, POSCAR-0 has 8 atoms"):
        read_with({**structures, "f.npy": buffer.getvalue()})


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("displacements", [True, False])
def test_a_trajectory_of_pymatgen(read_with: Reader, rocksalt: Case, *, constant: bool, displacements: bool) -> None:
    frames = _moved(rocksalt, 3)
    structures = [
        Structure(
            Lattice(atoms.cell.array),
            list(atoms.symbols),
            atoms.get_scaled_positions(wrap=False),
            site_properties={"forces": forces.tolist()},
        )
        for atoms, forces in frames
    ]
    trajectory = Trajectory.from_structures(structures, constant_lattice=constant)
    if displacements:
        trajectory.to_displacements()
    found = read_with({"run.json": trajectory.to_json()})
    assert found.file_format == "pymatgen JSON"
    assert [frame.origin for frame in found.frames] == [f"run.json, frame {number}" for number in (1, 2, 3)]
    for frame, (atoms, forces) in zip(found.frames, frames, strict=True):
        np.testing.assert_allclose(frame.atoms.positions, atoms.positions, rtol=0, atol=1e-6)
        assert frame.atoms.get_chemical_symbols() == atoms.get_chemical_symbols()
        assert np.array_equal(frame.reference_forces, forces)


def test_a_trajectory_of_molecules(read_with: Reader) -> None:
    molecules = [Molecule(["N", "N"], [[0, 0, 0], [0, 0, 1.1 + 0.01 * number]]) for number in range(2)]
    trajectory = Trajectory.from_molecules(
        molecules, frame_properties=[{"energy": -1.0, "forces": [[0, 0, 0.1], [0, 0, -0.1]]}] * 2
    )
    found = read_with({"run.json": trajectory.to_json()})
    assert len(found.frames) == 2
    assert not found.frames[0].atoms.pbc.any()
    assert found.frames[1].reference_energy == -1.0


@pytest.mark.parametrize(
    "damage",
    [
        {"coords": [[[0, 0, 0]]]},
        {"coords": [7]},
        {"lattice": 7},
        {"species": [{"element": "Xx"}, {}]},
        {"site_properties": [{"forces": [[1, 2, 3]]}]},
        {"site_properties": 7},
        {"coords_are_displacement": True, "base_positions": None},
    ],
    ids=str,
)
def test_a_damaged_trajectory_is_told(read_with: Reader, damage: dict[str, object]) -> None:
    whole = {
        "species": [{"element": str(Element("Na"))}, "Cl"],
        "coords": [[[0, 0, 0], [0.5, 0.5, 0.5]]],
        "lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
        "constant_lattice": True,
        "site_properties": [{"forces": [[1, 2, 3], [-1, -2, -3]]}],
    }
    assert len(read_with({"a.json": json.dumps(whole)}).frames) == 1
    with pytest.raises(InputError, match=r"a\.json"):
        read_with({"a.json": json.dumps({**whole, **damage})})


FIRST_FORM = "8\n1\n\n1\n0.01 0 0\n" + "0.1 0.2 0.3\n-0.1 -0.2 -0.3\n" * 4


@pytest.mark.parametrize(
    "sets",
    [FIRST_FORM, "".join(f"0.01 0 0 {0.1 * (-1) ** (row // 2):.1f} 0.3 {0.2 * row:.1f}\n" for row in range(8))],
    ids=["first form", "second form"],
)
def test_force_sets_of_a_unit_cell_say_what_is_missing(read_with: Reader, sets: str) -> None:
    cell = Atoms("NaCl", scaled_positions=[[0, 0, 0], [0.5, 0.5, 0.5]], cell=[4, 4, 4], pbc=True)
    with pytest.raises(InputError) as caught:
        read_with({"POSCAR": poscar(cell), "FORCE_SETS": sets})
    assert "unit cell" in str(caught.value)
    assert "SPOSCAR or phonopy_disp.yaml" in str(caught.value.advice)


def test_a_supercell_named_poscar_with_force_sets(read_with: Reader) -> None:
    cell = Atoms("Na4Cl4", scaled_positions=np.arange(24).reshape(8, 3) / 24, cell=[9, 9, 9], pbc=True)
    found = read_with({"POSCAR": poscar(cell), "FORCE_SETS": FIRST_FORM})
    assert found.frames[0].atoms.positions[0, 0] == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["stress", "REF_stress", "dft_stress", "virial", "REF_virial"])
def test_tensors_as_ase_writes_them(read_with: Reader, rocksalt: Case, name: str) -> None:
    atoms, forces = rocksalt
    stress = np.array([[1.0, 0.4, 0.5], [0.4, 2.0, 0.6], [0.5, 0.6, 3.0]]) / 100
    labelled = atoms.copy()
    labelled.calc = SinglePointCalculator(labelled, forces=forces)
    labelled.info[name] = -stress * atoms.cell.volume if "virial" in name else stress
    text = io.StringIO()
    ase.io.write(text, labelled, format="extxyz")
    assert ("_JSON" in text.getvalue()) == (name not in ("stress", "virial"))
    found = read_with({"a.extxyz": text.getvalue()})
    np.testing.assert_allclose(found.frames[0].reference_stress, stress, rtol=0, atol=1e-9)
