"""The files of an upload; those of zip archives are read where they lie, nothing is unpacked to disk."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.readers.decompression import SourceFile, megabytes

_SIGNATURE = b"PK\x03\x04"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
ARCHIVE_SUFFIX = ".zip"
_NAME_LENGTH_MAX = 100
_SYSTEM_FOLDERS = frozenset({"__MACOSX"})


@dataclass
class ArchiveMember(SourceFile):
    """One file inside a zip archive.

    Attributes
    ----------
    path : Path
        The archive.
    name : str
        Path inside the archive.
    archive_name : str
        The visitor's name of the archive.
    """

    archive: zipfile.ZipFile = field(kw_only=True)
    member: zipfile.ZipInfo = field(kw_only=True)
    archive_name: str = field(kw_only=True)

    def _open_stored(self) -> BinaryIO:
        try:
            return cast("BinaryIO", self.archive.open(self.member))
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
            raise InputError("The archive is damaged.", where=self.name, advice="Pack the files again.") from None

    @property
    def byte_count(self) -> int:
        """Size after unpacking, as the archive says."""
        return self.member.file_size


def sources_of(paths: Sequence[Path], names: list[str], settings: Settings) -> list[SourceFile]:
    """Return the files of an upload, those inside archives too, each under a name of its own.

    Raises
    ------
    InputError
        If there is no file, there are too many, they are too large, or an archive cannot be read.
    """
    if not paths:
        raise InputError("There is no file in the upload.", advice="Choose a file with structures and forces.")
    if len(paths) > settings.upload_max_files:
        raise TooLargeError(
            f"The upload has {len(paths)} files; at most {settings.upload_max_files} are read at once.",
            advice="Put the frames into one extended XYZ file.",
        )
    total = sum(path.stat().st_size for path in paths)
    if total > settings.upload_max_bytes:
        raise TooLargeError(
            f"The upload has {megabytes(total)}; at most {megabytes(settings.upload_max_bytes)} are read.",
            where=_shown_name(names[0]) if len(names) == 1 else None,
            advice="Upload fewer frames.",
        )
    sources: list[SourceFile] = []
    for path, given in zip(paths, names, strict=True):
        name = _shown_name(given)
        if is_archive(name):
            for member in members_of(path, name, settings):
                member.name = _shown_path(member.name)
                sources.append(member)
        else:
            sources.append(SourceFile(path, name, settings.decompressed_max_bytes, settings.archive_max_ratio))
    used: Counter[str] = Counter()
    for source in sources:
        used[source.name] += 1
        if used[source.name] > 1:
            source.name = f"({used[source.name]}) {source.name}"
    return sources


def _shown_name(given: str) -> str:
    """Return a file name fit for messages: without folders and control characters, not endless."""
    return _shown_path(PurePosixPath(given.replace("\\", "/")).name)


def _shown_path(given: str) -> str:
    """Return a path inside an archive fit for messages."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in given.replace("\\", "/"))
    return printable[-_NAME_LENGTH_MAX:] or "unnamed"


def is_archive(name: str) -> bool:
    """Whether a file called `name` is a zip archive."""
    return name.lower().endswith(ARCHIVE_SUFFIX)


def members_of(path: Path, name: str, settings: Settings) -> list[ArchiveMember]:
    """Return the files of an archive, in its order; folders, hidden files and other systems' remains are left out.

    Raises
    ------
    InputError
        If it is damaged, empty, encrypted, or holds links or paths that lead out of it.
    TooLargeError
        If it holds too many files, too many bytes, or is a bomb; nothing was unpacked by then.
    """
    with path.open("rb") as stream:
        head = stream.read(len(_SIGNATURE))
    if head != _SIGNATURE:
        what = "By its name it is a zip archive, by its content it is none, or an empty one."
        raise InputError(what, where=name, advice="Pack the files with zip, or upload them one beside the other.")
    try:
        archive = zipfile.ZipFile(path)  # stays open: its members are read later
    except (zipfile.BadZipFile, struct.error, OSError, ValueError, NotImplementedError):
        raise InputError("The zip archive is damaged.", where=name, advice="Pack the files again.") from None
    entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
    _check_size(entries, path.stat().st_size, name, settings)
    for entry in entries:
        _check_entry(entry, name)
    seen = [entry for entry in entries if not _is_hidden(PurePosixPath(entry.filename))]
    if not seen:
        raise InputError("The archive holds no file.", where=name, advice="Pack the files again.")
    return [
        ArchiveMember(
            path,
            entry.filename,
            settings.decompressed_max_bytes,
            settings.archive_max_ratio,
            archive=archive,
            member=entry,
            archive_name=name,
        )
        for entry in seen
    ]


def _check_size(entries: list[zipfile.ZipInfo], packed: int, name: str, settings: Settings) -> None:
    if len(entries) > settings.archive_max_files:
        raise TooLargeError(
            f"The archive holds {len(entries):,} files; at most {settings.archive_max_files:,} are read.",
            where=name,
            advice="Put the frames into one extended XYZ file.",
        )
    total = sum(entry.file_size for entry in entries)
    if total > settings.decompressed_max_bytes:
        raise TooLargeError(
            f"Unpacked, the archive has {megabytes(total)}; at most {megabytes(settings.decompressed_max_bytes)} "
            "are read.",
            where=name,
            advice="Pack only what is needed (vasprun.xml, or structures and forces).",
        )
    if total > settings.archive_max_ratio * packed:
        what = f"Unpacked, the archive is {total / packed:.0f} times larger; no real data shrinks like this."
        raise TooLargeError(what, where=name, advice="Pack the files as the programs wrote them.")


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    """Raise `InputError` for what no honest archive of results holds."""
    shown = entry.filename[:80]
    inside = PurePosixPath(entry.filename.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or entry.filename[1:2] == ":":
        raise InputError(
            f"The path {shown!r} leads out of the archive.",
            where=name,
            advice="Pack the files again, without their folders.",
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(f"{shown!r} is a link, not a file.", where=name, advice="Pack the file itself.")
    if entry.flag_bits & 1:
        raise InputError(f"{shown!r} is encrypted.", where=name, advice="Pack it without a password.")
    if entry.compress_type not in _METHODS:
        raise InputError(f"{shown!r} is packed by a rare method.", where=name, advice="Pack it with plain zip.")


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part in _SYSTEM_FOLDERS for part in path.parts)
