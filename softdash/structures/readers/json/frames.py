"""Structures in JSON: ASE's databases and Atoms; pymatgen's Structures and Trajectories, with labels in or beside them.

Collections of them are lists and objects a few levels deep: ``{material: {frame: {"structure": …, "vasp_f": …}}}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from ase import Atoms

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.fixed_atoms import FixedAtoms, fixed_by_constraints, movable_flags
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.ase_rows import UNIT, AseRow, functional_of, stress_tensor
from softdash.structures.readers.bare_structure import BareStructure
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import FileFormat, FramesFormat, StructureFormat
from softdash.structures.readers.frame_problem import ForcesAbsent, FrameProblem
from softdash.structures.readers.json.document import load_json, number_or_none, plain_array, vectors
from softdash.structures.readers.json.pymatgen_structure import is_structure, site_count, site_property, structure_atoms
from softdash.structures.readers.json.pymatgen_trajectory import is_trajectory, structures_of
from softdash.structures.readers.numbers_in_text import read_elements
from softdash.structures.readers.structure_choice import STRUCTURES_MAX, named_structures, only_structure

FORCE_NAMES = ("forces", "force", "F", "vasp_f", "dft_forces", "REF_forces")
_ENERGY_NAMES = ("energy", "vasp_e", "e_0_energy", "uncorrected_total_energy", "dft_energy", "REF_energy")
_STRUCTURE_NAMES = ("structure", "atoms_object", "final_structure")
_SELECTIVE = "selective_dynamics"  # of pymatgen
_DEPTH_MAX = 4
_STRUCTURES_LOOKED_AT = 20
_ADVICE = "Upload extended XYZ, or a pymatgen Structure with the site property 'forces'."


@dataclass(frozen=True, slots=True)
class JsonStructure:
    """One structure found in a document: its own data, the object that holds its labels, and its place in words."""

    is_ase: bool
    data: dict[str, Any]
    labels: dict[str, Any]
    place: str

    @property
    def forces(self) -> Any:
        """Its forces as they stand there; None without."""
        found = next((self.labels[name] for name in FORCE_NAMES if self.labels.get(name) is not None), None)
        return site_property(self.data, FORCE_NAMES) if found is None and not self.is_ase else found

    @property
    def atom_count(self) -> int:
        """Number of its atoms, before anything of that size is built."""
        if not self.is_ase:
            return site_count(self.data)
        numbers = self.data["numbers"]
        parts = numbers.get("__ndarray__") if isinstance(numbers, dict) else None
        flat = parts[2] if isinstance(parts, list) and len(parts) == 3 else numbers
        return len(flat) if isinstance(flat, list) else 0


def structures_in(document: Any, place: str = "", depth: int = 0) -> Iterator[JsonStructure]:
    """Yield all structures of a document in its order."""
    if isinstance(document, dict):
        if is_structure(document):
            yield JsonStructure(False, document, document, place)
            return
        inner = next((document[name] for name in _STRUCTURE_NAMES if is_structure(document.get(name))), None)
        if inner is not None:
            yield JsonStructure(False, inner, document, place)
            return
        if is_trajectory(document):
            for number, (structure, labels) in enumerate(structures_of(document), start=1):
                at = f"frame {number}"
                yield JsonStructure(False, structure, labels, f"{place}, {at}" if place else at)
            return
        if _is_ase(document):
            yield JsonStructure(True, document, document, place)
            return
    if depth < _DEPTH_MAX and isinstance(document, dict | list):
        if isinstance(document, dict):
            pairs = ((str(key)[:40], value) for key, value in document.items())
        else:
            pairs = ((f"entry {number}", value) for number, value in enumerate(document, start=1))
        for key, value in pairs:
            if isinstance(value, dict | list):
                yield from structures_in(value, f"{place}, {key}" if place else key, depth + 1)


def _is_ase(data: dict[str, Any]) -> bool:
    return "numbers" in data and "positions" in data and isinstance(data.get("cell"), dict | list)


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:
    """Read all structures with forces; those without are refused one by one.

    Stresses are read from ASE's files only: elsewhere nobody says their unit and sign.

    Raises
    ------
    InputError
        If it is not JSON, or holds no structure.
    TooLargeError
    """
    document = load_json(source, settings)
    frames: list[LabelledFrame] = []
    refused: list[RefusedFrame] = []
    kinds: dict[str, None] = {}
    functionals: dict[str, None] = {}
    codes: dict[str, None] = {}
    fixed = FixedAtoms()
    for count, found in enumerate(structures_in(document), start=1):
        origin = f"{source.name}, {found.place or f'frame {count}'}"
        if not budget.take(found.atom_count, origin):
            continue
        kinds["ASE JSON" if found.is_ase else "pymatgen JSON"] = None
        try:
            frames.append(_frame(found, origin, fixed))
        except FrameProblem as problem:
            refused.append(RefusedFrame(origin, str(problem), problem.advice, problem.lacks_forces))
            continue
        _note_metadata(found, functionals, codes)
    if not frames and not refused and not kinds:
        raise InputError("It holds no structure.", where=source.name, advice=_ADVICE)
    return LabelledFrames(
        frames=tuple(frames),
        refused=tuple(refused),
        file_format=", ".join(kinds),
        functional=", ".join(functionals) or None,
        code=", ".join(codes) or None,
        force_unit=UNIT if "ASE JSON" in kinds else "eV/Å (assumed)",
        warnings=tuple(fixed.warnings(source.name)),
    )


def read_structure(
    source: SourceFile,
    settings: Settings,
    budget: FrameBudget,
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
) -> BareStructure:
    """Read the only structure of a file without forces, or the one that `ReadOptions.structure` names.

    Raises
    ------
    InputError
        If there is not exactly one, or it cannot be read.
    TooLargeError
    """
    structure = only_structure(read_structures(source, settings, budget, options), source.name)
    budget.take(len(structure.atoms), source.name)
    return structure


def read_structures(
    source: SourceFile, settings: Settings, budget: FrameBudget, options: ReadOptions
) -> list[BareStructure]:
    """Read all structures of a file without forces; errors as in `read_structure`, nothing is counted in `budget`."""
    found = list(islice(structures_in(load_json(source, settings)), STRUCTURES_MAX + 1))
    if not found or len(found) > STRUCTURES_MAX:
        what = f"It holds more than {STRUCTURES_MAX:,} structures." if found else "It holds no structure."
        raise InputError(what, where=source.name, advice=_ADVICE)
    names = [one.place or f"structure {number}" for number, one in enumerate(found, start=1)]
    if options.structure is not None:
        found = named_structures(found, names, options.structure, source.name)
        names = [options.structure]
    structures = []
    for name, one in zip(names, found, strict=True):
        if one.atom_count > budget.atoms_per_frame_max:
            budget.take(one.atom_count, source.name)
        try:
            atoms = structure_of(one)
        except FrameProblem as problem:
            raise InputError(str(problem), where=source.name, advice=_ADVICE) from None
        kind = "ASE JSON" if one.is_ase else "pymatgen JSON"
        structures.append(BareStructure(atoms, kind, len(atoms), name=name))
    return structures


def structure_of(found: JsonStructure) -> Atoms:
    """Return a structure without its labels; `FrameProblem` if it cannot be read."""
    return _ase_row(found).atoms if found.is_ase else structure_atoms(found.data)


def _frame(found: JsonStructure, origin: str, fixed: FixedAtoms) -> LabelledFrame:
    if found.is_ase:
        return _ase_row(found).frame(origin, fixed)
    if found.forces is None:
        raise ForcesAbsent("It has no forces.")
    atoms = structure_atoms(found.data)
    forces = vectors(found.forces, "Forces", len(atoms))
    flags = site_property(found.data, (_SELECTIVE,))
    if isinstance(flags, list) and all(isinstance(row, list) for row in flags):
        fixed.note(movable_flags(flags), forces)
    return LabelledFrame(atoms, forces, origin, _energy(found.labels))


def _energy(labels: dict[str, Any]) -> float | None:
    return next((value for name in _ENERGY_NAMES if (value := number_or_none(labels.get(name))) is not None), None)


def _ase_row(found: JsonStructure) -> AseRow:
    data = found.data
    numbers = plain_array(data["numbers"], "Atomic numbers")
    cell = plain_array(data["cell"], "Cell")
    flags = plain_array(data.get("pbc", [False] * 3), "Periodicity")
    if not isinstance(numbers, list) or not isinstance(flags, list) or len(flags) != 3:
        raise FrameProblem("Its atomic numbers or its periodicity cannot be read.")
    if isinstance(cell, list) and len(cell) == 3 and all(number_or_none(length) is not None for length in cell):
        cell = np.diag(cell).tolist()
    stress = plain_array(data.get("stress"), "Stress")
    flat = (
        [part for row in stress for part in (row if isinstance(row, list) else [row])]
        if isinstance(stress, list)
        else []
    )
    values = [number_or_none(value) for value in flat[:10]]
    return AseRow(
        numbers=read_elements([str(number) for number in numbers]),
        positions=vectors(data["positions"], "Positions", len(numbers)),
        cell=vectors(cell, "Cell vectors", 3),
        periodic=(bool(flags[0]), bool(flags[1]), bool(flags[2])),
        forces=None if found.forces is None else vectors(found.forces, "Forces", len(numbers)),
        energy=number_or_none(data.get("energy")),
        stress=stress_tensor([value for value in values if value is not None]),
        fixed=fixed_by_constraints(data.get("constraints"), len(numbers)),
    )


def _note_metadata(found: JsonStructure, functionals: dict[str, None], codes: dict[str, None]) -> None:
    details: dict[str, Any] = {}
    for part in (found.labels.get("calculator_parameters"), found.labels.get("key_value_pairs"), found.labels):
        if isinstance(part, dict):
            details.update(part)
    functional, code = functional_of(details), found.labels.get("calculator")
    if functional and len(functionals) < 5:
        functionals[functional] = None
    if isinstance(code, str) and code not in ("", "unknown") and len(codes) < 5:
        codes[code[:40]] = None


def last_structure(source: SourceFile, settings: Settings, budget: FrameBudget) -> tuple[Atoms, int] | None:
    """Return the last structure, with forces or without, and how many there are; None for none.

    Raises
    ------
    InputError
        If it is not JSON, or its last structure cannot be read.
    TooLargeError
    """
    found = list(structures_in(load_json(source, settings)))
    if not found:
        return None
    budget.take(found[-1].atom_count, source.name)
    try:
        return structure_of(found[-1]), len(found)
    except FrameProblem as problem:
        raise InputError(str(problem), where=source.name, advice=problem.advice) from None


def _format_of(source: SourceFile, settings: Settings) -> FileFormat | None:
    """Return the format of a document with structures, by their forces; None without structures."""
    found = list(islice(structures_in(load_json(source, settings)), _STRUCTURES_LOOKED_AT))
    if not found:
        return None
    return FORMAT if any(structure.forces is not None for structure in found) else STRUCTURE_FORMAT


FORMAT = FramesFormat(
    name="ASE or pymatgen JSON",
    suffixes=(".json",),
    look_inside=_format_of,
    holds=("structure", "forces", "energy", "stress", "functional"),
    read=read,
    last_structure=last_structure,
)
STRUCTURE_FORMAT = StructureFormat(
    name="structure in JSON",
    suffixes=(".json",),
    look_inside=_format_of,
    holds=("structure",),
    read=read_structure,
    read_all=read_structures,
)
