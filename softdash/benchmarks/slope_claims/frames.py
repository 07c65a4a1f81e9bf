"""What one frame and few frames tell, what noise of the labels does, and how the slope depends on the frames taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from softdash.benchmarks.high_energy.frame_spreads import MEASURED_ON
from softdash.benchmarks.slope_claims.forces import StoredForces
from softdash.benchmarks.slope_claims.number_text import (
    SHOWN,
    digits,
    ends,
    markdown_table,
    median_text,
    potential_label,
    quartiles_text,
    range_text,
    with_ends,
)
from softdash.catalog import Catalog, schemas
from softdash.softening import correlate
from softdash.softening.notices import LABEL_NOISE, NEAR_EQUILIBRIUM_BIAS, near_equilibrium_rms
from softdash.softening.sample_size import HALF_WIDTH, frames_needed
from softdash.softening.slopes import origin_slope

OWN_STATES = "gpaw_pbe"
STEPS_IN_A_ROW = "si-aimd"
"""Neighbours in time, whose spread is not that of the dynamics: their slope is shown without an interval."""
_NORMAL = 1.959964
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NOISES = (LABEL_NOISE, 2 * LABEL_NOISE)
_DRAWS = 400
_NOISY = (
    ("random-displacements", "NaCl", "NaCl, displaced"),
    ("random-displacements", "MgO", "MgO, displaced"),
    ("random-displacements", "Si-polymlp", "Si, displaced"),
    (OWN_STATES, "gpaw-MgO", "MgO, own states"),
)
_SILICON = (
    ("random-displacements", "Si-polymlp", "crystal, smaller displacements"),
    ("random-displacements", "Si-alamode", "crystal, larger displacements"),
    (OWN_STATES, "gpaw-Si", "own states: hot, strained crystal; GPAW"),
    (STEPS_IN_A_ROW, "pymatgen-core:Si", "dynamics, steps in a row; VASP"),
    ("mvl-metals", "mlearn:Si", "300 K to the melt, strain, vacancies; VASP"),
    ("vasp-tests", "atomate2:Si@PBE", "quenched from random packings; VASP"),
)
_PRESSURE_EDGE = 15.0
_RMS_EDGES = (0.5, 1.0, 2.0, 4.0)
_FEWEST_WITH_INTERVAL = 9
"""With fewer compounds the bootstrap interval of a median holds in less than 90 % of cases (87 % at seven)."""


def one_frame_claims(catalog: Catalog) -> dict[str, str]:
    """Return the spread between frames per potential, and the frames that a narrow interval takes."""
    table = catalog.table(schemas.FRAME_SPREADS)
    rows = [
        [
            potential_label(str(row.potential)),
            f"{row.material_count} / {row.frame_count}",
            digits(row.median_deviation),
            digits(row.frame_spread),
            f"±{digits(_NORMAL * row.frame_spread)}",
        ]
        for row in table.itertuples()
    ]
    own = catalog.materials(OWN_STATES, SHOWN)
    half_widths = (own["interval_high"] - own["interval_low"]) / 2
    needed = [frames_needed(float(row.slope_standard_error), int(row.frame_count)).frames for row in own.itertuples()]
    shown = table[table["potential"] == SHOWN].iloc[0]
    return {
        "table": markdown_table(
            ["potential", "compounds / frames", "typical spread", "τ", "half width of one frame"], rows
        ),
        "half_width": digits(_NORMAL * float(shown["frame_spread"])),
        "needed": quartiles_text([one for one in needed if one is not None], 0),
        "needed_n": str(len(own)),
        "own_frames": str(int(own["frame_count"].median())),
        "own_half_width": quartiles_text(half_widths),
        "own_narrowest": _with_name(own, half_widths.idxmin(), half_widths),
        "own_widest": _with_name(own, half_widths.idxmax(), half_widths),
        "target": f"{HALF_WIDTH:g}",
    }


def _with_name(rows: pd.DataFrame, at: Any, half_widths: pd.Series) -> str:
    name = str(rows.loc[at, "material_id"]).rpartition("-")[2]
    return f"±{digits(float(half_widths[at]))} ({name.translate(_SUBSCRIPTS)})"


def noise_claims(catalog: Catalog) -> dict[str, str]:
    """Return what noise added to stored labels does to the slope."""
    head = ["frames", "n", "rms, eV/Å", "s stored", *[f"s, noise {one:g} eV/Å" for one in _NOISES]]
    rows = [
        _noisy_row(StoredForces.of_material(catalog, dataset, SHOWN, material), label)
        for dataset, material, label in _NOISY
    ]
    return {
        "table": markdown_table(head, rows),
        "draws": str(_DRAWS),
        "limit": digits(near_equilibrium_rms(), 2),
        "noise": f"{LABEL_NOISE:g}",
        "cost": f"{100 * NEAR_EQUILIBRIUM_BIAS:g}",
    }


def _noisy_row(forces: StoredForces, label: str) -> list[str]:
    cells = [label, str(forces.x.size), digits(forces.rms, 3), digits(forces.slope, 3)]
    for noise in _NOISES:
        random = np.random.default_rng(0)
        drawn = [origin_slope(forces.x + random.normal(0.0, noise, forces.x.shape), forces.y) for _ in range(_DRAWS)]
        low, middle, high = np.quantile(drawn, (0.025, 0.5, 0.975)).tolist()
        cells.append(f"{digits(middle, 3)} ({ends(low, high, 3)})")
    return cells


def sampling_claims(catalog: Catalog) -> dict[str, str]:
    """Return slopes of one material from unlike frames, and of compounds by force and pressure."""
    points = catalog.fine_tuning_points("si-64")
    slopes, rms = StoredForces.of_points(points[points["part"] == "test"], "pretrained").frame_slopes()
    along = correlate(rms, slopes)
    edge = f"{_PRESSURE_EDGE:g} GPa"
    return {
        "silicon": markdown_table(
            ["frames of silicon", "n", "functional", "rms, eV/Å", "s", "R²"],
            [_silicon_row(catalog.material(dataset, SHOWN, name), label) for dataset, name, label in _SILICON],
        ),
        "frames_n": str(len(slopes)),
        "frames_range": range_text(slopes),
        "frames_quartiles": quartiles_text(slopes),
        "frames_correlation": with_ends(along.rank, along.rank_interval),
        "by_force": markdown_table(
            ["rms, eV/Å", f"n below {edge}", f"median s below {edge}", f"n above {edge}", f"median s above {edge}"],
            _rows_by_force(catalog.materials(MEASURED_ON, SHOWN)),
        ),
        "zinc_sulphide": _one_compound(catalog, "mpf-TP:217:ZnS", "gpaw-ZnS"),
        "fewest": str(_FEWEST_WITH_INTERVAL),
    }


def slope_with_interval(row: pd.Series, decimals: int = 2) -> str:
    """Return the slope of a row of materials with its interval, or the slope and the words "no interval".

    Steps in a row have none: it would tell how alike neighbours are.
    """
    slope, low, high = (float(row[name]) for name in ("slope", "interval_low", "interval_high"))
    has_none = np.isnan(low) or row["dataset"] == STEPS_IN_A_ROW
    return f"{digits(slope, decimals)} ({'no interval' if has_none else ends(low, high, decimals)})"


def _silicon_row(row: pd.Series, label: str) -> list[str]:
    return [
        label,
        str(row["frame_count"]),
        str(row["functional"]),
        digits(float(row["reference_rms"])),
        slope_with_interval(row, 3),
        digits(float(row["r_squared"])),
    ]


def _one_compound(catalog: Catalog, elsewhere: str, own: str) -> str:
    there = catalog.material(MEASURED_ON, SHOWN, elsewhere)
    here = catalog.material(OWN_STATES, SHOWN, own)
    return f"{slope_with_interval(there)} there, {slope_with_interval(here)} here"


def _rows_by_force(rows: pd.DataFrame) -> Iterator[list[str]]:
    low_pressure = rows["pressure_gpa"] < _PRESSURE_EDGE
    edges = (0.0, *_RMS_EDGES, np.inf)
    for low, high in pairwise(edges):
        inside = (rows["reference_rms"] >= low) & (rows["reference_rms"] < high)
        label = f"above {low:g}" if np.isinf(high) else f"{low:g} to {high:g}" if low else f"below {high:g}"
        cells = [label]
        for chosen in (rows[inside & low_pressure], rows[inside & ~low_pressure]):
            cells += [str(len(chosen)), _median_or_range(chosen["slope"])]
        yield cells


def _median_or_range(slopes: pd.Series) -> str:
    if len(slopes) >= _FEWEST_WITH_INTERVAL:
        return median_text(slopes)
    return f"{digits(float(slopes.median()))} (range {range_text(slopes)})" if len(slopes) else "none"
