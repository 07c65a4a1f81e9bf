"""Outputs of VASP, Quantum ESPRESSO and GPAW: the same numbers as ASE, metadata, and runs that went wrong."""

from __future__ import annotations

import ast
import gzip
import re
from collections.abc import Callable
from importlib.resources import files as package_files
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from program_output_writers import Step, gpaw_new, gpaw_old, outcar, pwscf

from softdash.errors import InputError, RefusalError, TooLargeError, UnsupportedFormatError
from softdash.structures.frames.labelled_frame import LabelledFrames

Read = Callable[..., LabelledFrames]
ASE_TESTS = package_files("ase") / "test"


def steps(count: int = 3, formula: str = "Na2Cl2") -> list[Step]:
    random = np.random.default_rng(5)
    found = []
    for index in range(count):
        cell = np.array([[4.0, 0.1, 0], [0.2, 4.5, 0.3], [-0.4, 0, 5.0]]) * (1 + 0.01 * index)
        atoms = Atoms(formula, cell=np.round(cell, 5), pbc=True)
        scaled = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
        atoms.set_scaled_positions(scaled + random.normal(scale=0.02, size=(4, 3)))
        atoms.positions = np.round(atoms.positions, 5)
        stress = np.round(random.normal(scale=0.01, size=(3, 3)), 5)
        found.append(Step(atoms, np.round(random.normal(size=(4, 3)), 5), -12.5 - index, (stress + stress.T) / 2))
    return found


def compare(ours: LabelledFrames, theirs: list[Atoms], *, within: float = 1e-9) -> None:
    assert len(ours.frames) == len(theirs)
    for frame, other in zip(ours.frames, theirs, strict=True):
        assert frame.atoms.get_chemical_symbols() == other.get_chemical_symbols()
        np.testing.assert_allclose(frame.atoms.cell.array, other.cell.array, rtol=0, atol=within)
        np.testing.assert_allclose(frame.atoms.positions, other.positions, rtol=0, atol=within)
        np.testing.assert_allclose(frame.reference_forces, other.get_forces(apply_constraint=False), rtol=1e-7)
        assert frame.reference_energy == pytest.approx(other.get_potential_energy(), rel=1e-7)


@pytest.mark.parametrize(
    ("name", "text", "ase_format", "within"),
    [
        ("scf.pwo", lambda: pwscf(steps()), "espresso-out", 1e-6),  # ASE has other constants for bohr and Ry
        ("gpaw.txt", lambda: gpaw_old(steps()), "gpaw-out", 1e-9),
    ],
)
def test_every_step_agrees_with_ase(
    read: Read, tmp_path: Path, name: str, text: Callable[[], str], ase_format: str, within: float
) -> None:
    (tmp_path / name).write_text(text())
    ours = read({name: tmp_path / name})
    compare(ours, ase.io.read(tmp_path / name, ":", format=ase_format), within=within)
    assert [frame.origin for frame in ours.frames] == [f"{name}, frame {number}" for number in (1, 2, 3)]
    assert ours.refused == ours.warnings == ()
    assert ours.force_unit_is_stated


def test_every_step_of_an_outcar(read: Read) -> None:
    found = read({"OUTCAR": outcar(steps())})
    for frame, step in zip(found.frames, steps(), strict=True):
        assert np.array_equal(frame.reference_forces, step.forces)
        assert np.array_equal(frame.atoms.positions, step.atoms.positions)
        assert frame.reference_energy == step.energy
        np.testing.assert_allclose(frame.reference_stress, step.stress, rtol=0, atol=1e-8)


def test_a_real_outcar(read: Read) -> None:
    path = Path(str(ASE_TESTS / "testdata" / "vasp" / "OUTCAR_example_1"))
    ours = read({"OUTCAR": path})
    theirs = ase.io.read(path, ":", format="vasp-out")
    compare(ours, theirs)
    np.testing.assert_allclose(ours.frames[0].reference_stress, theirs[0].get_stress(voigt=False), rtol=0, atol=1e-9)
    assert (ours.functional, ours.code, ours.spin) == ("PBE", "VASP 5.3.3", "spin-polarised")


def test_a_real_gpaw_log(read: Read) -> None:
    path = Path(str(ASE_TESTS / "testdata" / "gpaw_expected_text_output"))
    ours = read({"h2.txt": path})
    compare(ours, ase.io.read(path, ":", format="gpaw-out"))
    assert (ours.code, ours.spin, ours.dispersion) == ("GPAW 20.1.1b1", "not spin-polarised", "vdWTkatchenko09prl")


@pytest.mark.parametrize(
    ("name", "functional", "frame_count", "digits"),
    [("Al_relax.pwo", "LDA", 2, 2e-7), ("Al_gpaw.txt", "PBE", 1, 5.1e-6)],
)
def test_real_runs_of_displaced_aluminium(
    read: Read, fixtures: Path, name: str, functional: str, frame_count: int, digits: float
) -> None:
    """Written by pw.x 6.7 and by GPAW 26.7; the other file of each is what ASE made of the same run."""
    ours = read({name: fixtures / name})
    theirs = read({"ase.extxyz": (fixtures / name).with_suffix(".extxyz")})
    assert (len(ours.frames), ours.functional, ours.refused) == (frame_count, functional, ())
    for frame, other in zip(ours.frames, theirs.frames, strict=True):
        np.testing.assert_allclose(frame.atoms.positions, other.atoms.positions, rtol=0, atol=1e-6)
        np.testing.assert_allclose(frame.reference_forces, other.reference_forces, rtol=0, atol=digits)
        np.testing.assert_allclose(frame.reference_stress, other.reference_stress, rtol=0, atol=1e-6)
        assert frame.reference_energy == pytest.approx(other.reference_energy, abs=1e-3)


def test_atoms_fixed_by_pwscf_keep_their_forces(read: Read, fixtures: Path) -> None:
    path = fixtures / "Al_relax.pwo"
    found = read({path.name: path})
    (warning,) = found.warnings
    assert warning.startswith("Al_relax.pwo: 1 of 4 atoms")
    assert all(frame.reference_forces[0].any() for frame in found.frames)
    zeros = re.sub(
        r"(atom    1 type  1   force =).*", r"\1     0.00000000    0.00000000    0.00000000", path.read_text()
    )
    assert "their forces are zero in the file, not DFT's" in read({"zeroed.pwo": zeros}).warnings[0]


def _real_pwscf_outputs() -> dict[str, str]:
    """Outputs of pw.x that ASE's tests carry in their source."""
    tree = ast.parse((ASE_TESTS / "fio" / "test_espresso.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and "Program PWSCF" in str(node.value.value)
    }


def test_real_structures_of_a_vc_relax(read: Read, tmp_path: Path) -> None:
    """The forces of these runs are zero by symmetry; the real structures, cells and energies are compared."""
    outputs = _real_pwscf_outputs()
    assert outputs, "ASE has moved its examples"
    for name, text in outputs.items():
        path = tmp_path / f"{name}.pwo"
        zero = "0.00000000    0.00000000    0.00000000\n     atom"
        path.write_text(text.replace(zero, "0.10000000 0.0 0.0\n     atom"))
        ours = read({path.name: path})
        theirs = [atoms for atoms in ase.io.read(path, ":", format="espresso-out") if atoms.calc is not None]
        assert len(ours.frames) >= 2
        for frame, other in ((ours.frames[0], theirs[0]), (ours.frames[-1], theirs[-1])):
            np.testing.assert_allclose(frame.atoms.cell.array, other.cell.array, rtol=0, atol=1e-5)
            np.testing.assert_allclose(frame.atoms.positions, other.positions, rtol=0, atol=1e-5)
            assert frame.reference_energy == pytest.approx(other.get_potential_energy(), rel=1e-6)
        assert ours.functional == "PBE"


def test_stress_of_pwscf_has_the_sign_of_ase(read: Read) -> None:
    for frame, step in zip(read({"a.pwo": pwscf(steps())}).frames, steps(), strict=True):
        np.testing.assert_allclose(frame.reference_stress, step.stress, rtol=0, atol=2e-6)


OUTCAR_TAGS = "   GGA     =    PE    GGA type\n"
PLUS_U = (
    " LDA+U is selected, type is set to LDAUTYPE =  2\n   angular momentum for each species LDAUL =     2    -1\n"
    "   U (eV)           for each species LDAUU =   3.9   0.0\n"
    "   J (eV)           for each species LDAUJ =   0.0   0.0\n"
)


@pytest.mark.parametrize(
    ("tags", "functional", "hubbard", "dispersion"),
    [
        (OUTCAR_TAGS, "PBE", None, None),
        ("   GGA     =    --    GGA type\n", "PBE", None, None),
        ("   GGA     =    PS    GGA type\n", "PBEsol", None, None),
        (OUTCAR_TAGS + PLUS_U, "PBE+U", "Na 3.9 eV", None),
        (OUTCAR_TAGS + "   IVDW = 12\n", "PBE+D3(BJ)", None, "D3(BJ)"),
        (OUTCAR_TAGS + "   METAGGA = R2SCAN\n", "r2SCAN", None, None),
    ],
)
def test_metadata_of_an_outcar(
    read: Read, tags: str, functional: str, hubbard: str | None, dispersion: str | None
) -> None:
    found = read({"OUTCAR": outcar(steps(1), tags)})
    assert (found.functional, found.hubbard_u, found.dispersion) == (functional, hubbard, dispersion)
    assert (found.code, found.spin) == ("VASP 6.4.2", "spin-polarised")


LDA_PLUS_U = (
    "     Simplified LDA+U calculation (l_max = 2) with parameters (eV):\n"
    "     atomic species    L          U    alpha\n"
    "        Na1            2     4.6000   0.0000   0.0000   0.0000\n\n"
)


@pytest.mark.parametrize(
    ("functional", "extra", "expected"),
    [
        ("PBE", "", ("PBE", None, None, "not spin-polarised")),
        (" SLA  PW   PSX  PSC (   1   4  10   8   0   0   0)", "", ("PBEsol", None, None, "not spin-polarised")),
        ("PBE", "     U(Na-3s) =  4.6000\n", ("PBE+U", "Na 4.6 eV", None, "not spin-polarised")),
        (
            "PBE",
            LDA_PLUS_U,
            ("PBE+U", "Na 4.6 eV", None, "not spin-polarised"),
        ),
        ("PBE", "     DFT-D3 Dispersion Correction (no 3-body):\n", ("PBE+D3", None, "D3", "not spin-polarised")),
        ("PBE", "     Starting magnetic structure\n", ("PBE", None, None, "spin-polarised")),
    ],
)
def test_metadata_of_pwscf(
    read: Read, functional: str, extra: str, expected: tuple[str, str | None, str | None, str]
) -> None:
    found = read({"a.out": pwscf(steps(1), functional, extra)})
    assert (found.functional, found.hubbard_u, found.dispersion, found.spin) == expected
    assert found.code == "Quantum ESPRESSO 7.4"


def test_new_gpaw(read: Read) -> None:
    found = read({"gpaw.log": gpaw_new(steps())})
    assert (found.functional, found.code, found.spin) == ("PBE", "GPAW 26.7.0", "not spin-polarised")
    for frame, step in zip(found.frames, steps(), strict=True):
        assert np.array_equal(frame.reference_forces, step.forces)
        assert np.array_equal(frame.atoms.positions, step.atoms.positions)
        np.testing.assert_allclose(frame.reference_stress, step.stress, rtol=0, atol=6e-7)


def _cut(text: str, share: float) -> str:
    return text[: int(len(text) * share)]


@pytest.mark.parametrize(
    ("name", "text"), [("OUTCAR", outcar(steps())), ("a.pwo", pwscf(steps())), ("gpaw.txt", gpaw_new(steps()))]
)
def test_a_run_that_was_killed_keeps_its_complete_steps(read: Read, name: str, text: str) -> None:
    for share in (0.7, 0.8, 0.9, 0.97):
        found = read({name: _cut(text, share)})
        assert 1 <= len(found.frames) <= 3
        for frame, step in zip(found.frames, steps(), strict=False):
            np.testing.assert_allclose(frame.reference_forces, step.forces, rtol=0, atol=2e-7)


def test_an_archive_that_ends_too_early_keeps_its_complete_steps(read: Read) -> None:
    content = gzip.compress(outcar(steps()).encode(), compresslevel=0)
    found = read({"OUTCAR.gz": content[: len(content) - 2000]})
    assert len(found.frames) >= 1
    assert any("ends too early" in warning for warning in found.warnings)


BROKEN: dict[str, tuple[str, str, type[InputError], str]] = {
    "OUTCAR of a machine-learned force field": (
        "OUTCAR",
        outcar(steps(1)).replace("(eV/Angst)", "(eV/Angst) (ML)"),
        RefusalError,
        "machine-learned force field",
    ),
    "OUTCAR without forces": ("OUTCAR", outcar(steps(1)).partition(" POSITION")[0], InputError, "holds no forces"),
    "OUTCAR of 1e9 atoms": (
        "OUTCAR",
        outcar(steps(1)).replace("ions per type =              2   2", "ions per type =   999999999   2"),
        TooLargeError,
        "1,000,000,001 atoms",
    ),
    "OUTCAR without species": ("OUTCAR", "vasp.6.4.2\n ions per type =  4\n", InputError, "pseudopotentials of 0"),
    "OUTCAR of another element": (
        "OUTCAR",
        outcar(steps(1)).replace("PAW_PBE Na_pv", "PAW_PBE Qq_pv"),
        InputError,
        "no known element",
    ),
    "OUTCAR with stars": (
        "OUTCAR",
        outcar(steps(1)).replace(f"{steps(1)[0].forces[0, 0]:14.6f}", " *************"),
        RefusalError,
        "is not a number",
    ),
    "no OUTCAR": ("OUTCAR", "hello\n", InputError, "no OUTCAR"),
    "pw.x without forces": ("a.pwo", pwscf(steps(1)).partition("Forces")[0], InputError, "printed no forces"),
    "pw.x of 1e9 atoms": (
        "a.pwo",
        pwscf(steps(1)).replace("number of atoms/cell      =            4", "number of atoms/cell = 999999999"),
        TooLargeError,
        "999,999,999 atoms",
    ),
    "pw.x one force short": (
        "a.pwo",
        pwscf(steps(1)).replace("     atom    3 type", "     atom    4 type", 1),
        RefusalError,
        "forces for 2 of 4 atoms",
    ),
    "pw.x in another unit": ("a.pwo", pwscf(steps(1)).replace("Ry/au", "eV/km"), RefusalError, "unknown unit"),
    "pw.x with an unknown label": (
        "a.pwo",
        pwscf(steps(1)).replace("Na1 ", "Qq1 ").replace("Na( 1.00)", "Qq( 1.00)"),
        RefusalError,
        "label 'Qq1'",
    ),
    "pw.x with nan": ("a.pwo", pwscf(steps(1)).replace("force =     ", "force = nan ", 1), InputError, "nan"),
    "GPAW one force short": (
        "gpaw.txt",
        "\n".join(line for line in gpaw_new(steps(1)).splitlines() if "# Cl   3" not in line),
        RefusalError,
        "3 forces and 4 atoms",
    ),
    "GPAW without forces": ("gpaw.txt", gpaw_new(steps(1)).partition("Forces")[0], InputError, "no forces"),
    "standard output of VASP": (
        "vasp.out",
        " running on 4 total cores\n",
        UnsupportedFormatError,
        "content is neither",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_said(read: Read, case: str) -> None:
    name, text, kind, words = BROKEN[case]
    with pytest.raises(kind) as caught:
        read({name: text})
    assert words in str(caught.value)
    assert name in str(caught.value)


def test_unconverged_steps_are_told(read: Read) -> None:
    many = read({"OUTCAR": outcar(steps(2), electronic_steps=60)})
    assert any("2 of 2 steps used all NELM = 60" in warning for warning in many.warnings)
    text = pwscf(steps(2)).replace("convergence has been achieved in  11", "convergence NOT achieved after  11", 1)
    assert any("1 of 2 steps did not reach" in warning for warning in read({"a.pwo": text}).warnings)


def test_numbers_without_a_blank_between_them(read: Read) -> None:
    text = outcar(steps(1))
    row = next(line for line in text.splitlines() if line.startswith("      ") and line.count(".") == 6)
    words = row.split()
    glued = f"{words[0]:>13}{words[1]:>13}{words[2]:>13}    -100.250000-200.500000  -0.125000"
    frame = read({"OUTCAR": text.replace(row, glued)}).frames[0]
    assert np.any(np.all(np.isclose(frame.reference_forces, [-100.25, -200.5, -0.125]), axis=1))
