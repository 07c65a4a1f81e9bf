"""phonopy's ``phonopy_disp.yaml`` and ``phonopy_params.yaml``: the supercell, its displacements, perhaps their forces.

Own reading of plain YAML: `phonopy.load` searches the working folder for further files and believes all counts. Numbers
agree with phonopy's (tests/structures).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from ase import Atoms
from ase.units import Bohr
from numpy.typing import NDArray

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM, known_unit
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.displaced_supercells import (
    DisplacedForces,
    ForceUnits,
    Supercell,
    displaced_frames,
    one_atom_displaced,
)
from softdash.structures.readers.file_format import SupercellFormat
from softdash.structures.readers.fractional_coordinates import atoms_from_fractional
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import read_elements, read_numbers
from softdash.structures.readers.plain_yaml import load_yaml

_LENGTHS = {"angstrom": 1.0, "ang": 1.0, "au": Bohr, "bohr": Bohr, "a.u.": Bohr}
_FORCE_UNIT_OF_CALCULATOR = {
    "vasp": "eV/Å",
    "abinit": "eV/Å",
    "siesta": "eV/Å",
    "abacus": "eV/Å",
    "aims": "eV/Å",
    "castep": "eV/Å",
    "crystal": "eV/Å",
    "lammps": "eV/Å",
    "qe": "Ry/bohr",
    "qlm": "Ry/bohr",
    "wien2k": "mRy/bohr",
    **dict.fromkeys(("elk", "turbomole", "dftbp", "fleur", "exciting", "octopus", "cp2k"), "Ha/bohr"),
}
_CODES = {"vasp": "VASP", "qe": "Quantum ESPRESSO", "wien2k": "WIEN2k", "abinit": "ABINIT", "cp2k": "CP2K"}
_ADVICE = "Upload phonopy_params.yaml, or phonopy_disp.yaml together with its FORCE_SETS."


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:
    """Read a file that holds displacements with their forces.

    Raises
    ------
    InputError
        If it is no phonopy file, or has no forces: then it needs FORCE_SETS beside it.
    TooLargeError
    """
    found = read_supercell(source, settings)
    if not found.displaced:
        what = "It has no displacements."
        raise InputError(what, where=source.name, advice=_ADVICE)
    if all(entry.forces is None for entry in found.displaced):
        raise InputError("It has displacements, but no forces.", where=source.name, advice=_ADVICE)
    frames = displaced_frames(found.atoms, found.displaced, found.units, source.name, "phonopy YAML", budget)
    return replace(frames, code=found.code)


def read_supercell(source: SourceFile, settings: Settings) -> Supercell:
    """Read the supercell, its displacements, and forces where there are any.

    Raises
    ------
    InputError, TooLargeError
    """
    data = load_yaml(source, settings)
    if not isinstance(data, dict) or not isinstance(data.get("supercell"), dict):
        raise InputError("It is no phonopy file with a supercell.", where=source.name, advice=_ADVICE)
    try:
        units, calculator = _units(data)
        atoms = _atoms(data["supercell"], units.length, settings, source.name)
        displaced = tuple(_displaced(data, len(atoms)))
    except FrameProblem as problem:
        raise InputError(str(problem), where=source.name, advice=_ADVICE) from None
    code = None if calculator is None else _CODES.get(calculator, calculator)
    return Supercell(atoms, displaced, units, code)


def _units(data: dict[str, Any]) -> tuple[ForceUnits, str | None]:
    physical, program = data.get("physical_unit"), data.get("phonopy")
    physical = physical if isinstance(physical, dict) else {}
    calculator = program.get("calculator") if isinstance(program, dict) else None
    calculator = calculator.lower() if isinstance(calculator, str) else None
    length_name = str(physical.get("length", "angstrom")).lower()
    length = _LENGTHS.get(length_name)
    if length is None:
        raise FrameProblem(f"Its unit of length {length_name[:30]!r} is unknown.")
    if "force" in physical:
        stated = known_unit(str(physical["force"]))
        if stated is None:
            raise FrameProblem(f"Its unit of force {str(physical['force'])[:30]!r} is unknown.")
        return ForceUnits(length, IN_EV_PER_ANGSTROM[stated], f"{stated} (as its phonopy file says)"), calculator
    if calculator is not None:
        name = _FORCE_UNIT_OF_CALCULATOR.get(calculator)
        if name is None:
            return ForceUnits(length, 1.0, "eV/Å (assumed)", False), calculator
        return ForceUnits(length, IN_EV_PER_ANGSTROM[name], f"{name} (phonopy's unit for {calculator})"), calculator
    return ForceUnits(length, 1.0, "eV/Å (phonopy's default)", length == 1.0), None


def _atoms(supercell: dict[str, Any], length: float, settings: Settings, name: str) -> Atoms:
    points = supercell.get("points")
    if not isinstance(points, list) or not points or not all(isinstance(point, dict) for point in points):
        raise FrameProblem("Its supercell has no list of points.")
    if len(points) > settings.atoms_per_frame_max:
        raise TooLargeError(
            f"Its supercell has {len(points):,} atoms; at most {settings.atoms_per_frame_max:,} are read.",
            where=name,
            advice="Use a smaller supercell.",
        )
    symbols = [str(point.get("symbol", "")).rstrip("0123456789") for point in points]
    return atoms_from_fractional(
        read_elements(symbols),
        _vectors([point.get("coordinates") for point in points], "Position"),
        _vectors(supercell.get("lattice"), "Lattice vector", 3) * length,
    )


def _displaced(data: dict[str, Any], count: int) -> list[DisplacedForces]:
    """Return the displacements in any of the forms that versions 2 to 4 of phonopy write."""
    holder = data["dataset"] if isinstance(data.get("dataset"), dict) else data
    entries, all_forces = holder.get("displacements"), holder.get("forces")
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise FrameProblem("Its displacements are not a list.")
    if isinstance(all_forces, list):
        if len(all_forces) != len(entries):
            raise FrameProblem(f"It has {len(entries)} displacements and forces of {len(all_forces)}.")
        moves = [_vectors(entry, "Displacement", count) for entry in entries]
        pairs = zip(moves, all_forces, strict=True)
        return [DisplacedForces(moved, _vectors(forces, "Force", count)) for moved, forces in pairs]
    displaced = []
    for entry in entries:
        if isinstance(entry, dict):
            displaced.append(_one_atom(entry, count))
        elif isinstance(entry, list) and all(isinstance(atom, dict) for atom in entry):
            vectors = _vectors([atom.get("displacement") for atom in entry], "Displacement", count)
            has_forces = all("force" in atom for atom in entry)
            forces = _vectors([atom["force"] for atom in entry], "Force", count) if has_forces else None
            displaced.append(DisplacedForces(vectors, forces))
        else:
            displaced.append(DisplacedForces(_vectors(entry, "Displacement", count), None))
    return displaced


def _one_atom(entry: dict[str, Any], count: int) -> DisplacedForces:
    word = str(entry.get("atom", ""))
    atom = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
    if not 1 <= atom <= count:
        raise FrameProblem(f"A displacement is of atom {word[:20]!r}, but the supercell has {count} atoms.")
    vector = _vectors([entry.get("displacement")], "Displacement", 1)[0]
    forces = entry.get("forces")
    return DisplacedForces(
        one_atom_displaced(count, atom - 1, [float(value) for value in vector]),
        None if forces is None else _vectors(forces, "Force", count),
    )


def _vectors(rows: Any, what: str, count: int | None = None) -> NDArray[np.float64]:
    """Return rows of three texts as numbers (rows, 3)."""
    if not isinstance(rows, list) or (count is not None and len(rows) != count):
        found = len(rows) if isinstance(rows, list) else "no"
        raise FrameProblem(f"It has {found} {what.lower()}s where {count or 'some'} are needed.")
    for row in rows:
        if not isinstance(row, list) or len(row) != 3 or not all(isinstance(word, str) for word in row):
            raise FrameProblem(f"A {what.lower()} is not three numbers: {str(row)[:60]}.")
    return read_numbers(rows, what)


FORMAT = SupercellFormat(
    name="phonopy YAML",
    suffixes=(".yaml", ".yml"),
    holds=("structure", "forces"),
    read=read,
    read_supercell=read_supercell,
)
