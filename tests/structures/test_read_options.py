"""What a visitor decides about reading: units, another order of atoms, thinning; and files that come as an archive."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.units import Bohr, Hartree, Rydberg
from numpy.typing import NDArray
from program_output_writers import Step, outcar, pwscf

from softdash.errors import InputError, RefusalError, SoftdashError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frame_store import load_frames
from softdash.structures.labelled_frame import LabelledFrames
from softdash.structures.limits import evenly_thinned
from softdash.structures.read_options import ReadOptions
from softdash.structures.sandbox import read_upload_in_sandbox
from softdash.structures.upload import read_upload

Case = tuple[Atoms, NDArray]
Files = dict[str, str | bytes]
Reader = Callable[..., LabelledFrames]


@pytest.fixture
def read_with(tmp_path: Path) -> Reader:
    """Write files and read them with options and limits."""

    def _read(files: Files, options: ReadOptions = ReadOptions(), **limits: object) -> LabelledFrames:  # noqa: B008
        paths = []
        for number, content in enumerate(files.values()):
            paths.append(tmp_path / f"{number}")
            paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
        return read_upload(paths, Settings(**limits), list(files), options)

    return _read


def poscar(atoms: Atoms) -> str:
    symbols = list(dict.fromkeys(atoms.get_chemical_symbols()))
    assert atoms.get_chemical_symbols() == sorted(atoms.get_chemical_symbols(), key=symbols.index)
    counts = [atoms.get_chemical_symbols().count(symbol) for symbol in symbols]
    rows = [" ".join(f"{x:.10f}" for x in row) for row in (*atoms.cell.array, *atoms.get_scaled_positions(False))]
    head = f"x\n1.0\n{chr(10).join(rows[:3])}\n{' '.join(symbols)}\n{' '.join(map(str, counts))}\nDirect\n"
    return head + "\n".join(rows[3:]) + "\n"


def table(columns: str, *parts: object) -> str:
    rows = zip(*parts, strict=True)
    flat = [[str(x) for part in row for x in (part if isinstance(part, list) else [part])] for row in rows]
    return columns + "\n" + "".join(",".join(row) + "\n" for row in flat)


def positions_table(atoms: Atoms, forces: NDArray, *, elements: bool = True) -> str:
    moved = (atoms.positions + atoms.cell.array[0] - 2 * atoms.cell.array[2]).tolist()
    if elements:
        return table("element,x,y,z,fx,fy,fz", list(atoms.symbols), moved, forces.tolist())
    return table("x,y,z,fx,fy,fz", moved, forces.tolist())


def extxyz(frames: int, atoms: int = 2) -> str:
    head = 'Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3:forces:R:3'
    text = ""
    for frame in range(frames):
        rows = "".join(f"Na {2 * atom}.0 0.01 {frame / 1000:.3f} 0.{frame:04d} 0.2 0.3\n" for atom in range(atoms))
        text += f"{atoms}\n{head}\n{rows}"
    return text


def packed(files: Files, **attributes: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = attributes.get("external_attr", 0)
            archive.writestr(entry, content)
    return buffer.getvalue()


# Order

ORDER = [5, 2, 7, 0, 1, 6, 3, 4]


@pytest.mark.parametrize("elements", [True, False])
def test_positions_find_the_order_and_only_by_consent(read_with: Reader, rocksalt: Case, elements: bool) -> None:
    atoms, forces = rocksalt
    files = {"POSCAR": poscar(atoms), "f.csv": positions_table(atoms[ORDER], forces[ORDER], elements=elements)}
    with pytest.raises(RefusalError, match=r"another order: atom 1 \(Na\) of POSCAR is line 5 of f\.csv") as caught:
        read_with(files)
    assert caught.value.offer == "reorder"
    assert caught.value.as_json()["error"]["offer"] == "reorder"
    found = read_with(files, ReadOptions(reorder=True))
    assert np.array_equal(found.frames[0].reference_forces, forces)
    assert found.was_reordered
    assert any(warning.startswith("Atoms re-ordered: 8 of 8 rows") for warning in found.warnings)


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
    assert any("could not be checked" in warning for warning in found.warnings)


def test_numbered_rows_are_sorted_only_by_consent(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    numbers = [place + 1 for place in ORDER]
    files = {"POSCAR": poscar(atoms), "f.csv": table("index,fx,fy,fz", numbers, forces[ORDER].tolist())}
    with pytest.raises(RefusalError, match="atom numbers are not in order") as caught:
        read_with(files)
    assert caught.value.offer == "reorder"
    assert np.array_equal(read_with(files, ReadOptions(reorder=True)).frames[0].reference_forces, forces)


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
    with pytest.raises(TooLargeError, match="at most 4 are read") as caught:
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


# Archives


def test_folders_of_an_archive_are_matched(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    content = packed(
        {
            "set/a/POSCAR": poscar(atoms),
            "set/a/forces.csv": table("fx,fy,fz", forces.tolist()),
            "set/b/POSCAR": poscar(atoms),
            "set/b/my.json": json.dumps((2 * forces).tolist()),
            "set/hot.cif/readme.txt": "Calculated in 2026.\n",
            "set/c.vasp": poscar(atoms),
            "set/c_forces.txt": table("fx,fy,fz", (3 * forces).tolist()),
            "set/INCAR": "ENCUT = 520",
            "__MACOSX/._x.csv": "1,2,3",
        }
    )
    found = read_with({"results.zip": content})
    by_origin = {frame.origin: frame.reference_forces for frame in found.frames}
    assert sorted(by_origin) == [
        "set/a/POSCAR + set/a/forces.csv",
        "set/b/POSCAR + set/b/my.json",
        "set/c.vasp + set/c_forces.txt",
    ]
    assert np.array_equal(by_origin["set/b/POSCAR + set/b/my.json"], 2 * forces)
    assert any("Left aside: set/INCAR, set/hot.cif/readme.txt" in warning for warning in found.warnings)


def test_structures_and_forces_of_two_folders_are_matched_by_name(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    files: Files = {f"structures/NaCl_{n}.vasp": poscar(atoms) for n in (1, 2)}
    files |= {f"forces/NaCl_{n}.csv": table("fx,fy,fz", (n * forces).tolist()) for n in (2, 1)}
    found = read_with({"a.zip": packed(files)})
    assert [frame.reference_forces[0, 0] / forces[0, 0] for frame in found.frames] == pytest.approx([1, 2])


def test_a_run_with_its_inputs_beside_it(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    found = read_with({"OUTCAR": outcar([Step(atoms, forces)]), "POSCAR": poscar(atoms), "CONTCAR": poscar(atoms)})
    assert [frame.origin for frame in found.frames] == ["OUTCAR, frame 1"]
    assert any(warning.startswith("Left aside: POSCAR, CONTCAR;") for warning in found.warnings)


BAD_ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "link": (lambda: packed({"a.xyz": "/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16), "is a link"),
    "way out": (lambda: packed({"../../a.xyz": extxyz(1)}), "leads out of the archive"),
    "absolute": (lambda: packed({"/etc/a.xyz": extxyz(1)}), "leads out of the archive"),
    "bomb": (lambda: packed({"a.xyz": b"\0" * 50_000_000}), "times larger"),
    "too large": (lambda: packed({f"{n}.xyz": b"\0" * 60_000_000 for n in range(10)}), "at most 500 MB"),
    "too many": (lambda: packed({f"{n}.xyz": "" for n in range(2001)}), "2,001 files"),
    "nested": (lambda: packed({"b.zip": packed({"a.xyz": extxyz(1)})}), "b.zip"),
    "nothing of use": (lambda: packed({"INCAR": "x", "KPOINTS": "y"}), "Nothing in the archive"),
    "only a structure": (lambda: packed({"a/POSCAR": "x", "a/INCAR": "y"}), "comes without forces"),
    "names that do not match": (
        lambda: packed({"NaCl.vasp": "x", "data.csv": "1,2,3", "README.txt": "y"}),
        "Name each structure and its forces alike",
    ),
    "no archive": (lambda: b"hello", "no zip archive"),
    "damaged": (lambda: packed({"a.xyz": extxyz(3)})[:-30], "damaged"),
    "damaged inside": (lambda: packed({"a.xyz": extxyz(3)}).replace(b"\x01", b"\x02", 3), "damaged|encrypted|rare"),
    "empty": (lambda: packed({}), "no zip archive"),
}


@pytest.mark.parametrize("case", BAD_ARCHIVES)
def test_bad_archives(read_with: Reader, case: str) -> None:
    make, words = BAD_ARCHIVES[case]
    with pytest.raises(InputError) as caught:
        read_with({"x.zip": make()})
    assert any(word in str(caught.value) for word in words.split("|")), str(caught.value)


# Databases and documents that lie


def _database(*statements: str, table_sql: str | None = None) -> bytes:
    connection = sqlite3.connect(":memory:")
    columns = "numbers BLOB, positions BLOB, cell BLOB, pbc INTEGER, calculator TEXT, calculator_parameters TEXT, "
    columns += "energy REAL, forces BLOB, stress BLOB, key_value_pairs TEXT"
    connection.execute(table_sql or f"CREATE TABLE systems (id INTEGER PRIMARY KEY, {columns})")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    return connection.serialize()


ENDLESS_VIEW = (
    "CREATE VIEW systems AS WITH RECURSIVE c(id) AS (SELECT 1 UNION ALL SELECT id+1 FROM c) "
    "SELECT id, NULL AS numbers, NULL AS positions, NULL AS cell, NULL AS pbc, NULL AS calculator, "
    "NULL AS calculator_parameters, NULL AS energy, NULL AS forces, NULL AS stress, NULL AS key_value_pairs FROM c"
)
BAD_DOCUMENTS: dict[str, tuple[Files, str]] = {
    "database of a view": ({"a.db": _database(table_sql=ENDLESS_VIEW)}, "no table 'systems'"),
    "database without rows": ({"a.db": _database()}, "holds no rows"),
    "database of texts": ({"a.db": _database("INSERT INTO systems (numbers) VALUES ('x')")}, "not stored as numbers"),
    "database of odd blobs": (
        {"a.db": _database("INSERT INTO systems (numbers, positions, cell) VALUES (x'0b000000', x'00', x'00')")},
        "not stored as numbers",
    ),
    "database cut short": ({"a.db": _database()[:3000]}, "cannot be read|no table|holds no rows"),
    "database of another kind": ({"a.db": "hello"}, "no SQLite database"),
    "array claimed": (
        {
            "a.json": json.dumps(
                {
                    "numbers": {"__ndarray__": [[10**9], "int64", []]},
                    "positions": {"__ndarray__": [[10**9, 3], "float64", []]},
                    "cell": [1, 2, 3],
                    "forces": {"__ndarray__": [[10**9, 3], "float64", []]},
                }
            )
        },
        "announce",
    ),
    "objects in ASE JSON": (
        {"a.json": '{"1": {"numbers": {"__complex__": [1, 2]}, "positions": 3, "cell": [], "forces": 1}, "ids": [1]}'},
        "not an array",
    ),
    "class to call": (
        {"a.json": '{"@module": "os", "@class": "system", "structure": {"sites": [{"species": 3}]}, "F": [[1]]}'},
        "not one whole atom",
    ),
    "partial occupancy": (
        {
            "a.json": json.dumps(
                {"sites": [{"species": [{"element": "Na", "occu": 0.5}], "abc": [0, 0, 0]}], "forces": [[1, 2, 3]]}
            )
        },
        "occupancy 0.5",
    ),
    "deep YAML": ({"a.yaml": "supercell: " + "[" * 100_000}, "levels"),
    "YAML bomb": ({"a.yaml": "a: &a [x]\nb: &b [*a, *a]\nsupercell: *b\n"}, "anchor"),
    "YAML tag": ({"a.yaml": 'supercell: !!python/object/apply:os.system ["true"]\n'}, "a tag"),
    "other YAML": ({"a.yaml": "a: 1\n"}, "no phonopy file"),
    "broken YAML": ({"a.yaml": "a: [1, 2\nb: }"}, "not readable as YAML"),
    "displacements alone": (
        {
            "a.yaml": "supercell:\n  lattice: [[4,0,0],[0,4,0],[0,0,4]]\n"
            "  points:\n  - {symbol: Na, coordinates: [0,0,0]}\ndisplacements:\n- {atom: 1, displacement: [0.1,0,0]}\n"
        },
        "displacements, but no forces",
    ),
    "FORCE_SETS alone": ({"FORCE_SETS": "1\n1\n1\n0 0 0\n1 2 3\n"}, "No supercell belongs to it"),
}


def test_a_virtual_table_is_not_read(read_with: Reader) -> None:
    columns = (
        "numbers, positions, cell, pbc, calculator, calculator_parameters, energy, forces, stress, key_value_pairs"
    )
    try:
        content = _database(table_sql=f"CREATE VIRTUAL TABLE systems USING fts4({columns})")
    except sqlite3.OperationalError:
        pytest.skip("this SQLite has no full-text search")
    with pytest.raises(InputError, match="no table 'systems'"):
        read_with({"a.db": content})


@pytest.mark.parametrize("case", BAD_DOCUMENTS)
def test_bad_documents(read_with: Reader, case: str) -> None:
    files, words = BAD_DOCUMENTS[case]
    with pytest.raises(InputError) as caught:
        read_with(files)
    assert any(word in str(caught.value) for word in words.split("|")), str(caught.value)
    assert next(iter(files)) in str(caught.value)


SPOSCAR = "x\n1.0\n4 0 0\n0 4 0\n0 0 4\nNa\n1\nDirect\n0 0 0\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2\n1\n1\n0 0 0\n1 2 3\n", "supercell of 2 atoms, the structure has 1"),
        ("1\n999999999\n1\n0 0 0\n1 2 3\n", "announces 999,999,999 displacements"),
        ("1\n1\n7\n0 0 0\n1 2 3\n", "Line 3: there is no atom 7 among 1"),
        ("1\n2\n1\n0 0 0\n1 2 3\n", "ends within displacement 2 of 2"),
        ("1\n1\n1\n0 0 0\n1 2 x\n", "Line 5: three numbers"),
        ("1\n1\n1\n0 0 0\n1 2 3\n4 5 6\n", "Line 6: there are more lines"),
        ("0 0 0 1 2 3\n0 0 0 1 2\n", "Line 2 has 5 numbers"),
        ("", "blanks|0 bytes"),
    ],
)
def test_bad_force_sets(read_with: Reader, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_with({"SPOSCAR": SPOSCAR, "FORCE_SETS": text})
    assert any(word in str(caught.value) for word in words.split("|")), str(caught.value)


def test_offers_are_part_of_the_one_error_shape() -> None:
    assert SoftdashError("x").as_json() == {"error": {"code": "error", "message": "x", "where": None, "advice": None}}
    assert SoftdashError("x", offer="thin").as_json()["error"]["offer"] == "thin"
