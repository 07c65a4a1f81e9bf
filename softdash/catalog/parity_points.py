"""Reading parity points: only one material's rows leave the disk, however many materials the file holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow._parquet import ParquetReader, Statistics

from softdash.catalog.correction_schemas import FINE_TUNING_POINTS
from softdash.catalog.schemas import PARITY_POINTS
from softdash.catalog.tables import TableSchema
from softdash.errors import NotFoundError, ReferenceDataError

_KINDS = {
    "string": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind),
    "integer": pa.types.is_integer,
    "number": pa.types.is_floating,
}


def check_points_file(path: Path, schema: TableSchema = PARITY_POINTS) -> None:
    """Check footer and columns of a file of points.

    Raises
    ------
    ReferenceDataError
        If the file is missing, truncated or lacks a column.
    """
    try:
        with _opened(path) as points:
            present = points.schema_arrow
    except FileNotFoundError:
        raise ReferenceDataError("The parity points are missing.", where=str(path)) from None
    except (pa.ArrowException, OSError) as error:
        raise _damaged("it is no complete parquet file", path) from error
    for column in schema.columns:
        if column.name not in present.names:
            raise _damaged(f"it lacks the column {column.name}", path)
        kind = present.field(column.name).type
        if not _KINDS[column.kind](kind):
            raise _damaged(f"its column {column.name} should hold values of type {column.kind}, not {kind}", path)


def read_parity_points(path: Path, material_id: str) -> pd.DataFrame:
    """Read one material's points.

    Row groups without the material are skipped by their statistics, so a file written in the order of the materials
    gives one of 100,000 in milliseconds.

    Returns
    -------
    DataFrame
        Columns of `softdash.catalog.schemas.PARITY_POINTS`; forces in eV/Å.

    Raises
    ------
    NotFoundError
        If the file has no such material.
    ReferenceDataError
        If its rows are damaged.
    """
    try:
        rows = _rows_of(path, material_id)
    except (pa.ArrowException, OSError) as error:
        raise _damaged("its rows cannot be read", path) from error
    if rows.empty:
        raise NotFoundError(f"There are no parity points of {material_id} in {path.stem}.")
    return PARITY_POINTS.check(rows, str(path))


def read_fine_tuning_points(path: Path) -> pd.DataFrame:
    """Read a whole file of forces before and after fine-tuning (`FINE_TUNING_POINTS`).

    Raises
    ------
    ReferenceDataError
        If it is missing or damaged.
    """
    schema = FINE_TUNING_POINTS
    check_points_file(path, schema)
    try:
        with _opened(path) as points:
            columns = [points.column_name_idx(name) for name in schema.column_names]
            groups = list(range(points.num_row_groups))
            table = points.read_row_groups(groups, column_indices=columns, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise _damaged("its rows cannot be read", path) from error
    return schema.check(table.select(schema.column_names).to_pandas(), str(path))


# Pyarrow's own reader below pyarrow.parquet: that one also loads pyarrow.dataset and the clients of four cloud stores,
# 25 MB of the web process for files that lie on its disk.
@contextmanager
def _opened(path: Path) -> Iterator[ParquetReader]:
    if not path.is_file():
        raise FileNotFoundError(path)
    reader = ParquetReader()
    reader.open(str(path))
    try:
        yield reader
    finally:
        reader.close()


def _rows_of(path: Path, material_id: str) -> pd.DataFrame:
    with _opened(path) as points:
        place = points.column_name_idx("material_id")
        groups = [
            group
            for group in range(points.num_row_groups)
            if _may_hold(points.metadata.row_group(group).column(place).statistics, material_id)
        ]
        columns = [points.column_name_idx(name) for name in PARITY_POINTS.column_names]
        table = points.read_row_groups(groups, column_indices=columns, use_threads=False)
    # The reader gives columns in the order of the file. Not filtered by pyarrow.compute, which takes 9 MB.
    rows = table.select(PARITY_POINTS.column_names).to_pandas()
    return rows[rows["material_id"] == material_id].reset_index(drop=True)


def _may_hold(statistics: Statistics | None, material_id: str) -> bool:
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(statistics.min <= material_id <= statistics.max)


def _damaged(reason: str, path: Path) -> ReferenceDataError:
    return ReferenceDataError(
        f"The parity points are damaged: {reason}.",
        where=str(path),
        advice="Restore the file from the repository, or compute it again with `softdash benchmark high-energy`.",
    )
