"""A table of forces, N × 3, for a structure in another file: text, a spreadsheet, JSON, npy or npz."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.json.document import load_json
from softdash.structures.readers.tables.force_arrays import read_npy, read_npz_set
from softdash.structures.readers.tables.forces_table import ForcesTable
from softdash.structures.readers.tables.json_tables import table_of_json
from softdash.structures.readers.tables.reference_set import TakenSet
from softdash.structures.readers.tables.spreadsheet import read_sheets
from softdash.structures.readers.tables.stated_units import stated_gradient, stated_unit
from softdash.structures.readers.tables.table_body import ADVICE
from softdash.structures.readers.tables.table_text import decode_table
from softdash.structures.readers.tables.text_tables import table_of_sheets, table_of_text

__all__ = ["ForcesTable", "read"]


def read(
    source: SourceFile,
    settings: Settings,
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
    rows_max: int | None = None,
) -> ForcesTable:
    """Read a forces table by the ending of its name.

    Parameters
    ----------
    source : SourceFile
    settings : Settings
    options : ReadOptions
        Which set of forces is the reference, and the unit where the file's own is not understood.
    rows_max : int, optional
        Most rows; by default as many as a frame may have atoms.

    Raises
    ------
    InputError
        If it is not N × 3 numbers, or several readings are possible; then it has a choice for each.
    RefusalError
        If its only forces are those of a model.
    TooLargeError
        If it has more rows.
    """
    name = source.name.lower().removesuffix(".gz")
    limit = settings.structure_file_max_bytes
    rows_max = settings.atoms_per_frame_max if rows_max is None else rows_max
    try:
        if name.endswith(".npy"):
            table = _of_array(read_npy(source.read_bytes(limit), source.name), TakenSet(""), source.name, options)
        elif name.endswith(".npz"):
            stack, taken = read_npz_set(source.read_bytes(limit), source.name, limit, options.forces)
            table = _of_array(stack, taken, source.name, options)
        elif name.endswith(".json"):
            table = table_of_json(load_json(source, settings), source.name, options)
        elif name.endswith((".xlsx", ".xlsm")):
            sheets = read_sheets(source.read_bytes(limit), source.name, settings)
            table = table_of_sheets(sheets, source.name, options)
        else:
            text = decode_table(source.read_bytes(limit), source.name)
            table = table_of_text(text, source.name, options, rows_max)
    except FrameProblem as problem:
        raise InputError(str(problem), where=source.name, advice=ADVICE) from None
    if len(table.forces) > rows_max:
        raise TooLargeError(
            f"It has {len(table.forces):,} rows; a frame may have {rows_max:,} atoms.",
            where=source.name,
            advice="Upload several frames as extended XYZ, or use a smaller cell.",
        )
    return table


def _of_array(stack: NDArray[np.float64], taken: TakenSet, name: str, options: ReadOptions) -> ForcesTable:
    """Return the only frame of an array of numpy; its unit and its sign may stand in the name of the file."""
    if len(stack) > 1:
        raise InputError(
            f"It holds forces of {len(stack):,} frames, but one structure came with it.",
            where=name,
            advice="Upload the structure of each frame beside it, named in their order, or one extended XYZ file.",
        )
    is_gradient, place, readings = stated_gradient(False, (), name)
    return replace(
        ForcesTable(stack[0]),
        stated_unit=stated_unit((), (), name, options),
        is_gradient=is_gradient,
        gradient_place=place,
        force_set=taken.name or None,
        other_sets=taken.others,
        readings=(*taken.readings, *readings),
    )
