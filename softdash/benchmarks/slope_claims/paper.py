"""What the paper printed, or what was read off its figures, beside what the tables hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.high_energy.frame_spreads import MEASURED_ON
from softdash.benchmarks.slope_claims.frames import OWN_STATES
from softdash.benchmarks.slope_claims.number_text import (
    SHOWN,
    digits,
    markdown_table,
    median_text,
    potential_label,
    share_text,
)
from softdash.benchmarks.slope_claims.properties import comparison
from softdash.catalog import Catalog, schemas
from softdash.catalog.counted_phonons import counted_phonons
from softdash.errors import ReferenceDataError
from softdash.softening import reduction_of_medians

_MODEL = "CHGNet"
_DIGITISED = "digitised"
_READING_ERROR = re.compile(r"\+-([0-9.]+)")


def paper_claims(catalog: Catalog) -> dict[str, str]:
    """Return the table of printed and recomputed numbers, and the counts of the paper's phonon ratios."""
    frequencies = catalog.phonon_max_frequencies()
    recount = []
    for column, label in (("m3gnet_ratio", "M3GNet"), ("chgnet_ratio", "CHGNet"), ("mace_ratio", "MACE-MP-0")):
        ratios = frequencies[column].dropna()
        printed = _published(catalog, "phonon_max_frequency_ratio", "pct_below_1", label.partition("-")[0])
        recount.append(f"{label} {100 * float((ratios < 1).mean()):.1f} % (printed {printed['value']:g} %)")
    return {
        "table": markdown_table(
            ["", "paper, CHGNet", "n there", f"here, {potential_label(SHOWN)}", "n here"], _rows(catalog)
        ),
        "recount": ", ".join(recount),
        "recount_n": str(len(frequencies)),
        "relaxed_median": median_text(_relaxed_ratios(catalog), 3),
        "relaxed_n": str(_relaxed_ratios(catalog).size),
        "reading_error": _reading_error(catalog),
        "compounds": f"{_published(catalog, 'WBM_high_energy_softening_scale', 'median')['n']:.0f}",
        "pressure": digits(float(catalog.materials(MEASURED_ON, SHOWN)["pressure_gpa"].median()), 0),
    }


def _published(catalog: Catalog, task: str, metric: str, model: str = _MODEL) -> pd.Series:
    table = catalog.published_values(task)
    rows = table[(table["metric"] == metric) & (table["model"] == model) & table["source"].str.contains("Deng")]
    return rows.iloc[0]


def _reading_error(catalog: Catalog) -> str:
    """Return how well a softening scale can be read off the paper's Fig. 5b, from the note of its value."""
    note = str(_published(catalog, "WBM_high_energy_softening_scale", "median")["note"])
    found = _READING_ERROR.match(note)
    if found is None:
        raise ReferenceDataError(
            "The digitised softening scale has no reading error in its note.",
            where=schemas.PUBLISHED_VALUES,
            advice="Let the note begin with it, as in +-0.02.",
        )
    return found[1]


def _printed(catalog: Catalog, task: str, metric: str, unit: str, decimals: int) -> tuple[str, str]:
    row = _published(catalog, task, metric)
    mark = f", {_DIGITISED}" if _DIGITISED in str(row["confidence"]) else ""
    return f"{digits(float(row['value']), decimals)}{unit}{mark}", f"{row['n']:.0f}"


def _rows(catalog: Catalog) -> Iterator[list[str]]:
    hot, own = catalog.materials(MEASURED_ON, SHOWN), catalog.materials(OWN_STATES, SHOWN)
    sets = (("mpf-TP", hot), ("own states", own))
    scale, count = _printed(catalog, "WBM_high_energy_softening_scale", "median", f" ± {_reading_error(catalog)}", 2)
    yield from _beside("median s", scale, count, [(name, median_text(rows["slope"]), len(rows)) for name, rows in sets])
    share, count = _printed(catalog, "WBM_high_energy_softening_scale", "pct_below_1", " %", 1)
    found = [(name, share_text(int((rows["slope"] < 1).sum()), len(rows)), len(rows)) for name, rows in sets]
    yield from _beside("compounds with s below one", share, count, found)
    gain, count = _printed(catalog, "WBM_high_energy_error_reduction", "1-median(cMAE)/median(MAE)", " %", 1)
    yield from _beside(
        "fall of the median error by 1/s",
        gain,
        count,
        [(name, _fall_of_medians(rows), len(rows)) for name, rows in sets],
    )
    yield _surfaces(catalog)
    yield _defects(catalog)
    yield _barriers(catalog)
    yield _phonons(catalog)


def _beside(label: str, printed: str, count: str, found: list[tuple[str, str, int]]) -> Iterator[list[str]]:
    for name, value, size in found:
        yield [f"{label}, {name}", printed, count, value, str(size)]


def _fall_of_medians(rows: pd.DataFrame) -> str:
    known = rows.dropna(subset=["mae", "corrected_mae"])
    value, interval = reduction_of_medians(known["mae"], known["corrected_mae"])
    return f"{digits(100 * value, 1)} ({digits(100 * interval.low, 1)} to {digits(100 * interval.high, 1)}) %"


def _surfaces(catalog: Catalog) -> list[str]:
    printed, count = _printed(catalog, "surface_energy", "MAE", " eV/Å²", 3)
    found = comparison(catalog, schemas.SURFACE_ENERGIES)
    return ["surface energies, mean absolute error", printed, count, f"{digits(found.mae, 3)} eV/Å²", str(found.count)]


def _defects(catalog: Catalog) -> list[str]:
    printed, count = _printed(catalog, "defect_energy", "MAE", " eV", 2)
    found = comparison(catalog, schemas.DEFECT_ENERGIES, "metal")
    label = "point defects (here: of metals), mean absolute error"
    return [label, printed, count, f"{digits(found.mae, 2)} eV", str(found.count)]


def _barriers(catalog: Catalog) -> list[str]:
    printed, count = _printed(catalog, "Mg_migration_barrier_KRA", "pct_underpredicted", " %", 1)
    found = comparison(catalog, schemas.MIGRATION_ENERGIES, kind="barrier")
    here = f"{found.below_count} of {found.decided_count}"
    return ["barriers below DFT", printed, count, here, str(found.count)]


def _phonons(catalog: Catalog) -> list[str]:
    printed, count = _printed(catalog, "phonon_max_frequency_ratio", "pct_below_1", " %", 1)
    ratios = _relaxed_ratios(catalog)
    here = share_text(int(np.count_nonzero(ratios < 1)), ratios.size)
    return ["crystals with a largest frequency below DFT, relaxed", printed, count, here, str(ratios.size)]


def _relaxed_ratios(catalog: Catalog) -> NDArray[np.float64]:
    """Return the ratios that a report's median goes over."""
    rows = counted_phonons(catalog, "relaxed")
    return np.asarray(rows[rows["potential"] == SHOWN]["ratio"].dropna(), dtype=np.float64)
