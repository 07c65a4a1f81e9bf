"""Which formats softdash reads: what the readers declare, and those of plug-ins, in one list.

A new reader is named once, here; a reader of another package by an entry point of the group ``softdash.formats``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from importlib import metadata

from softdash.errors import UnsupportedFormatError
from softdash.structures.readers import (
    ase_bridge,
    ase_database,
    extended_xyz,
    force_sets,
    gpaw_log,
    outcar,
    phonopy_yaml,
    poscar,
    quantum_espresso,
    vasprun,
)
from softdash.structures.readers.cif import file as cif_file
from softdash.structures.readers.file_format import FileFormat, Role, is_named
from softdash.structures.readers.json import frames as json_frames
from softdash.structures.readers.tables import forces_format
from softdash.structures.upload.archives import ARCHIVE_SUFFIX

ENTRY_POINT_GROUP = "softdash.formats"

_OWN: tuple[FileFormat, ...] = (
    extended_xyz.FORMAT,
    vasprun.FORMAT,
    outcar.FORMAT,
    quantum_espresso.FORMAT,
    gpaw_log.FORMAT,
    *ase_bridge.FORMATS,
    ase_database.FORMAT,
    json_frames.FORMAT,
    phonopy_yaml.FORMAT,
    force_sets.FORMAT,
    cif_file.FORMAT,
    poscar.FORMAT,
    json_frames.STRUCTURE_FORMAT,
    forces_format.FORMAT,
)

_log = logging.getLogger(__name__)

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


@cache
def formats() -> tuple[FileFormat, ...]:
    """Return all formats: softdash's own, then those of plug-ins, in the order in which pages name them."""
    return (*_OWN, *_of_plug_ins())


def _of_plug_ins() -> Iterator[FileFormat]:
    for entry_point in metadata.entry_points(group=ENTRY_POINT_GROUP):
        try:
            yield from entry_point.load()
        except Exception:
            _log.exception("The formats of %s (%s) cannot be loaded.", entry_point.name, entry_point.value)


def formats_by_name(name: str) -> tuple[FileFormat, ...]:
    """Return the formats that a file called `name` may have: one, or those that share its ending.

    Raises
    ------
    UnsupportedFormatError
        If no reader takes such a name; the message lists what is read.
    """
    stem = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE).rpartition("/")[2]
    suffix = f".{stem.rpartition('.')[2].lower()}" if "." in stem else ""
    found = tuple(file_format for file_format in formats() if suffix in file_format.suffixes)
    if found:
        return found
    if suffix not in _KNOWN_BUT_UNREAD and suffix != ARCHIVE_SUFFIX:
        for file_format in formats():
            if any(is_named(stem, known) for known in file_format.stems):
                return (file_format,)
    raise _unsupported(name, stem, suffix)


def _unsupported(name: str, stem: str, suffix: str) -> UnsupportedFormatError:
    if suffix in _KNOWN_BUT_UNREAD:
        what, advice = _KNOWN_BUT_UNREAD[suffix]
        return UnsupportedFormatError(what, where=name, advice=advice)
    if any(is_named(stem, known) for known in _WITHOUT_FORCES):
        return UnsupportedFormatError(
            f"{re.split(r'[._-]', stem)[0][:20]} holds no forces.", where=name, advice="Upload vasprun.xml or OUTCAR."
        )
    what = f"Files ending in {suffix} are not read." if suffix else "The format of a file without ending is unknown."
    return UnsupportedFormatError(what, where=name, advice=f"Read are: {formats_shown()}.")


def formats_shown() -> str:
    """Return the formats for people, in one sentence part: first those that are enough alone."""
    names = {role: [one.name for one in formats() if one.role is role] for role in Role}
    tables = [suffix for one in formats() if one.role is Role.FORCES for suffix in one.suffixes]
    return (
        f"{', '.join(names[Role.LABELLED])}; phonopy's files; a structure ({', '.join(names[Role.STRUCTURE])}) "
        f"together with a table of its forces ({', '.join(tables)}); and archives of these ({ARCHIVE_SUFFIX})"
    )


def formats_table() -> str:
    """Return the table of formats in docs/diagnose.md, as Markdown."""
    rows = ["| format | files | what is read of it |", "|---|---|---|"]
    for one in formats():
        files = ", ".join(f"`{name}`" for name in one.names_shown.split(", "))
        rows.append(f"| {one.name} | {files} | {', '.join(one.holds)} |")
    return "\n".join(rows) + "\n"
