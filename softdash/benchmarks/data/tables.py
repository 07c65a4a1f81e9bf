"""Writing a precomputed csv table together with its entry in ``datapackage.json``, also one that was edited by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from softdash.benchmarks.data.data_package import read_resources, update_resource
from softdash.catalog.resources import PotentialVersion, ReferenceSource, ResourceDescription
from softdash.catalog.schemas import CSV_TABLES
from softdash.errors import NotFoundError


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


def renew_table(precomputed_dir: Path, path: str) -> ResourceDescription:
    """Check a table that was edited by hand, write it in its own form, and renew its entry with the same sources.

    Values of the literature and those read off the paper's figures have no command that computes them: they change by
    hand.

    Raises
    ------
    NotFoundError
        If there is no such table, or it has no entry yet.
    ReferenceDataError
        If the table breaks its schema; it stays as it is then.
    """
    entry = next((one for one in read_resources(precomputed_dir) if one.path == path), None)
    if entry is None or path not in CSV_TABLES:
        raise NotFoundError(
            "There is no table of this name.",
            where=path,
            advice="Name it as datapackage.json does: published_values.csv.",
        )
    return write_table(
        precomputed_dir,
        path,
        CSV_TABLES[path].read_csv(precomputed_dir / path),
        description=entry.description,
        licence=entry.licences[0].name,
        sources=entry.sources,
        potentials=entry.potentials,
    )
