"""Which of several formats that share an ending a file has. Nothing else is guessed from content."""

from __future__ import annotations

from itertools import islice

from softdash.errors import UnsupportedFormatError
from softdash.settings import Settings
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.upload.formats import FileFormat, Role, formats_by_name

_HEAD_BYTES = 20_000
_STRUCTURES_LOOKED_AT = 20


def recognise(source: SourceFile, settings: Settings) -> FileFormat:
    """Return the format of a file by its name, and by its content where formats share the ending.

    Raises
    ------
    UnsupportedFormatError
        If no reader takes its name, or its content is of none of the formats that share the ending.
    InputError
        If it has to be looked into and cannot be read.
    """
    candidates = formats_by_name(source.name)
    if len(candidates) == 1:
        return candidates[0]
    if any(candidate.reader == "json.frames" for candidate in candidates):
        return _json_format(source, settings, candidates)
    head = source.read_head(_HEAD_BYTES)
    for candidate in candidates:
        if any(signature in head for signature in candidate.signatures):
            return candidate
    for candidate in candidates:
        if not candidate.signatures:
            return candidate
    raise UnsupportedFormatError(
        f"Its name may be that of {' or '.join(candidate.name for candidate in candidates)}, its content is neither.",
        where=source.name,
        advice="Upload the file under the name of its format (a table of forces as .csv), or extended XYZ.",
    )


def _json_format(source: SourceFile, settings: Settings, candidates: tuple[FileFormat, ...]) -> FileFormat:
    """Return the format of a JSON file: structures with forces, a structure alone, or forces alone."""
    from softdash.structures.readers.json.document import load_json
    from softdash.structures.readers.json.frames import structures_in

    found = list(islice(structures_in(load_json(source, settings)), _STRUCTURES_LOOKED_AT))
    if not found:
        role = Role.FORCES
    elif any(structure.forces is not None for structure in found):
        role = Role.LABELLED
    else:
        role = Role.STRUCTURE
    return next(candidate for candidate in candidates if candidate.role is role)
