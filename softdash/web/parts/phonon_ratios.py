"""Ratios of maximum frequencies for figures, grid and summary: the authors' 229 crystals, and those computed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from softdash.catalog import Catalog, schemas
from softdash.catalog.counted_phonons import counted_phonons
from softdash.catalog.paper_models import PAPER_PHONON_LABELS, PAPER_PHONON_MODELS
from softdash.errors import SoftdashError
from softdash.softening import summarise_population
from softdash.softening.statistics import PopulationSummary
from softdash.web.figures.frequency_ratios import RatioSeries
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label

RatioGeometry = Literal["relaxed", "fixed"]

MODELS: tuple[tuple[str, str, str], ...] = tuple(
    (name.lower(), potential, PAPER_PHONON_LABELS[name]) for name, potential in PAPER_PHONON_MODELS.items()
)
"""The potentials of the paper's Fig. 4b: column prefix, identifier (for the colour), name."""

# A distribution over fewer crystals says nothing.
_CRYSTALS_MIN = 10
_FIRST = ("m3gnet-mp-2021.2.8", "chgnet-0.3.0")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a maximum computed here lies from the authors' for the same crystal.

    `median` and `largest` are magnitudes of the relative difference, in percent.
    """

    label: str
    crystal_count: int
    median: float
    largest: float
    largest_formula: str


def published_series(catalog: Catalog) -> list[RatioSeries]:
    """Return the ratios of the authors' 229 crystals, one series per potential of the paper."""
    table = catalog.phonon_max_frequencies()
    return [_series(table, f"{key}_ratio", key, potential, label) for key, potential, label in MODELS]


def recomputed_series(catalog: Catalog, geometry: RatioGeometry) -> list[RatioSeries]:
    """Return the ratios computed here, of crystals of the paper's Fig. 4b only, one series per potential."""
    rows = recomputed_rows(catalog, geometry)
    return [
        _series(rows[rows["potential"] == name], "ratio", name, name, potential_label(name))
        for name in recomputed_potentials(catalog)
    ]


def recomputed_rows(catalog: Catalog, geometry: RatioGeometry) -> pd.DataFrame:
    """Return the rows at one geometry that count in distributions; see `counted_phonons`."""
    return counted_phonons(catalog, geometry)


def unfinished_relaxations(catalog: Catalog) -> list[str]:
    """Name the relaxations that did not converge: ``"NO₂ with M3GNet MP-2021.2.8"``."""
    rows = catalog.phonon_materials()
    rows = rows[~rows["has_converged"] & rows["potential"].isin(recomputed_potentials(catalog))]
    return [
        f"{subscripted(formula)} with {potential_label(potential)}"
        for formula, potential in zip(rows["formula"], rows["potential"], strict=True)
    ]


def recomputed_potentials(catalog: Catalog) -> list[str]:
    """Return the potentials with enough crystals for a distribution, the paper's first."""
    counts = recomputed_rows(catalog, "relaxed")["potential"].value_counts()
    names = [str(name) for name, count in counts.items() if count >= _CRYSTALS_MIN]
    return sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


def agreements(catalog: Catalog) -> list[Agreement]:
    """Compare the maxima computed here with the authors' for the same crystals: DFT, and potentials of both."""
    published = catalog.phonon_max_frequencies().set_index("material_id")
    rows = catalog.phonon_materials()
    found = []
    for key, potential, label in (("dft", "dft", "DFT"), *MODELS):
        is_compared = (rows["potential"] == potential) & (rows["method"] != "fixed") & rows["has_converged"]
        ours = rows[is_compared].set_index("material_id")
        ours = ours[ours.index.isin(published.index)]
        if len(ours) < _CRYSTALS_MIN:
            continue
        theirs = published.loc[ours.index, f"{key}_max_frequency"].to_numpy(dtype=np.float64)
        differences = 100 * np.abs(ours["max_frequency"].to_numpy(dtype=np.float64) / theirs - 1)
        worst = int(differences.argmax())
        formula = subscripted(str(ours["formula"].iloc[worst]))
        found.append(Agreement(label, len(ours), float(np.median(differences)), float(differences[worst]), formula))
    return found


def failure_count(catalog: Catalog) -> int:
    """Return how many pairs of crystal and potential could not be computed at a geometry."""
    try:
        return len(catalog.table(schemas.PHONON_FAILURES))
    except SoftdashError:
        return 0


def _series(table: pd.DataFrame, column: str, key: str, potential: str, label: str) -> RatioSeries:
    ratios = table[column].to_numpy(dtype=np.float64)
    pairs = zip(table["formula"], table["material_id"], strict=True)
    names: Sequence[str] = [f"{subscripted(formula)} ({name})" for formula, name in pairs]
    identifiers = [str(name) for name in table["material_id"]]
    return RatioSeries(key, potential, label, ratios, summary_of(tuple(ratios.tolist())), names, identifiers)


@lru_cache(maxsize=64)
def summary_of(ratios: tuple[float, ...]) -> PopulationSummary:
    """Summarise ratios over crystals; kept, for its bootstrap takes longer than all the rest of the page."""
    return summarise_population(ratios)
