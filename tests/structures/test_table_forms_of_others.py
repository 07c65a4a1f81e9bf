"""Tables as further programs and people write them: the same forces, or a refusal that names the cause."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ase import Atoms
from numpy.typing import NDArray
from upload_contents import Case, Reader

from softdash.errors import InputError, RefusalError
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM

ORDER = [5, 0, 7, 2, 1, 6, 4, 3]


def poscar(atoms: Atoms) -> str:
    cell = "\n".join(" ".join(f"{x:.10f}" for x in row) for row in atoms.cell.array)
    places = "\n".join(" ".join(f"{x:.10f}" for x in row) for row in atoms.get_scaled_positions())
    return f"c\n1.0\n{cell}\nNa Cl\n4 4\nDirect\n{places}\n"


def lines(forces: NDArray[np.float64], words: list[str], between: str = ",") -> str:
    return "".join(
        f"{word}{between}" + between.join(f"{x:.8f}" for x in row) + "\n"
        for word, row in zip(words, forces, strict=True)
    )


def read_forces(read_with: Reader, atoms: Atoms, content: str | bytes, name: str = "f.csv") -> NDArray[np.float64]:
    return read_with({"POSCAR": poscar(atoms), name: content}).frames[0].reference_forces


LABEL_FORMS = {
    "Na-1": [f"{'Na' if atom < 4 else 'Cl'}-{atom + 1}" for atom in ORDER],
    "#1": [f"#{atom + 1}" for atom in ORDER],
    "element, count": [f"{'Na' if atom < 4 else 'Cl'},{atom % 4 + 1}" for atom in ORDER],
}


@pytest.mark.parametrize("form", LABEL_FORMS)
def test_rows_named_in_other_ways(read_with: Reader, rocksalt: Case, form: str) -> None:
    atoms, forces = rocksalt
    header = "species,count,fx,fy,fz\n" if "," in form else "what,fx,fy,fz\n"
    found = read_forces(read_with, atoms, header + lines(forces[ORDER], LABEL_FORMS[form]))
    np.testing.assert_array_equal(found, forces)


def test_a_column_that_repeats_the_unit(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    rows = "".join(",".join(f"{x:.8f}" for x in row) + ",Ha/bohr\n" for row in forces)
    frames = read_with({"POSCAR": poscar(atoms), "f.csv": "fx,fy,fz,unit\n" + rows})
    assert frames.force_unit_is_stated
    np.testing.assert_allclose(frames.frames[0].reference_forces, forces * IN_EV_PER_ANGSTROM["Ha/bohr"])


def test_flags_of_selective_dynamics_are_no_elements(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    rows = lines(forces, ["T F T"] * 8, " ")
    np.testing.assert_array_equal(read_forces(read_with, atoms, "a b c fx fy fz\n" + rows, "f.txt"), forces)


@pytest.mark.parametrize("prefix", ["pw.out:", "> "])
def test_lines_of_grep_and_quotations(read_with: Reader, rocksalt: Case, prefix: str) -> None:
    atoms, forces = rocksalt
    rows = "".join(
        f"{prefix}     atom {n:4d} type  1   force = {x:.8f} {y:.8f} {z:.8f}\n" for n, (x, y, z) in enumerate(forces, 1)
    )
    found = read_forces(read_with, atoms, rows, "f.txt")
    np.testing.assert_allclose(found, forces * IN_EV_PER_ANGSTROM["Ry/bohr"])


JSON_FORMS = {
    "by label": lambda forces: {f"{'Na' if atom < 4 else 'Cl'}{atom % 4 + 1}": forces[atom].tolist() for atom in ORDER},
    "by number": lambda forces: {str(atom + 1): forces[atom].tolist() for atom in ORDER},
    "records": lambda forces: [{"index": atom + 1, "force": forces[atom].tolist()} for atom in ORDER],
    "nested": lambda forces: {"results": {"forces": forces.tolist()}, "settings": {"xc": "PBE"}},
}


@pytest.mark.parametrize("form", JSON_FORMS)
def test_json_in_other_forms(read_with: Reader, rocksalt: Case, form: str) -> None:
    atoms, forces = rocksalt
    found = read_forces(read_with, atoms, json.dumps(JSON_FORMS[form](forces)), "f.json")
    np.testing.assert_array_equal(found, forces)


def test_force_field_of_vasp_is_no_reference(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    rows = "".join(
        " ".join(f"{x:.8f}" for x in [*place, *force]) + "\n"
        for place, force in zip(atoms.positions, forces, strict=True)
    )
    block = f" POSITION    TOTAL-FORCE (eV/Angst){{}}\n ----------\n{rows} ----------\n"
    np.testing.assert_array_equal(read_forces(read_with, atoms, block.format(""), "f.txt"), forces)
    with pytest.raises(RefusalError, match="machine-learned"):
        read_forces(read_with, atoms, block.format(" (ML)"), "f.txt")


def test_what_is_nearly_a_number_is_named(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    percent = "".join(",".join(f"{100 * x:.1f}%" for x in row) + "\n" for row in forces)
    with pytest.raises(InputError, match=f"{100 * forces[0, 0]:.1f}%.*line 2"):
        read_forces(read_with, atoms, "fx,fy,fz\n" + percent)


def test_directions_are_no_forces(read_with: Reader, rocksalt: Case) -> None:
    atoms, forces = rocksalt
    units = forces / np.linalg.norm(forces, axis=1)[:, None]
    with pytest.raises(RefusalError, match="directions"):
        read_forces(read_with, atoms, "fx,fy,fz\n" + lines(units[:, 1:], [f"{x:.8f}" for x in units[:, 0]]))


@pytest.mark.parametrize("key", ["units", "force_unit"])
def test_unit_in_the_comment_of_extended_xyz(read_with: Reader, rocksalt: Case, key: str) -> None:
    atoms, forces = rocksalt
    head = 'Lattice="5.69 0 0 0 5.7 0 0 0 5.71" Properties=species:S:1:pos:R:3:forces:R:3 energy=-3 '
    rows = "".join(
        f"{symbol} " + " ".join(f"{x:.8f}" for x in [*place, *force]) + "\n"
        for symbol, place, force in zip(atoms.symbols, atoms.positions, forces, strict=True)
    )
    frames = read_with({"a.extxyz": f"8\n{head}{key}=Ha/bohr\n{rows}"})
    assert frames.force_unit_is_stated
    np.testing.assert_allclose(frames.frames[0].reference_forces, forces * IN_EV_PER_ANGSTROM["Ha/bohr"])
    assert frames.frames[0].reference_energy is None
    with pytest.raises(InputError, match="furlong"):
        read_with({"a.extxyz": f"8\n{head}force_unit=eV/furlong\n{rows}"})
