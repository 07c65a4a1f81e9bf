"""A supercell and the forces of its displacements (FORCE_SETS) in two files."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.force_units import resolve_unit
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.upload.formats import FileFormat

if TYPE_CHECKING:
    from softdash.structures.readers.bare_structure import BareStructure


def _read_structure(
    source: SourceFile, file_format: FileFormat, settings: Settings, budget: FrameBudget, options: ReadOptions
) -> BareStructure:
    reader = import_module(f"softdash.structures.readers.{file_format.reader}")
    structure: BareStructure = getattr(reader, file_format.function)(source, settings, budget, options)
    return structure


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

    code: str | None = None
    orientation_is_known = True
    readings: tuple[Reading, ...] = ()
    if structure_format.reader == "phonopy_yaml":
        found = phonopy_yaml.read_supercell(structure_source, settings)
        atoms, units, code = found.atoms, found.units, found.code
    else:
        structure = _read_structure(structure_source, structure_format, settings, FrameBudget(settings), options)
        if structure.is_expanded:
            raise InputError(
                "It lists only some of its atoms, the others follow by symmetry; FORCE_SETS needs phonopy's own order.",
                where=structure_source.name,
                advice="Add phonopy_disp.yaml or SPOSCAR instead.",
            )
        atoms, units = structure.atoms, ForceUnits()
        orientation_is_known, readings = structure.orientation_is_known, structure.readings
    if not units.is_stated or structure_format.reader != "phonopy_yaml":
        unit = resolve_unit(None, options.force_unit, sets_source.name)
        units = ForceUnits(units.length, unit.factor, unit.shown, unit.is_stated)
    is_supercell = structure_format.reader == "phonopy_yaml" or "sposcar" in structure_source.name.lower()
    displaced = force_sets.read(sets_source, settings, len(atoms), is_supercell=is_supercell)
    name = f"{structure_source.name} + {sets_source.name}"
    frames = displaced_frames(atoms, displaced, units, name, f"{structure_format.name} + FORCE_SETS", budget)
    return replace(frames, code=code, orientation_is_known=orientation_is_known, readings=(*readings, *frames.readings))
