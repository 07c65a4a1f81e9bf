"""Structures and one file of their forces: one structure, or several whose forces follow each other in the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from softdash.errors import InputError, RefusalError
from softdash.settings import Settings
from softdash.structures.frames.fixed_atoms import FixedAtoms
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.structure_choice import structure_for
from softdash.structures.upload.file_matching import Matches, natural
from softdash.structures.upload.paired_frame import PairedFrame, pair_up
from softdash.structures.upload.recognition import ForcesFile, StructureFile

if TYPE_CHECKING:
    from softdash.structures.readers.bare_structure import BareStructure
    from softdash.structures.readers.tables.forces_table import ForcesTable

_Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Case:
    """A structure, its forces, and what both are called in messages."""

    structure: BareStructure
    table: ForcesTable
    names: _Names
    origin: str


def read_structures_with_forces(
    structures: Sequence[StructureFile],
    forces: Sequence[ForcesFile],
    settings: Settings,
    options: ReadOptions,
    budget: FrameBudget,
) -> LabelledFrames:
    """Read one frame per structure.

    Several files of one structure each, or one file of several, have their forces in the order of their names, or of
    the file. Of a file of several structures, one is taken where the forces are of one.

    Parameters
    ----------
    structures, forces : sequence of RecognisedFile
        On one side is a single file.

    Raises
    ------
    RefusalError
        If there are not as many structures as frames of forces, or no structure fits its forces.
    InputError
        If a file cannot be read, or it has to be asked which structure the forces belong to.
    """
    ordered = sorted(structures, key=lambda file: natural(file.name))
    found = [(file, _read_structures(file, settings, budget, options)) for file in ordered]
    every = [(file, structure) for file, several in found for structure in several]
    files = sorted(forces, key=lambda file: natural(file.name))
    if len(every) == 1 and len(files) > 1:
        Matches((), tuple(ordered), tuple(files)).require_all()
    if len(every) == 1:
        tables = [(files[0].format.read(files[0].source, settings, options), files[0].name)]
    else:
        tables = [
            (table, file.name) for file in files for table in file.format.read_frames(file.source, settings, options)
        ]
    cases = _one_each(every, tables) if len(every) > 1 else None
    if cases is not None:
        return _labelled_frames(cases, _frames_reading(cases, ordered, files), settings, options, budget)
    if len(ordered) > 1 or len(tables) > 1:
        raise _not_as_many(every, tables)
    names = (ordered[0].name, files[0].name)
    table = _table_for(found[0][1], tables[0][0])
    structure = structure_for(found[0][1], len(table.forces), names)
    case = _Case(structure, table, names, f"{names[0]} + {names[1]}")
    return _labelled_frames([case], None, settings, options, budget)


def _read_structures(
    file: StructureFile, settings: Settings, budget: FrameBudget, options: ReadOptions
) -> list[BareStructure]:
    """Return all structures of a file without forces; none is counted in `budget` yet."""
    if file.format.read_all is not None:
        return file.format.read_all(file.source, settings, budget, options)
    return [file.format.read(file.source, settings, FrameBudget(settings), options)]


def _table_for(found: Sequence[BareStructure], table: ForcesTable) -> ForcesTable:
    """Return the table as it is read for one of the numbers of atoms that the structures may have."""
    for structure in found:
        listed = [] if structure.listed is None else [structure.listed]
        for atoms in (structure.atoms, *listed, *(other.atoms for other in structure.alternatives)):
            fitting = table.for_atoms(len(atoms))
            if len(fitting.forces) == len(atoms):
                return fitting
    return table


def _one_each(
    every: Sequence[tuple[StructureFile, BareStructure]], tables: Sequence[tuple[ForcesTable, str]]
) -> list[_Case] | None:
    """Return each structure with its own forces, None if they are not one for one."""
    counts = [len(structure.atoms) for _, structure in every]
    if len(tables) == 1 and len(tables[0][0].forces) not in counts:
        tables = [(table, tables[0][1]) for table in _divided(tables[0][0], counts, tables[0][1])]
    if len(tables) != len(every):
        return None
    several = len({file.name for file, _ in every}) < len(every)
    is_one_table = len({name for _, name in tables}) == 1
    cases = []
    for number, ((file, structure), (table, table_name)) in enumerate(zip(every, tables, strict=True), start=1):
        name = f"{file.name}, {structure.name}" if several and structure.name else file.name
        names = (name, table_name)
        fitting = _table_for([structure], table)
        own = structure_for([structure], len(fitting.forces), names)
        origin = f"{name} + {table_name}" + (f", frame {number}" if is_one_table else "")
        cases.append(_Case(own, fitting, names, origin))
    return cases


def _divided(table: ForcesTable, counts: Sequence[int], name: str) -> tuple[ForcesTable, ...]:
    """Return the rows of each frame, by a column that numbers the frames or one frame below the other."""
    if table.frame_numbers is not None:
        _, sizes = np.unique(table.frame_numbers, return_counts=True)
        if sizes.tolist() != list(counts):
            raise RefusalError(
                f"By its column of frame numbers it has {len(sizes)} frames of {_few(sizes)} rows; the {len(counts)} "
                f"structures have {_few(counts)} atoms.",
                where=name,
                advice="Upload one row for each atom of each structure.",
            )
        if np.any(np.diff(table.frame_numbers) < 0):
            table = table.reordered(np.argsort(table.frame_numbers, kind="stable"))
    table = table.for_atoms(sum(counts))
    if len(table.forces) != sum(counts):
        return (table,)
    stops = list(accumulate(counts))
    return tuple(table.rows(start, stop) for start, stop in zip([0, *stops], stops, strict=False))


def _few(numbers: Iterable[int]) -> str:
    shown = [str(number) for number in dict.fromkeys(int(number) for number in numbers)]
    return ", ".join(shown[:4]) + (", …" if len(shown) > 4 else "")


def _not_as_many(
    every: Sequence[tuple[StructureFile, BareStructure]], tables: Sequence[tuple[ForcesTable, str]]
) -> RefusalError:
    advice = "Upload the forces of each structure, in the order of their names; or all frames as one extended XYZ file."
    first, name = tables[0]
    if len(tables) > 1:
        is_one_table = len({one for _, one in tables}) == 1
        what = f"It holds forces of {len(tables)} frames" if is_one_table else f"There are {len(tables)} tables"
        return RefusalError(f"{what}, but {len(every)} structures came with it.", where=name, advice=advice)
    counts = [len(structure.atoms) for _, structure in every]
    return RefusalError(
        f"It has {len(first.forces)} rows; the {len(every)} structures that came with it have {sum(counts)} atoms.",
        where=name,
        advice=advice,
    )


def _frames_reading(cases: Sequence[_Case], ordered: Sequence[StructureFile], files: Sequence[ForcesFile]) -> Reading:
    first, last = cases[0], cases[-1]
    how = "the order of their names" if len(ordered) > 1 else f"the order of {ordered[0].name}"
    if len(files) > 1:
        detail = f"In {how}, {first.names[0]} was given {first.names[1]}, …, {last.names[0]} was given {last.names[1]}."
        return Reading("frames", f"{len(cases)} frames, tables by name", "assumed", detail)
    detail = (
        f"The forces in {files[0].name} were given to {len(cases)} structures in {how}: the first to {first.names[0]}, "
        f"the last to {last.names[0]}."
    )
    return Reading("frames", f"{len(cases)} frames, one after the other", "assumed", detail)


def _labelled_frames(
    cases: Sequence[_Case], reading: Reading | None, settings: Settings, options: ReadOptions, budget: FrameBudget
) -> LabelledFrames:
    frames: list[LabelledFrame] = []
    refused: list[RefusedFrame] = []
    pairs: list[PairedFrame] = []
    warnings: list[str] = []
    problem: InputError | None = None
    fixed = FixedAtoms()
    for case in cases:
        if not budget.take(len(case.structure.atoms), case.origin):
            continue
        try:
            pair = pair_up(case.structure, case.table, case.names, settings, options)
        except InputError as error:
            if len(cases) == 1 or error.offer is not None or error.choices:
                raise
            problem = problem or error
            refused.append(RefusedFrame(case.origin, error.what, error.advice))
            continue
        fixed.note(case.structure.fixed, pair.frame.reference_forces)
        frames.append(replace(pair.frame, origin=case.origin))
        warnings += [*case.structure.warnings, *pair.warnings]
        pairs.append(pair)
    if not frames and problem is not None:
        raise problem
    kinds = ", ".join(dict.fromkeys(case.structure.file_format for case in cases))
    if not pairs:
        return LabelledFrames((), tuple(refused), f"{kinds} + forces table")
    readings = [] if reading is None else [reading]
    readings += [one for pair in pairs for one in pair.readings]
    return LabelledFrames(
        frames=tuple(frames),
        refused=tuple(refused),
        file_format=f"{kinds} + forces table",
        force_unit=", ".join(dict.fromkeys(pair.unit.shown for pair in pairs)),
        force_unit_is_stated=all(pair.unit.is_stated for pair in pairs),
        warnings=(*dict.fromkeys(warnings), *fixed.warnings(cases[0].names[0])),
        was_reordered=any(pair.was_reordered for pair in pairs),
        readings=_once(readings),
        orientation_is_known=all(pair.orientation_is_known for pair in pairs),
        order_is_known=all(pair.order_is_known for pair in pairs),
    )


def _once(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the readings without what was read of a further frame in the same way."""
    first: dict[tuple[str, str, str], Reading] = {}
    for one in readings:
        first.setdefault((one.topic, one.value, one.ground), one)
    return tuple(first.values())
