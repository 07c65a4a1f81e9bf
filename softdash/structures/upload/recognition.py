"""Which format each file of an upload has: by its name, and by its content where names do not tell.

Nothing else is guessed from content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from softdash.errors import InputError, TooLargeError, UnsupportedFormatError
from softdash.settings import Settings
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import (
    FileFormat,
    ForceSetsFormat,
    ForcesFormat,
    FramesFormat,
    StructureFormat,
    SupercellFormat,
)
from softdash.structures.upload.archives import ArchiveMember
from softdash.structures.upload.formats import formats_by_name

_HEAD_BYTES = 20_000
_NOTES = re.compile(r"(readme|licen[cs]e|changelog|copying)\b", re.IGNORECASE)
_Format = TypeVar("_Format", bound=FileFormat, covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class RecognisedFile(Generic[_Format]):
    """A file and its format."""

    source: SourceFile
    format: _Format

    @property
    def name(self) -> str:
        """The visitor's name, with the folders of an archive."""
        return self.source.name

    @property
    def folder(self) -> str:
        """Its folder in an archive."""
        return self.name.rpartition("/")[0]

    @property
    def bare_name(self) -> str:
        """The name without folders, ``.gz`` and the ending of its format: ``NaCl_1`` of ``a/NaCl_1.cif``."""
        stem = re.sub(r"\.gz$", "", self.name, flags=re.IGNORECASE).rpartition("/")[2]
        bare, dot, suffix = stem.rpartition(".")
        return bare if dot and f".{suffix.lower()}" in self.format.suffixes else stem


FramesFile = RecognisedFile[FramesFormat]
StructureFile = RecognisedFile[StructureFormat]
ForcesFile = RecognisedFile[ForcesFormat]
SupercellFile = RecognisedFile[SupercellFormat]
ForceSetsFile = RecognisedFile[ForceSetsFormat]


@dataclass(frozen=True, slots=True)
class RecognisedFiles:
    """The files of an upload by what they bring, each in the order of the upload.

    `left_aside` names files of archives that are of no format, then those that are notes.
    """

    frames: list[FramesFile] = field(default_factory=list)
    structures: list[StructureFile] = field(default_factory=list)
    forces: list[ForcesFile] = field(default_factory=list)
    supercells: list[SupercellFile] = field(default_factory=list)
    force_sets: list[ForceSetsFile] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)

    def add(self, source: SourceFile, file_format: FileFormat) -> None:
        """Put a file where its format belongs."""
        if isinstance(file_format, FramesFormat):
            self.frames.append(RecognisedFile(source, file_format))
        elif isinstance(file_format, StructureFormat):
            self.structures.append(RecognisedFile(source, file_format))
        elif isinstance(file_format, ForcesFormat):
            self.forces.append(RecognisedFile(source, file_format))
        elif isinstance(file_format, SupercellFormat):
            self.supercells.append(RecognisedFile(source, file_format))
        elif isinstance(file_format, ForceSetsFormat):
            self.force_sets.append(RecognisedFile(source, file_format))


def recognise_all(sources: Sequence[SourceFile], settings: Settings) -> RecognisedFiles:
    """Return the files of an upload by what they bring.

    Raises
    ------
    InputError
        If a file has no readable format; a file of an archive is then left aside, unless it is the only one.
    TooLargeError
    """
    files = RecognisedFiles()
    notes: list[str] = []
    for source in sources:
        if isinstance(source, ArchiveMember) and _NOTES.match(source.name.rpartition("/")[2]):
            notes.append(source.name)
            continue
        try:
            files.add(source, recognise(source, settings))
        except TooLargeError:
            raise
        except InputError:
            if not isinstance(source, ArchiveMember) or len(sources) == 1:
                raise
            files.left_aside.append(source.name)
    files.left_aside.extend(notes)
    return files


def recognise(source: SourceFile, settings: Settings) -> FileFormat:
    """Return the format of a file by its name, and by its content where the name does not tell.

    Raises
    ------
    UnsupportedFormatError
        If no reader takes its name, or its content is of none of the formats that have such names.
    InputError
        If it has to be looked into and cannot be read.
    """
    candidates = formats_by_name(source.name)
    if len(candidates) == 1 and candidates[0].name_suffices:
        return candidates[0]
    if any(candidate.signatures for candidate in candidates):
        head = source.read_head(_HEAD_BYTES)
        for candidate in candidates:
            if any(signature in head for signature in candidate.signatures):
                return candidate
    for look_inside in dict.fromkeys(candidate.look_inside for candidate in candidates):
        found = None if look_inside is None else look_inside(source, settings)
        if found is not None:
            return found
    for candidate in candidates:
        if not candidate.signatures and candidate.look_inside is None:
            return candidate
    raise UnsupportedFormatError(
        f"Its name may be that of {' or '.join(candidate.name for candidate in candidates)}, its content is neither.",
        where=source.name,
        advice="Upload the file under the name of its format (a table of forces as .csv), or extended XYZ.",
    )
