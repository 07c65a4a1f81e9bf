"""Several structures with one table, or several tables: which forces belong to which structure, and what is asked."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from ase import Atoms
from cif_texts import cif, operations, state
from numpy.typing import NDArray
from pymatgen.core import Structure
from upload_contents import Files, Reader, packed, poscar

from softdash.errors import InputError, RefusalError
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.read_options import ReadOptions

COUNT = 3


def _states() -> list[Atoms]:
    return [state("TiO2", frame) for frame in range(COUNT)]


def _rows(forces: NDArray[np.float64], first: str = "") -> str:
    return "".join(f"{first}{x:.8f},{y:.8f},{z:.8f}\n" for x, y, z in forces)


def _all_forces() -> NDArray[np.float64]:
    return np.array([atoms.arrays["dft"] for atoms in _states()])


def _saved(array: NDArray[np.float64]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _check(found: LabelledFrames) -> None:
    assert len(found.frames) == COUNT
    assert found.refused == ()
    assert found.warnings == ()
    for frame, atoms in zip(found.frames, _states(), strict=True):
        np.testing.assert_allclose(frame.atoms.get_scaled_positions(), atoms.get_scaled_positions(), rtol=0, atol=1e-8)
        np.testing.assert_array_equal(frame.reference_forces, atoms.arrays["dft"])
    assert [one.ground for one in found.readings if one.topic == "frames"] == ["assumed"]


TABLES: dict[str, Callable[[], tuple[str, str | bytes]]] = {
    "rows below each other": lambda: ("f.csv", _rows(_all_forces().reshape(-1, 3))),
    "blank lines between": lambda: ("f.txt", "\n".join(_rows(forces) for forces in _all_forces())),
    "header": lambda: ("f.csv", "fx,fy,fz\n" + _rows(_all_forces().reshape(-1, 3))),
    "column of frames": lambda: (
        "f.csv",
        "frame,fx,fy,fz\n" + "".join(_rows(forces, f"{number},") for number, forces in enumerate(_all_forces())),
    ),
    "frames in another order": lambda: (
        "f.csv",
        "frame,fx,fy,fz\n"
        + "".join(_rows(forces, f"{number},") for number, forces in reversed(list(enumerate(_all_forces())))),
    ),
    "atom numbers that begin anew": lambda: (
        "f.csv",
        "atom,fx,fy,fz\n"
        + "".join(
            _rows(row[None], f"{number},") for forces in _all_forces() for number, row in enumerate(forces, start=1)
        ),
    ),
    "array of frames": lambda: ("f.npy", _saved(_all_forces())),
    "flat array": lambda: ("f.npy", _saved(_all_forces().reshape(-1, 3))),
    "JSON": lambda: ("f.json", json.dumps(_all_forces().reshape(-1, 3).tolist())),
    "JSON of frames": lambda: ("f.json", json.dumps({"forces": _all_forces().tolist()})),
}


def _structures(kind: str) -> Files:
    if kind == "blocks of a CIF":
        return {"t.cif": "".join(cif(atoms, f"step{number}") for number, atoms in enumerate(_states()))}
    if kind == "CIFs":
        return {f"t{number + 9}.cif": cif(atoms) for number, atoms in reversed(list(enumerate(_states())))}
    if kind == "structures in JSON":
        found = [Structure(a.cell.array, list(a.symbols), a.get_scaled_positions(False)).as_dict() for a in _states()]
        return {"t.json": json.dumps(found)}
    return {f"POSCAR-{number + 1}": poscar(atoms) for number, atoms in enumerate(_states())}


@pytest.mark.parametrize("kind", ["blocks of a CIF", "CIFs", "POSCARs", "structures in JSON"])
@pytest.mark.parametrize("form", TABLES)
def test_one_table_of_several_structures(read_with: Reader, kind: str, form: str) -> None:
    name, content = TABLES[form]()
    _check(read_with({**_structures(kind), name: content}))


def test_frames_of_other_sizes(read_with: Reader) -> None:
    several = [state("TiO2"), state("NaCl"), state("KMgF3")]
    text = "".join(cif(atoms, f"b{number}") for number, atoms in enumerate(several))
    found = read_with({"t.cif": text, "f.csv": "".join(_rows(atoms.arrays["dft"]) for atoms in several)})
    assert [len(frame.atoms) for frame in found.frames] == [6, 8, 5]
    np.testing.assert_array_equal(found.frames[2].reference_forces, several[2].arrays["dft"])


def test_forces_of_one_of_several_blocks(read_with: Reader) -> None:
    several = [state("TiO2"), state("NaCl"), state("KMgF3")]
    text = "".join(cif(atoms, f"b{number}") for number, atoms in enumerate(several))
    found = read_with({"t.cif": text, "f.csv": _rows(several[1].arrays["dft"])})
    assert [len(frame.atoms) for frame in found.frames] == [8]
    assert ("structure", "b1", "tested") in {(one.topic, one.value, one.ground) for one in found.readings}


@pytest.mark.parametrize("kind", ["blocks of a CIF", "structures in JSON"])
def test_equal_blocks_are_asked(read_with: Reader, kind: str) -> None:
    files: Files = {**_structures(kind), "f.csv": _rows(_states()[1].arrays["dft"])}
    with pytest.raises(InputError) as caught:
        read_with(files)
    assert len(caught.value.choices) == COUNT
    found = read_with(files, ReadOptions(**caught.value.choices[1].options))
    np.testing.assert_allclose(
        found.frames[0].atoms.get_scaled_positions(), _states()[1].get_scaled_positions(), rtol=0, atol=1e-8
    )


def test_the_same_cell_written_twice_is_one(read_with: Reader) -> None:
    atoms = state("TiO2")
    found = read_with({"t.cif": cif(atoms, "a") + cif(atoms, "b"), "f.csv": _rows(atoms.arrays["dft"])})
    assert len(found.frames) == 1


@pytest.mark.parametrize("rows", [12, 17, 19])
def test_other_numbers_of_rows_are_refused(read_with: Reader, rows: int) -> None:
    forces = np.resize(_all_forces().reshape(-1, 3), (rows, 3))
    with pytest.raises(RefusalError, match=f"{rows} rows"):
        read_with({**_structures("CIFs"), "f.csv": _rows(forces)})
    with pytest.raises(InputError, match=f"{rows} rows"):
        read_with({**_structures("blocks of a CIF"), "f.csv": _rows(forces)})


def test_a_column_of_frames_that_disagrees_is_refused(read_with: Reader) -> None:
    forces = _all_forces().reshape(-1, 3)
    text = "frame,fx,fy,fz\n" + _rows(forces[:9], "0,") + _rows(forces[9:], "1,")
    with pytest.raises(RefusalError, match="2 frames of 9 rows"):
        read_with({**_structures("CIFs"), "f.csv": text})


def test_elements_are_compared_in_each_frame(read_with: Reader) -> None:
    text = "element,fx,fy,fz\n"
    for number, atoms in enumerate(_states()):
        order = [2, 3, 4, 5, 0, 1] if number == 1 else range(6)
        text += "".join(_rows(atoms.arrays["dft"][[one]], f"{atoms.symbols[one]},") for one in order)
    files: Files = {**_structures("CIFs"), "f.csv": text}
    with pytest.raises(RefusalError) as caught:
        read_with(files)
    assert caught.value.offer == "reorder"
    found = read_with(files, ReadOptions(reorder=True))
    assert found.was_reordered
    np.testing.assert_array_equal(found.frames[1].reference_forces, _states()[1].arrays["dft"])


def test_thinning_keeps_structures_and_forces_together(read_with: Reader) -> None:
    name, content = TABLES["rows below each other"]()
    found = read_with({**_structures("blocks of a CIF"), name: content}, ReadOptions(thin=True), frames_max=2)
    assert found.frames_found == COUNT
    for frame, atoms in zip(found.frames, (_states()[0], _states()[2]), strict=True):
        np.testing.assert_array_equal(frame.reference_forces, atoms.arrays["dft"])


@pytest.mark.parametrize(
    ("structures", "tables", "is_matched"),
    [
        (["frame0", "frame1", "frame2"], ["forces0", "forces1", "forces2"], True),
        (["frame01", "frame02", "frame03"], ["f3", "f2", "f1"], True),
        (["frame0", "frame1", "frame2"], ["forces1", "forces2", "forces3"], False),
        (["a", "b", "c"], ["x", "y", "z"], False),
        (["Li1", "Na2", "K3"], ["f1", "f2", "f3"], False),
        (["frame1", "frame01", "frame2"], ["f1", "f2", "f3"], False),
    ],
)
def test_files_of_other_names_are_matched_by_number_or_asked(
    read_with: Reader, structures: list[str], tables: list[str], is_matched: bool
) -> None:
    files: Files = {f"{name}.cif": cif(atoms) for name, atoms in zip(structures, _states(), strict=True)}
    by_number = dict(zip(sorted(tables), _all_forces(), strict=True))
    files.update({f"{name}.csv": _rows(by_number[name]) for name in tables})
    if not is_matched:
        with pytest.raises(InputError) as caught:
            read_with(files)
        assert str(caught.value.where).startswith(tuple(structures))
        return
    _check(read_with(files))


def test_one_problem_of_several_frames_costs_that_frame(read_with: Reader) -> None:
    forces = _all_forces()
    forces[1] = np.round(_states()[1].positions, 8)
    found = read_with({**_structures("CIFs"), "f.npy": _saved(forces)})
    assert len(found.frames) == COUNT - 1
    assert [one.origin for one in found.refused] == ["t10.cif + f.npy, frame 2"]


def test_symmetry_left_in_is_asked_and_left_out(read_with: Reader) -> None:
    atoms = state("TiO2", 3)
    group = operations("x,y,z", "-x,-y,-z", "-y+1/2,x+1/2,z+1/2", "y+1/2,-x+1/2,z+1/2", "y,x,z")
    files: Files = {"t.cif": cif(atoms, symmetry=group), "f.csv": _rows(atoms.arrays["dft"])}
    with pytest.raises(RefusalError) as caught:
        read_with(files)
    assert [choice.options for choice in caught.value.choices] == [{"symmetry": "ignore"}]
    found = read_with(files, ReadOptions(**caught.value.choices[0].options))
    np.testing.assert_array_equal(found.frames[0].reference_forces, atoms.arrays["dft"])
    assert ("structure", "chosen") in {(one.topic, one.ground) for one in found.readings}


@pytest.mark.parametrize("names", [["f0", "f1", "f2"], ["step0", "step1", "step2"]])
def test_a_table_for_each_block(read_with: Reader, names: list[str]) -> None:
    files = _structures("blocks of a CIF")
    files.update({f"{name}.csv": _rows(forces) for name, forces in zip(names, _all_forces(), strict=True)})
    _check(read_with(files))
    del files[f"{names[2]}.csv"]
    with pytest.raises(RefusalError, match="2 tables"):
        read_with(files)


def test_several_tables_of_one_structure_are_asked(read_with: Reader) -> None:
    atoms = state("TiO2")
    files: Files = {"t.cif": cif(atoms), "dft.csv": _rows(atoms.arrays["dft"]), "other.csv": _rows(atoms.arrays["dft"])}
    with pytest.raises(InputError) as caught:
        read_with(files)
    assert caught.value.where == "t.cif"


def test_an_archive_with_notes(read_with: Reader) -> None:
    name, content = TABLES["rows below each other"]()
    files: Files = {**_structures("CIFs"), name: content, "README.txt": "Forces of 3 steps, PBE."}
    found = read_with({"all.zip": packed(files)})
    assert len(found.frames) == COUNT
    assert any("README.txt" in sentence for sentence in found.warnings)


def test_blocks_printed_by_a_program_one_for_each_structure(read_with: Reader) -> None:
    text = ""
    for atoms in _states():
        text += " POSITION                                       TOTAL-FORCE (eV/Angst)\n " + "-" * 80 + "\n"
        for place, force in zip(atoms.positions, atoms.arrays["dft"], strict=True):
            text += " ".join(f"{x:12.5f}" for x in place) + " ".join(f"{x:14.6f}" for x in force) + "\n"
        text += " " + "-" * 80 + "\n"
    found = read_with({**_structures("CIFs"), "f.txt": text})
    assert len(found.frames) == COUNT
    assert found.order_is_known
    assert found.force_unit_is_stated
    for frame, atoms in zip(found.frames, _states(), strict=True):
        np.testing.assert_allclose(frame.reference_forces, atoms.arrays["dft"], atol=1e-6)
