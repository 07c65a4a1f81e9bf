"""Tables of forces: one and the same, in all forms; and those that leave a choice, or cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from forces_table_forms import BLOCKS, FORCES, HA, JSONS, LABELS, NUMBERS, POSITIONS, RY, TEXTS, WITH_UNITS, workbook
from numpy.typing import NDArray

from softdash.errors import InputError, RefusalError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.tables import forces_file
from softdash.structures.readers.tables.forces_file import ForcesTable

ReadTable = Callable[..., ForcesTable]


@pytest.fixture
def table(tmp_path: Path) -> ReadTable:
    def read(content: str | bytes, name: str = "f.csv", **options: object) -> ForcesTable:
        path = tmp_path / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return forces_file.read(SourceFile(path, name, 10**8), Settings(), ReadOptions(**options))

    return read


def _in_ev(found: ForcesTable) -> NDArray[np.float64]:
    factor = 1.0 if found.stated_unit is None else found.stated_unit.factor
    return found.forces * factor * (-1 if found.is_gradient else 1)


@pytest.mark.parametrize("form", TEXTS)
def test_one_table_in_many_forms(table: ReadTable, form: str) -> None:
    found = table(TEXTS[form], "f.txt").for_atoms(6)
    np.testing.assert_allclose(found.forces, FORCES, rtol=0, atol=2e-8)
    assert found.stated_unit is None
    assert not found.is_gradient
    assert found.numbers is None or tuple(found.numbers) == NUMBERS
    assert found.numbering is None or found.numbering.tolist() == list(range(6))
    assert found.positions is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "latin-1", "cp1252"])
def test_encodings(table: ReadTable, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    found = table(
        mark + TEXTS["tabs"].replace("\t", "\t").join(["Fx (eV/Å)\tFy (eV/Å)\tFz (eV/Å)\n", ""]).encode(encoding)
    )
    assert np.array_equal(found.forces, FORCES)
    assert found.stated_unit is not None
    assert found.stated_unit.factor == 1


@pytest.mark.parametrize("form", WITH_UNITS)
def test_units_wherever_they_stand(table: ReadTable, form: str) -> None:
    text, factor = WITH_UNITS[form]
    found = table(text, "f.txt")
    assert found.stated_unit is not None
    assert found.stated_unit.factor == pytest.approx(factor, rel=1e-9)
    np.testing.assert_allclose(_in_ev(found), FORCES, rtol=0, atol=1e-6)


def test_unit_in_the_name_of_the_file(table: ReadTable) -> None:
    for name in ("forces_Ha_bohr.csv", "forces_Ha_bohr.txt.gz"):
        content: str | bytes = TEXTS["header"]
        if name.endswith(".gz"):
            import gzip

            content = gzip.compress(TEXTS["header"].encode())
        unit = table(content, name).stated_unit
        assert unit is not None
        assert (unit.name, unit.place) == ("Ha/bohr", "from the file name")
    assert table(TEXTS["header"], "Ti_O_forces.csv").stated_unit is None


@pytest.mark.parametrize("form", BLOCKS)
def test_blocks_of_programs(table: ReadTable, form: str) -> None:
    text, factor = BLOCKS[form]
    found = table(text, "paste.txt")
    assert found.block == form.split(",")[0]
    assert found.is_gradient == (factor < 0)
    np.testing.assert_allclose(_in_ev(found), FORCES, rtol=0, atol=1e-6)
    assert found.stated_unit is not None
    assert found.stated_unit.factor == pytest.approx(abs(factor), rel=1e-9)
    assert found.numbers is None or tuple(found.numbers) == NUMBERS
    assert found.positions is None or np.allclose(found.positions, POSITIONS, atol=1e-7)
    assert found.earlier == ()
    ground = next(reading.ground for reading in found.readings if reading.topic == "columns")
    assert ground == ("assumed" if "rows" in form else "stated")


def test_several_blocks_are_several_frames(table: ReadTable) -> None:
    first, factor = BLOCKS["Quantum ESPRESSO"]
    found = table(first.replace("-0", "-9") + first, "pw.txt")
    assert len(found.all_frames) == 2
    np.testing.assert_allclose(found.forces * factor, FORCES, atol=1e-6)
    assert not np.allclose(found.earlier[0].forces * factor, FORCES, atol=1e-3)
    assert any(reading.topic == "frames" for reading in found.readings)


def test_elements_labels_and_numbers_by_their_content(table: ReadTable) -> None:
    rows = TEXTS["commas"].split()
    order = [4, 0, 3, 1, 5, 2]
    for heading in ("site", "name", "label", "Atom label", "type", "atom_type", "kind", "Symbol", "whatever", ""):
        for words in (LABELS, [label.upper() for label in LABELS]):
            text = f"{heading},fx,fy,fz\n" + "".join(f"{words[i]},{rows[i]}\n" for i in order)
            found = table(text)
            assert found.labels == tuple(words[i] for i in order)
            assert found.numbers is not None
            assert found.numbers.tolist() == [NUMBERS[i] for i in order]
    for heading in ("Atom #", "n", "#", "atom no.", "site_index", "atom_number", "index", "", "whatever"):
        found = table(f"fx,fy,fz,{heading}\n" + "".join(f"{rows[i]},{i + 1}\n" for i in order))
        assert found.numbering is not None
        assert found.numbering.tolist() == order
        assert found.numbers is None
    assert table("".join(f"{i},{rows[i]}\n" for i in order)).numbering.tolist() == order  # type: ignore[union-attr]


def test_whole_numbers_that_are_forces_stay_forces(table: ReadTable) -> None:
    found = table("fx,fy,fz\n1,2,0\n2,1,1\n3,3,5\n")
    assert found.numbering is None
    assert found.forces.tolist() == [[1, 2, 0], [2, 1, 1], [3, 3, 5]]
    with pytest.raises(InputError, match="4 columns"):
        table("1.0,0.1,0.2,0.3\n1.0,0.2,0.1,0.4\n")


def test_isotopes_and_flags(table: ReadTable) -> None:
    rows = TEXTS["commas"].split()
    found = table("".join(f"{word},{row}\n" for word, row in zip("DDTHDO", rows, strict=True)))
    assert found.numbers is not None
    assert found.numbers.tolist() == [1, 1, 1, 1, 1, 8]
    flags = table("".join(f"Ti,{row},T,T,F\n" for row in rows))
    assert flags.numbers is not None
    assert set(flags.numbers.tolist()) == {22}


def test_types_and_titles_are_not_taken_for_more(table: ReadTable) -> None:
    assert table("type,fx,fy,fz\n2,0.1,0.2,0.3\n1,0.3,0.2,0.1\n").numbering is None
    for title in ("Total forces", "Cartesian forces (DFT)", "energy gradients of nobody, sorry"):
        found = table(f"{title}\n" + TEXTS["number last"].replace(",", " "), "f.txt")
        assert found.block is None
        assert found.stated_unit is None
    with pytest.raises(InputError) as caught:
        table(" ATOMIC FORCES in [furlong/Å]\n" + BLOCKS["CP2K"][0].partition("\n")[2], "f.txt")
    assert caught.value.choices


def test_stacked_frames_keep_their_numbers(table: ReadTable) -> None:
    body = TEXTS["number, element"]
    for text in (body * 2, body + "\n" + body, f"frame 1\n{body}frame 2\n{body}"):
        found = table(text)
        assert len(found.forces) == 12
        assert found.numbering is None
        assert found.raw_numbering is not None
        second = found.rows(6, 12)
        assert np.array_equal(second.forces, FORCES)
        assert second.numbering is not None
        assert second.numbering.tolist() == list(range(6))
    xyz = table(TEXTS["xyz"] * 3, "f.txt")
    assert xyz.forces.shape == (18, 3)
    assert xyz.row_place(6) == "line 11"
    frames = "".join(f"{step},{row}\n" for step in (10, 20) for row in TEXTS["commas"].split())
    assert table("step,fx,fy,fz\n" + frames).frame_numbers.tolist() == [10] * 6 + [20] * 6  # type: ignore[union-attr]


def test_positions_beside_forces(table: ReadTable) -> None:
    both = "".join(",".join(f"{v:.8f}" for v in (*p, *f)) + "\n" for p, f in zip(POSITIONS, FORCES, strict=True))
    named = table("x,y,z,fx,fy,fz\n" + both)
    assert named.positions_kind == "unknown"
    assert named.six_columns is None
    assert np.array_equal(named.positions, POSITIONS)  # type: ignore[arg-type]
    assert table("fract_x,fract_y,fract_z,fx,fy,fz\n" + both).positions_kind == "fractional"
    in_angstrom = table("x (Å),y (Å),z (Å),fx,fy,fz\n" + both)
    assert (in_angstrom.positions_kind, in_angstrom.position_unit_factor) == ("cartesian", 1.0)
    for header in ("", "x,y,z,x,y,z\n", "0,1,2,3,4,5\n"):
        bare = table(header + both)
        assert bare.six_columns is not None
        assert np.array_equal(bare.six_columns[0], POSITIONS)
        assert np.array_equal(bare.six_columns[1], FORCES)


def test_gradients_where_they_are_called_so(table: ReadTable) -> None:
    rows = TEXTS["commas"]
    for text in ("dE/dx,dE/dy,dE/dz\n", "grad_x,grad_y,grad_z\n", "gx,gy,gz\n", "# energy gradient\nfx,fy,fz\n"):
        found = table(text + rows)
        assert found.is_gradient
        assert [reading.ground for reading in found.readings if reading.topic == "sign"] == ["stated"]
    assert table(rows, "gradient.csv").is_gradient
    for text in ("-dE/dx,-dE/dy,-dE/dz\n", "# negative gradient\n", "# F = -dE/dR\n", "# conjugate gradient, GGA\n"):
        assert not table(text + rows).is_gradient
    assert not table("# generalized gradient approximation\n" + rows).is_gradient


def test_which_set_is_the_reference(table: ReadTable) -> None:
    def two(first: str, second: str) -> str:
        header = ",".join(f"f{axis}_{name}".rstrip("_") for name in (first, second) for axis in "xyz")
        halves = (",".join(f"{v:.8f}" for v in (*(f / 2), *f)) for f in FORCES)
        return "\n".join([header, *halves, ""])

    for first, second in (
        ("chgnet", "dft"),
        ("pred", "ref"),
        ("", "vasp"),
        ("mace", ""),
        ("model", "true"),
        ("a", "DFT"),
    ):
        found = table(two(first, second))
        assert np.array_equal(found.forces, FORCES), (first, second)
        assert found.other_sets == (first,)
        assert found.force_set == (second or None)
    for first, second in (("a", "b"), ("pbe", "hse"), ("", "new"), ("", "")):
        with pytest.raises(InputError) as caught:
            table(two(first, second))
        assert len(caught.value.choices) == 2
        for choice in caught.value.choices:
            taken = table(two(first, second), **choice.options)
            place = [choice.options["forces"] for choice in caught.value.choices].index(choice.options["forces"])
            np.testing.assert_allclose(taken.forces, FORCES / (2, 1)[place], rtol=0, atol=1e-8)
    for names in (("mace", "chgnet"), ("pred", "ml")):
        with pytest.raises(RefusalError) as refused:
            table(two(*names))
        assert [choice.options["forces"] for choice in refused.value.choices] == list(names)
    assert table(two("mace", "chgnet"), forces="CHGNet").force_set == "chgnet"
    with pytest.raises(InputError, match="Found: a, b"):
        table(two("a", "b"), forces="c")


def test_only_a_models_forces(table: ReadTable) -> None:
    text = "fx_chgnet,fy_chgnet,fz_chgnet\n" + TEXTS["commas"]
    with pytest.raises(RefusalError) as caught:
        table(text)
    (choice,) = caught.value.choices
    assert np.array_equal(table(text, **choice.options).forces, FORCES)


CONTRADICTIONS = {
    "header and comment": "# forces in Ry/bohr\nfx (eV/Å),fy (eV/Å),fz (eV/Å)\n",
    "within the header": "fx (eV/Å),fy (Ry/bohr),fz (eV/Å)\n",
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_places_that_name_different_units(table: ReadTable, case: str) -> None:
    with pytest.raises(InputError, match="several units") as caught:
        table(CONTRADICTIONS[case] + TEXTS["commas"])
    assert {choice.options["force_unit"] for choice in caught.value.choices} == {"eV/Å", "Ry/bohr"}
    for choice in caught.value.choices:
        table(CONTRADICTIONS[case] + TEXTS["commas"], **choice.options)


@pytest.mark.parametrize("heading", ["F? (eV/furlong)", "F? [foo/Å]", "F?/foo", "f?_lbf/in", "F? (kcal/Å)", "F? (eV)"])
def test_a_unit_that_is_not_understood_is_never_passed_over(table: ReadTable, heading: str) -> None:
    text = ",".join(heading.replace("?", axis) for axis in "xyz") + "\n" + TEXTS["commas"]
    with pytest.raises(InputError) as caught:
        table(text)
    assert "force_unit" in caught.value.choices[0].options
    assert table(text, force_unit="Ry/bohr").stated_unit is None


@pytest.mark.parametrize("heading", ["F? (DFT)", "F? (this work)", "F? (PBE+U)", "F?, relaxed"])
def test_labels_are_no_units(table: ReadTable, heading: str) -> None:
    header = '"' + '","'.join(heading.replace("?", axis) for axis in "xyz") + '"\n'
    assert table(header + TEXTS["commas"]).stated_unit is None


BAD: dict[str, tuple[str, str]] = {
    "stars": (TEXTS["commas"].replace("-1.20743971", "*********"), r"line 2: .*atom 2"),
    "empty cell": (TEXTS["header"].replace("1.15252525", ""), r"line 4: .*atom 3"),
    "word": (TEXTS["header"].replace("1.15252525", "n/a"), r"line 4: .*atom 3"),
    "short row": (TEXTS["commas"].replace(",-0.17438921", ""), r"line 2: The row has 2"),
    "cut off": (TEXTS["commas"].rpartition(",")[0], r"line 6: The row has 2"),
    "left out": ("[[1.0 2.0 3.0]\n ...\n [4.0 5.0 6.0]]", r"\.\.\."),
    "five columns": ("1.5,2.5,3.5,4.5,5.5\n2.5,1.5,2.5,3.5,4.5\n", "5 columns"),
    "no element": (TEXTS["labels"].replace("O3", "Qq3"), "line 5: Atom 5.*Qq3"),
    "two components": ("fx,fy,e\n1.0,2.0,3.0\n", "fx and fy"),
    "only positions": ("pos_x,pos_y,pos_z\n1.0,2.0,3.0\n", "no forces"),
    "several arrays": ("a = [[1.0, 2.0, 3.0]]\nb = [[1.0, 2.0, 3.0]]", "2 arrays"),
    "prose": ("There are no forces here.\n", "no rows of numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_named(table: ReadTable, case: str) -> None:
    text, message = BAD[case]
    with pytest.raises(InputError, match=message):
        table(text)


@pytest.mark.parametrize("form", JSONS)
def test_json(table: ReadTable, form: str) -> None:
    found = table(json.dumps(JSONS[form]), "f.json")
    np.testing.assert_allclose(found.forces, FORCES, rtol=0, atol=1e-9)
    assert found.numbers is None or tuple(found.numbers) == NUMBERS


def test_json_units(table: ReadTable) -> None:
    for unit, factor in (("eV/nm", 0.1), ("Ha/bohr", HA), ("Ry/au", RY)):
        for beside in ({"unit": unit}, {"units": {"forces": unit, "energy": "eV"}}, {"forces_unit": unit}):
            stated = table(json.dumps({"forces": FORCES.tolist(), **beside}), "f.json").stated_unit
            assert stated is not None
            assert stated.factor == pytest.approx(factor)
    with pytest.raises(InputError) as caught:
        table(json.dumps({"forces": FORCES.tolist(), "unit": "eV/furlong"}), "f.json")
    assert caught.value.choices


def test_arrays_of_numpy(table: ReadTable, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", chgnet_forces=FORCES / 2, dft_forces=FORCES, positions=POSITIONS)
    found = table((tmp_path / "a.npz").read_bytes(), "a.npz")
    assert np.array_equal(found.forces, FORCES)
    assert found.other_sets == ("chgnet",)
    np.savez(tmp_path / "b.npz", FORCES / 2, FORCES)
    with pytest.raises(InputError) as caught:
        table((tmp_path / "b.npz").read_bytes(), "b.npz")
    assert [choice.options["forces"] for choice in caught.value.choices] == ["arr_0", "arr_1"]
    assert np.array_equal(table((tmp_path / "b.npz").read_bytes(), "b.npz", forces="arr_1").forces, FORCES)
    np.save(tmp_path / "c.npy", FORCES)
    stated = table((tmp_path / "c.npy").read_bytes(), "forces_Ry_bohr.npy").stated_unit
    assert stated is not None
    assert stated.factor == pytest.approx(RY)


def test_workbooks(table: ReadTable) -> None:
    rows: list[list[object]] = [["el", "Fx (Ha/bohr)", "Fy (Ha/bohr)", "Fz (Ha/bohr)"]]
    rows += [[label, *map(float, force / HA)] for label, force in zip(LABELS, FORCES, strict=True)]
    for other in (None, [["notes"], ["nothing of use", 3.5]]):
        found = table(workbook(rows, other), "f.xlsx")
        np.testing.assert_allclose(_in_ev(found), FORCES, atol=1e-12)
        assert found.labels == LABELS
    moved = [[None, None, *row] for row in ([], *rows)]
    np.testing.assert_allclose(_in_ev(table(workbook(moved), "f.xlsx")), FORCES, atol=1e-12)


def test_workbooks_that_are_none_or_too_large(table: ReadTable, tmp_path: Path) -> None:
    import zipfile

    for content in (b"PK\x03\x04 nothing", b"fx,fy,fz\n", TEXTS["commas"].encode()):
        with pytest.raises(InputError, match="Excel"):
            table(content, "f.xlsx")
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 60_000_000)
    with pytest.raises(TooLargeError):
        table((tmp_path / "bomb.xlsx").read_bytes(), "f.xlsx")


def test_too_many_rows(table: ReadTable) -> None:
    rows = "0.1 0.2 0.3\n" * 2001
    with pytest.raises(TooLargeError, match="2,001 rows"):
        table(rows, "f.txt")


def test_lines_are_named_over_gaps(table: ReadTable) -> None:
    found = table(TEXTS["blank lines"], "f.txt")
    assert [found.row_place(index) for index in (0, 3)] == ["line 1", "line 7"]
    assert found.first_line is None
