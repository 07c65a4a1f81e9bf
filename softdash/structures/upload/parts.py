"""What of an upload can be read by itself: single files, and pairs of a structure and its forces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.upload.archives import ArchiveMember
from softdash.structures.upload.file_matching import Matches, alone, match_by_name
from softdash.structures.upload.formats import FileFormat, Role, formats_shown
from softdash.structures.upload.recognition import recognise
from softdash.structures.upload.stacked_forces import read_structures_with_forces, stack_among

_NAMES_SHOWN = 8
_NOTES = re.compile(r"(readme|licen[cs]e|changelog|copying)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a pair of files, that gives frames by itself; `read` counts them in the budget it is given."""

    name: str
    read: Callable[[FrameBudget], LabelledFrames]


def parts_of(sources: list[SourceFile], settings: Settings, options: ReadOptions) -> tuple[list[Part], list[str]]:
    """Return what can be read by itself, and remarks about what was left aside.

    Parameters
    ----------
    sources : list of SourceFile
        Their names are all different.

    Raises
    ------
    InputError
        If a file has no readable format, or stays without its partner; a file of an archive is then left aside, unless
        nothing else can be read.
    TooLargeError
    """
    formats, aside = _formats(sources, settings)
    by_role: dict[Role, list[SourceFile]] = {role: [] for role in Role}
    for source in sources:
        if source.name in formats:
            by_role[formats[source.name].role].append(source)
    labelled, twins = _without_twins(by_role[Role.LABELLED], formats)
    parts = [_part_of_one(source, formats[source.name], settings) for source in labelled]

    sets = _match_sets(by_role)
    taken = {source.name for pair in sets.pairs for source in pair}
    lone_supercells = [source for source in by_role[Role.SUPERCELL] if source.name not in taken]
    parts += [_part_of_one(source, formats[source.name], settings) for source in lone_supercells]
    structures = [source for source in by_role[Role.STRUCTURE] if source.name not in taken]
    forces = [source for source in by_role[Role.FORCES] if source.name not in taken]
    pairs = match_by_name(structures, forces)
    stack = stack_among(pairs)
    if stack is not None and _may_be_stack(stack, formats, is_alone=not parts):
        parts.append(_part_with_forces(stack[0], stack[1], formats, settings, options))
        pairs = Matches((), (), ())
    lone = [*pairs.lone_structures, *pairs.lone_forces, *sets.lone_forces]
    only_structures_beside_runs = bool(parts) and not pairs.lone_forces and not sets.lone_forces
    if not only_structures_beside_runs and not all(isinstance(source, ArchiveMember) for source in lone):
        pairs.require_all()
        _require_supercells(sets)
    by_number = _by_number_reading(pairs)
    for structure, forces_source in pairs.pairs:
        reading = by_number if structure.name in pairs.by_number else None
        parts.append(_part_with_forces((structure,), (forces_source,), formats, settings, options, reading))
    from softdash.structures.upload.pairing import read_supercell_with_sets

    for structure, partner in sets.pairs:
        arguments = (structure, formats[structure.name], partner, settings)
        parts.append(Part(structure.name, partial(_read_two, read_supercell_with_sets, arguments, options)))
    aside += [source.name for source in lone]
    if not parts:
        raise _nothing_readable(sources, pairs)
    remarks = [f"Left aside: {_listed(aside)}; nothing in them belongs to frames with forces."] if aside else []
    if twins:
        remarks.append(f"Left aside: {_listed(twins)}; the vasprun.xml beside has the same run with more digits.")
    return parts, remarks


def _formats(sources: list[SourceFile], settings: Settings) -> tuple[dict[str, FileFormat], list[str]]:
    """Return the formats by name of file, and the files of archives that have none."""
    formats: dict[str, FileFormat] = {}
    aside: list[str] = []
    notes: list[str] = []
    for source in sources:
        if isinstance(source, ArchiveMember) and _NOTES.match(source.name.rpartition("/")[2]):
            notes.append(source.name)
            continue
        try:
            formats[source.name] = recognise(source, settings)
        except TooLargeError:
            raise
        except InputError:
            if not isinstance(source, ArchiveMember) or len(sources) == 1:
                raise
            aside.append(source.name)
    return formats, aside + notes


def _without_twins(sources: list[SourceFile], formats: dict[str, FileFormat]) -> tuple[list[SourceFile], list[str]]:
    """Leave out the OUTCAR of a run whose vasprun.xml, the only one in its folder, is there too."""
    readers = Counter((_folder(source), formats[source.name].reader) for source in sources)
    twins = [
        source.name
        for source in sources
        if formats[source.name].reader == "outcar"
        and readers[_folder(source), "outcar"] == 1
        and readers[_folder(source), "vasprun"] == 1
    ]
    return [source for source in sources if source.name not in twins], twins


def _folder(source: SourceFile) -> str:
    return source.name.rpartition("/")[0]


def _part_of_one(source: SourceFile, file_format: FileFormat, settings: Settings) -> Part:
    def read(budget: FrameBudget) -> LabelledFrames:
        reader = import_module(f"softdash.structures.readers.{file_format.reader}")
        found: LabelledFrames = getattr(reader, file_format.function)(source, settings, budget)
        return found

    return Part(source.name, read)


def _part_with_forces(
    structures: Sequence[SourceFile],
    forces: Sequence[SourceFile],
    formats: dict[str, FileFormat],
    settings: Settings,
    options: ReadOptions,
    reading: Reading | None = None,
) -> Part:
    """Return the part of structures and the file of their forces; `reading` tells how these were brought together."""

    def read(budget: FrameBudget) -> LabelledFrames:
        found = read_structures_with_forces(structures, formats, forces, settings, options, budget)
        return found if reading is None else replace(found, readings=(reading, *found.readings))

    return Part(structures[0].name if len(structures) == 1 else forces[0].name, read)


def _may_be_stack(
    stack: tuple[Sequence[SourceFile], Sequence[SourceFile]], formats: dict[str, FileFormat], *, is_alone: bool
) -> bool:
    """Whether files are one of structures and several of forces, or the reverse: beside runs, only an array is."""
    structures, forces = stack
    if len(structures) == 1:
        return is_alone and formats[structures[0].name].all_function is not None
    return is_alone or forces[0].name.lower().removesuffix(".gz").endswith((".npy", ".npz"))


def _by_number_reading(pairs: Matches) -> Reading | None:
    """Return how files of other names but equal numbers were brought together, None where there are none."""
    numbered = [(one.name, other.name) for one, other in pairs.pairs if one.name in pairs.by_number]
    if not numbered:
        return None
    (first, its_forces), (last, last_forces) = numbered[0], numbered[-1]
    detail = f"By the numbers of their names, {first} was given {its_forces}, …, {last} was given {last_forces}."
    return Reading("frames", f"{len(numbered)} pairs by number", "assumed", detail)


def _match_sets(by_role: dict[Role, list[SourceFile]]) -> Matches:
    """Match each FORCE_SETS with phonopy's YAML of its supercell, or else with a structure."""
    sets = by_role[Role.FORCE_SETS]
    if not sets:
        return Matches((), (), ())
    matches = match_by_name(by_role[Role.SUPERCELL], sets)
    if not matches.lone_forces:
        return matches
    supercells = [s for s in by_role[Role.STRUCTURE] if "sposcar" in s.name.lower()] or by_role[Role.STRUCTURE]
    further = match_by_name(supercells, matches.lone_forces)
    return Matches((*matches.pairs, *further.pairs), matches.lone_structures, further.lone_forces)


def _require_supercells(sets: Matches) -> None:
    if sets.lone_forces:
        raise InputError(
            "No supercell belongs to it.",
            where=sets.lone_forces[0].name,
            advice="Add phonopy_disp.yaml (or SPOSCAR) of the same calculation, or upload phonopy_params.yaml alone.",
        )


def _read_two(
    read: Callable[..., LabelledFrames], arguments: tuple[object, ...], options: ReadOptions, budget: FrameBudget
) -> LabelledFrames:
    return read(*arguments, budget, options)


def _nothing_readable(sources: list[SourceFile], pairs: Matches) -> InputError:
    """Return the error for archives in which nothing belongs together."""
    if pairs.lone_structures and not pairs.lone_forces:
        return alone(pairs.lone_structures[0])
    return InputError(
        f"Nothing in the archive gives frames with forces. It holds: {_listed([source.name for source in sources])}.",
        where=", ".join(dict.fromkeys(source.archive_name for source in sources if isinstance(source, ArchiveMember))),
        advice=(
            "Name each structure and its forces alike (NaCl.cif, NaCl.csv), or give each pair a folder of its own."
            if pairs.lone_structures
            else f"Read are: {formats_shown()}."
        ),
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else shown
