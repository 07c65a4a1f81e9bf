"""What a visitor decides about reading: units, another order of atoms, thinning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.units import Bohr, Hartree, Rydberg
from program_output_writers import Step, outcar, pwscf
from upload_contents import Case, Files, Reader, extxyz, poscar, positions_table, table

from softdash.errors import InputError, RefusalError, SoftdashError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames
from softdash.structures.frames.limits import evenly_thinned
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.sandbox import read_upload_in_sandbox

# Order

ORDER = [5, 2, 7, 0, 1, 6, 3, 4]


@pytest.mark.parametrize("elements", [True, False])
@pytest.mark.parametrize("consent", [True, False])
def test_positions_find_the_order(read_with: Reader, rocksalt: Case, elements: bool, consent: bool) -> None:
    atoms, forces = rocksalt
    files = {"POSCAR": poscar(atoms), "f.csv": positions_table(atoms[ORDER], forces[ORDER], elements=elements)}
    found = read_with(files, ReadOptions(reorder=consent))
    assert np.array_equal(found.frames[0].reference_forces, forces)
    assert found.was_reordered
    assert found.order_is_known
    assert any(warning.startswith("Atoms re-ordered: 8 of 8 rows") for warning in found.warnings)
    assert [(one.value, one.ground) for one in found.readings if one.topic == "order"] == [("by positions", "stated")]


def test_elements_find_the_order_and_say_what_they_cannot_know(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    order = [4, 5, 0, 1, 6, 7, 2, 3]
    files = {
        "POSCAR": poscar(atoms),
        "f.csv": table("element,fx,fy,fz", list(atoms[order].symbols), forces[order].tolist()),
    }
    with pytest.raises(RefusalError, match=r"atom 1 is Na in POSCAR and Cl in f\.csv \(line 2\)") as caught:
        read_with(files)
    assert caught.value.offer == "reorder"
    found = read_with(files, ReadOptions(reorder=True))
    assert np.array_equal(found.frames[0].reference_forces, forces)
    assert found.was_reordered
    assert not found.order_is_known
    assert [(one.value, one.ground) for one in found.readings if one.topic == "order"] == [("by elements", "chosen")]


def test_numbered_rows_are_sorted(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    numbers = [place + 1 for place in ORDER]
    files = {"POSCAR": poscar(atoms), "f.csv": table("index,fx,fy,fz", numbers, forces[ORDER].tolist())}
    for options in (ReadOptions(), ReadOptions(reorder=True)):
        found = read_with(files, options)
        assert np.array_equal(found.frames[0].reference_forces, forces)
        assert found.was_reordered


def test_what_no_order_mends_is_not_offered(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    moved = atoms.copy()
    moved.positions[3] += 0.3
    others = Atoms("K4Cl4", positions=atoms.positions, cell=atoms.cell, pbc=True)
    twice = atoms.copy()
    twice.positions[1] = twice.positions[0]
    for wrong in (moved, others, twice):
        files = {"POSCAR": poscar(atoms), "f.csv": positions_table(wrong[ORDER], forces[ORDER])}
        for options in (ReadOptions(), ReadOptions(reorder=True)):
            with pytest.raises(RefusalError) as caught:
                read_with(files, options)
            assert caught.value.offer is None


def test_the_tolerance_is_a_setting(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    shaken = atoms.copy()
    shaken.positions += np.random.default_rng(2).uniform(-0.02, 0.02, size=(8, 3))
    files = {"POSCAR": poscar(atoms), "f.csv": positions_table(shaken[ORDER], forces[ORDER])}
    with pytest.raises(RefusalError, match=r"positions differ|elements differ|another order: atom 1 is"):
        read_with(files, ReadOptions(reorder=True))
    found = read_with(files, ReadOptions(reorder=True), position_tolerance=0.05)
    assert np.array_equal(found.frames[0].reference_forces, forces)


def test_order_is_never_changed_where_it_fits(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    found = read_with({"POSCAR": poscar(atoms), "f.csv": positions_table(atoms, forces)}, ReadOptions(reorder=True))
    assert not found.was_reordered
    assert found.warnings == ()


# Units


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("Ry/bohr", Rydberg / Bohr), ("Ry/au", Rydberg / Bohr), ("Ha/bohr", Hartree / Bohr), ("meV/Å", 1e-3), ("eV/A", 1)],
)
def test_a_header_states_the_unit(read_with: Reader, rocksalt: Case, unit: str, factor: float) -> None:
    atoms, forces = rocksalt
    text = table(f"fx ({unit}),fy ({unit}),fz ({unit})", forces.tolist())
    found = read_with({"POSCAR": poscar(atoms), "f.csv": text})
    np.testing.assert_allclose(found.frames[0].reference_forces, forces * factor, rtol=1e-12)
    assert found.force_unit_is_stated
    assert found.force_unit.endswith("(from the header)")


def test_a_choice_never_overrides_what_a_file_states(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    files = {"POSCAR": poscar(atoms), "f.csv": table("fx (Ry/bohr),fy (Ry/bohr),fz (Ry/bohr)", forces.tolist())}
    with pytest.raises(InputError, match=r"gives its forces in Ry/bohr \(from the header\), but eV/Å was chosen"):
        read_with(files, ReadOptions(force_unit="eV/Å"))
    step = Step(atoms, forces)
    found = read_with({"OUTCAR": outcar([step])}, ReadOptions(force_unit="Ry/bohr"))
    np.testing.assert_allclose(found.frames[0].reference_forces, forces, rtol=0, atol=1e-6)
    assert any("the chosen unit Ry/bohr does not apply" in warning for warning in found.warnings)
    assert read_with({"a.pwo": pwscf([step])}, ReadOptions(force_unit="Ry/bohr")).warnings == ()


def test_a_chosen_unit_leaves_out_energies_whose_unit_nobody_said(read_with: Reader) -> None:
    text = extxyz(1).replace("forces:R:3", "forces:R:3 energy=-3.5")
    plain = read_with({"a.xyz": text}).frames[0]
    found = read_with({"a.xyz": text}, ReadOptions(force_unit="Ha/bohr"))
    frame = found.frames[0]
    np.testing.assert_allclose(frame.reference_forces, plain.reference_forces * Hartree / Bohr, rtol=1e-12)
    assert (plain.reference_energy, frame.reference_energy) == (-3.5, None)
    assert found.force_unit == "Ha/bohr (chosen)"
    assert any("energies and stresses were left out" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("factor", "words"), [(0.01, "small for a displaced structure"), (500, "Check that it is eV/Å")]
)
def test_an_odd_magnitude_is_told_and_not_converted(
    read_with: Reader, rocksalt: Case, factor: float, words: str
) -> None:
    atoms, forces = rocksalt
    found = read_with({"POSCAR": poscar(atoms), "f.csv": table("fx,fy,fz", (forces * factor).tolist())}, force_max=1e5)
    assert any(words in warning for warning in found.warnings)
    np.testing.assert_allclose(found.frames[0].reference_forces, forces * factor, rtol=1e-12)
    stated = read_with(
        {"POSCAR": poscar(atoms), "f.csv": table("fx (eV/Å),fy (eV/Å),fz (eV/Å)", (forces * factor).tolist())},
        force_max=1e5,
    )
    assert not any(words in warning for warning in stated.warnings)


# Thinning


def test_too_many_frames_are_thinned_by_consent_only(read_with: Reader) -> None:
    files: Files = {"run.xyz": extxyz(50)}
    with pytest.raises(TooLargeError, match="more than 10 frames") as caught:
        read_with(files, frames_max=10)
    assert caught.value.offer == "thin"
    found = read_with(files, ReadOptions(thin=True), frames_max=10)
    numbers = [int(frame.origin.rpartition(" ")[2]) for frame in found.frames]
    assert (len(numbers), numbers[0], numbers[-1], found.frames_found) == (10, 1, 50, 50)
    assert set(np.diff(numbers)) <= {5, 6}
    assert found.frames[3].reference_forces[0, 0] == (numbers[3] - 1) / 10_000
    assert any("10 of 50 frames were read" in warning for warning in found.warnings)


def test_thinning_counts_atoms_and_all_files(read_with: Reader) -> None:
    files: Files = {"a.xyz": extxyz(30, atoms=3), "b.xyz": extxyz(30, atoms=1)}
    with pytest.raises(TooLargeError, match="more than 60 atoms") as caught:
        read_with(files, atoms_max=60)
    assert caught.value.offer == "thin"
    found = read_with(files, ReadOptions(thin=True), atoms_max=60)
    assert sum(len(frame.atoms) for frame in found.frames) <= 60
    assert found.frames[0].origin == "a.xyz, frame 1"
    assert found.frames[-1].origin == "b.xyz, frame 30"
    assert found.frames_found == 60


def test_consent_changes_nothing_where_all_fits(read_with: Reader) -> None:
    found = read_with({"a.xyz": extxyz(10)}, ReadOptions(thin=True), frames_max=10)
    assert (len(found.frames), found.frames_found, found.warnings) == (10, None, ())


def test_a_frame_of_too_many_atoms_is_not_thinned_away(read_with: Reader) -> None:
    with pytest.raises(TooLargeError, match="at most 4 per frame are read") as caught:
        read_with({"a.xyz": extxyz(20, atoms=5)}, ReadOptions(thin=True), frames_max=10, atoms_per_frame_max=4)
    assert caught.value.offer is None


@pytest.mark.parametrize("count", [1, 2, 7, 999, 1000, 1001, 1999, 25_000])
def test_evenly_thinned(count: int) -> None:
    chosen = evenly_thinned([90] * count, Settings())
    assert len(chosen) == min(count, 1000)
    assert (chosen[0], chosen[-1]) == (0, count - 1)
    assert list(chosen) == sorted(set(chosen))
    few = evenly_thinned([1000] * count, Settings())
    assert len(few) == min(count, 100)


def test_steps_of_every_streamed_format_are_thinned(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    run = [Step(atoms, np.round(forces * (1 + number), 6)) for number in range(7)]
    for name, text in (("OUTCAR", outcar(run)), ("a.pwo", pwscf(run))):
        found = read_with({name: text}, ReadOptions(thin=True), frames_max=3)
        assert [frame.origin for frame in found.frames] == [f"{name}, frame {number}" for number in (1, 4, 7)]
        np.testing.assert_allclose(found.frames[1].reference_forces, forces * 4, rtol=0, atol=1e-5)


def test_options_and_offers_pass_through_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "run.xyz"
    path.write_text(extxyz(20))
    settings = Settings(frames_max=5)
    with pytest.raises(TooLargeError) as caught:
        read_upload_in_sandbox([path], settings, frames_file=tmp_path / "frames.npz")
    assert caught.value.offer == "thin"
    options = ReadOptions(thin=True, force_unit="Ry/bohr")
    summary = read_upload_in_sandbox([path], settings, frames_file=tmp_path / "frames.npz", options=options)
    assert (summary.frames_found, len(summary.frames), summary.options) == (20, 5, options)
    stored = load_frames(tmp_path / "frames.npz")
    assert (stored.frames_found, stored.force_unit, stored.force_unit_is_stated) == (20, "Ry/bohr (chosen)", False)


def test_offers_are_part_of_the_one_error_shape() -> None:
    assert SoftdashError("x").as_json() == {"error": {"code": "error", "message": "x", "where": None, "advice": None}}
    assert SoftdashError("x", offer="thin").as_json()["error"]["offer"] == "thin"
