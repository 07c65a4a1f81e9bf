"""Reading an upload: one or several files of any format that softdash reads, to labelled frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path, PurePosixPath

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.checks import check_frames
from softdash.structures.decompression import SourceFile, megabytes
from softdash.structures.formats import Role, format_of
from softdash.structures.labelled_frame import LabelledFrames, RefusedFrame
from softdash.structures.limits import FrameBudget
from softdash.structures.read_options import ReadOptions

_NAME_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class _Part:
    """A file, or a pair of files, that gives frames by itself."""

    name: str
    read: Callable[[], LabelledFrames]


def read_upload(
    paths: Sequence[Path],
    settings: Settings,
    names: Sequence[str] | None = None,
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
) -> LabelledFrames:
    """Read uploaded files in this process. For files of strangers see `softdash.structures.sandbox`.

    Files with frames and forces (extended XYZ, vasprun.xml) may be several. A structure (CIF, POSCAR) needs its forces
    in a second file; several such pairs are matched by their names. With several files, one that cannot be read is left
    out with its reason, like a single frame.

    Parameters
    ----------
    paths : sequence of Path
    settings : Settings
        Its limits on bytes, files, frames, atoms, distances and forces.
    names : sequence of str, optional
        The visitor's names of the files (for messages and formats), where `paths` are called otherwise.

    Returns
    -------
    LabelledFrames
        At least one frame; positions and forces exactly as in the files: nothing wrapped, sorted or rounded.

    Raises
    ------
    UnsupportedFormatError
        A name that no reader takes.
    TooLargeError
        A limit of the settings is passed.
    RefusalError
        Files were read, but no frame can be used.
    InputError
        A file cannot be read, or files do not belong together.
    """
    sources = _sources(paths, list(names) if names is not None else [path.name for path in paths], settings)
    budget = FrameBudget(settings)
    parts = _parts(sources, settings, budget)
    results: list[LabelledFrames] = []
    left_out: list[RefusedFrame] = []
    for part in parts:
        try:
            results.append(part.read())
        except TooLargeError:
            raise
        except InputError as error:
            if len(parts) == 1:
                raise
            left_out.append(RefusedFrame(error.where or part.name, error.what))
    return check_frames(_merged(results, left_out), settings)


def _sources(paths: Sequence[Path], names: list[str], settings: Settings) -> list[SourceFile]:
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
    used: Counter[str] = Counter()
    sources = []
    for path, given in zip(paths, names, strict=True):
        name = _shown_name(given)
        used[name] += 1
        if used[name] > 1:
            name = f"({used[name]}) {name}"
        sources.append(SourceFile(path, name, settings.decompressed_max_bytes))
    return sources


def _shown_name(given: str) -> str:
    """Return a file name fit for messages: without folders and control characters, not endless."""
    name = PurePosixPath(given.replace("\\", "/")).name
    printable = "".join(letter if letter.isprintable() else "?" for letter in name)
    return printable[-_NAME_LENGTH_MAX:] or "unnamed"


def _parts(sources: list[SourceFile], settings: Settings, budget: FrameBudget) -> list[_Part]:
    """Return what can be read by itself, in the order of the upload."""
    by_role: dict[Role, list[SourceFile]] = {role: [] for role in Role}
    for source in sources:
        by_role[format_of(source.name).role].append(source)
    parts = []
    for source in by_role[Role.LABELLED]:
        reader = import_module(f"softdash.structures.readers.{format_of(source.name).reader}")
        parts.append(_Part(source.name, partial(reader.read, source, settings, budget)))
    if by_role[Role.STRUCTURE] or by_role[Role.FORCES]:
        from softdash.structures.pairing import match_by_name, read_pair

        for structure, forces in match_by_name(by_role[Role.STRUCTURE], by_role[Role.FORCES]):
            parts.append(_Part(structure.name, partial(read_pair, structure, forces, settings, budget)))
    return parts


def _merged(results: list[LabelledFrames], left_out: list[RefusedFrame]) -> LabelledFrames:
    """Return the frames of all parts as one; differing functionals become a warning."""
    functionals = list(dict.fromkeys(part.functional for part in results if part.functional))
    warnings = [warning for part in results for warning in part.warnings]
    if len(functionals) > 1:
        warnings.append(f"The files come from different functionals ({', '.join(functionals)}); their scales differ.")
    return LabelledFrames(
        frames=tuple(frame for part in results for frame in part.frames),
        refused=(*(refused for part in results for refused in part.refused), *left_out),
        file_format=", ".join(dict.fromkeys(part.file_format for part in results)),
        functional=", ".join(functionals) or None,
        code=", ".join(dict.fromkeys(part.code for part in results if part.code)) or None,
        force_unit=", ".join(dict.fromkeys(part.force_unit for part in results)),
        warnings=tuple(warnings),
    )
