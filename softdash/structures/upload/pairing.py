"""Which files of an upload are read together, and which are left aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from softdash.errors import InputError
from softdash.structures.frames.readings import Reading
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.upload.archives import ArchiveMember
from softdash.structures.upload.file_matching import Matches, alone, match_by_name
from softdash.structures.upload.formats import formats_shown
from softdash.structures.upload.parts import FramesAlone, Part, StructuresWithForces, SupercellWithSets
from softdash.structures.upload.recognition import (
    ForceSetsFile,
    ForcesFile,
    FramesFile,
    RecognisedFiles,
    StructureFile,
    SupercellFile,
)

_NAMES_SHOWN = 8


def pair_files(files: RecognisedFiles, sources: Sequence[SourceFile]) -> tuple[list[Part], list[str]]:
    """Return what can be read by itself, and remarks about what was left aside.

    Parameters
    ----------
    files : RecognisedFiles
        Their names are all different.
    sources : sequence of SourceFile
        All files of the upload.

    Raises
    ------
    InputError
        If a file stays without its partner; a file of an archive is then left aside, unless nothing else can be read.
    """
    frames, repeated = _without_repeated_runs(files.frames)
    sets = _match_sets(files)
    taken = {file.name for pair in sets.pairs for file in pair}
    supercells = [file for file in files.supercells if file.name not in taken]
    parts: list[Part] = [FramesAlone(file) for file in frames]
    parts += [FramesAlone(file) for file in supercells]

    pairs = match_by_name([file for file in files.structures if file.name not in taken], files.forces)
    if _is_stack(pairs, is_alone=not parts):
        parts.append(StructuresWithForces(pairs.lone_structures, pairs.lone_forces))
        pairs = Matches()
    lone = [*pairs.lone_structures, *pairs.lone_forces, *sets.lone_forces]
    only_structures_beside_runs = bool(parts) and not pairs.lone_forces and not sets.lone_forces
    if not only_structures_beside_runs and not all(isinstance(file.source, ArchiveMember) for file in lone):
        pairs.require_all()
        _require_supercells(sets)
    by_number = _by_number_reading(pairs)
    for structure, forces in pairs.pairs:
        reading = by_number if structure.name in pairs.by_number else None
        parts.append(StructuresWithForces((structure,), (forces,), reading))
    parts += [SupercellWithSets(supercell, its_sets) for supercell, its_sets in sets.pairs]
    if not parts:
        raise _nothing_readable(sources, pairs)
    aside = [*files.left_aside, *(file.name for file in lone)]
    remarks = [f"Left aside: {_listed(aside)}; nothing in them belongs to frames with forces."] if aside else []
    return parts, remarks + repeated


def _without_repeated_runs(files: Sequence[FramesFile]) -> tuple[list[FramesFile], list[str]]:
    """Leave out the OUTCAR of a run whose vasprun.xml, the only one in its folder, is there too; and say so."""
    counts = Counter((file.folder, file.format.name) for file in files)
    left_aside: list[FramesFile] = []
    better: dict[str, None] = {}
    for file in files:
        preferred = file.format.yields_to
        if preferred is None or counts[file.folder, file.format.name] != 1 or counts[file.folder, preferred.name] != 1:
            continue
        left_aside.append(file)
        other = next(one for one in files if one.folder == file.folder and one.format.name == preferred.name)
        better[other.name.rpartition("/")[2].removesuffix(".gz")] = None
    kept = [file for file in files if file not in left_aside]
    if not left_aside:
        return kept, []
    names = _listed([file.name for file in left_aside])
    return kept, [f"Left aside: {names}; the {_listed(list(better))} beside has the same run with more digits."]


def _is_stack(matches: Matches[StructureFile, ForcesFile], *, is_alone: bool) -> bool:
    """Whether several structures came with one file of forces, or one file of structures with several of forces.

    Beside runs (not `is_alone`), only an array of numpy is read so.
    """
    structures, forces = matches.lone_structures, matches.lone_forces
    if matches.pairs or min(len(structures), len(forces)) != 1 or len(structures) == len(forces):
        return False
    if len(structures) == 1:
        return is_alone and structures[0].format.read_all is not None
    return is_alone or forces[0].name.lower().removesuffix(".gz").endswith((".npy", ".npz"))


def _by_number_reading(pairs: Matches[StructureFile, ForcesFile]) -> Reading | None:
    """Return how files of other names but equal numbers were brought together, None where there are none."""
    numbered = [(one.name, other.name) for one, other in pairs.pairs if one.name in pairs.by_number]
    if not numbered:
        return None
    (first, its_forces), (last, last_forces) = numbered[0], numbered[-1]
    detail = f"By the numbers of their names, {first} was given {its_forces}, …, {last} was given {last_forces}."
    return Reading("frames", f"{len(numbered)} pairs by number", "assumed", detail)


def _match_sets(files: RecognisedFiles) -> Matches[SupercellFile | StructureFile, ForceSetsFile]:
    """Match each FORCE_SETS with phonopy's YAML of its supercell, or else with a structure."""
    if not files.force_sets:
        return Matches()
    matches = match_by_name(files.supercells, files.force_sets)
    if not matches.lone_forces:
        return Matches(matches.pairs, matches.lone_structures)
    supercells = [file for file in files.structures if "sposcar" in file.name.lower()] or files.structures
    further = match_by_name(supercells, matches.lone_forces)
    return Matches((*matches.pairs, *further.pairs), matches.lone_structures, further.lone_forces)


def _require_supercells(sets: Matches[SupercellFile | StructureFile, ForceSetsFile]) -> None:
    if sets.lone_forces:
        raise InputError(
            "No supercell belongs to it.",
            where=sets.lone_forces[0].name,
            advice="Add phonopy_disp.yaml (or SPOSCAR) of the same calculation, or upload phonopy_params.yaml alone.",
        )


def _nothing_readable(sources: Sequence[SourceFile], pairs: Matches[StructureFile, ForcesFile]) -> InputError:
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
