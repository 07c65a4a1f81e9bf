"""Which file of forces belongs to which structure: the only two (of a folder), those of equal names or numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from softdash.errors import ForcesMissingError, InputError
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.upload.formats import without_ending

_FILLERS = frozenset({"forces", "force", "poscar", "contcar", "sposcar", "sets", "phonopy", "disp", "structure"})


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs (structure, forces), and the files that stayed alone.

    Attributes
    ----------
    pairs : tuple of (SourceFile, SourceFile)
    lone_structures, lone_forces : tuple of SourceFile
    by_number : frozenset of str
        Names of the structures whose forces have another name but the same number: ``frame2.cif`` and ``forces2.csv``.
    """

    pairs: tuple[tuple[SourceFile, SourceFile], ...]
    lone_structures: tuple[SourceFile, ...]
    lone_forces: tuple[SourceFile, ...]
    by_number: frozenset[str] = frozenset()

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

    Names are compared up to the ending and words like *forces*; files of one folder are matched first. What then is
    left is matched by the numbers at the end of the names, where there is one number for each on both sides.
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
    numbered = _by_number(left_structures, left_forces)
    for structure, table in numbered:
        pairs[list(structures).index(structure)] = (structure, table)
        left_structures.remove(structure)
        left_forces.remove(table)
    ordered = tuple(pairs[index] for index in sorted(pairs))
    by_number = frozenset(structure.name for structure, _ in numbered)
    return Matches(ordered, tuple(left_structures), tuple(left_forces), by_number)


def _by_number(structures: Sequence[SourceFile], forces: Sequence[SourceFile]) -> list[tuple[SourceFile, SourceFile]]:
    """Return pairs of equal numbers; none unless both sides are series of one name with the same numbers."""
    series = [_series(structures), _series(forces)]
    if len(structures) < 2 or any(one is None for one in series):
        return []
    (numbered_structures, numbered_forces) = (one or {} for one in series)
    if set(numbered_structures) != set(numbered_forces):
        return []
    return [(structure, numbered_forces[number]) for number, structure in numbered_structures.items()]


def _series(sources: Sequence[SourceFile]) -> dict[int, SourceFile] | None:
    """Return files by the number at the end of their names; None if they are not called alike up to that number."""
    found: dict[int, SourceFile] = {}
    stems = set()
    for source in sources:
        match = re.fullmatch(r"(.*?)(\d{1,9})", without_ending(source.name), re.DOTALL)
        if match is None:
            return None
        stems.add((_folder(source.name), match[1].lower()))
        found[int(match[2])] = source
    return found if len(stems) == 1 and len(found) == len(sources) else None


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _key(name: str) -> str:
    """Return what two names share: ``NaCl_1`` of ``NaCl_1.cif`` and ``NaCl_1_forces.csv.gz``."""
    words = [word for word in re.split(r"[\s._-]+", without_ending(name).lower()) if word not in _FILLERS]
    return "_".join(words)


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key by which ``POSCAR-2`` stands before ``POSCAR-10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,15})", name)]
