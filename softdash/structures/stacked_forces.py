"""Structures in several files, and the forces of all of them in one array (frames, atoms, 3) of numpy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from softdash.errors import RefusalError
from softdash.settings import Settings
from softdash.structures.decompression import SourceFile
from softdash.structures.fixed_atoms import FixedAtoms
from softdash.structures.force_units import resolve_unit
from softdash.structures.formats import FileFormat
from softdash.structures.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.limits import FrameBudget
from softdash.structures.matching import Matches
from softdash.structures.read_options import ReadOptions

if TYPE_CHECKING:
    from softdash.structures.readers.bare_structure import BareStructure

_ENDINGS = (".npy", ".npz")


def stack_among(matches: Matches) -> tuple[tuple[SourceFile, ...], SourceFile] | None:
    """Return several structures and the one array that came with them, None unless the upload is just that."""
    if matches.pairs or len(matches.lone_structures) < 2 or len(matches.lone_forces) != 1:
        return None
    array = matches.lone_forces[0]
    is_array = array.name.lower().removesuffix(".gz").endswith(_ENDINGS)
    return (matches.lone_structures, array) if is_array else None


def read_structures_with_stack(
    structures: Sequence[SourceFile],
    formats: Mapping[str, FileFormat],
    array: SourceFile,
    settings: Settings,
    options: ReadOptions,
    budget: FrameBudget,
) -> LabelledFrames:
    """Read one frame per structure; the frames of the array belong to the structures in the order of their names.

    Raises
    ------
    RefusalError
        If there are not as many structures as frames.
    InputError
        If the array or a structure cannot be read.
    """
    from softdash.structures.readers import forces_file

    stack = forces_file.read_stack(array, settings)
    ordered = sorted(structures, key=lambda source: _natural(source.name))
    if len(stack) != len(ordered):
        raise RefusalError(
            f"It holds forces of {len(stack)} frames, but {len(ordered)} structures came with it.",
            where=array.name,
            advice="Upload one structure for each frame, or all frames as one extended XYZ file.",
        )
    unit = resolve_unit(None, "", options.force_unit, array.name)
    frames: list[LabelledFrame] = []
    refused: list[RefusedFrame] = []
    fixed = FixedAtoms()
    kinds: dict[str, None] = {}
    for number, (source, forces) in enumerate(zip(ordered, stack, strict=True), start=1):
        file_format = formats[source.name]
        reader = import_module(f"softdash.structures.readers.{file_format.reader}")
        structure: BareStructure = getattr(reader, file_format.function)(source, settings, budget)
        origin = f"{source.name} + {array.name}, frame {number}"
        kinds[structure.file_format] = None
        if not budget.wanted_last:
            continue
        if structure.is_expanded or len(structure.atoms) != len(forces):
            listed = "atoms, some by symmetry" if structure.is_expanded else "atoms"
            reason = f"It has {len(structure.atoms)} {listed}; the array has forces of {len(forces)}."
            refused.append(RefusedFrame(origin, reason))
            continue
        fixed.note(structure.fixed, forces)
        frames.append(LabelledFrame(structure.atoms, forces * unit.factor, origin))
    order = (
        f"{array.name}: its {len(stack)} frames were given to the structures in the order of their names, from "
        f"{ordered[0].name} to {ordered[-1].name}; the order of their atoms could not be checked."
    )
    return LabelledFrames(
        frames=tuple(frames),
        refused=tuple(refused),
        file_format=f"{', '.join(kinds)} + forces table",
        force_unit=unit.shown,
        force_unit_is_stated=unit.is_stated,
        warnings=(order, *fixed.warnings(array.name)),
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key by which ``POSCAR-2`` stands before ``POSCAR-10``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d{1,15})", name)]
