"""A supercell and the forces of its displacements (FORCE_SETS) in two files."""

from __future__ import annotations

from dataclasses import replace

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.force_units import resolve_unit
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.displaced_supercells import ForceUnits, displaced_frames
from softdash.structures.readers.file_format import SupercellFormat
from softdash.structures.upload.recognition import ForceSetsFile, StructureFile, SupercellFile


def read_supercell_with_sets(
    file: SupercellFile | StructureFile,
    sets: ForceSetsFile,
    settings: Settings,
    options: ReadOptions,
    budget: FrameBudget,
) -> LabelledFrames:
    """Read a supercell (phonopy's YAML, or SPOSCAR) and the FORCE_SETS of its displacements, one frame each.

    Raises
    ------
    InputError
        If a file cannot be read, or they are of different supercells.
    """
    code: str | None = None
    orientation_is_known = True
    readings: tuple[Reading, ...] = ()
    is_supercell = isinstance(file.format, SupercellFormat)
    if isinstance(file.format, SupercellFormat):
        found = file.format.read_supercell(file.source, settings)
        atoms, units, code = found.atoms, found.units, found.code
    else:
        structure = file.format.read(file.source, settings, FrameBudget(settings), options)
        if structure.is_expanded:
            raise InputError(
                "It lists only some of its atoms, the others follow by symmetry; FORCE_SETS needs phonopy's own order.",
                where=file.name,
                advice="Add phonopy_disp.yaml or SPOSCAR instead.",
            )
        atoms, units = structure.atoms, ForceUnits()
        orientation_is_known, readings = structure.orientation_is_known, structure.readings
    if not units.is_stated or not is_supercell:
        unit = resolve_unit(None, options.force_unit, sets.name)
        units = ForceUnits(units.length, unit.factor, unit.shown, unit.is_stated)
    is_supercell = is_supercell or "sposcar" in file.name.lower()
    displaced = sets.format.read(sets.source, settings, len(atoms), is_supercell=is_supercell)
    name = f"{file.name} + {sets.name}"
    frames = displaced_frames(atoms, displaced, units, name, f"{file.format.name} + FORCE_SETS", budget)
    return replace(frames, code=code, orientation_is_known=orientation_is_known, readings=(*readings, *frames.readings))
