"""What ASE reads for softdash: files that FHI-aims and CASTEP printed, of ASE's own tests, and what ASE writes."""

from __future__ import annotations

import io
from pathlib import Path

import ase
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io.castep import write_castep_geom
from program_output_writers import Step, castep, fhi_aims
from upload_contents import Files, Reader, packed

from softdash.errors import InputError, TooLargeError, UnsupportedFormatError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import FramesFormat
from softdash.structures.upload.recognition import recognise

PRINTED = Path(ase.__file__).parent / "test" / "testdata"
BANNER = "          Invoking FHI-aims ...\n"  # ASE's files were cut above it


def printed(name: str) -> str:
    text = (PRINTED / name).read_text()
    return text if name.endswith(".castep") else BANNER + text


def read_text(folder: Path, name: str, text: str) -> LabelledFrames:
    """Recognise and read a file, without the checks that refuse frames at rest."""
    path = folder / name
    path.write_text(text)
    source, settings = SourceFile(path, name, 10**8), Settings()
    file_format = recognise(source, settings)
    assert isinstance(file_format, FramesFormat)
    return file_format.read(source, settings, FrameBudget(settings))


def steps(count: int) -> list[Step]:
    random = np.random.default_rng(5)
    found = []
    for number in range(count):
        atoms = Atoms("Al4", scaled_positions=random.random((4, 3)), cell=np.diag([4.0, 4.1, 4.2 + number]), pbc=True)
        found.append(Step(atoms, np.round(random.normal(size=(4, 3)), 5), -3.0 * number))
    return found


@pytest.mark.parametrize(
    ("name", "frames", "code", "functional", "unit"),
    [
        ("aims/md.out", 5, "FHI-aims", "LDA", "eV/Å (FHI-aims' unit)"),
        ("aims/socket.out", 6, "FHI-aims", None, "eV/Å (FHI-aims' unit)"),
        ("castep/md.castep", 3, "CASTEP 23.1", "LDA", "eV/Å (CASTEP's unit)"),
    ],
)
def test_energies_of_a_printed_run_change_by_the_work_of_its_forces(
    tmp_path: Path, name: str, frames: int, code: str, functional: str | None, unit: str
) -> None:
    """True only if structure, forces and energy of a frame belong together, in one unit, with the right sign."""
    read = read_text(tmp_path, Path(name).name, printed(name))
    assert (len(read.frames), read.refused, read.warnings) == (frames, (), ())
    assert (read.code, read.functional, read.force_unit) == (code, functional, unit)
    changes, works = [], []
    for before, after in zip(read.frames, read.frames[1:], strict=False):
        moved = after.atoms.positions - before.atoms.positions
        if before.atoms.pbc.all():
            cell = before.atoms.cell.array
            moved -= np.rint(moved @ np.linalg.inv(cell)) @ cell
        assert before.reference_energy is not None
        assert after.reference_energy is not None
        changes.append(after.reference_energy - before.reference_energy)
        works.append(float(-np.sum((before.reference_forces + after.reference_forces) / 2 * moved)))
    np.testing.assert_allclose(works, changes, rtol=0.1, atol=1e-5)


def test_several_steps_keep_their_own_structures_and_forces(tmp_path: Path) -> None:
    wanted = steps(3)
    text = io.StringIO()
    geom = [step.atoms.copy() for step in wanted]
    for atoms, step in zip(geom, wanted, strict=True):
        atoms.calc = SinglePointCalculator(atoms, free_energy=step.energy, forces=step.forces, stress=np.zeros(6))
    write_castep_geom(text, geom)
    for name, content in (("a.log", fhi_aims(wanted)), ("a.castep", castep(wanted)), ("a.geom", text.getvalue())):
        read = read_text(tmp_path, name, content)
        assert len(read.frames) == 3
        for frame, step in zip(read.frames, wanted, strict=True):
            assert frame.atoms.calc is None
            np.testing.assert_allclose(frame.reference_forces, step.forces, rtol=0, atol=1e-12)
            np.testing.assert_allclose(frame.atoms.cell.array, step.atoms.cell.array, rtol=0, atol=1e-7)
            shift = (frame.atoms.positions - step.atoms.positions) @ np.linalg.inv(step.atoms.cell.array)
            np.testing.assert_allclose(shift - np.rint(shift), 0, rtol=0, atol=1e-7)
            assert frame.reference_energy == pytest.approx(step.energy, abs=1e-7)


def test_atoms_that_a_run_kept_fixed_are_told(tmp_path: Path) -> None:
    read = read_text(tmp_path, "relax.out", printed("aims/relax.out"))
    assert len(read.frames) == 8
    assert "2 of 2 atoms were kept fixed" in read.warnings[0]


def test_a_run_that_was_killed_gives_no_frame_with_a_structure_of_another(tmp_path: Path) -> None:
    text = fhi_aims(steps(3))
    cut = text[: text.rindex("  Atomic structure (and velocities)")]
    read = read_text(tmp_path, "a.out", cut)
    assert len(read.frames) == 2
    assert "no structure of its own" in read.refused[0].reason
    assert "did not end regularly" in read.warnings[-1]


@pytest.mark.parametrize(
    ("old", "new", "unit"),
    [
        ("Cartesian components (eV/A)", "Cartesian components (hartree/bohr)", "hartree/bohr"),
        ("Real Lattice(A)", "Real Lattice(bohr)", "bohr"),
        ("000000000     eV", "000000000     hartree", "hartree"),
    ],
)
def test_units_that_ase_does_not_see_are_refused(read: Reader, old: str, new: str, unit: str) -> None:
    text = castep(steps(2))
    assert old in text
    with pytest.raises(InputError, match=rf"a\.castep.* are in {unit}"):
        read({"a.castep": text.replace(old, new)})


BROKEN: dict[str, tuple[Files, type[InputError], str]] = {
    "banner only": ({"a.out": BANNER + "noise\n" * 50}, InputError, "FHI-aims output"),
    "CASTEP without its end": ({"a.castep": castep(steps(2)).replace("Finalisation", "x")}, InputError, "cut off"),
    "steps without positions": (
        {"a.md": " BEGIN header\n END header\n\n 0.0\n -1.0 <-- E\n\n"},
        InputError,
        "CASTEP .md",
    ),
    "a billion atoms": (
        {
            "a.out": fhi_aims(steps(1)).replace(
                "Number of atoms                   :        4", "Number of atoms : 999999999"
            )
        },
        TooLargeError,
        "999,999,999 atoms",
    ),
    "a billion ions": (
        {"a.castep": castep(steps(1)).replace("ions in cell =    4", "ions in cell = 999999999")},
        TooLargeError,
        "999,999,999 atoms",
    ),
    "notes": ({"notes.md": "# What we did\n"}, UnsupportedFormatError, "CASTEP .md or .geom"),
    "another .castep": ({"a.castep": "hello\n"}, UnsupportedFormatError, "CASTEP output"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_said_without_a_word_of_the_library(read: Reader, case: str) -> None:
    files, kind, words = BROKEN[case]
    with pytest.raises(kind) as caught:
        read(files)
    assert words in str(caught.value)
    assert next(iter(files)) in str(caught.value)
    assert not any(word in str(caught.value) for word in ("Error", "Traceback", "ase.io", "index"))


def test_frames_are_thinned_by_consent(read_with: Reader) -> None:
    files: Files = {"a.out": fhi_aims(steps(2)), "b.castep": castep(steps(2)), "c.log": fhi_aims(steps(3))}
    frames = read_with(files, ReadOptions(thin=True), frames_max=2)
    assert [frame.origin for frame in frames.frames] == ["a.out, frame 1", "c.log, frame 3"]
    assert frames.frames_found == 7
    assert frames.refused == ()


def test_the_output_beside_the_steps_of_the_same_run_is_left_aside(read: Reader) -> None:
    text = io.StringIO()
    atoms = steps(1)[0].atoms
    atoms.calc = SinglePointCalculator(atoms, free_energy=-1.0, forces=steps(1)[0].forces)
    write_castep_geom(text, [atoms])
    archive = packed({"run/al.castep": castep(steps(1)), "run/al.geom": text.getvalue(), "run/notes.md": "# mine\n"})
    frames = read({"run.zip": archive})
    assert frames.file_format == "CASTEP .md or .geom"
    assert any("run/al.castep" in warning and "al.geom" in warning for warning in frames.warnings)
    assert any("run/notes.md" in warning for warning in frames.warnings)
