"""Writing a precomputed csv table together with its entry in ``datapackage.json``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from softdash.benchmarks.data_package import PotentialStamp, Resource, SchemaField, Source, update_resource
from softdash.catalog.schemas import CSV_TABLES
from softdash.catalog.tables import TableSchema


def schema_fields(schema: TableSchema) -> tuple[SchemaField, ...]:
    """Return the columns of a table in the form of ``datapackage.json``."""
    return tuple(SchemaField(name=c.name, type=c.kind, unit=c.unit, description=c.description) for c in schema.columns)


def write_table(
    precomputed_dir: Path,
    path: str,
    table: pd.DataFrame,
    *,
    description: str,
    licence: str,
    sources: Sequence[Source],
    potentials: Sequence[PotentialStamp] = (),
) -> Resource:
    """Check a table against its schema, write it, and describe it.

    Parameters
    ----------
    path : str
        One of `softdash.catalog.schemas.CSV_TABLES`.

    Raises
    ------
    ReferenceDataError
        If the table breaks its schema.
    """
    schema = CSV_TABLES[path]
    schema.write_csv(table, precomputed_dir / path)
    return update_resource(
        precomputed_dir,
        path,
        description=description,
        licence=licence,
        fields=schema_fields(schema),
        sources=sources,
        potentials=potentials,
    )
