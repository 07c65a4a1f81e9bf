"""Which formats softdash reads. The format is chosen from the file's name alone, never guessed from its content.

A new format is one entry here and one reader in `softdash.structures.readers`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from softdash.errors import UnsupportedFormatError


class Role(Enum):
    """What a file brings to an upload."""

    LABELLED = "frames with forces"
    STRUCTURE = "a structure without forces"
    FORCES = "a table of forces without a structure"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One format.

    Attributes
    ----------
    name : str
        Name for people.
    role : Role
    reader : str
        Module in `softdash.structures.readers`; it has the function ``read``.
    suffixes : tuple of str
        Endings of file names, lower case.
    stems : tuple of str
        File names that need no ending (``POSCAR``); what follows them after ``.``, ``_`` or ``-`` is free.
    """

    name: str
    role: Role
    reader: str
    suffixes: tuple[str, ...]
    stems: tuple[str, ...] = ()

    @property
    def names_shown(self) -> str:
        """Its file names for people: ``"POSCAR, CONTCAR, *.vasp"``."""
        return ", ".join((*self.stems, *(f"*{suffix}" for suffix in self.suffixes)))


FORMATS: tuple[FileFormat, ...] = (
    FileFormat("extended XYZ", Role.LABELLED, "extended_xyz", (".extxyz", ".xyz")),
    FileFormat("VASP vasprun.xml", Role.LABELLED, "vasprun", (".xml",)),
    FileFormat("CIF", Role.STRUCTURE, "cif", (".cif",)),
    FileFormat("POSCAR", Role.STRUCTURE, "poscar", (".poscar", ".contcar", ".vasp"), ("POSCAR", "CONTCAR")),
    FileFormat("forces table", Role.FORCES, "forces_file", (".csv", ".tsv", ".txt", ".dat", ".json", ".npy")),
)

_REFUSED_FOR_SAFETY = "Such files can carry programs and are never opened here."
_KNOWN_BUT_UNREAD: dict[str, str] = {
    ".traj": f"ASE trajectories are not read. {_REFUSED_FOR_SAFETY}",
    ".pkl": f"Python pickles are not read. {_REFUSED_FOR_SAFETY}",
    ".pickle": f"Python pickles are not read. {_REFUSED_FOR_SAFETY}",
    ".pt": f"Model and tensor files are not read. {_REFUSED_FOR_SAFETY}",
    ".pth": f"Model and tensor files are not read. {_REFUSED_FOR_SAFETY}",
    ".model": f"Model and tensor files are not read. {_REFUSED_FOR_SAFETY}",
    ".npz": "Archives of arrays are not read; save the forces alone with numpy.save as .npy.",
    ".zip": "Archives are not read; upload the files inside.",
    ".tar": "Archives are not read; upload the files inside.",
    ".tgz": "Archives are not read; upload the files inside.",
    ".xz": "Of compressed files, only .gz is read.",
    ".bz2": "Of compressed files, only .gz is read.",
    ".zst": "Of compressed files, only .gz is read.",
}
_CONVERT = "With ASE: ase.io.write('frames.extxyz', ase.io.read('YOUR FILE', ':'))."


def format_of(name: str) -> FileFormat:
    """Return the format of a file called `name`.

    Raises
    ------
    UnsupportedFormatError
        If no reader takes such a name; the message lists what is read.
    """
    stem = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
    suffix = f".{stem.rpartition('.')[2].lower()}" if "." in stem else ""
    for file_format in FORMATS:
        if suffix in file_format.suffixes:
            return file_format
    for file_format in FORMATS:
        named = (re.match(rf"(.*[._\-) ])?{known}([._\- (].*)?$", stem, re.IGNORECASE) for known in file_format.stems)
        if suffix not in _KNOWN_BUT_UNREAD and any(named):
            return file_format
    if suffix in _KNOWN_BUT_UNREAD:
        what, advice = _KNOWN_BUT_UNREAD[suffix], _CONVERT
    else:
        what = (
            f"Files ending in {suffix} are not read." if suffix else "The format of a file without ending is unknown."
        )
        advice = f"Read are: {formats_shown()}. {_CONVERT}"
    raise UnsupportedFormatError(what, where=name, advice=advice)


def formats_shown() -> str:
    """Return all formats for people, in one sentence part."""
    return "; ".join(f"{file_format.name} ({file_format.names_shown})" for file_format in FORMATS)
