"""Which formats softdash reads.

The format is chosen by the file's name; where several formats share an ending, by words that only one of them has
(`softdash.structures.upload.recognition`).

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
    all_function : str or None
        Function of the reader that returns all structures of a file, where it may hold several.
    """

    name: str
    role: Role
    reader: str
    suffixes: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    signatures: tuple[bytes, ...] = ()
    function: str = "read"
    all_function: str | None = None

    @property
    def names_shown(self) -> str:
        """Its file names for people: ``"POSCAR, CONTCAR, *.vasp"``."""
        return ", ".join((*self.stems, *(f"*{suffix}" for suffix in self.suffixes)))


_POSCAR = ("POSCAR", "CONTCAR", "SPOSCAR")
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".fa", ".json", ".npy", ".npz", ".xlsx")
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
    FileFormat("ASE or pymatgen JSON", Role.LABELLED, "json.frames", (".json",)),
    FileFormat("phonopy YAML", Role.SUPERCELL, "phonopy_yaml", (".yaml", ".yml")),
    FileFormat("FORCE_SETS", Role.FORCE_SETS, "force_sets", (), ("FORCE_SETS",)),
    FileFormat("CIF", Role.STRUCTURE, "cif.file", (".cif", ".mcif"), all_function="read_all"),
    FileFormat("POSCAR", Role.STRUCTURE, "poscar", (".poscar", ".contcar", ".vasp"), _POSCAR),
    FileFormat(
        "structure in JSON",
        Role.STRUCTURE,
        "json.frames",
        (".json",),
        function="read_structure",
        all_function="read_structures",
    ),
    FileFormat("forces table", Role.FORCES, "tables.forces_file", _TABLES),
)

_NEVER_OPENED = "Such files can carry programs and are never opened here."
_AS_XYZ = "Convert it to extended XYZ, in a terminal with ASE: ase convert {} run.extxyz"
_AS_ZIP = "Unpack it, and upload its files side by side or as a .zip."
_AS_GZ = "Uncompress it first; compressed files are read as .gz and .zip."
_FRAMES_ONLY = "Upload structures with their DFT forces; the potential is chosen on the page."
_KNOWN_BUT_UNREAD: dict[str, tuple[str, str]] = {
    ".traj": (f"ASE trajectories are not read. {_NEVER_OPENED}", _AS_XYZ.format("run.traj")),
    ".gpw": (f"GPAW's .gpw files are not read. {_NEVER_OPENED}", "Upload GPAW's text output (.txt) instead."),
    **dict.fromkeys((".pkl", ".pickle"), (f"Python pickles are not read. {_NEVER_OPENED}", "Upload extended XYZ.")),
    **dict.fromkeys((".pt", ".pth", ".model"), (f"Files of models are not read. {_NEVER_OPENED}", _FRAMES_ONLY)),
    **dict.fromkeys((".h5", ".hdf5"), ("HDF5 files are not read.", "Upload vasprun.xml, OUTCAR or extended XYZ.")),
    **dict.fromkeys((".tar", ".tgz", ".7z", ".rar"), ("Of archives, only .zip is read.", _AS_ZIP)),
    **dict.fromkeys((".xz", ".bz2", ".zst"), ("Of compressed files, only .gz is read.", _AS_GZ)),
    **dict.fromkeys(
        (".ods", ".xls", ".xlsb", ".numbers"),
        ("Spreadsheets of this kind are not read.", "Save the sheet as CSV, or as .xlsx, and upload that."),
    ),
    ".pwi": ("An input of pw.x has no forces.", "Upload what pw.x printed."),
}
_WITHOUT_FORCES = frozenset(
    {"INCAR", "KPOINTS", "POTCAR", "OSZICAR", "XDATCAR", "WAVECAR", "CHGCAR", "CHG", "DOSCAR", "EIGENVAL", "IBZKPT"}
)
_ARCHIVE_SUFFIX = ".zip"


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
        what, advice = _KNOWN_BUT_UNREAD[suffix]
        return UnsupportedFormatError(what, where=name, advice=advice)
    if any(_is_named(stem, known) for known in _WITHOUT_FORCES):
        return UnsupportedFormatError(
            f"{re.split(r'[._-]', stem)[0][:20]} holds no forces.", where=name, advice="Upload vasprun.xml or OUTCAR."
        )
    what = f"Files ending in {suffix} are not read." if suffix else "The format of a file without ending is unknown."
    return UnsupportedFormatError(what, where=name, advice=f"Read are: {formats_shown()}.")


def formats_shown() -> str:
    """Return the formats for people, in one sentence part: first those that are enough alone."""
    alone = [file_format.name for file_format in FORMATS if file_format.role is Role.LABELLED]
    structures = [file_format.name for file_format in FORMATS if file_format.role is Role.STRUCTURE]
    return (
        f"{', '.join(alone)}; phonopy's files; a structure ({', '.join(structures)}) together with a table of its "
        f"forces ({', '.join(_TABLES)}); and archives of these ({_ARCHIVE_SUFFIX})"
    )
