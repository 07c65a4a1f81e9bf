"""Forces of several frames in one file: arrays of numpy, lists in JSON, blocks of a program, rows below each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.json.document import load_json
from softdash.structures.readers.tables.force_arrays import read_npy, read_npz_set
from softdash.structures.readers.tables.forces_file import read
from softdash.structures.readers.tables.forces_table import ForcesTable
from softdash.structures.readers.tables.json_tables import table_of_json
from softdash.structures.readers.tables.reference_set import TakenSet
from softdash.structures.readers.tables.stated_units import stated_gradient, stated_unit
from softdash.structures.readers.tables.table_body import ADVICE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FORCES = ("forces", "gradient", "gradients")


def read_frames(source: SourceFile, settings: Settings, options: ReadOptions) -> tuple[ForcesTable, ...]:
    """Read the forces of each frame; a text table of several frames below each other stays one table of all rows.

    Raises
    ------
    InputError
        As `softdash.structures.readers.tables.forces_file.read`.
    TooLargeError
        For more rows than all frames together may have atoms.
    """
    name = source.name.lower().removesuffix(".gz")
    wide = settings.model_copy(
        update={"atoms_per_frame_max": settings.atoms_max, "structure_file_max_bytes": settings.upload_max_bytes}
    )
    if name.endswith(".npy"):
        return _of_array(
            read_npy(source.read_bytes(settings.upload_max_bytes), source.name), TakenSet(""), source, options
        )
    if name.endswith(".npz"):
        content = source.read_bytes(settings.upload_max_bytes)
        return _of_array(
            *read_npz_set(content, source.name, settings.decompressed_max_bytes, options.forces), source, options
        )
    if name.endswith(".json"):
        frames = _frames_in(load_json(source, settings), settings)
        if len(frames) > 1:
            try:
                return tuple(table_of_json(frame, source.name, options) for frame in frames)
            except FrameProblem as problem:
                raise InputError(str(problem), where=source.name, advice=ADVICE) from None
    return read(source, wide, options).all_frames


def _of_array(
    stack: NDArray[np.float64], taken: TakenSet, source: SourceFile, options: ReadOptions
) -> tuple[ForcesTable, ...]:
    is_gradient, place, readings = stated_gradient(False, (), source.name)
    common = replace(
        ForcesTable(stack[0]),
        stated_unit=stated_unit((), (), source.name, options),
        is_gradient=is_gradient,
        gradient_place=place,
        force_set=taken.name or None,
        other_sets=taken.others,
        readings=(*taken.readings, *readings),
    )
    return tuple(replace(common, forces=forces) for forces in stack)


def _frames_in(data: Any, settings: Settings) -> list[Any]:
    """Return a document for each frame of ``[[[fx, fy, fz], …], …]`` or of an object whose ``forces`` are like that."""
    if _are_frames(data):
        return list(data)[: settings.frames_max + 1]
    if isinstance(data, list) and len(data) > 1 and all(isinstance(one, dict) for one in data):
        return list(data) if all(any(key in one for key in _FORCES) for one in data) else []
    if not isinstance(data, dict):
        return []
    nested = {key: value for key, value in data.items() if _are_frames(value)}
    counts = {len(value) for value in nested.values()}
    if len(counts) != 1 or not any(key in nested for key in _FORCES):
        return []
    count = counts.pop()
    per_frame = {
        key: value for key, value in data.items() if key == "energy" and isinstance(value, list) and len(value) == count
    }
    return [
        {**data, **{key: value[number] for key, value in {**nested, **per_frame}.items()}} for number in range(count)
    ]


def _are_frames(value: Any) -> bool:
    """Whether a value is a list of lists of vectors."""
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(frame, list) and frame and all(isinstance(row, list) for row in frame) for frame in value)
    )
