"""Contrasts: functionals, small and large forces, elements of a compound, and readings that look like softening."""

from __future__ import annotations

import numpy as np
import pandas as pd
from ase.units import Bohr

from softdash.benchmarks.high_energy.frame_spreads import MEASURED_ON
from softdash.benchmarks.slope_claims.forces import StoredForces
from softdash.benchmarks.slope_claims.frames import OWN_STATES, slope_with_interval
from softdash.benchmarks.slope_claims.number_text import (
    SHOWN,
    digits,
    markdown_table,
    median_text,
    middle_half,
    potential_label,
    quartiles_text,
    share_text,
)
from softdash.catalog import Catalog
from softdash.softening.breakdowns import FEWEST_COMPONENTS_SHOWN
from softdash.softening.slopes import origin_slope

_FUNCTIONAL_PAIRS = (
    ("m3gnet-matpes-r2scan", "m3gnet-matpes-pbe"),
    ("tensornet-matpes-r2scan", "tensornet-matpes-pbe"),
    ("chgnet-r2scan", "chgnet-0.3.0"),
)
_PLAIN_PBE = ("m3gnet-matpes-pbe", "tensornet-matpes-pbe")
_LARGE = 2.0
"""Components above this multiple of the rms of their material are large, those below the rms are small."""
_FEWEST_LARGE = 10
_EXCHANGES = 200


def functional_claims(catalog: Catalog) -> dict[str, str]:
    """Return how the slope on the same labels moves with the functional, +U included, that a potential learnt."""
    rows = catalog.materials(MEASURED_ON)
    slopes = rows.pivot_table(index="material_id", columns="potential", values="slope")
    mismatches = rows.pivot_table(index="material_id", columns="potential", values="functional_mismatch", aggfunc="any")
    pairs = [
        [
            f"{potential_label(one)} − {potential_label(other)}",
            str(len(slopes)),
            median_text(slopes[one] - slopes[other], 3),
            middle_half(slopes[one] - slopes[other]),
        ]
        for one, other in _FUNCTIONAL_PAIRS
    ]
    hubbard = []
    for name in _PLAIN_PBE:
        difference = slopes[name] - slopes[SHOWN]
        is_hubbard = mismatches[name].astype(bool)
        for label, values in (("labels with +U", difference[is_hubbard]), ("without", difference[~is_hubbard])):
            hubbard.append(
                [
                    f"{potential_label(name)} − {potential_label(SHOWN)}, {label}",
                    str(len(values)),
                    median_text(values, 3),
                    middle_half(values),
                ]
            )
    return {
        "table": markdown_table(
            ["difference of slopes on the same frames", "n", "median", "quartiles"], pairs + hubbard
        ),
        "silicon_own": slope_with_interval(catalog.material(OWN_STATES, SHOWN, "gpaw-Si")),
        "silicon_vasp": slope_with_interval(catalog.material("si-aimd", SHOWN, "pymatgen-core:Si")),
        "magnesia_own": slope_with_interval(catalog.material(OWN_STATES, SHOWN, "gpaw-MgO")),
        "magnesia_pbesol": slope_with_interval(catalog.material("random-displacements", SHOWN, "MgO")),
        "titanate_own": slope_with_interval(catalog.material(OWN_STATES, SHOWN, "gpaw-SrTiO3")),
        "titanate_pbesol": slope_with_interval(catalog.material("random-displacements", SHOWN, "SrTiO3")),
    }


def magnitude_claims(catalog: Catalog) -> dict[str, str]:
    """Return how slopes of large forces differ from those of small ones inside a material."""
    rows = []
    for dataset, label in ((OWN_STATES, "own states"), (MEASURED_ON, "mpf-TP")):
        differences = _large_minus_small(catalog, dataset)
        rows.append([label, str(differences.size), median_text(differences, 3), middle_half(differences)])
    head = ["set", "n", "slope of large − slope of small forces: median", "quartiles"]
    return {"table": markdown_table(head, rows), "large": f"{_LARGE:g}", "fewest": str(_FEWEST_LARGE)}


def _large_minus_small(catalog: Catalog, dataset: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    differences = []
    for material in catalog.materials(dataset, SHOWN)["material_id"]:
        forces = StoredForces.of_material(catalog, dataset, SHOWN, str(material))
        size, rms = np.abs(forces.x), forces.rms
        small, large = size < rms, size >= _LARGE * rms
        if min(int(small.sum()), int(large.sum())) >= _FEWEST_LARGE:
            slopes = [origin_slope(forces.x[part], forces.y[part]) for part in (large, small)]
            differences.append(slopes[0] - slopes[1])
    return np.array(differences, dtype=np.float64)


def element_claims(catalog: Catalog) -> dict[str, str]:
    """Return how slopes of the elements of one compound differ."""
    table = catalog.element_slopes(MEASURED_ON, SHOWN)
    table = table[table["component_count"] >= FEWEST_COMPONENTS_SHOWN]
    ranges, apart, opposite = [], 0, 0
    for _, rows in table.groupby("material_id"):
        if len(rows) < 2:
            continue
        lowest, highest = rows.loc[rows["slope"].idxmin()], rows.loc[rows["slope"].idxmax()]
        ranges.append(float(highest["slope"] - lowest["slope"]))
        apart += int(lowest["interval_high"] < highest["interval_low"])
        opposite += int((rows["interval_high"] < 1).any() and (rows["interval_low"] > 1).any())
    return {
        "n": str(len(ranges)),
        "range": quartiles_text(ranges),
        "apart": share_text(apart, len(ranges)),
        "opposite": str(opposite),
        "fewest": str(FEWEST_COMPONENTS_SHOWN),
    }


def reading_claims(catalog: Catalog) -> dict[str, str]:
    """Return what slopes read as when labels are read wrongly: a unit, or two rows in each other's place."""
    own = catalog.materials(OWN_STATES, SHOWN)
    lithium_fluoride = own[own["material_id"] == "gpaw-LiF"].iloc[0]
    before, after, agreement = _exchanged(catalog, own)
    return {
        "example": digits(float(lithium_fluoride["slope"])),
        "example_half": digits(float(lithium_fluoride["slope"]) / 2),
        "example_per_bohr": digits(float(lithium_fluoride["slope"]) * Bohr),
        "example_r_squared": digits(float(lithium_fluoride["r_squared"])),
        "exchanged_n": str(len(own)),
        "exchanges": str(_EXCHANGES),
        "exchanged_before": quartiles_text(before),
        "exchanged_after": quartiles_text(after),
        "exchanged_r_squared": quartiles_text(agreement),
    }


def _exchanged(catalog: Catalog, own: pd.DataFrame) -> tuple[list[float], list[float], list[float]]:
    """Return slope, slope after exchanging two atoms' labels in each frame (median over draws), and R² after it."""
    before, after, agreement = [], [], []
    for material in own["material_id"]:
        forces = StoredForces.of_material(catalog, OWN_STATES, SHOWN, str(material))
        random = np.random.default_rng(0)
        drawn = []
        for _ in range(_EXCHANGES):
            x = forces.x.copy()
            for frame in np.unique(forces.frame):
                one, other = random.choice(np.flatnonzero(forces.frame == frame), size=2, replace=False)
                x[[one, other]] = x[[other, one]]
            xy = float(np.sum(x * forces.y))
            drawn.append((xy / float(np.sum(x * x)), xy**2 / float(np.sum(x * x) * np.sum(forces.y**2))))
        middle = np.median(np.array(drawn), axis=0)
        before.append(forces.slope)
        after.append(float(middle[0]))
        agreement.append(float(middle[1]))
    return before, after, agreement
