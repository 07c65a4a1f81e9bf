"""The zip of inputs: programs can read each of them, and their outputs come back as the same frames."""

from __future__ import annotations

import ast
import re
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read
from click.testing import CliRunner
from pymatgen.io.vasp import Incar, Kpoints, Poscar
from pymatgen.io.vasp.sets import MPStaticSet

from softdash.benchmarks.sampling.calculation_inputs import LevelOfTheory, frame_names, write_inputs_zip
from softdash.cli import main
from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.upload.read import read_upload


def rattled(name: str = "NaCl", a: float = 5.6) -> list[Atoms]:
    frames = []
    for seed in (1, 2):
        atoms = bulk(name, "rocksalt", a, cubic=True)
        atoms.rattle(0.1, seed=seed)
        frames.append(atoms)
    return frames


def unpacked(folder: Path, frames: list[Atoms], functional: str = "PBE / PBE+U") -> Path:
    archive = folder / "inputs.zip"
    write_inputs_zip(archive, frames, functional, "Made by a test.")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder / "inputs")
    return folder / "inputs"


def same(found: Atoms, frame: Atoms, tolerance: float = 1e-6) -> bool:
    """Whether two crystals hold the same atoms, whatever their order and lattice translations."""
    if sorted(found.symbols) != sorted(frame.symbols) or not np.allclose(found.cell, frame.cell, atol=1e-6):
        return False
    both = found + frame
    distances = both.get_all_distances(mic=True)[: len(found), len(found) :]
    return bool((distances.min(axis=1) < tolerance).all())


def test_every_input_holds_its_frame(tmp_path: Path) -> None:
    frames = rattled()
    folder = unpacked(tmp_path, frames)
    assert frame_names(frames) == ["NaCl-01", "NaCl-02"]
    for name, frame in zip(frame_names(frames), frames, strict=True):
        assert same(Poscar.from_file(folder / f"vasp/{name}/POSCAR").structure.to_ase_atoms(), frame)
        assert same(read(folder / f"quantum_espresso/{name}.pwi"), frame)
        assert same(read(folder / f"structures/{name}.cif"), frame)
        assert same(read(folder / f"structures/{name}.vasp"), frame)
        incar = Incar.from_file(folder / f"vasp/{name}/INCAR")
        assert (incar["NSW"], incar["ISMEAR"]) == (0, 0)
        assert incar["EDIFF"] <= 1e-6
        assert min(Kpoints.from_file(folder / f"vasp/{name}/KPOINTS").kpts[0]) >= 3
        assert (folder / f"vasp/{name}/POTCAR.spec").read_text().split() == ["Na_pv", "Cl"]
        assert not (folder / f"vasp/{name}/POTCAR").exists()
        assert "tprnfor          = .true." in (folder / f"quantum_espresso/{name}.pwi").read_text()
    again = read(folder / "frames.extxyz", ":")
    assert all(same(one, frame, 1e-5) for one, frame in zip(again, frames, strict=True))
    ast.parse((folder / "gpaw/static.py").read_text())


@pytest.mark.parametrize(("name", "a"), [("NaCl", 5.6), ("MnO", 4.45)])
def test_vasp_inputs_are_those_of_materials_project_but_for_what_the_readme_names(
    tmp_path: Path, name: str, a: float
) -> None:
    folder = unpacked(tmp_path, rattled(name, a)) / f"vasp/{name}-01"
    incar, structure = Incar.from_file(folder / "INCAR"), Poscar.from_file(folder / "POSCAR").structure
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        incar.check_params()  # pymatgen's list of VASP's tags and their values
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on POTCARs that pymatgen was not given
        standard = MPStaticSet(structure)
    changed = {tag for tag in {*incar, *standard.incar} if incar.get(tag) != standard.incar.get(tag)}
    assert changed == {"EDIFF", "ISIF", "ISMEAR", "LCHARG"}  # ISIF 2: forces and stress, as without it
    assert Kpoints.from_file(folder / "KPOINTS").kpts == standard.kpoints.kpts


def test_hubbard_u_and_magnetism_are_in_all_three(tmp_path: Path) -> None:
    folder = unpacked(tmp_path, rattled("MnO", 4.45))
    incar = Incar.from_file(folder / "vasp/MnO-01/INCAR")
    assert (incar["LDAU"], incar["LDAUU"], incar["ISPIN"]) == (True, [3.9, 0], 2)
    espresso = (folder / "quantum_espresso/MnO-01.pwi").read_text()
    assert "U Mn-3d 3.9" in espresso
    assert re.search(r"nspin\s+= 2", espresso)
    assert "setups={'Mn': ':d,3.9,0'}" in (folder / "gpaw/static.py").read_text()
    readme = (folder / "README.txt").read_text()
    assert "Mn 3.9 eV" in readme
    assert "pw.x takes it from version 7.1 on" in readme


@pytest.mark.parametrize(
    ("functional", "incar", "espresso", "gpaw"),
    [
        ("PBE", {}, "'PBE'", '"PBE"'),
        ("r2SCAN", {"METAGGA": "R2scan"}, "'R2SCAN'", "R2SCAN"),
        ("PBEsol", {"GGA": "Ps"}, "'PBESOL'", '"PBEsol"'),
    ],
)
def test_the_functional_is_the_one_the_potential_learnt(
    tmp_path: Path, functional: str, incar: dict[str, str], espresso: str, gpaw: str
) -> None:
    folder = unpacked(tmp_path, rattled("MnO", 4.45), functional)
    found = Incar.from_file(folder / "vasp/MnO-01/INCAR")
    assert not found.get("LDAU")
    assert {tag: found.get(tag) for tag in ("METAGGA", "GGA") if tag in found} == incar
    assert espresso in (folder / "quantum_espresso/MnO-01.pwi").read_text()
    assert gpaw in (folder / "gpaw/static.py").read_text()


def test_a_functional_without_inputs_is_said(tmp_path: Path) -> None:
    assert LevelOfTheory.of_potential("wB97X-D").substitutes == "wB97X-D"
    assert "learnt wB97X-D" in (unpacked(tmp_path, rattled(), "wB97X-D") / "README.txt").read_text()


def test_the_readme_s_command_is_one(tmp_path: Path) -> None:
    readme = (unpacked(tmp_path, rattled()) / "README.txt").read_text()
    (command,) = re.findall(r"softdash (diagnose .*)", readme)
    result = CliRunner().invoke(main, command.replace("results.zip", str(tmp_path / "none.zip")).split())
    assert "No such option" not in result.stderr
    assert "Missing option" not in result.stderr
    assert "none.zip" in result.stderr


def test_outputs_come_back_with_their_frames(tmp_path: Path) -> None:
    """What the README says: outputs in one zip, in their folders, beside the inputs that they came from."""
    frames = rattled()
    folder = unpacked(tmp_path, frames)
    archive = tmp_path / "results.zip"
    with zipfile.ZipFile(archive, "w") as results:
        for file in sorted((folder / "vasp").rglob("*")):
            results.write(file, file.relative_to(folder))
        for name in frame_names(frames):
            ordered = Poscar.from_file(folder / f"vasp/{name}/POSCAR").structure.to_ase_atoms()
            results.writestr(f"vasp/{name}/vasprun.xml", _vasprun(ordered))
    found = read_upload([archive], Settings())
    assert len(found.frames) == 2
    assert found.refused == ()
    for back, frame in zip(found.frames, frames, strict=True):
        assert same(back.atoms, frame)


def _vasprun(ordered: Atoms) -> str:
    symbols = "".join(f"<rc><c>{symbol}</c><c>1</c></rc>" for symbol in ordered.get_chemical_symbols())

    def rows(values: np.ndarray) -> str:
        return "".join("<v>" + " ".join(f"{x:.8f}" for x in row) + "</v>" for row in values)

    return (
        '<?xml version="1.0"?><modeling><generator><i name="program">vasp</i><i name="version">6.4.2</i></generator>'
        '<parameters><separator name="electronic"><i type="int" name="NELM">60</i></separator></parameters>'
        f'<atominfo><atoms>{len(ordered)}</atoms><types>2</types><array name="atoms"><set>{symbols}</set></array>'
        "</atominfo><calculation><scstep></scstep><structure><crystal>"
        f'<varray name="basis">{rows(ordered.cell.array)}</varray></crystal>'
        f'<varray name="positions">{rows(ordered.get_scaled_positions())}</varray></structure>'
        f'<varray name="forces">{rows(np.sin(ordered.positions))}</varray></calculation></modeling>'
    )


def test_equal_frames_give_equal_bytes_and_none_is_refused(tmp_path: Path) -> None:
    frames = rattled()
    first, second = tmp_path / "one.zip", tmp_path / "two.zip"
    write_inputs_zip(first, frames, "PBE", "x")
    write_inputs_zip(second, frames, "PBE", "x")
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(InputError, match="no frame"):
        write_inputs_zip(first, [], "PBE", "x")


def test_the_command_writes_the_zip(tmp_path: Path) -> None:
    structure, archive = tmp_path / "POSCAR", tmp_path / "inputs.zip"
    bulk("Cu", cubic=True).write(structure, format="vasp")
    options = ["--potential", "emt", "--time-ps", "0.02", "--equilibration-ps", "0.01", "--frames", "2"]
    files = ["--output", tmp_path / "frames.extxyz", "--inputs", archive]
    result = CliRunner().invoke(main, ["benchmark", "sample-states", *map(str, [structure, *options, *files])])
    assert result.exit_code == 0, result.output
    assert str(archive) in result.output
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        assert opened.read("frames.extxyz").decode().count("Lattice=") == 2
    assert {"vasp/Cu-02/POSCAR", "quantum_espresso/Cu-02.pwi", "gpaw/static.py", "README.txt"} <= set(names)
