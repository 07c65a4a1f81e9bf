"""One real frame through every format: the same structure, forces and softening scale, whichever way it comes in."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ase.db
import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io.castep import write_castep_md
from ase.io.jsonio import encode
from ase.units import Bohr, Hartree, Rydberg
from program_output_writers import Step, castep, fhi_aims, gpaw_new, gpaw_old, outcar, pwscf
from pymatgen.core import Lattice, Structure
from pymatgen.core.trajectory import Trajectory
from vasprun_writer import VaspRun

from softdash.settings import Settings
from softdash.softening.material import analyse_forces
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import Role
from softdash.structures.upload.archives import is_archive
from softdash.structures.upload.formats import formats
from softdash.structures.upload.read import read_upload
from softdash.structures.upload.recognition import recognise

SHIPPED = Path(__file__).resolve().parents[2] / "precomputed" / "references" / "gpaw_pbe" / "Al.extxyz"
Files = dict[str, str | bytes]


def _real_frame() -> Step:
    """A frame of softdash's own DFT, with as many decimals as the shortest of the formats prints (an OUTCAR's 5)."""
    frame = ase.io.read(SHIPPED, 3)
    atoms = Atoms(frame.numbers, np.round(frame.positions, 5), cell=np.round(frame.cell.array, 5), pbc=True)
    stress = np.round(frame.get_stress(voigt=False), 6)
    return Step(atoms, np.round(frame.get_forces(), 5), round(frame.get_potential_energy(), 6), (stress + stress.T) / 2)


@pytest.fixture(scope="module")
def step() -> Step:
    return _real_frame()


def _labelled(step: Step) -> Atoms:
    atoms = step.atoms.copy()
    atoms.calc = SinglePointCalculator(atoms, energy=step.energy, forces=step.forces, stress=step.stress)
    return atoms


def _extxyz(step: Step) -> str:
    text, atoms = io.StringIO(), _labelled(step)
    atoms.info["functional"] = "PBE"
    ase.io.write(text, atoms, format="extxyz")
    return text.getvalue()


def _poscar(atoms: Atoms) -> str:
    text = io.StringIO()
    ase.io.write(text, atoms, format="vasp", direct=True)
    return text.getvalue()


def _cif(atoms: Atoms) -> str:
    cell = "".join(
        f"_cell_length_{axis} {length:.8f}\n" for axis, length in zip("abc", atoms.cell.lengths(), strict=True)
    )
    cell += "".join(f"_cell_angle_{angle} 90\n" for angle in ("alpha", "beta", "gamma"))
    columns = "".join(f"_atom_site_{name}\n" for name in ("type_symbol", "label", "fract_x", "fract_y", "fract_z"))
    sites = "".join(
        f"{symbol} {symbol}{number} {x:.12f} {y:.12f} {z:.12f}\n"
        for number, (symbol, (x, y, z)) in enumerate(zip(atoms.symbols, atoms.get_scaled_positions(False), strict=True))
    )
    return f"data_x\n{cell}_symmetry_space_group_name_H-M 'P 1'\nloop_\n{columns}{sites}"


def _csv(forces: np.ndarray, unit: str = "") -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([f"f{axis} ({unit})" if unit else f"f{axis}" for axis in "xyz"])
    writer.writerows(forces.tolist())
    return text.getvalue()


def _numpy(forces: np.ndarray, *, archive: bool = False) -> bytes:
    buffer = io.BytesIO()
    if archive:
        np.savez_compressed(buffer, energies=np.zeros(3), forces=forces)
    else:
        np.save(buffer, forces)
    return buffer.getvalue()


def _castep_steps(step: Step) -> str:
    text, atoms = io.StringIO(), step.atoms.copy()
    atoms.calc = SinglePointCalculator(atoms, free_energy=step.energy, forces=step.forces)
    write_castep_md(text, atoms)
    return text.getvalue()


def _database(step: Step, folder: Path, suffix: str) -> bytes:
    path = folder / f"frames{suffix}"
    ase.db.connect(path).write(_labelled(step), functional="PBE")
    return path.read_bytes()


def _structure(step: Step, **properties: Any) -> dict[str, Any]:
    atoms = step.atoms
    structure = Structure(
        Lattice(atoms.cell.array),
        list(atoms.symbols),
        atoms.positions,
        coords_are_cartesian=True,
        site_properties=properties,
    )
    return json.loads(structure.to_json())


def _trajectory(step: Step) -> str:
    """pymatgen's Trajectory of one frame, as JSON."""
    structure = Structure.from_dict(_structure(step, forces=step.forces.tolist()))
    text: str = Trajectory.from_structures([structure], frame_properties=[{"energy": step.energy}]).to_json()
    return text


def _phonopy(step: Step, folder: Path) -> dict[str, str]:
    """phonopy's own files of one random displacement: with forces, without, and its two forms of FORCE_SETS."""
    import phonopy
    from phonopy.file_IO import write_FORCE_SETS
    from phonopy.structure.atoms import PhonopyAtoms

    ideal = PhonopyAtoms(
        symbols=list(step.atoms.symbols),
        cell=step.atoms.cell.array,
        scaled_positions=np.round(step.atoms.get_scaled_positions(False) * 4) / 4,
    )
    crystal = phonopy.Phonopy(ideal, supercell_matrix=np.eye(3, dtype=int), primitive_matrix="P", is_symmetry=False)
    displacements = step.atoms.positions - crystal.supercell.positions
    crystal.dataset = {"displacements": displacements[None]}
    crystal.save(folder / "disp.yaml")
    crystal.forces = step.forces[None]
    crystal.save(folder / "params.yaml", settings={"force_sets": True})
    write_FORCE_SETS(crystal.dataset, folder / "second")
    supercell = Atoms(list(ideal.symbols), cell=ideal.cell, scaled_positions=ideal.scaled_positions, pbc=True)
    texts = {name: (folder / name).read_text() for name in ("disp.yaml", "params.yaml", "second")}
    rows = [f"{' '.join(repr(float(x)) for x in (*d, *f))}\n" for d, f in zip(displacements, step.forces, strict=True)]
    return {**texts, "all digits": "".join(rows), "SPOSCAR": _poscar(supercell)}


def _zip(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@dataclass(frozen=True)
class Way:
    """Files that hold the frame; how exactly its forces come out (eV/Å), and the unit that is shown."""

    make: Callable[[Step, Path], Files]
    forces_within: float = 0.0
    unit: str = "eV/Å"
    options: ReadOptions = field(default_factory=ReadOptions)
    has_energy: bool = False
    has_stress: bool = False
    expects: str = ""


RY, HA = Rydberg / Bohr, Hartree / Bohr
WAYS: dict[str, Way] = {
    "extended XYZ": Way(lambda s, _: {"run.extxyz": _extxyz(s)}, has_energy=True, has_stress=True),
    "vasprun.xml": Way(
        lambda s, _: {"vasprun.xml": VaspRun([(s.atoms, s.forces, s.energy, s.stress)]).text()},
        has_energy=True,
        has_stress=True,
        expects="VASP vasprun.xml",
    ),
    "vasprun.xml.gz": Way(
        lambda s, _: {
            "vasprun.xml.gz": gzip.compress(VaspRun([(s.atoms, s.forces, s.energy, s.stress)]).text().encode())
        },
        has_energy=True,
        has_stress=True,
        expects="VASP vasprun.xml",
    ),
    "OUTCAR": Way(lambda s, _: {"OUTCAR": outcar([s])}, has_energy=True, has_stress=True, expects="VASP OUTCAR"),
    "OUTCAR.gz": Way(lambda s, _: {"OUTCAR_relax.gz": gzip.compress(outcar([s]).encode())}, has_energy=True),
    "Quantum ESPRESSO": Way(
        lambda s, _: {"al.out": pwscf([s])},
        forces_within=2e-7,
        unit="Ry/bohr (Quantum ESPRESSO's unit)",
        has_energy=True,
        has_stress=True,
        expects="Quantum ESPRESSO output",
    ),
    "GPAW": Way(lambda s, _: {"gpaw.txt": gpaw_new([s])}, has_energy=True, has_stress=True, expects="GPAW output"),
    "GPAW, old": Way(lambda s, _: {"static.log": gpaw_old([s])}, has_energy=True, expects="GPAW output"),
    "FHI-aims": Way(lambda s, _: {"aims.out": fhi_aims([s])}, has_energy=True, expects="FHI-aims output"),
    "CASTEP": Way(lambda s, _: {"al.castep": castep([s])}, has_energy=True, expects="CASTEP output"),
    "CASTEP's steps": Way(
        lambda s, _: {"al.md": _castep_steps(s)},
        forces_within=1e-13,
        unit="Ha/bohr (CASTEP's",
        has_energy=True,
        expects="CASTEP .md",
    ),
    "ASE database": Way(
        lambda s, folder: {"a.db": _database(s, folder, ".db")},
        has_energy=True,
        has_stress=True,
        expects="ASE database",
    ),
    "ASE JSON": Way(
        lambda s, folder: {"a.json": _database(s, folder, ".json")},
        has_energy=True,
        has_stress=True,
        expects="ASE JSON",
    ),
    "pymatgen with site property": Way(
        lambda s, _: {"a.json": json.dumps(_structure(s, forces=s.forces.tolist()))}, expects="pymatgen JSON"
    ),
    "pymatgen with labels beside": Way(
        lambda s, _: {
            "wbm.json": json.dumps(
                {"wbm-1": {"3": {"structure": _structure(s), "vasp_f": s.forces.tolist(), "vasp_e": s.energy}}}
            )
        },
        has_energy=True,
    ),
    "pymatgen trajectory": Way(lambda s, _: {"run.json": _trajectory(s)}, has_energy=True, expects="pymatgen JSON"),
    "ASE atoms as JSON": Way(
        lambda s, _: {"a.json": json.dumps({**json.loads(encode(s.atoms)), "forces": s.forces.tolist()})},
        expects="ASE JSON",
    ),
    "CONTCAR + table": Way(
        lambda s, _: {
            "CONTCAR": _poscar(s.atoms),
            "forces.txt": "\n".join(" ".join(map(repr, map(float, row))) for row in s.forces),
        },
        expects="POSCAR + forces table",
    ),
    "CIF + csv": Way(lambda s, _: {"a.cif": _cif(s.atoms), "a.csv": _csv(s.forces)}),
    "POSCAR + npy": Way(lambda s, _: {"POSCAR": _poscar(s.atoms), "f.npy": _numpy(s.forces)}),
    "POSCAR + npz": Way(lambda s, _: {"POSCAR": _poscar(s.atoms), "f.npz": _numpy(s.forces, archive=True)}),
    "POSCAR + csv in Ry/bohr": Way(
        lambda s, _: {"POSCAR": _poscar(s.atoms), "f.csv": _csv(s.forces / RY, "Ry/bohr")},
        forces_within=1e-14,
        unit="Ry/bohr (from the header)",
    ),
    "POSCAR + csv, chosen Ha/bohr": Way(
        lambda s, _: {"POSCAR": _poscar(s.atoms), "f.csv": _csv(s.forces / HA)},
        forces_within=1e-14,
        unit="Ha/bohr (chosen)",
        options=ReadOptions(force_unit="Ha/bohr"),
    ),
    "extended XYZ, chosen Ry/bohr": Way(
        lambda s, _: {"a.xyz": _extxyz(Step(s.atoms, s.forces / RY, s.energy, s.stress))},
        forces_within=2e-7,
        unit="Ry/bohr (chosen)",
        options=ReadOptions(force_unit="Ry/bohr"),
    ),
    "POSCAR + json in Ha/bohr": Way(
        lambda s, _: {
            "POSCAR": _poscar(s.atoms),
            "f.json": json.dumps({"forces": (s.forces / HA).tolist(), "force_unit": "hartree/bohr"}),
        },
        forces_within=1e-14,
        unit="Ha/bohr (as the file says)",
    ),
    "pymatgen structure + csv": Way(
        lambda s, _: {"structure.json": json.dumps(_structure(s)), "forces.csv": _csv(s.forces)}
    ),
    "phonopy_params.yaml": Way(
        lambda s, folder: {"phonopy_params.yaml": _phonopy(s, folder)["params.yaml"]}, expects="phonopy YAML"
    ),
    "phonopy_disp.yaml + FORCE_SETS": Way(
        lambda s, folder: {
            "phonopy_disp.yaml": _phonopy(s, folder)["disp.yaml"],
            "FORCE_SETS": _phonopy(s, folder)["second"],
        },
        expects="phonopy YAML + FORCE_SETS",
    ),
    "SPOSCAR + FORCE_SETS": Way(
        lambda s, folder: {
            "SPOSCAR": _phonopy(s, folder)["SPOSCAR"],
            "FORCE_SETS": _phonopy(s, folder)["all digits"],
        }
    ),
    "zip": Way(
        lambda s, _: {
            "results.zip": _zip(
                {
                    "run/POSCAR": _poscar(s.atoms),
                    "run/OUTCAR": outcar([s]),
                    "run/INCAR": "ENCUT = 520\n",
                    "run/vasprun.xml.gz": gzip.compress(
                        VaspRun([(s.atoms, s.forces, s.energy, s.stress)]).text().encode()
                    ),
                }
            )
        },
        has_energy=True,
        expects="VASP vasprun.xml",
    ),
}


def _read(files: Files, folder: Path, options: ReadOptions) -> LabelledFrames:
    paths = []
    for number, content in enumerate(files.values()):
        paths.append(folder / f"upload-{number}")
        paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
    return read_upload(paths, Settings(), list(files), options)


def _slope(atoms: Atoms, reference: np.ndarray) -> float:
    """Softening scale of a classical potential on a frame."""
    model = atoms.copy()
    model.calc = EMT()
    return analyse_forces([reference], [model.get_forces()], [atoms.numbers]).slope


@pytest.mark.parametrize("way", WAYS)
def test_the_same_frame_and_slope_whichever_way_it_comes_in(step: Step, tmp_path: Path, way: str) -> None:
    chosen = WAYS[way]
    frames = _read(chosen.make(step, tmp_path), tmp_path, chosen.options)
    assert len(frames.frames) == 1
    assert frames.refused == ()
    frame = frames.frames[0]
    assert frame.atoms.calc is None
    assert frame.atoms.get_chemical_symbols() == step.atoms.get_chemical_symbols()
    assert frame.atoms.pbc.all()
    np.testing.assert_allclose(frame.atoms.cell.array, step.atoms.cell.array, rtol=0, atol=1e-8)
    shift = np.linalg.solve(step.atoms.cell.array.T, (frame.atoms.positions - step.atoms.positions).T).T
    np.testing.assert_allclose((shift - np.rint(shift)) @ step.atoms.cell.array, 0, rtol=0, atol=2e-7)
    np.testing.assert_allclose(frame.reference_forces, step.forces, rtol=0, atol=chosen.forces_within)
    assert frames.force_unit.startswith(chosen.unit)
    assert frames.file_format.startswith(chosen.expects)
    assert (frame.reference_energy is not None) >= chosen.has_energy
    if frame.reference_energy is not None:
        assert frame.reference_energy == pytest.approx(step.energy, abs=2e-7)
    assert (frame.reference_stress is not None) >= chosen.has_stress
    if frame.reference_stress is not None:
        np.testing.assert_allclose(frame.reference_stress, step.stress, rtol=0, atol=1e-6)
    assert _slope(frame.atoms, frame.reference_forces) == pytest.approx(_slope(step.atoms, step.forces), abs=1e-6)


def test_every_format_that_is_read_has_a_way(step: Step, tmp_path: Path) -> None:
    seen = set()
    for way in WAYS.values():
        for name, content in way.make(step, tmp_path).items():
            if not is_archive(name):
                path = tmp_path / "looked-at"
                path.write_bytes(content.encode() if isinstance(content, str) else content)
                seen.add(recognise(SourceFile(path, name, 10**8), Settings()).name)
    assert {file_format.name for file_format in formats()} == seen


def test_formats_hold_what_they_declare(step: Step, tmp_path: Path) -> None:
    seen: dict[str, set[str]] = {}
    for way in WAYS.values():
        files = way.make(step, tmp_path)
        if len(files) > 1 or any(is_archive(name) for name in files):
            continue
        frames = _read(files, tmp_path, way.options)
        file_format = recognise(SourceFile(tmp_path / "upload-0", next(iter(files)), 10**8), Settings())
        found = seen.setdefault(file_format.name, {"structure", "forces"})
        labels = (frames.frames[0].reference_energy, frames.frames[0].reference_stress, frames.functional)
        found.update(
            name for name, one in zip(("energy", "stress", "functional"), labels, strict=True) if one is not None
        )
    alone = {one.name: set(one.holds) for one in formats() if one.role in (Role.LABELLED, Role.SUPERCELL)}
    assert seen == alone


def test_the_slope_of_this_frame_means_something(step: Step) -> None:
    assert 0.3 < _slope(step.atoms, step.forces) < 1.5
    assert _slope(step.atoms, 2 * step.forces) == pytest.approx(_slope(step.atoms, step.forces) / 2, rel=1e-12)
