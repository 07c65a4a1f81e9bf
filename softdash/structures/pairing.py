"""A structure and its forces in two files: which belong together, and whether their atoms are in the same order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms

from softdash.errors import InputError, RefusalError
from softdash.settings import Settings
from softdash.structures.decompression import SourceFile
from softdash.structures.formats import format_of
from softdash.structures.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.limits import FrameBudget

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from softdash.structures.readers.bare_structure import BareStructure
    from softdash.structures.readers.forces_file import ForcesTable

POSITION_TOLERANCE = 0.01
"""Å; printed digits of two files may differ by less."""


def match_by_name(
    structures: Sequence[SourceFile], forces: Sequence[SourceFile]
) -> list[tuple[SourceFile, SourceFile]]:
    """Return pairs (structure, forces): the only two, or those of equal names up to the ending and the word forces.

    Raises
    ------
    InputError
        If a file stays alone.
    """
    if len(structures) == 1 and len(forces) == 1:
        return [(structures[0], forces[0])]
    if not forces:
        raise InputError(
            "The structure comes without forces.",
            where=structures[0].name,
            advice="Add a second file with its DFT forces (csv, txt, json or npy: one row Fx Fy Fz per atom, eV/Å).",
        )
    if not structures:
        raise InputError(
            "The forces come without their structure.", where=forces[0].name, advice="Add the structure: CIF or POSCAR."
        )
    by_key: dict[str, list[SourceFile]] = {}
    for source in forces:
        by_key.setdefault(_key(source.name), []).append(source)
    pairs = []
    for structure in structures:
        candidates = by_key.get(_key(structure.name), [])
        if len(candidates) != 1:
            raise InputError(
                f"{len(candidates) or 'No'} forces files go by its name.",
                where=structure.name,
                advice="Name the two files alike, for example NaCl_1.cif and NaCl_1.csv.",
            )
        pairs.append((structure, candidates.pop()))
    left = [source.name for sources in by_key.values() for source in sources]
    if left:
        raise InputError("No structure goes by its name.", where=left[0], advice="Name the two files alike.")
    return pairs


def _key(name: str) -> str:
    """Return what two names share: ``NaCl_1`` of ``NaCl_1.cif`` and ``NaCl_1_forces.csv.gz``."""
    stem = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
    suffix = stem.rpartition(".")[2]
    if f".{suffix.lower()}" in format_of(name).suffixes:
        stem = stem.rpartition(".")[0]
    words = [
        word for word in re.split(r"[\s._-]+", stem.lower()) if word not in ("forces", "force", "poscar", "contcar")
    ]
    return "_".join(words)


def read_pair(
    structure_source: SourceFile, forces_source: SourceFile, settings: Settings, budget: FrameBudget
) -> LabelledFrames:
    """Read a structure and its forces as one frame.

    Raises
    ------
    RefusalError
        If numbers or order of atoms differ, or cannot be known to agree.
    InputError
        If a file cannot be read.
    """
    from softdash.structures.readers import forces_file

    structure_format, forces_format = format_of(structure_source.name), format_of(forces_source.name)
    reader = import_module(f"softdash.structures.readers.{structure_format.reader}")
    structure: BareStructure = reader.read(structure_source, settings, budget)
    table = forces_file.read(forces_source, settings)
    names = (structure_source.name, forces_source.name)
    _compare_counts(structure, table, names)
    warnings = list(structure.warnings)
    if table.numbers is not None:
        _compare_elements(structure.atoms, table.numbers, table, names)
    if table.positions is not None:
        _compare_positions(structure.atoms, table.positions, table, names)
        warnings = []  # order and orientation are known to agree
    elif structure.is_expanded:
        warnings.append(_order_after_expansion(structure, table, names))
    frame = LabelledFrame(
        atoms=structure.atoms,
        reference_forces=table.forces,
        origin=f"{structure_source.name} + {forces_source.name}",
        reference_energy=table.energy,
    )
    return LabelledFrames(
        frames=(frame,),
        refused=(),
        file_format=f"{structure.file_format} + {forces_format.name}",
        force_unit=table.unit,
        warnings=tuple(warnings),
    )


def _compare_counts(structure: BareStructure, table: ForcesTable, names: tuple[str, str]) -> None:
    if len(table.forces) == len(structure.atoms):
        return
    expansion = f" (its {structure.site_count} sites, multiplied by symmetry)" if structure.is_expanded else ""
    raise RefusalError(
        f"{names[1]} has {len(table.forces)} rows, {names[0]} has {len(structure.atoms)} atoms{expansion}.",
        where=names[1],
        advice="Both files must describe the same cell, one row per atom.",
    )


def _compare_elements(atoms: Atoms, numbers: NDArray[np.int64], table: ForcesTable, names: tuple[str, str]) -> None:
    different = np.flatnonzero(numbers != atoms.numbers)
    if len(different) == 0:
        return
    first = int(different[0])
    there = Atoms(numbers=[int(numbers[first])]).symbols[0]
    same_formula = bool(np.array_equal(np.sort(numbers), np.sort(atoms.numbers)))
    kind = "The atoms are in another order" if same_formula else "The elements differ"
    raise RefusalError(
        f"{kind}: atom {first + 1} is {atoms.symbols[first]} in {names[0]} and {there} in {names[1]} "
        f"({table.row_place(first)}).",
        where=names[1],
        advice="Sort the rows as the atoms of the structure.",
    )


def _compare_positions(
    atoms: Atoms, positions: NDArray[np.float64], table: ForcesTable, names: tuple[str, str]
) -> None:
    """Compare positions up to lattice vectors; `RefusalError` names the first atom that lies elsewhere."""
    if not np.isfinite(positions).all():
        raise RefusalError("A position is not finite.", where=names[1])
    if atoms.cell.rank == 3:
        shifts = np.linalg.solve(atoms.cell.array.T, (positions - atoms.positions).T).T
        distances = np.linalg.norm((shifts - np.rint(shifts)) @ atoms.cell.array, axis=1)
    else:
        distances = np.linalg.norm(positions - atoms.positions, axis=1)
    different = np.flatnonzero(distances > POSITION_TOLERANCE)
    if len(different):
        first = int(different[0])
        raise RefusalError(
            f"The positions differ: atom {first + 1} ({atoms.symbols[first]}) lies {distances[first]:.2f} Å away from "
            f"where {names[1]} has it ({table.row_place(first)}).",
            where=names[1],
            advice="The forces belong to another structure, order, or orientation of the cell (Cartesian x y z in Å).",
        )


def _order_after_expansion(structure: BareStructure, table: ForcesTable, names: tuple[str, str]) -> str:
    """Return the warning for a cell completed by symmetry; refuse it where nothing tells the order of its atoms."""
    listed = f"{names[0]} lists {structure.site_count} sites; symmetry made {len(structure.atoms)} atoms of them"
    if table.numbers is None:
        raise RefusalError(
            f"{listed}, in an order that no standard fixes, and {names[1]} does not say which row is which atom.",
            where=names[0],
            advice="Upload a CIF in P1 with all atoms, a POSCAR, or forces with columns element, x, y, z, fx, fy, fz.",
        )
    return (
        f"{listed}, in an order that no standard fixes. The elements of {names[1]} fit, the order among atoms of one "
        "element could not be checked. Prefer a CIF in P1, or forces with positions."
    )
