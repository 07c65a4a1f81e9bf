"""One structure and one table of forces, brought together: which row is which atom, and how the cell lies in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import RefusalError
from softdash.settings import Settings
from softdash.structures.frames.force_units import UnitFound, resolve_unit
from softdash.structures.frames.labelled_frame import LabelledFrame
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.matching.atom_order import FARTHEST, AtomsByPlace, distances_in_order, nearest_images
from softdash.structures.matching.misread_forces import refuse_positions_as_forces, require_equal_counts
from softdash.structures.matching.row_order import RowOrder, elements_differ, moved_sentence, order_of_rows
from softdash.structures.matching.table_positions import (
    FRACTIONAL,
    LENGTHS,
    PositionMatch,
    comparison_tolerance,
    half_step,
    match_positions,
)

if TYPE_CHECKING:
    from softdash.structures.readers.bare_structure import BareStructure
    from softdash.structures.readers.tables.forces_table import ForcesTable

_CORRECT = "Correct the file and upload it again."
_LEAST_VOLUME = 1e-9  # Å³
_MOST_FLAT = 1e9  # condition number of a cell
_ROUNDED = 1e-4  # Å; finer coordinates are precise enough
_ANOTHER_FRAME = 0.8  # Å; vibrations stay below
_FINER = 50  # times: the table's positions then have about two decimals more
_Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PairedFrame:
    """A structure with its forces, and what was understood of both.

    Attributes
    ----------
    frame : LabelledFrame
        Forces in eV/Å; where positions in the table show the cell in another orientation, its cell and positions were
        turned into the axes of the table.
    unit : UnitFound
    readings : tuple of Reading
    warnings : tuple of str
    orientation_is_known, order_is_known, was_reordered : bool
        As in `LabelledFrames`.
    """

    frame: LabelledFrame
    unit: UnitFound
    readings: tuple[Reading, ...]
    warnings: tuple[str, ...] = ()
    orientation_is_known: bool = True
    order_is_known: bool = False
    was_reordered: bool = False


def pair_up(
    structure: BareStructure, table: ForcesTable, names: _Names, settings: Settings, options: ReadOptions
) -> PairedFrame:
    """Give each atom its force.

    Positions in the table decide the order of its rows and the orientation of the cell; else labels and atom numbers
    tell the order, else elements bound it, else rows are taken as listed. What was done, and on what ground, is told by
    the readings.

    Parameters
    ----------
    structure : BareStructure
    table : ForcesTable
    names : tuple of str
        Names of the files of structure and table, for messages.
    settings : Settings
        Its `position_tolerance`.
    options : ReadOptions
        `force_unit`; `reorder`: whether rows may be sorted by elements alone; with `row_order` nothing about the order
        is refused, for the visitor's order comes on top of it; with `orientation` the cell stays as it was read.

    Raises
    ------
    RefusalError
        If numbers of atoms or elements differ, positions disagree, or the numbers are no forces; where another order
        would agree, it offers ``reorder``.
    InputError
        If the visitor chose another unit than the table states.
    """
    table = table.for_atoms(len(structure.atoms))
    require_equal_counts(structure, table, names)
    sites = _sites(structure, names, is_needed=table.positions is not None or table.six_columns is not None)
    forces, positions, match, column_readings = _forces_and_positions(structure, sites, table, names, settings)
    if sites is not None:
        refuse_positions_as_forces(sites, forces, names)
    unit = resolve_unit(table.stated_unit, options.force_unit, names[1])
    if match is None or positions is None:
        found = _order_without_positions(structure, table, names, options)
        order, warnings = found.order, [found.warning] if found.warning else []
        readings, order_is_known = [found.reading], found.is_known
    else:
        order = None if np.array_equal(match.order, np.arange(len(match.order))) else match.order
        warnings = [] if order is None else [moved_sentence(order, names, "by their positions")]
        readings, order_is_known = [_order_reading(match)], True
    forces = forces if order is None else forces[order]
    atoms, rounding = structure.atoms, structure.rounding
    orientation_is_known = structure.orientation_is_known
    own_readings = structure.readings
    if match is not None and positions is not None:
        length = table.position_unit_factor
        atoms, rounding, finer = _with_finer_positions(structure, positions, match, length)
        readings += finer
        if options.orientation == "auto" and (match.tells_orientation or match.rotation is not None):
            orientation_is_known = match.tells_orientation
            own_readings = tuple(one for one in own_readings if one.topic != "orientation")
            readings.append(_orientation_reading(match))
            if match.rotation is not None:
                atoms = _turned(atoms, match.rotation)
                rounding = None if rounding is None else rounding @ match.rotation.T
    sign = -1.0 if table.is_gradient else 1.0
    factor = unit.factor * sign
    frame = LabelledFrame(
        atoms=atoms,
        reference_forces=forces if factor == 1 else forces * factor,
        origin=f"{names[0]} + {names[1]}",
        reference_energy=table.energy if unit.factor == 1 else None,
        rounding=rounding,
    )
    return PairedFrame(
        frame=frame,
        unit=unit,
        readings=(
            *own_readings,
            *table.readings,
            *_form_readings(table),
            *column_readings,
            unit.reading,
            *readings,
        ),
        warnings=(*structure.warnings, *warnings),
        orientation_is_known=orientation_is_known,
        order_is_known=order_is_known,
        was_reordered=order is not None,
    )


def _sites(structure: BareStructure, names: _Names, *, is_needed: bool) -> AtomsByPlace | None:
    """Return the atoms to be found by their places; None where nothing asks for them and they cannot be placed."""
    atoms = structure.atoms
    if np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all() and _has_volume(atoms):
        return AtomsByPlace(atoms)
    if not is_needed:
        return None
    raise RefusalError("The cell has no volume, or a position is not a number.", where=names[0], advice=_CORRECT)


def _has_volume(atoms: Atoms) -> bool:
    """Whether the cell, if there is one, can be inverted."""
    if atoms.cell.rank < 3:
        return True
    cell = atoms.cell.array
    if np.abs(cell).max() > FARTHEST:
        return False
    return bool(abs(atoms.cell.volume) >= _LEAST_VOLUME and np.linalg.cond(cell) < _MOST_FLAT)


def _forces_and_positions(
    structure: BareStructure, sites: AtomsByPlace | None, table: ForcesTable, names: _Names, settings: Settings
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, PositionMatch | None, list[Reading]]:
    """Return the forces, and the table's positions with the way in which they agree with the structure."""
    if sites is None:
        return table.forces, None, None, []
    if table.six_columns is not None:
        return _told_apart(structure, sites, table, table.six_columns, names, settings)
    if table.positions is None:
        return table.forces, None, None, []
    if not np.isfinite(table.positions).all():
        raise RefusalError("A position is not a number.", where=names[1], advice=_CORRECT)
    written = table.positions / (table.position_unit_factor or 1.0)
    tolerance = comparison_tolerance(settings.position_tolerance, structure.rounding, written)
    match = match_positions(sites, table.positions, table.positions_kind, table.numbers, tolerance)
    if match is None:
        raise _positions_differ(sites, table, table.positions, names, tolerance)
    return table.forces, table.positions, match, []


def _told_apart(
    structure: BareStructure,
    sites: AtomsByPlace,
    table: ForcesTable,
    halves: tuple[NDArray[np.float64], NDArray[np.float64]],
    names: _Names,
    settings: Settings,
) -> tuple[NDArray[np.float64], NDArray[np.float64], PositionMatch, list[Reading]]:
    """Return which three of six columns without names are forces: the others are the structure's positions."""
    if not all(np.isfinite(half).all() for half in halves):
        raise RefusalError("A position or a force is not a number.", where=names[1], advice=_CORRECT)
    for place, positions, forces in (("first", *halves), ("last", *halves[::-1])):
        tolerance = comparison_tolerance(settings.position_tolerance, structure.rounding, positions)
        match = match_positions(sites, positions, table.positions_kind, table.numbers, tolerance)
        is_evidence = match is not None and (len(forces) > 1 or match.shift is None)  # one atom may be anywhere
        if match is not None and is_evidence:
            other = "last" if place == "first" else "first"
            detail = f"The {place} three of six columns without names are the positions of the structure."
            return forces, positions, match, [Reading("columns", f"the {other} three columns", "tested", detail)]
    raise RefusalError(
        f"It has six columns of numbers without names, and neither the first nor the last three are positions of the "
        f"atoms in {names[0]}.",
        where=names[1],
        advice="Name the columns in a first line (x, y, z, fx, fy, fz), or keep only the forces.",
    )


def _positions_differ(
    sites: AtomsByPlace, table: ForcesTable, positions: NDArray[np.float64], names: _Names, tolerance: float
) -> RefusalError:
    atoms, numbers = sites.atoms, table.numbers
    if numbers is not None and not np.array_equal(numbers, atoms.numbers):
        return elements_differ(atoms, table, numbers, names, offer=False)
    distances = distances_in_order(atoms, positions)
    first = int(np.argmax(distances > tolerance))
    advice = (
        "The forces belong to another structure. Fractions of the cell, bohr and nm, another order of the rows, "
        "another origin and another orientation were tried too, and did not fit."
    )
    if distances.max() < _ANOTHER_FRAME:
        advice = (
            f"No atom is farther away than {distances.max():.2f} Å: the forces belong to another frame of the same "
            "cell. Upload the structure of that frame."
        )
    return RefusalError(
        f"The positions differ: atom {first + 1} ({atoms.symbols[first]}) lies {distances[first]:.2f} Å away from "
        f"where {names[1]} has it ({table.row_place(first)}).",
        where=names[1],
        advice=advice,
    )


def _order_without_positions(
    structure: BareStructure, table: ForcesTable, names: _Names, options: ReadOptions
) -> RowOrder:
    try:
        return order_of_rows(structure, table, names, consent=options.reorder)
    except RefusalError as refusal:
        if options.row_order is None or refusal.offer is None:
            raise
    detail = "The order in the table was taken as the one to which your order applies."
    return RowOrder(None, Reading("order", "as listed", "chosen", detail), is_known=True)


def _order_reading(match: PositionMatch) -> Reading:
    moved = int(np.count_nonzero(match.order != np.arange(len(match.order))))
    where = "all rows in place" if moved == 0 else f"{moved} of {len(match.order)} rows moved"
    as_what = "" if match.unit == "Å" else f", read as {'lengths in ' if match.unit != FRACTIONAL else ''}{match.unit}"
    beside = ""
    if match.shift is not None and match.rotation is None:
        beside = f", all shifted by ({', '.join(f'{x:.3f}' for x in match.shift)}) Å,"
    detail = f"The positions in the table{as_what}{beside} are those of the structure: {where}."
    plain = match.unit == "Å" and match.shift is None and match.rotation is None
    return Reading("order", "by positions", "stated" if plain else "tested", detail)


def _orientation_reading(match: PositionMatch) -> Reading:
    if match.rotation is None:
        detail = "The positions in the table lie in the axes in which the structure was read."
        return Reading("orientation", "as the positions in the table", "stated", detail)
    if not match.tells_orientation:
        detail = "The positions in the table fit several orientations of the cell; the first of them was taken."
        return Reading("orientation", match.rotation_text, "assumed", detail)
    mirrored = " The table has the mirror image of the structure, which was taken." if match.is_mirror else ""
    detail = (
        "The positions in the table show the cell in these axes; cell and atoms were turned into them, the forces stay "
        f"as written.{mirrored}"
    )
    return Reading("orientation", match.rotation_text, "stated", detail)


def _turned(atoms: Atoms, rotation: NDArray[np.float64]) -> Atoms:
    turned: Atoms = atoms.copy()
    turned.set_cell(atoms.cell.array @ rotation.T, scale_atoms=False)
    turned.positions = atoms.positions @ rotation.T
    return turned


def _with_finer_positions(
    structure: BareStructure,
    positions: NDArray[np.float64],
    match: PositionMatch,
    stated_length: float | None,
) -> tuple[Atoms, NDArray[np.float64] | None, list[Reading]]:
    """Return atoms and rounding of the structure; with the table's positions where these have far more decimals."""
    atoms, rounding = structure.atoms, structure.rounding
    written = positions if stated_length is None else positions / stated_length
    step = half_step(written)
    if rounding is None or step is None or atoms.cell.rank < 3:
        return atoms, rounding, []
    unit = atoms.cell.lengths().max() if match.unit == FRACTIONAL else LENGTHS[match.unit] * (stated_length or 1.0)
    own = float(np.linalg.norm(rounding, axis=1).max())
    finer = nearest_images(atoms, match.positions[match.order] - atoms.positions)
    within_rounding = np.linalg.norm(finer, axis=1).max() <= 2 * float(np.linalg.norm(rounding, axis=1).sum())
    if own < _ROUNDED or step * unit * _FINER > own or not within_rounding:
        return atoms, rounding, []
    replaced = atoms.copy()
    replaced.positions = atoms.positions + finer
    detail = "The table writes the positions with more decimals than the structure: they were taken."
    return replaced, np.eye(3) * (step * unit), [Reading("coordinates", "of the table", "stated", detail)]


def _form_readings(table: ForcesTable) -> list[Reading]:
    """Return what the form of the table says, as far as its own readings do not say it."""
    told = {reading.topic for reading in table.readings}
    found = []
    if table.is_gradient and "sign" not in told:
        detail = "The table calls its numbers gradients of the energy; forces are their negatives."
        found.append(Reading("sign", "gradients", "stated", detail))
    if table.layout != "rows" and "columns" not in told:
        lying = "x, y and z in rows of their own" if table.layout == "columns" else "all numbers in one line or column"
        detail = f"The table has {lying}; they were read as x, y, z of one atom after the other."
        found.append(Reading("columns", lying, "assumed", detail))
    return found
