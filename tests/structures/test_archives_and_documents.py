"""Archives, databases and documents: what is matched in them, and what they may not do."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable

import numpy as np
import pytest
from program_output_writers import Step, outcar
from upload_contents import Case, Files, Reader, extxyz, packed, poscar, table

from softdash.errors import InputError

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
        lambda: packed({"NaCl.vasp": "x", "data.csv": "1,2,3", "more.txt": "y"}),
        "Name each structure and its forces alike",
    ),
    "no archive": (lambda: b"hello", "a zip archive, by its content it is none"),
    "damaged": (lambda: packed({"a.xyz": extxyz(3)})[:-30], "damaged"),
    "damaged inside": (lambda: packed({"a.xyz": extxyz(3)}).replace(b"\x01", b"\x02", 3), "damaged|encrypted|rare"),
    "empty": (lambda: packed({}), "a zip archive, by its content it is none"),
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
    "database cut short": ({"a.db": _database()[:3000]}, "damaged|no table|holds no rows"),
    "database of another kind": ({"a.db": "hello"}, "a database of ASE, by its content it is none"),
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
        "holds no atom, or several",
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
    content = _database(table_sql=f"CREATE VIRTUAL TABLE systems USING fts4({columns})")
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
