"""Which file of forces belongs to which structure: the only two, the only two of a folder, or those of equal names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from softdash.errors import ForcesMissingError, InputError
from softdash.structures.decompression import SourceFile
from softdash.structures.formats import without_ending

_FILLERS = frozenset({"forces", "force", "poscar", "contcar", "sposcar", "sets", "phonopy", "disp", "structure"})


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs (structure, forces), and the files that stayed alone."""

    pairs: tuple[tuple[SourceFile, SourceFile], ...]
    lone_structures: tuple[SourceFile, ...]
    lone_forces: tuple[SourceFile, ...]

    def require_all(self) -> None:
        """Raise `InputError` if a file stayed alone; it says what is missing, or how to name the files."""
        if not self.lone_structures and not self.lone_forces:
            return
        if not self.pairs and not self.lone_forces:
            raise alone(self.lone_structures[0])
        if not self.pairs and not self.lone_structures:
            raise InputError(
                "The forces come without their structure.",
                where=self.lone_forces[0].name,
                advice="Add the structure: CIF, POSCAR or a pymatgen Structure in JSON.",
            )
        if self.lone_structures:
            key = _key(self.lone_structures[0].name)
            count = sum(_key(source.name) == key for source in self.lone_forces)
            raise InputError(
                f"{count or 'No'} forces files go by its name.",
                where=self.lone_structures[0].name,
                advice="Name the two files alike, for example NaCl_1.cif and NaCl_1.csv.",
            )
        what = "No structure goes by its name."
        raise InputError(what, where=self.lone_forces[0].name, advice="Name the two files alike.")


def alone(structure: SourceFile) -> InputError:
    """Return the error about a structure that comes alone."""
    return ForcesMissingError(
        "The structure comes without forces.",
        where=structure.name,
        advice="Add a second file with its DFT forces (csv, txt, json or npy: one row Fx Fy Fz per atom, eV/Å).",
        offer="sample",
    )


def match_by_name(structures: Sequence[SourceFile], forces: Sequence[SourceFile]) -> Matches:
    """Return which files belong together; what is ambiguous stays alone.

    Names are compared up to the ending and words like *forces*; files of one folder are matched first.
    """
    left_structures, left_forces = list(structures), list(forces)
    pairs: dict[int, tuple[SourceFile, SourceFile]] = {}

    def take(some: Iterable[SourceFile], others: Iterable[SourceFile]) -> None:
        here, there = list(some), list(others)
        if len(here) == 1 and len(there) == 1:
            pairs[list(structures).index(here[0])] = (here[0], there[0])
            left_structures.remove(here[0])
            left_forces.remove(there[0])

    take(structures, forces)
    by_folder_and_name = (lambda source: (_folder(source.name), _key(source.name)), lambda source: _folder(source.name))
    for group in (*by_folder_and_name, lambda source: _key(source.name)):
        grouped: dict[object, tuple[list[SourceFile], list[SourceFile]]] = defaultdict(lambda: ([], []))
        for side, sources in enumerate((left_structures, left_forces)):
            for source in sources:
                grouped[group(source)][side].append(source)
        several_folders = len({_folder(source.name) for source in (*structures, *forces)}) > 1
        if group is by_folder_and_name[1] and not several_folders:
            continue  # two of several files in one place belong together by their names alone
        for some, others in grouped.values():
            take(some, others)
    ordered = tuple(pairs[index] for index in sorted(pairs))
    return Matches(ordered, tuple(left_structures), tuple(left_forces))


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _key(name: str) -> str:
    """Return what two names share: ``NaCl_1`` of ``NaCl_1.cif`` and ``NaCl_1_forces.csv.gz``."""
    words = [word for word in re.split(r"[\s._-]+", without_ending(name).lower()) if word not in _FILLERS]
    return "_".join(words)
