"""Extended XYZ: equal to ASE's reading, one bad frame costs one frame, labels under their many names."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.io.extxyz import key_val_str_to_dict
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from softdash.errors import ForcesMissingError, InputError, RefusalError, TooLargeError
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.readers.comment_line import read_pairs

Read = Callable[..., LabelledFrames]
CELL = 'Lattice="5 0 0 0 5 0 0 0 5"'
COLUMNS = "Properties=species:S:1:pos:R:3:forces:R:3"
ROWS = "Na 0 0 0 0.1 0.2 0.3\nCl 2.5 2.5 2.5 -0.1 -0.2 -0.3\n"
FRAME = f"2\n{CELL} {COLUMNS} energy=-3\n{ROWS}"


@pytest.mark.parametrize("name", ["NaCl.extxyz", "Si.extxyz"])
def test_equal_to_ase(read: Read, fixtures: Path, name: str) -> None:
    ours = read({name: fixtures / name})
    theirs = ase.io.read(fixtures / name, ":")
    assert len(ours.frames) == len(theirs) == 10
    for frame, other in zip(ours.frames, theirs, strict=True):
        assert frame.atoms.positions.tobytes() == other.positions.tobytes()
        assert frame.atoms.cell.array.tobytes() == other.cell.array.tobytes()
        assert frame.reference_forces.tobytes() == other.get_forces().tobytes()
        assert frame.atoms.get_chemical_symbols() == other.get_chemical_symbols()
        assert frame.reference_energy == other.get_potential_energy()
        assert frame.reference_stress is not None
        assert np.array_equal(frame.reference_stress, other.get_stress(voigt=False))
    assert (ours.functional, ours.refused, ours.warnings) == ("PBE", (), ())
    assert ours.code is not None
    assert ours.code.startswith("GPAW 26.7")


def test_constraints_do_not_zero_forces(read: Read, rocksalt: tuple[Atoms, NDArray]) -> None:
    atoms, forces = rocksalt
    atoms.calc = SinglePointCalculator(atoms, energy=-1.0, forces=forces)
    atoms.set_constraint(FixAtoms([0, 1]))
    text = io.StringIO()
    ase.io.write(text, atoms, format="extxyz", columns=["symbols", "positions", "forces", "move_mask"])
    assert np.array_equal(read({"a.extxyz": text.getvalue()}).frames[0].reference_forces, forces)


BAD_FRAMES = {
    "missing columns": (f"2\n{CELL} {COLUMNS}\nNa 0 0 0 0.1 0.2 0.3\nCl 2.5 2.5 2.5\n", "Forces for 1 of 2 atoms"),
    "a row short": (f"3\n{CELL} {COLUMNS}\n{ROWS}", "It has 2 rows, its first line says 3 atoms"),
    "a row too many": (f"1\n{CELL} {COLUMNS}\n{ROWS}", "more rows than its first line says"),
    "not a number": (f"2\n{CELL} {COLUMNS}\n{ROWS.replace('0.2', 'o.2')}", "Force of atom 1: 'o.2' is not a number"),
    "nan": (f"2\n{CELL} {COLUMNS}\n{ROWS.replace('-0.1', 'nan')}", "x force on atom 2 (Cl) is not a number (nan)"),
    "inf": (f"2\n{CELL} {COLUMNS}\n{ROWS.replace('-0.3', '-inf')}", "z force on atom 2 (Cl) is not a number (-inf)"),
    "zero forces": (f"2\n{CELL} {COLUMNS}\nNa 0 0 0 0 0 0\nCl 2.5 2.5 2.5 0 0 0\n", "forces are all zero"),
    "tiny forces": (f"2\n{CELL} {COLUMNS}\nNa 0 0 0 1e-5 0 0\nCl 2.5 2.5 2.5 0 0 0\n", "almost zero"),
    "huge force": (f"2\n{CELL} {COLUMNS}\n{ROWS.replace('0.2', '2000')}", "above 1000"),
    "unknown element": (f"2\n{CELL} {COLUMNS}\n{ROWS.replace('Na', 'Xx')}", "'Xx' is not a chemical element"),
    "dummy element": (f"2\n{CELL} {COLUMNS}\n{ROWS.replace('Na', 'X')}", "'X' is not a chemical element"),
    "overlap": (f"2\n{CELL} {COLUMNS}\n{ROWS.replace('2.5 2.5 2.5', '0.1 0 4.9')}", "0.141 Å apart"),
    "flat cell": (f'2\nLattice="5 0 0 0 5 0 5 5 0" {COLUMNS}\n{ROWS}', "no volume"),
    "zero vector": (f'2\nLattice="5 0 0 0 5 0 0 0 0" {COLUMNS}\n{ROWS}', "length zero"),
    "nan cell": (f'2\nLattice="5 0 0 0 5 0 0 0 nan" {COLUMNS}\n{ROWS}', "A cell vector is not a number"),
    "short lattice": (f'2\nLattice="5 0 0 0 5 0" {COLUMNS}\n{ROWS}', "not nine numbers"),
    "no forces": (
        f"2\n{CELL} Properties=species:S:1:pos:R:3:magmoms:R:3\n{ROWS}",
        "Arrays found: species, pos, magmoms",
    ),
    "a model's forces": (f"2\n{CELL} Properties=species:S:1:pos:R:3:MACE_forces:R:3\n{ROWS}", "It has no forces"),
    "no atoms": (f"0\n{CELL} {COLUMNS}\n", "0 atoms"),
    "periodic without cell": (f'2\npbc="T T T" {COLUMNS}\n{ROWS}', "pbc=T but has no Lattice"),
    "open quote": (f'2\nLattice="5 0 0 {COLUMNS}\n{ROWS}', "never closes"),
    "broken columns": (f"2\n{CELL} Properties=species:S:1:pos:R\n{ROWS}", "not a list of name:type:count"),
    "endless columns": (
        f"2\n{CELL} Properties=species:S:1:pos:R:3:forces:R:2000000000\n{ROWS}",
        "more than 1,000 columns",
    ),
    "endless columns, 2e9": (f"2\n{CELL} Properties=species:S:1:pos:R:3:forces:R:2e9\n{ROWS}", "not name:type:count"),
}


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_a_bad_frame_costs_that_frame_only(read: Read, case: str) -> None:
    bad, reason = BAD_FRAMES[case]
    after = FRAME.replace("0.1 0.2", "0.15 0.25")
    frames = read({"run.extxyz": FRAME + bad + after})
    assert [frame.origin for frame in frames.frames] == ["run.extxyz, frame 1", "run.extxyz, frame 3"]
    assert [refused.origin for refused in frames.refused] == ["run.extxyz, frame 2"]
    assert reason in frames.refused[0].reason


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_alone_it_is_an_error_with_its_place(read: Read, case: str) -> None:
    bad, reason = BAD_FRAMES[case]
    with pytest.raises((RefusalError, ForcesMissingError)) as caught:
        read({"run.extxyz": bad})
    assert caught.value.advice
    if case == "a row short":  # nothing follows it here
        reason = "The file ends after 2 of 3 atoms"
    assert reason in caught.value.what
    assert caught.value.where == "run.extxyz, frame 1"


def test_all_frames_bad(read: Read) -> None:
    bad = BAD_FRAMES["zero forces"][0]
    with pytest.raises(RefusalError, match=r"None of the 3 frames can be used.*all zero"):
        read({"run.extxyz": bad * 3})


def test_garbage_between_frames_is_skipped_and_told(read: Read) -> None:
    frames = read({"run.extxyz": FRAME + "end of step 1\n----\n" + FRAME.replace("0.1 0.2", "0.3 0.2")})
    assert len(frames.frames) == 2
    assert any("lines 5 to 6" in warning for warning in frames.warnings)


def test_truncated_last_frame(read: Read) -> None:
    frames = read({"run.extxyz": FRAME + FRAME[: FRAME.index("Cl")]})
    assert len(frames.frames) == 1
    assert "ends after 1 of 2 atoms" in frames.refused[0].reason


def test_plain_xyz(read: Read) -> None:
    with pytest.raises(RefusalError, match=r"plain XYZ.*no forces"):
        read({"water.xyz": "3\nwater\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n"})


def test_not_xyz(read: Read) -> None:
    with pytest.raises(InputError, match=r"a\.xyz, line 1: The first line must be the number of atoms"):
        read({"a.xyz": "Dear reviewer,\nthis is a letter\n"})


def test_missing_lattice_is_loud(read: Read) -> None:
    frames = read({"a.xyz": f"2\n{COLUMNS}\n{ROWS}"})
    assert not frames.frames[0].atoms.pbc.any()
    assert any("no Lattice" in warning and "cell is missing" in warning for warning in frames.warnings)


def test_reference_labels_win_over_plain_names(read: Read) -> None:
    columns = "Properties=species:S:1:pos:R:3:forces:R:3:REF_forces:R:3"
    rows = "Na 0 0 0 9 9 9 0.1 0.2 0.3\nCl 2.5 2.5 2.5 9 9 9 -0.1 -0.2 -0.3\n"
    frames = read({"a.extxyz": f"2\n{CELL} {columns} energy=-1 REF_energy=-7\n{rows}"})
    assert frames.frames[0].reference_forces[0].tolist() == [0.1, 0.2, 0.3]
    assert frames.frames[0].reference_energy == -7
    assert any("REF_forces was used" in warning for warning in frames.warnings)


@pytest.mark.parametrize(
    "name", ["force", "dft_forces", "DFT_forces", "ref_forces", "forces_ref", "forces_dft", "vasp_force"]
)
def test_names_of_forces(read: Read, name: str) -> None:
    frames = read({"a.extxyz": FRAME.replace(":forces:", f":{name}:")})
    assert frames.frames[0].reference_forces[1].tolist() == [-0.1, -0.2, -0.3]


def test_stress_voigt_and_virial(read: Read) -> None:
    voigt = read({"a.extxyz": FRAME.replace("energy=-3", 'stress="1 2 3 4 5 6"')}).frames[0].reference_stress
    assert voigt is not None
    assert voigt.tolist() == [[1, 6, 5], [6, 2, 4], [5, 4, 3]]
    virial = read({"a.extxyz": FRAME.replace("energy=-3", 'virial="125 0 0 0 250 0 0 0 0"')}).frames[0].reference_stress
    assert virial is not None
    np.testing.assert_allclose(np.diag(virial), [-1, -2, 0], atol=1e-12)


def test_atomic_numbers_fortran_exponents_and_other_line_ends(read: Read) -> None:
    text = (
        FRAME.replace("species:S:1", "Z:I:1").replace("Na ", "11 ").replace("Cl ", "17 ").replace("0.1 ", "1.0D-01 ", 1)
    )
    frame = read({"a.extxyz": "\ufeff" + text.replace("\n", "\r\n")}).frames[0]
    assert frame.atoms.get_chemical_symbols() == ["Na", "Cl"]
    assert frame.reference_forces[0, 0] == 0.1


def test_announced_counts_are_checked_before_reading(read: Read) -> None:
    with pytest.raises(TooLargeError, match=r"run\.extxyz, frame 1, line 1: .*999,999,999,999 atoms"):
        read({"run.extxyz": f"999999999999\n{CELL} {COLUMNS}\n{ROWS}"})
    with pytest.raises(TooLargeError, match="atoms"):
        read({"run.extxyz": "9" * 6000 + f"\n{CELL} {COLUMNS}\n{ROWS}"})
    with pytest.raises(TooLargeError, match="more than 3 frames"):
        read({"run.extxyz": FRAME * 4}, frames_max=3)
    with pytest.raises(TooLargeError, match="more than 5 atoms together"):
        read({"run.extxyz": FRAME * 3}, atoms_max=5)


def test_a_line_without_end(read: Read) -> None:
    with pytest.raises(InputError, match=r"line 2: The line is longer"):
        read({"run.extxyz": "2\n" + "x" * 2_000_000})


def test_frames_that_repeat_are_told(read: Read) -> None:
    frames = read({"run.extxyz": FRAME * 3})
    assert any("2 of 3 frames: the same structure as an earlier frame" in warning for warning in frames.warnings)


def test_functionals_that_differ_are_told(read: Read) -> None:
    frames = read(
        {"run.extxyz": FRAME.replace("energy", "functional=PBE energy") + FRAME.replace("energy", "xc=SCAN energy")}
    )
    assert frames.functional == "PBE, SCAN"
    assert any("different functionals (PBE, SCAN)" in warning for warning in frames.warnings)


def test_nothing_is_wrapped_or_sorted(read: Read) -> None:
    rows = "Cl 7.5 -2.5 2.5 0.1 0.2 0.3\nNa 10 -20 0 -0.1 -0.2 -0.3\n"
    atoms = read({"a.extxyz": f"2\n{CELL} {COLUMNS}\n{rows}"}).frames[0].atoms
    assert atoms.positions.tolist() == [[7.5, -2.5, 2.5], [10, -20, 0]]
    assert atoms.get_chemical_symbols() == ["Cl", "Na"]


_word = st.text(alphabet="abcXYZ019._-+", min_size=1, max_size=8)
_value = st.one_of(
    _word,
    st.lists(_word, min_size=1, max_size=4).map(lambda words: '"' + " ".join(words) + '"'),
    st.lists(_word, min_size=1, max_size=4).map(lambda words: "{" + " ".join(words) + "}"),
    st.lists(_word, min_size=1, max_size=3).map(lambda words: "'" + "=".join(words) + "'"),
)


@given(
    st.dictionaries(st.text(alphabet="abcdefg_", min_size=1, max_size=6), _value, min_size=1, max_size=6),
    st.sampled_from(["=", " = "]),
)
def test_comment_line_has_the_pairs_that_ase_finds(pairs: dict[str, str], equals: str) -> None:
    line = " ".join(f"{key}{equals}{value}" for key, value in pairs.items())
    assert set(read_pairs(line)) == set(key_val_str_to_dict(line)) == set(pairs)
    assert read_pairs(line) == {key: value.strip("\"'{}") for key, value in pairs.items()}
