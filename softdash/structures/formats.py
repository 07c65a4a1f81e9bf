"""Which formats softdash reads.

The format is chosen by the file's name; where several formats share an ending, by words that only one of them has
(`softdash.structures.recognition`).

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
    SUPERCELL = "a supercell and its displacements, perhaps with forces"
    FORCE_SETS = "forces of displaced supercells"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One format.

    Attributes
    ----------
    name : str
        Name for people.
    role : Role
    reader : str
        Module in `softdash.structures.readers`.
    suffixes : tuple of str
        Endings of file names, lower case.
    stems : tuple of str
        File names that need no ending (``POSCAR``); what follows them after ``.``, ``_`` or ``-`` is free.
    signatures : tuple of bytes
        Words in its first lines, one of which tells it from other formats of the same ending.
    function : str
        Function of the reader.
    """

    name: str
    role: Role
    reader: str
    suffixes: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    signatures: tuple[bytes, ...] = ()
    function: str = "read"

    @property
    def names_shown(self) -> str:
        """Its file names for people: ``"POSCAR, CONTCAR, *.vasp"``."""
        return ", ".join((*self.stems, *(f"*{suffix}" for suffix in self.suffixes)))


_POSCAR = ("POSCAR", "CONTCAR", "SPOSCAR")
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".json", ".npy", ".npz")
_GPAW = (b"| _ |_)|_||", b"|___|_|")
FORMATS: tuple[FileFormat, ...] = (
    FileFormat("extended XYZ", Role.LABELLED, "extended_xyz", (".extxyz", ".xyz")),
    FileFormat("VASP vasprun.xml", Role.LABELLED, "vasprun", (".xml",)),
    FileFormat("VASP OUTCAR", Role.LABELLED, "outcar", (".outcar",), ("OUTCAR",)),
    FileFormat(
        "Quantum ESPRESSO output",
        Role.LABELLED,
        "quantum_espresso",
        (".pwo", ".out", ".log", ".txt"),
        signatures=(b"Program PWSCF",),
    ),
    FileFormat("GPAW output", Role.LABELLED, "gpaw_log", (".txt", ".log", ".out"), signatures=_GPAW),
    FileFormat("ASE database", Role.LABELLED, "ase_database", (".db",)),
    FileFormat("ASE or pymatgen JSON", Role.LABELLED, "json_frames", (".json",)),
    FileFormat("phonopy YAML", Role.SUPERCELL, "phonopy_yaml", (".yaml", ".yml")),
    FileFormat("FORCE_SETS", Role.FORCE_SETS, "force_sets", (), ("FORCE_SETS",)),
    FileFormat("CIF", Role.STRUCTURE, "cif", (".cif",)),
    FileFormat("POSCAR", Role.STRUCTURE, "poscar", (".poscar", ".contcar", ".vasp"), _POSCAR),
    FileFormat("structure in JSON", Role.STRUCTURE, "json_frames", (".json",), function="read_structure"),
    FileFormat("forces table", Role.FORCES, "forces_file", _TABLES),
)

_REFUSED_FOR_SAFETY = "Such files can carry programs and are never opened here."
_KNOWN_BUT_UNREAD: dict[str, str] = {
    ".traj": f"ASE trajectories are not read. {_REFUSED_FOR_SAFETY}",
    ".pkl": f"Python pickles are not read. {_REFUSED_FOR_SAFETY}",
    ".pickle": f"Python pickles are not read. {_REFUSED_FOR_SAFETY}",
    ".pt": f"Model and tensor files are not read. {_REFUSED_FOR_SAFETY}",
    ".pth": f"Model and tensor files are not read. {_REFUSED_FOR_SAFETY}",
    ".model": f"Model and tensor files are not read. {_REFUSED_FOR_SAFETY}",
    ".gpw": f"GPAW's .gpw files are not read. {_REFUSED_FOR_SAFETY} Its text output is.",
    ".h5": "HDF5 files are not read.",
    ".hdf5": "HDF5 files are not read.",
    ".tar": "Of archives, only .zip is read.",
    ".tgz": "Of archives, only .zip is read.",
    ".7z": "Of archives, only .zip is read.",
    ".rar": "Of archives, only .zip is read.",
    ".xz": "Of compressed files, only .gz is read.",
    ".bz2": "Of compressed files, only .gz is read.",
    ".zst": "Of compressed files, only .gz is read.",
    ".pwi": "An input of pw.x has no forces; upload what pw.x printed.",
}
_WITHOUT_FORCES = frozenset(
    {"INCAR", "KPOINTS", "POTCAR", "OSZICAR", "XDATCAR", "WAVECAR", "CHGCAR", "CHG", "DOSCAR", "EIGENVAL", "IBZKPT"}
)
_ARCHIVE_SUFFIX = ".zip"
_CONVERT = "With ASE: ase.io.write('frames.extxyz', ase.io.read('YOUR FILE', ':'))."


def formats_by_name(name: str) -> tuple[FileFormat, ...]:
    """Return the formats that a file called `name` may have: one, or those that share its ending.

    Raises
    ------
    UnsupportedFormatError
        If no reader takes such a name; the message lists what is read.
    """
    stem = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE).rpartition("/")[2]
    suffix = f".{stem.rpartition('.')[2].lower()}" if "." in stem else ""
    found = tuple(file_format for file_format in FORMATS if suffix in file_format.suffixes)
    if found:
        return found
    if suffix not in _KNOWN_BUT_UNREAD and suffix != _ARCHIVE_SUFFIX:
        for file_format in FORMATS:
            if any(_is_named(stem, known) for known in file_format.stems):
                return (file_format,)
    raise _unsupported(name, stem, suffix)


def is_archive(name: str) -> bool:
    """Whether a file called `name` is a zip archive."""
    return name.lower().endswith(_ARCHIVE_SUFFIX)


def without_ending(name: str) -> str:
    """Return the file name without folders, ``.gz`` and the ending of a format: ``NaCl_1`` of ``a/NaCl_1.cif``."""
    stem = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE).rpartition("/")[2]
    bare, dot, suffix = stem.rpartition(".")
    return bare if dot and any(f".{suffix.lower()}" in file_format.suffixes for file_format in FORMATS) else stem


def _is_named(stem: str, known: str) -> bool:
    return bool(re.match(rf"(.*[._\-) ])?{known}([._\- (].*)?$", stem, re.IGNORECASE))


def _unsupported(name: str, stem: str, suffix: str) -> UnsupportedFormatError:
    if suffix in _KNOWN_BUT_UNREAD:
        return UnsupportedFormatError(_KNOWN_BUT_UNREAD[suffix], where=name, advice=_CONVERT)
    if any(_is_named(stem, known) for known in _WITHOUT_FORCES):
        return UnsupportedFormatError(
            f"{re.split(r'[._-]', stem)[0][:20]} holds no forces.", where=name, advice="Upload vasprun.xml or OUTCAR."
        )
    what = f"Files ending in {suffix} are not read." if suffix else "The format of a file without ending is unknown."
    return UnsupportedFormatError(what, where=name, advice=f"Read are: {formats_shown()}. {_CONVERT}")


def formats_shown() -> str:
    """Return all formats for people, in one sentence part."""
    shown = [f"{file_format.name} ({file_format.names_shown})" for file_format in FORMATS]
    return "; ".join([*shown, f"a zip archive of these (*{_ARCHIVE_SUFFIX})"])
