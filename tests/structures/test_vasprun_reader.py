"""vasprun.xml: the same numbers as ASE and pymatgen, killed runs, and what deserves a warning."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from numpy.typing import NDArray
from pymatgen.io.vasp import Vasprun
from vasprun_writer import VaspRun

from softdash.errors import InputError, RefusalError, TooLargeError
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.readers.vasp_functional import vasp_functional

Read = Callable[..., LabelledFrames]


def _steps(count: int = 3, cell: NDArray | None = None) -> list[tuple[Atoms, NDArray, float, NDArray]]:
    random = np.random.default_rng(11)
    cell = np.array([[4.0, 0.1, 0], [0.2, 4.5, 0.3], [-0.4, 0, 5.0]]) if cell is None else cell
    steps = []
    for index in range(count):
        atoms = Atoms("Na2Cl2", cell=cell * (1 + 0.01 * index), pbc=True)
        atoms.set_scaled_positions(
            np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]) + random.normal(scale=0.02, size=(4, 3))
        )
        stress = random.normal(scale=0.01, size=(3, 3))
        steps.append((atoms, random.normal(size=(4, 3)), -12.5 - index, (stress + stress.T) / 2))
    return steps


@pytest.mark.parametrize("tags", [{"GGA": "PE"}, {"GGA": "PE", "PSTRESS": "250.0"}])
def test_agrees_with_ase_and_pymatgen(read: Read, tmp_path: Path, tags: dict[str, str]) -> None:
    path = tmp_path / "vasprun.xml"
    path.write_text(VaspRun(_steps(), tags=tags).text())
    ours = read({"vasprun.xml": path})
    by_ase = ase.io.read(path, ":", format="vasp-xml")
    by_pymatgen = Vasprun(path, parse_potcar_file=False, parse_dos=False, parse_eigen=False)
    assert len(ours.frames) == len(by_ase) == len(by_pymatgen.ionic_steps) == 3
    for frame, other, step in zip(ours.frames, by_ase, by_pymatgen.ionic_steps, strict=True):
        assert frame.atoms.get_chemical_symbols() == other.get_chemical_symbols()
        np.testing.assert_allclose(frame.atoms.cell, other.cell, rtol=0, atol=1e-9)
        np.testing.assert_allclose(frame.atoms.positions, other.positions, rtol=0, atol=1e-9)
        np.testing.assert_allclose(frame.atoms.positions, step["structure"].cart_coords, rtol=0, atol=1e-9)
        assert np.array_equal(frame.reference_forces, other.get_forces(apply_constraint=False))
        assert np.array_equal(frame.reference_forces, np.array(step["forces"]))
        assert frame.reference_energy == pytest.approx(other.get_potential_energy(), abs=1e-9)
        assert frame.reference_stress is not None
        np.testing.assert_allclose(frame.reference_stress, other.get_stress(voigt=False), rtol=0, atol=1e-9)
    assert by_pymatgen.run_type == ours.functional == "PBE"
    assert ours.code == "VASP 6.4.2"
    assert ours.warnings == ()


def test_energy_is_extrapolated_to_zero_smearing(read: Read) -> None:
    assert read({"vasprun.xml": VaspRun(_steps(1)).text()}).frames[0].reference_energy == pytest.approx(-12.5, abs=1e-9)


def test_gzip_gives_the_same(read: Read) -> None:
    text = VaspRun(_steps()).text()
    plain, packed = read({"vasprun.xml": text}), read({"run.xml.gz": gzip.compress(text.encode())})
    for first, second in zip(plain.frames, packed.frames, strict=True):
        assert first.reference_forces.tobytes() == second.reference_forces.tobytes()


@pytest.mark.parametrize("packed", [False, True])
def test_killed_run_keeps_complete_steps(read: Read, packed: bool) -> None:
    content = VaspRun(_steps()).text().encode()
    content = content[: content.rindex(b'<varray name="forces"') + 40]
    if packed:
        archive = gzip.compress(VaspRun(_steps(40)).text().encode())
        frames = read({"vasprun.xml.gz": archive[: len(archive) // 2]})
        assert 0 < len(frames.frames) < 40
    else:
        frames = read({"vasprun.xml": content})
        assert len(frames.frames) == 2
    assert any("ends too early" in warning and "complete" in warning for warning in frames.warnings)


def test_killed_before_the_first_step(read: Read) -> None:
    text = VaspRun(_steps()).text()
    with pytest.raises(InputError, match=r"vasprun\.xml: .*before the first ionic step"):
        read({"vasprun.xml": text[: text.index("<calculation>") + 30]})


def test_no_steps(read: Read) -> None:
    text = VaspRun(_steps()).text()
    text = text[: text.index(" <calculation>")] + text[text.rindex("</calculation>") + 15 :]
    with pytest.raises(InputError, match="no ionic step"):
        read({"vasprun.xml": text})


def test_other_xml(read: Read) -> None:
    with pytest.raises(InputError, match=r"no vasprun\.xml: it begins with <svg>"):
        read({"picture.xml": "<svg><a/></svg>"})


def test_unconverged_steps_are_named(read: Read) -> None:
    run = VaspRun(_steps(), electronic_steps=[5, 12, 4], electronic_steps_max=12)
    frames = read({"vasprun.xml": run.text()})
    assert len(frames.frames) == 3
    assert any(
        "1 of 3 ionic steps used all NELM = 12" in warning and "frames 2" in warning for warning in frames.warnings
    )


def test_selective_dynamics(read: Read) -> None:
    fixed = np.array([[False] * 3, [True] * 3, [True, True, False], [True] * 3])
    used = read({"vasprun.xml": VaspRun(_steps(), selective=fixed).text()})
    assert "2 of 4 atoms were kept fixed along some axes" in used.warnings[0]
    steps = _steps()
    for _, forces, _, _ in steps:
        forces[~fixed] = 0
    zeroed = read({"vasprun.xml": VaspRun(steps, selective=fixed).text()})
    assert "their forces are zero in the file, not DFT's" in zeroed.warnings[0]


def test_machine_learned_steps_are_refused(read: Read) -> None:
    run = VaspRun(_steps(), tags={"GGA": "PE", "ML_LMLFF": "T"}, electronic_steps=[4, 0, 5])
    frames = read({"vasprun.xml": run.text()})
    assert [frame.origin for frame in frames.frames] == ["vasprun.xml, frame 1", "vasprun.xml, frame 3"]
    assert "machine-learned" in frames.refused[0].reason


def test_overflowed_and_missing_numbers_cost_their_frame(read: Read) -> None:
    text = VaspRun(_steps()).text()
    place = text.index('<varray name="forces"')
    row = text.index("<v>", place)
    stars = text[:row] + "<v> **************** 0.0 0.0 </v>" + text[text.index("</v>", row) + 4 :]
    frames = read({"vasprun.xml": stars})
    assert [refused.origin for refused in frames.refused] == ["vasprun.xml, frame 1"]
    assert "'****************' is not a number" in frames.refused[0].reason
    short = text[:row] + text[text.index("</v>", row) + 4 :]
    assert "forces for 3 of 4 atoms" in read({"vasprun.xml": short}).refused[0].reason


def test_too_many_steps_and_atoms(read: Read) -> None:
    text = VaspRun(_steps()).text()
    with pytest.raises(TooLargeError, match="more than 2 frames"):
        read({"vasprun.xml": text}, frames_max=2)
    with pytest.raises(TooLargeError, match="4 atoms; at most 3"):
        read({"vasprun.xml": text}, atoms_per_frame_max=3)


def test_unknown_element(read: Read) -> None:
    with pytest.raises(InputError, match="'Qq' is not a chemical element"):
        read({"vasprun.xml": VaspRun(_steps()).text().replace("<c>Na</c><c>   1", "<c>Qq</c><c>   1")})


def test_declared_entities_are_refused(read: Read) -> None:
    with pytest.raises(InputError, match="DOCTYPE"):
        read({"vasprun.xml": '<!DOCTYPE x [<!ENTITY a "b">]>\n<modeling>&a;</modeling>'})
    late = "<?xml version='1.0'?><!--" + "x" * 1_000_000 + '--><!DOCTYPE m SYSTEM "file:///etc/passwd"><modeling/>'
    with pytest.raises(InputError, match="DOCTYPE"):
        read({"vasprun.xml": late})


def test_zero_forces_are_refused(read: Read) -> None:
    steps = [(atoms, np.zeros((4, 3)), energy, stress) for atoms, _, energy, stress in _steps()]
    with pytest.raises(RefusalError, match="all zero"):
        read({"vasprun.xml": VaspRun(steps).text()})


PBE_TITLE, LDA_TITLE = ("PAW_PBE Na_pv 19Sep2006",), ("PAW Na_pv 19Sep2006",)


@pytest.mark.parametrize(
    ("tags", "titles", "expected"),
    [
        ({"GGA": "PE"}, PBE_TITLE, "PBE"),
        ({"GGA": "--"}, PBE_TITLE, "PBE"),
        ({"GGA": "--"}, LDA_TITLE, "LDA"),
        ({}, (), None),
        ({"GGA": "PS"}, PBE_TITLE, "PBEsol"),
        ({"GGA": "PE", "LDAU": "T", "LDAUU": "3.9 0.0"}, PBE_TITLE, "PBE+U"),
        ({"GGA": "PE", "LDAU": "T", "LDAUU": "0.0 0.0"}, PBE_TITLE, "PBE"),
        ({"GGA": "PE", "METAGGA": "R2SCAN"}, PBE_TITLE, "r2SCAN"),
        ({"GGA": "PE", "METAGGA": "--"}, PBE_TITLE, "PBE"),
        ({"GGA": "PE", "METAGGA": "R2SCAN", "LUSE_VDW": "T"}, PBE_TITLE, "r2SCAN+rVV10"),
        ({"GGA": "PE", "LHFCALC": ".TRUE.", "HFSCREEN": "0.2", "AEXX": "0.25"}, PBE_TITLE, "HSE06"),
        ({"GGA": "PE", "LHFCALC": "T", "AEXX": "0.25", "HFSCREEN": "0.0"}, PBE_TITLE, "PBE0"),
        ({"GGA": "PE", "LHFCALC": "F", "HFSCREEN": "0.0", "AEXX": "0.0"}, PBE_TITLE, "PBE"),
        ({"GGA": "PE", "IVDW": "12"}, PBE_TITLE, "PBE+D3(BJ)"),
    ],
)
def test_functionals(tags: dict[str, str], titles: tuple[str, ...], expected: str | None) -> None:
    assert vasp_functional(tags, titles) == expected


def test_functional_from_the_file(read: Read) -> None:
    run = VaspRun(_steps(1), tags={"GGA": "PE", "LDAU": "T", "LDAUU": "    3.90000000      0.00000000"})
    assert read({"vasprun.xml": run.text()}).functional == "PBE+U"
    assert read({"vasprun.xml": VaspRun(_steps(1), tags={"ENCUT": "520"}).text()}).functional == "PBE"


def test_spin_hubbard_u_and_dispersion_are_told(read: Read) -> None:
    tags = {"GGA": "PE", "LDAU": "T", "LDAUU": " 3.9 0.0", "LDAUJ": " 0.4 0.0", "IVDW": "12", "ISPIN": "2"}
    text = VaspRun(_steps(1), tags=tags).text().replace('<i type="int" name="ISPIN">     1</i>', "")
    found = read({"vasprun.xml": text})
    assert found.functional == "PBE+U+D3(BJ)"
    assert (found.hubbard_u, found.dispersion, found.spin) == ("Na 3.5 eV", "D3(BJ)", "spin-polarised")


@pytest.mark.parametrize("damage", [("ISO-8859-1", "ISOP8859-1"), ("ISO-8859-1", "utf-32")])
def test_an_unknown_encoding_is_told(read: Read, damage: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="It is damaged"):
        read({"vasprun.xml": VaspRun(_steps(1)).text().replace(*damage)})


def test_a_cell_vector_without_length_costs_its_frame(read: Read) -> None:
    text = VaspRun(_steps(2)).text()
    row = text[text.index("<v>", text.index("<calculation>")) :].partition("\n")[0]
    found = read({"vasprun.xml": text.replace(row, "<v> 0.0 0.0 0.0 </v>")})
    assert len(found.frames) == 1
    assert "no length" in found.refused[0].reason
