"""A structure and its forces in two files, as one frame, once their atoms are known to be in the same order."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms

from softdash.errors import InputError, RefusalError
from softdash.settings import Settings
from softdash.structures.atom_order import distances_in_order, order_by_elements, order_by_positions
from softdash.structures.decompression import SourceFile
from softdash.structures.fixed_atoms import FixedAtoms
from softdash.structures.force_units import resolve_unit
from softdash.structures.formats import FileFormat
from softdash.structures.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.limits import FrameBudget
from softdash.structures.read_options import ReadOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from softdash.structures.readers.bare_structure import BareStructure
    from softdash.structures.readers.forces_file import ForcesTable

_OFFER = "Let softdash re-order the forces, if you are sure that both files are of the same structure."
_CORRECT = "Correct the file and upload it again."
_Names = tuple[str, str]


def read_pair(
    structure_source: SourceFile,
    structure_format: FileFormat,
    forces_source: SourceFile,
    settings: Settings,
    budget: FrameBudget,
    options: ReadOptions,
) -> LabelledFrames:
    """Read a structure and its forces as one frame.

    Raises
    ------
    RefusalError
        If numbers of atoms differ, or their order differs or cannot be known to agree; where another order would agree,
        it offers ``reorder``.
    InputError
        If a file cannot be read.
    """
    from softdash.structures.readers import forces_file

    reader = import_module(f"softdash.structures.readers.{structure_format.reader}")
    structure: BareStructure = getattr(reader, structure_format.function)(structure_source, settings, budget)
    if not budget.wanted_last:
        return LabelledFrames((), (), f"{structure.file_format} + forces table")
    table = forces_file.read(forces_source, settings)
    unit = resolve_unit(table.stated_unit, table.unit_place, options.force_unit, forces_source.name)
    names = (structure_source.name, forces_source.name)
    _compare_counts(structure, table, names)
    table, warnings = _in_order(structure, table, names, settings, options)
    fixed = FixedAtoms()
    fixed.note(structure.fixed, table.forces)
    warnings += fixed.warnings(structure_source.name)
    frame = LabelledFrame(
        atoms=structure.atoms,
        reference_forces=table.forces * unit.factor if unit.factor != 1 else table.forces,
        origin=f"{structure_source.name} + {forces_source.name}",
        reference_energy=table.energy if unit.factor == 1 else None,
    )
    return LabelledFrames(
        frames=(frame,),
        refused=(),
        file_format=f"{structure.file_format} + forces table",
        force_unit=unit.shown,
        force_unit_is_stated=unit.is_stated,
        was_reordered=any(sentence.startswith("Atoms re-ordered") for sentence in warnings),
        warnings=tuple(warnings),
    )


def _compare_counts(structure: BareStructure, table: ForcesTable, names: _Names) -> None:
    if len(table.forces) == len(structure.atoms):
        return
    expansion = f" (its {structure.site_count} sites, multiplied by symmetry)" if structure.is_expanded else ""
    raise RefusalError(
        f"{names[1]} has {len(table.forces)} rows, {names[0]} has {len(structure.atoms)} atoms{expansion}.",
        where=names[1],
        advice="Both files must describe the same cell, one row per atom.",
    )


def _in_order(
    structure: BareStructure, table: ForcesTable, names: _Names, settings: Settings, options: ReadOptions
) -> tuple[ForcesTable, list[str]]:
    """Return the table with its rows in the order of the structure, and warnings; see `read_pair` for the refusals."""
    warnings = list(structure.warnings)
    if table.numbering is not None:
        table, sentence = _sorted_by_numbering(table, names, options)
        warnings += [sentence] if sentence else []
    if table.positions is not None:
        table, sentence = _in_order_by_positions(structure.atoms, table, table.positions, names, settings, options)
        return table, [sentence] if sentence else []  # order and orientation are known to agree
    if table.numbers is not None:
        table, sentence = _in_order_by_elements(structure.atoms, table, table.numbers, names, options)
        warnings += [sentence] if sentence else []
    if structure.is_expanded:
        warnings.append(_order_after_expansion(structure, table, names))
    return table, warnings


def _sorted_by_numbering(table: ForcesTable, names: _Names, options: ReadOptions) -> tuple[ForcesTable, str | None]:
    """Bring rows that number their atoms into the order of these numbers."""
    assert table.numbering is not None  # noqa: S101 - asked by the caller
    order = np.argsort(table.numbering, kind="stable")
    out_of_place = np.flatnonzero(order != np.arange(len(order)))
    if len(out_of_place) == 0:
        return table, None
    first = int(out_of_place[0])
    if not options.reorder:
        raise RefusalError(
            f"Its atom numbers are not in order: {table.row_place(first)} has {table.numbering[first]}.",
            where=names[1],
            advice=f"Sort the rows as the atoms of the structure. {_OFFER}",
            offer="reorder",
        )
    return table.reordered(order), f"Atoms re-ordered: the rows of {names[1]} were sorted by their atom numbers."


def _in_order_by_elements(
    atoms: Atoms, table: ForcesTable, numbers: NDArray[np.int64], names: _Names, options: ReadOptions
) -> tuple[ForcesTable, str | None]:
    if np.array_equal(numbers, atoms.numbers):
        return table, None
    order = order_by_elements(atoms.numbers, numbers)
    if order is None or not options.reorder:
        raise _elements_differ(atoms, table, numbers, names, offer=order is not None)
    return table.reordered(order), (
        f"Atoms re-ordered: the rows of {names[1]} were sorted by element as in {names[0]}; among atoms of one element "
        "they kept their order, which could not be checked. With columns x, y, z it could."
    )


def _elements_differ(
    atoms: Atoms, table: ForcesTable, numbers: NDArray[np.int64], names: _Names, *, offer: bool
) -> RefusalError:
    first = int(np.flatnonzero(numbers != atoms.numbers)[0])
    there = Atoms(numbers=[int(numbers[first])]).symbols[0]
    same_formula = bool(np.array_equal(np.sort(numbers), np.sort(atoms.numbers)))
    kind = "The atoms are in another order" if same_formula else "The elements differ"
    return RefusalError(
        f"{kind}: atom {first + 1} is {atoms.symbols[first]} in {names[0]} and {there} in {names[1]} "
        f"({table.row_place(first)}).",
        where=names[1],
        advice="Sort the rows as the atoms of the structure." + (f" {_OFFER}" if offer else ""),
        offer="reorder" if offer else None,
    )


def _in_order_by_positions(
    atoms: Atoms,
    table: ForcesTable,
    positions: NDArray[np.float64],
    names: _Names,
    settings: Settings,
    options: ReadOptions,
) -> tuple[ForcesTable, str | None]:
    """Compare positions up to lattice vectors; without agreement, look for the order that makes them agree."""
    if not np.isfinite(positions).all():
        raise RefusalError("A position is not a number.", where=names[1], advice=_CORRECT)
    if not np.isfinite(atoms.positions).all() or (atoms.cell.rank == 3 and abs(atoms.cell.volume) < 1e-9):
        raise RefusalError("The cell has no volume, or a position is not a number.", where=names[0], advice=_CORRECT)
    distances = distances_in_order(atoms, positions)
    same_elements = table.numbers is None or bool(np.array_equal(table.numbers, atoms.numbers))
    if same_elements and distances.max() <= settings.position_tolerance:
        return table, None
    order = order_by_positions(atoms, positions, table.numbers, settings.position_tolerance)
    if order is None and not same_elements and table.numbers is not None:
        raise _elements_differ(atoms, table, table.numbers, names, offer=False)
    first = int(np.argmax(distances > settings.position_tolerance))
    if order is None:
        raise RefusalError(
            f"The positions differ: atom {first + 1} ({atoms.symbols[first]}) lies {distances[first]:.2f} Å away from "
            f"where {names[1]} has it ({table.row_place(first)}).",
            where=names[1],
            advice="The forces belong to another structure, order, or orientation of the cell (Cartesian x y z in Å).",
        )
    if not options.reorder:
        raise RefusalError(
            f"The atoms are in another order: atom {first + 1} ({atoms.symbols[first]}) of {names[0]} is "
            f"{table.row_place(int(order[first]))} of {names[1]}, by their positions.",
            where=names[1],
            advice=_OFFER,
            offer="reorder",
        )
    moved = int(np.count_nonzero(order != np.arange(len(order))))
    return table.reordered(order), (
        f"Atoms re-ordered: {moved} of {len(order)} rows of {names[1]} were matched to the atoms of {names[0]} by "
        f"their positions, each within {settings.position_tolerance:g} Å."
    )


def _order_after_expansion(structure: BareStructure, table: ForcesTable, names: _Names) -> str:
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


def read_supercell_with_sets(
    structure_source: SourceFile,
    structure_format: FileFormat,
    sets_source: SourceFile,
    settings: Settings,
    budget: FrameBudget,
    options: ReadOptions,
) -> LabelledFrames:
    """Read a supercell (phonopy's YAML, or SPOSCAR) and the FORCE_SETS of its displacements, one frame each.

    Raises
    ------
    InputError
        If a file cannot be read, or they are of different supercells.
    """
    from softdash.structures.readers import force_sets, phonopy_yaml
    from softdash.structures.readers.displaced_supercells import ForceUnits, displaced_frames

    code = None
    if structure_format.reader == "phonopy_yaml":
        found = phonopy_yaml.read_supercell(structure_source, settings)
        atoms, units, code = found.atoms, found.units, found.code
    else:
        reader = import_module(f"softdash.structures.readers.{structure_format.reader}")
        structure: BareStructure = getattr(reader, structure_format.function)(
            structure_source, settings, FrameBudget(settings)
        )
        if structure.is_expanded:
            raise InputError(
                "It lists only some of its atoms, the others follow by symmetry; FORCE_SETS needs phonopy's own order.",
                where=structure_source.name,
                advice="Add phonopy_disp.yaml or SPOSCAR instead.",
            )
        atoms, units = structure.atoms, ForceUnits()
    if not units.is_stated or structure_format.reader != "phonopy_yaml":
        unit = resolve_unit(None, "", options.force_unit, sets_source.name)
        units = ForceUnits(units.length, unit.factor, unit.shown, unit.is_stated)
    is_supercell = structure_format.reader == "phonopy_yaml" or "sposcar" in structure_source.name.lower()
    displaced = force_sets.read(sets_source, settings, len(atoms), is_supercell=is_supercell)
    name = f"{structure_source.name} + {sets_source.name}"
    frames = displaced_frames(atoms, displaced, units, name, f"{structure_format.name} + FORCE_SETS", budget)
    return replace(frames, code=code)
