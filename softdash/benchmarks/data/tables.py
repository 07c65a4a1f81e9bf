"""Writing a precomputed csv table together with its entry in ``datapackage.json``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from softdash.benchmarks.data.data_package import update_resource
from softdash.catalog.resources import PotentialVersion, ReferenceSource, ResourceDescription
from softdash.catalog.schemas import CSV_TABLES


def write_table(
    precomputed_dir: Path,
    path: str,
    table: pd.DataFrame,
    *,
    description: str,
    licence: str,
    sources: Sequence[ReferenceSource],
    potentials: Sequence[PotentialVersion] = (),
) -> ResourceDescription:
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
        schema=schema,
        sources=sources,
        potentials=potentials,
    )
