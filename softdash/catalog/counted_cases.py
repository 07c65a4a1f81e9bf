"""Which recomputed energies count: one rule for slopes, means, shares, and for the numbers of cases on every page."""

from __future__ import annotations

import pandas as pd

from softdash.catalog.energy_schemas import METHOD_DFT


def reference_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the DFT reference of a table of computed energies."""
    return table[(table["method"] == METHOD_DFT) & (table["geometry"] == "relaxed")]


def compared_rows(table: pd.DataFrame, *, kind: str | None = None) -> pd.DataFrame:
    """Return the rows of potentials with DFT's energy of the same case beside them, counted or not.

    Parameters
    ----------
    table : DataFrame
        One of the computed tables of energies (`softdash.catalog.schemas.COMPUTED_SURFACES` and its like).
    kind : str, optional
        Keep only rows of this kind: ``"barrier"``.
    """
    rows = table if kind is None else table[table["kind"] == kind]
    return rows[(rows["method"] != METHOD_DFT) & rows["case_id"].isin(reference_rows(rows)["case_id"])]


def counted_rows(table: pd.DataFrame, *, kind: str | None = None) -> pd.DataFrame:
    """Return those of `compared_rows` that count: no reason to leave them out stands in the column ``excluded``."""
    rows = compared_rows(table, kind=kind)
    return rows[rows["excluded"].isna()]
