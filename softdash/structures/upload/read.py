"""Reading an upload: one or several files of any format that softdash reads, to labelled frames.

One way: files, those of archives too (`archives`) → their formats (`recognition`) → what is read together (`pairing`) →
frames (`parts`, by the readers) → the visitor's choices (`chosen_reading`) → `checks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.force_units import doubtful_magnitude, with_chosen_unit
from softdash.structures.frames.frame_functionals import told_apart, with_that_of_file
from softdash.structures.frames.labelled_frame import LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import FrameBudget, FrameCount, evenly_thinned
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.upload.archives import sources_of
from softdash.structures.upload.checks import check_frames
from softdash.structures.upload.chosen_reading import as_chosen, with_plain_readings
from softdash.structures.upload.pairing import pair_files
from softdash.structures.upload.parts import Part
from softdash.structures.upload.recognition import recognise_all


def read_upload(
    paths: Sequence[Path],
    settings: Settings,
    names: Sequence[str] | None = None,
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
) -> LabelledFrames:
    """Read uploaded files in this process. For files of strangers see `softdash.structures.upload.sandbox`.

    Files with frames and forces may be several. A structure (CIF, POSCAR) needs its forces in a second file; several
    such pairs are matched by their names and folders. The files of a zip archive are read like several files; those
    that hold nothing of use are left aside. With several files, one that cannot be read is left out with its reason,
    like a single frame.

    Parameters
    ----------
    paths : sequence of Path
    settings : Settings
        Its limits on bytes, files, frames, atoms, distances and forces.
    names : sequence of str, optional
        The visitor's names of the files (for messages and formats), where `paths` are called otherwise.
    options : ReadOptions
        What the visitor decided about units, order and thinning.

    Returns
    -------
    LabelledFrames
        At least one frame; positions and forces exactly as in the files, but for what `options` allow and for the unit:
        nothing wrapped, sorted or rounded.

    Raises
    ------
    UnsupportedFormatError
        A name that no reader takes.
    TooLargeError
        A limit of the settings is passed; for too many frames it offers ``thin``.
    RefusalError
        Files were read, but no frame can be used; for another order of atoms it offers ``reorder``.
    InputError
        A file cannot be read, or files do not belong together.
    """
    sources = sources_of(paths, list(names) if names is not None else [path.name for path in paths], settings)
    parts, remarks = pair_files(recognise_all(sources, settings), sources)
    chosen = _thinned(parts, settings, options) if options.thin else None
    budget = FrameBudget(settings, None if chosen is None else chosen[0])
    results: list[LabelledFrames] = []
    left_out: list[RefusedFrame] = []
    for part in parts:
        try:
            results.append(with_chosen_unit(part.read(settings, options, budget), options.force_unit, part.name))
        except TooLargeError:
            raise
        except InputError as error:
            if len(parts) == 1 or error.offer is not None or error.choices:
                raise
            left_out.append(RefusedFrame(error.where or part.name, error.what, error.advice))
    frames = as_chosen(_merged(results, left_out, remarks), options, names_shown(sources))
    if chosen is not None:
        frames = replace(frames, frames_found=chosen[1], warnings=(*frames.warnings, _thinning_sentence(*chosen)))
    return check_frames(frames, settings)


def _thinned(parts: Sequence[Part], settings: Settings, options: ReadOptions) -> tuple[tuple[int, ...], int] | None:
    """Return the numbers of the frames to read and the number of all; None if all fit into the limits."""
    count = FrameCount(settings)
    for part in parts:
        try:
            part.read(settings, options, count)
        except TooLargeError:
            raise
        except InputError:
            continue  # told when it is read
    atom_counts = count.atom_counts
    if len(atom_counts) <= settings.frames_max and sum(atom_counts) <= settings.atoms_max:
        return None
    return evenly_thinned(atom_counts, settings), len(atom_counts)


def _thinning_sentence(chosen: Sequence[int], found: int) -> str:
    shown = [f"{number + 1:,}" for number in (*chosen[:4], chosen[-1])]
    return (
        f"Thinned as you chose: {len(chosen):,} of {found:,} frames were read, evenly spaced, the first and the last "
        f"among them (numbers {', '.join(shown[:-1])}, …, {shown[-1]})."
    )


def _merged(results: list[LabelledFrames], left_out: list[RefusedFrame], remarks: list[str]) -> LabelledFrames:
    """Return the frames of all parts as one; differing functionals become a warning."""
    functionals = list(dict.fromkeys(part.functional for part in results if part.functional))
    warnings = [*remarks, *(warning for part in results for warning in part.warnings)]
    if len(functionals) > 1:
        warnings.append(f"The files come from different functionals ({', '.join(functionals)}); their scales differ.")
    frames = LabelledFrames(
        frames=told_apart([frame for part in results for frame in with_that_of_file(part)]),
        refused=(*(refused for part in results for refused in part.refused), *left_out),
        file_format=_joined(part.file_format for part in results) or "",
        functional=_joined(functionals),
        code=_joined(part.code for part in results),
        force_unit=_joined(part.force_unit for part in results) or "",
        force_unit_is_stated=bool(results) and all(part.force_unit_is_stated for part in results),
        spin=_joined(part.spin for part in results),
        hubbard_u=_joined(part.hubbard_u for part in results),
        dispersion=_joined(part.dispersion for part in results),
        was_reordered=any(part.was_reordered for part in results),
        readings=tuple(dict.fromkeys(reading for part in results for reading in part.readings)),
        orientation_is_known=all(part.orientation_is_known for part in results),
        order_is_known=all(part.order_is_known for part in results),
    )
    frames = with_plain_readings(frames)
    doubt = None if frames.force_unit_is_stated else doubtful_magnitude(frames)
    return replace(frames, warnings=(*warnings, doubt) if doubt else tuple(warnings))


def names_shown(sources: Sequence[SourceFile]) -> str:
    """Return the names of an upload's files for messages."""
    return " + ".join(source.name for source in sources[:3]) + (" …" if len(sources) > 3 else "")


def _joined(texts: Iterable[str | None]) -> str | None:
    """Return the distinct texts, in order, as one."""
    return ", ".join(dict.fromkeys(text for text in texts if text)) or None
