"""Which file of forces belongs to which structure: the only two (of a folder), those of equal names or numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from softdash.errors import ForcesMissingError, InputError
from softdash.structures.readers.file_format import FileFormat
from softdash.structures.upload.recognition import RecognisedFile

_FILLERS = frozenset({"forces", "force", "poscar", "contcar", "sposcar", "sets", "phonopy", "disp", "structure"})


_Structure = TypeVar("_Structure", bound=RecognisedFile[FileFormat])
_Forces = TypeVar("_Forces", bound=RecognisedFile[FileFormat])


@dataclass(frozen=True, slots=True)
class Matches(Generic[_Structure, _Forces]):
    """Pairs (structure, forces), and the files that stayed alone.

    Attributes
    ----------
    pairs : tuple of (RecognisedFile, RecognisedFile)
    lone_structures, lone_forces : tuple of RecognisedFile
    by_number : frozenset of str
        Names of the structures whose forces have another name but the same number: ``frame2.cif`` and ``forces2.csv``.
    """

    pairs: tuple[tuple[_Structure, _Forces], ...] = ()
    lone_structures: tuple[_Structure, ...] = ()
    lone_forces: tuple[_Forces, ...] = ()
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
            key = _key(self.lone_structures[0])
            count = sum(_key(file) == key for file in self.lone_forces)
            raise InputError(
                f"{count or 'No'} forces files go by its name.",
                where=self.lone_structures[0].name,
                advice="Name the two files alike, for example NaCl_1.cif and NaCl_1.csv.",
            )
        what = "No structure goes by its name."
        raise InputError(what, where=self.lone_forces[0].name, advice="Name the two files alike.")


def alone(structure: RecognisedFile[FileFormat]) -> InputError:
    """Return the error about a structure that comes alone."""
    return ForcesMissingError(
        "The structure comes without forces.",
        where=structure.name,
        advice="Add a second file with its DFT forces (csv, txt, json or npy: one row Fx Fy Fz per atom, eV/Å).",
        offer="sample",
    )


def match_by_name(structures: Sequence[_Structure], forces: Sequence[_Forces]) -> Matches[_Structure, _Forces]:
    """Return which files belong together; what is ambiguous stays alone.

    Names are compared up to the ending and words like *forces*; files of one folder are matched first. What then is
    left is matched by the numbers at the end of the names, where there is one number for each on both sides.
    """
    left_structures, left_forces = list(structures), list(forces)
    pairs: dict[int, tuple[_Structure, _Forces]] = {}

    def take(structure: _Structure, its_forces: _Forces) -> None:
        pairs[list(structures).index(structure)] = (structure, its_forces)
        left_structures.remove(structure)
        left_forces.remove(its_forces)

    def take_only(some: Sequence[_Structure], others: Sequence[_Forces]) -> None:
        if len(some) == 1 and len(others) == 1:
            take(some[0], others[0])

    take_only(structures, forces)
    several_folders = len({file.folder for file in (*structures, *forces)}) > 1
    for group in (_folder_and_key, _folder, _key):
        if group is _folder and not several_folders:
            continue  # two of several files in one place belong together by their names alone
        grouped: dict[object, tuple[list[_Structure], list[_Forces]]] = defaultdict(lambda: ([], []))
        for structure in left_structures:
            grouped[group(structure)][0].append(structure)
        for table in left_forces:
            grouped[group(table)][1].append(table)
        for some, others in grouped.values():
            take_only(some, others)
    numbered = _by_number(left_structures, left_forces)
    for structure, table in numbered:
        take(structure, table)
    ordered = tuple(pairs[index] for index in sorted(pairs))
    by_number = frozenset(structure.name for structure, _ in numbered)
    return Matches(ordered, tuple(left_structures), tuple(left_forces), by_number)


def _by_number(structures: Sequence[_Structure], forces: Sequence[_Forces]) -> list[tuple[_Structure, _Forces]]:
    """Return pairs of equal numbers; none unless both sides are series of one name with the same numbers."""
    numbered_structures, numbered_forces = _series(structures), _series(forces)
    if len(structures) < 2 or numbered_structures is None or numbered_forces is None:
        return []
    if set(numbered_structures) != set(numbered_forces):
        return []
    return [(structure, numbered_forces[number]) for number, structure in numbered_structures.items()]


def _series(files: Sequence[_Structure]) -> dict[int, _Structure] | None:
    """Return files by the number at the end of their names; None if they are not called alike up to that number."""
    found: dict[int, _Structure] = {}
    stems = set()
    for file in files:
        match = re.fullmatch(r"(.*?)(\d{1,9})", file.bare_name, re.DOTALL)
        if match is None:
            return None
        stems.add((file.folder, match[1].lower()))
        found[int(match[2])] = file
    return found if len(stems) == 1 and len(found) == len(files) else None


def _key(file: RecognisedFile[FileFormat]) -> str:
    """Return what two names share: ``NaCl_1`` of ``NaCl_1.cif`` and ``NaCl_1_forces.csv.gz``."""
    words = [word for word in re.split(r"[\s._-]+", file.bare_name.lower()) if word not in _FILLERS]
    return "_".join(words)


def _folder(file: RecognisedFile[FileFormat]) -> str:
    return file.folder


def _folder_and_key(file: RecognisedFile[FileFormat]) -> tuple[str, str]:
    return file.folder, _key(file)


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key by which ``POSCAR-2`` stands before ``POSCAR-10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,15})", name)]
