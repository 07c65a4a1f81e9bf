"""The median softening scale of every data set by every potential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from softdash.benchmarks.data.datasets import dataset_order
from softdash.catalog import Catalog
from softdash.softening.statistics import Interval

DEFAULT_POTENTIALS = (
    "m3gnet-original",
    "chgnet-0.3.0",
    "sevennet-0",
    "m3gnet-matpes-pbe",
    "tensornet-matpes-pbe",
)
"""Potentials that learnt PBE, as the references of most sets are; those with r2SCAN are a click away."""


def in_order(potentials: Sequence[str]) -> tuple[str, ...]:
    """Return potentials with the default ones first, in their order, and then by name."""
    places = {name: place for place, name in enumerate(DEFAULT_POTENTIALS)}
    return tuple(sorted(potentials, key=lambda name: (places.get(name, len(places)), name)))


@dataclass(frozen=True, slots=True)
class MedianCell:
    """Median softening scale of one set by one potential; a single material's own slope where it is alone."""

    dataset: str
    potential: str
    material_count: int
    value: float
    interval: Interval | None
    mismatch_count: int


def median_cells(catalog: Catalog) -> list[MedianCell]:
    """Return one cell per computed pair, by set and potential as they are listed.

    Raises
    ------
    ReferenceDataError
        If the table of materials is in quarantine.
    """
    cells = []
    for dataset in sorted(catalog.datasets(), key=dataset_order):
        for potential in in_order(catalog.potentials(dataset)):
            rows = catalog.materials(dataset, potential)
            value, interval = _median(catalog, dataset, potential, rows)
            mismatches = int(rows["functional_mismatch"].sum())
            cells.append(MedianCell(dataset, potential, len(rows), value, interval, mismatches))
    return cells


def _median(catalog: Catalog, dataset: str, potential: str, rows: pd.DataFrame) -> tuple[float, Interval | None]:
    if len(rows) > 1:
        summary = catalog.population(dataset, potential).summary
        return summary.median, summary.median_interval
    only = rows.iloc[0]
    if pd.isna(only["interval_low"]) or pd.isna(only["interval_high"]):
        return float(only["slope"]), None
    return float(only["slope"]), Interval(
        float(only["interval_low"]), float(only["interval_high"]), 0.95, only["interval_method"]
    )
