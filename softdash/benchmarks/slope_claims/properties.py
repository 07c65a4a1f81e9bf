"""Whether the force slope of a material predicts its frequencies, surfaces, vacancies and barriers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.slope_claims.frames import OWN_STATES, slope_with_interval
from softdash.benchmarks.slope_claims.number_text import (
    SHOWN,
    digits,
    markdown_table,
    range_text,
    with_ends,
)
from softdash.catalog import Catalog, schemas
from softdash.catalog.counted_phonons import counted_phonons
from softdash.softening import correlate
from softdash.softening.energies import EnergyComparison, compare_energies

_ENERGIES = (
    ("surface energies", schemas.SURFACE_ENERGIES, "surface"),
    ("vacancy energies", schemas.DEFECT_ENERGIES, "vacancy"),
    ("barriers", schemas.MIGRATION_ENERGIES, "barrier"),
)
_PHONONS = "largest phonon frequency"
_GEOMETRIES = {"fixed": "at the DFT structure", "relaxed": "relaxed by each method"}
_DISPLACED = {"MgO": "MgO", "Si": "Si", "BaTiO3": "BaTiO3", "AlN": "mp-661"}
"""One entry of the displaced crystals per compound with phonons."""
_FEWEST = 4
_EXAMPLE = "Al"


def property_claims(catalog: Catalog) -> dict[str, str]:
    """Return ratios of properties beside force slopes, over materials and over potentials."""
    metals, ionic = (comparison(catalog, schemas.DEFECT_ENERGIES, name) for name in ("metal", "ionic crystal"))
    example = {kind: energy_ratios(catalog, path, kind, SHOWN)[_EXAMPLE] for _, path, kind in _ENERGIES}
    surfaces = catalog.table(schemas.SURFACE_ENERGIES)
    surfaces = surfaces[(surfaces["method"] == schemas.METHOD_DFT) & (surfaces["material"] == _EXAMPLE)]
    example_surfaces = surfaces["reference_error"] / surfaces["value"]
    over_materials, over_potentials = list(_rows_of_materials(catalog)), list(_rows_of_potentials(catalog))
    counts = [int(row[1]) for row in over_materials]
    return {
        "materials": markdown_table(
            ["property", "n", "potential / DFT", "divided by what s says", "rank correlation with s", "by chance"],
            over_materials,
        ),
        "fewest": str(min(counts)),
        "most": str(max(counts)),
        "potentials": markdown_table(
            ["median over", "cases", "potentials", "rank correlation with the median s", "by chance"],
            over_potentials,
        ),
        "comparisons": str(len(over_potentials)),
        "example_surfaces_n": str(len(example_surfaces)),
        "example_surface_error": f"{100 * float(example_surfaces.max()):.0f}",
        "example_slope": slope_with_interval(catalog.material(OWN_STATES, SHOWN, f"gpaw-{_EXAMPLE}")),
        "example_surface": digits(example["surface"]),
        "example_vacancy": digits(example["vacancy"]),
        "example_barrier": digits(example["barrier"]),
        "metal_defects": _slope_of(metals),
        "metal_defects_n": str(metals.count),
        "ionic_defects": _slope_of(ionic),
        "ionic_defects_n": str(ionic.count),
    }


def comparison(
    catalog: Catalog, path: str, material_class: str | None = None, kind: str | None = None
) -> EnergyComparison:
    """Compare energies relaxed by the shown potential with DFT, over one class of materials or one kind of cases."""
    table = catalog.table(path)
    table = table[table["excluded"].isna() & (table["geometry"] == "relaxed")]
    if material_class is not None:
        table = table[table["material_class"] == material_class]
    if kind is not None:
        table = table[table["kind"] == kind]
    both = _both_sides(table, SHOWN)
    return compare_energies(both["value_dft"], both["value"], reference_errors=both["reference_error_dft"])


def energy_ratios(catalog: Catalog, path: str, kind: str, potential: str) -> dict[str, float]:
    """Return potential over DFT per material: the mean over its cases of one kind, each relaxed by its own method."""
    table = catalog.table(path)
    is_wanted = table["excluded"].isna() & (table["geometry"] == "relaxed") & (table["kind"] == kind)
    both = _both_sides(table[is_wanted], potential)
    means = (both["value"] / both["value_dft"]).groupby(both["material"]).mean()
    return {str(name): float(value) for name, value in means.items()}


def _both_sides(table: pd.DataFrame, potential: str) -> pd.DataFrame:
    dft = table[table["method"] == schemas.METHOD_DFT].set_index("case_id").add_suffix("_dft")
    return table[table["method"] == potential].set_index("case_id").join(dft, how="inner")


def phonon_ratios(catalog: Catalog, potential: str, geometry: str = "fixed") -> dict[str, float]:
    """Return the largest frequency over that of DFT, per formula; relaxed, of the crystals that count elsewhere too."""
    rows = counted_phonons(catalog, geometry) if geometry == "relaxed" else catalog.phonon_materials()
    rows = rows[(rows["potential"] == potential) & (rows["method"] == geometry)].dropna(subset="ratio")
    return {str(row.formula): float(row.ratio) for row in rows.itertuples()}


def _own_slopes(catalog: Catalog, potential: str) -> dict[str, float]:
    rows = catalog.materials(OWN_STATES, potential)
    return {str(row.formula): float(row.slope) for row in rows.itertuples()}


def _displaced_slopes(catalog: Catalog, potential: str) -> dict[str, float]:
    return {
        formula: float(catalog.material("random-displacements", potential, name)["slope"])
        for formula, name in _DISPLACED.items()
    }


def _paired(slopes: dict[str, float], ratios: dict[str, float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    shared = [name for name in slopes if name in ratios]
    return np.array([slopes[name] for name in shared]), np.array([ratios[name] for name in shared])


def _rows_of_materials(catalog: Catalog) -> Iterator[list[str]]:
    own, displaced = _own_slopes(catalog, SHOWN), _displaced_slopes(catalog, SHOWN)
    frequencies = phonon_ratios(catalog, SHOWN)
    phonons = f"{_PHONONS}, {_GEOMETRIES['fixed']}"
    yield _row(f"{phonons}; s of own states", *_paired(own, frequencies), np.sqrt)
    yield _row(f"{phonons}; s of displaced crystals", *_paired(displaced, frequencies), np.sqrt)
    for label, path, kind in _ENERGIES:
        yield _row(f"{label}; s of own states", *_paired(own, energy_ratios(catalog, path, kind, SHOWN)), np.asarray)


def _row(
    label: str,
    slopes: NDArray[np.float64],
    ratios: NDArray[np.float64],
    expected: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> list[str]:
    return [
        label,
        str(slopes.size),
        range_text(ratios),
        range_text(ratios / expected(slopes)),
        *_correlation(slopes, ratios),
    ]


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[str, str]:
    if x.size < _FEWEST:
        return "too few", ""
    rank = correlate(x, y, draws=_FEWEST).rank
    return digits(rank), f"{100 * chance_of_rank_correlation(x, y):.0f} %"


def chance_of_rank_correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the share of all orders of y whose rank correlation with x is at least as far from zero as that of y.

    The exact test: an interval by Fisher's z means little for so few, and has no width where the orders agree.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Without ties, of at most eight values.
    """
    first, second = (np.argsort(np.argsort(values)) for values in (x, y))
    found = _distance(first, second)
    middle = x.size * (x.size**2 - 1) / 6  # Σd² of orders that have nothing to do with each other
    distances = np.array([_distance(first, np.array(order)) for order in permutations(range(x.size))])
    return float(np.mean(np.abs(distances - middle) >= abs(found - middle) - 1e-9))


def _distance(first: NDArray[np.int_], second: NDArray[np.int_]) -> int:
    return int(np.sum((first - second) ** 2))


def _rows_of_potentials(catalog: Catalog) -> Iterator[list[str]]:
    names = catalog.potentials(OWN_STATES)
    medians = {name: float(catalog.materials(OWN_STATES, name)["slope"].median()) for name in names}
    for geometry, words in _GEOMETRIES.items():
        ratios = {name: phonon_ratios(catalog, name, geometry) for name in names}
        yield _row_of_potentials(f"{_PHONONS}, {words}", medians, ratios)
    for label, path, kind in _ENERGIES:
        yield _row_of_potentials(label, medians, {name: energy_ratios(catalog, path, kind, name) for name in names})


def _row_of_potentials(label: str, medians: dict[str, float], ratios: dict[str, dict[str, float]]) -> list[str]:
    """Compare potentials on the cases that all of them have; one with few of the cases is left out."""
    usual = float(np.median([len(found) for found in ratios.values() if found]))
    known = {name: found for name, found in ratios.items() if 2 * len(found) >= usual}
    shared = sorted(set.intersection(*[set(found) for found in known.values()]))
    middle = {name: float(np.median([found[case] for case in shared])) for name, found in known.items()}
    slopes, values = _paired(medians, middle)
    return [label, str(len(shared)), str(slopes.size), *_correlation(slopes, values)]


def _slope_of(found: EnergyComparison) -> str:
    if found.slope_interval is None or found.count < _FEWEST:
        return f"{digits(found.slope)} (no interval)"
    return with_ends(found.slope, found.slope_interval)
