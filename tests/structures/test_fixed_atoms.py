"""Atoms that a run kept fixed: the same sentence whichever file says so, and no number is left out in silence."""

from __future__ import annotations

import io
import json
from pathlib import Path

import ase.db
import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms, FixCartesian
from pymatgen.core import Lattice, Structure
from upload_contents import Case, Files, Reader, poscar, table

from softdash.structures.frames.fixed_atoms import fixed_by_constraints, movable_flags

USED = "2 of 8 atoms were kept fixed; their forces are in the file and are used like the others."
ZEROED = "2 of 8 atoms were kept fixed, and their forces are zero in the file, not DFT's."


def _with_forces(atoms: Atoms, forces: np.ndarray) -> Atoms:
    fixed = atoms.copy()
    fixed.set_constraint(FixAtoms([0, 5]))
    fixed.calc = SinglePointCalculator(fixed, forces=forces)
    return fixed


def _extxyz(atoms: Atoms, forces: np.ndarray, _folder: Path) -> Files:
    text = io.StringIO()
    ase.io.write(text, _with_forces(atoms, forces), format="extxyz")
    assert "move_mask:L:1" in text.getvalue()
    return {"run.extxyz": text.getvalue()}


def _ase_file(atoms: Atoms, forces: np.ndarray, folder: Path, ending: str) -> Files:
    path = folder / f"rows{ending}"
    path.unlink(missing_ok=True)
    ase.db.connect(path).write(_with_forces(atoms, forces))
    return {path.name: path.read_bytes()}


def _poscar_and_table(atoms: Atoms, forces: np.ndarray, _folder: Path) -> Files:
    lines = poscar(atoms).splitlines()
    rows = [f"{row} {'F F F' if atom in (0, 5) else 'T T T'}" for atom, row in enumerate(lines[8:])]
    lines[7:] = ["Selective dynamics", "Direct", *rows]
    return {"POSCAR": "\n".join(lines) + "\n", "f.csv": table("fx,fy,fz", forces.tolist())}


def _pymatgen(atoms: Atoms, forces: np.ndarray, _folder: Path) -> Files:
    flags = [[atom not in (0, 5)] * 3 for atom in range(len(atoms))]
    structure = Structure(
        Lattice(atoms.cell.array),
        list(atoms.symbols),
        atoms.get_scaled_positions(),
        site_properties={"forces": forces.tolist(), "selective_dynamics": flags},
    )
    return {"a.json": structure.to_json()}


WAYS = {
    "extended XYZ of ASE": _extxyz,
    "ASE JSON": lambda atoms, forces, folder: _ase_file(atoms, forces, folder, ".json"),
    "ASE database": lambda atoms, forces, folder: _ase_file(atoms, forces, folder, ".db"),
    "POSCAR + table": _poscar_and_table,
    "pymatgen": _pymatgen,
}


@pytest.mark.parametrize("way", WAYS)
def test_fixed_atoms_are_told(read_with: Reader, rocksalt: Case, tmp_path: Path, way: str) -> None:
    atoms, forces = rocksalt
    zeroed = forces.copy()
    zeroed[[0, 5]] = 0
    for given, sentence in ((forces, USED), (zeroed, ZEROED)):
        found = read_with(WAYS[way](atoms, given, tmp_path))
        assert np.array_equal(found.frames[0].reference_forces, given)
        assert [warning for warning in found.warnings if sentence in warning], found.warnings


def test_constraints_along_some_axes() -> None:
    written = json.loads(json.dumps([FixCartesian(1, (True, False, False)).todict()], default=lambda a: a.tolist()))
    fixed = fixed_by_constraints(written, 3)
    assert fixed is not None
    assert fixed.tolist() == [[False] * 3, [True, False, False], [False] * 3]


OTHER_CONSTRAINTS = [
    None,
    7,
    [],
    [3],
    [{"name": "FixAtoms"}],
    [{"name": "FixAtoms", "kwargs": {"indices": [99, -1, "0"]}}],
    [{"name": "FixBondLengths", "kwargs": {"a": 0}}],
]


@pytest.mark.parametrize("constraints", OTHER_CONSTRAINTS, ids=str)
def test_other_constraints_are_passed_over(constraints: object) -> None:
    assert fixed_by_constraints(constraints, 3) is None


def test_flags_of_another_number_say_nothing() -> None:
    assert movable_flags([[True, False], [True, True]]) is None
    assert movable_flags([[True], [True, True, True]]) is None
