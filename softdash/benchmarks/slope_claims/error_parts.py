"""How well one factor describes the error, and what it brings to frames it was not fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from softdash.benchmarks.correction.linear_correction import LARGEST_PRESSURE, SMALLEST_FRAMES, SMALLEST_REFERENCE_RMS
from softdash.benchmarks.high_energy.frame_spreads import MEASURED_ON
from softdash.benchmarks.slope_claims.number_text import (
    SHOWN,
    change_text,
    changes_text,
    digits,
    markdown_table,
    median_text,
    potential_label,
    quartiles_text,
    share_text,
    with_ends,
)
from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import FINE_TUNING, LINEAR_CORRECTION
from softdash.softening import correlate
from softdash.softening.agreement import error_split_of

HIGH_R_SQUARED = 0.8
"""From here on the forces count as well described by a line."""
_PARTS = (0.0, 0.1, 0.5, 1.0)
"""Edges of the classes of softening's share of the squared error."""
_SETS = {
    "gpaw_pbe": "own states",
    "mpf-TP": f"mpf-TP, below {LARGEST_PRESSURE:g} GPa",
    "mvl-metals": "metals and alloys",
    "lgps-aimd": "LGPS, dynamics",
    "si-aimd": "Si, dynamics, steps in a row",
}
_TUNED = {"lif-8": "LiF", "lgps": "LGPS", "si-16": "Si, quenched", "mo-54": "Mo", "si-64": "Si, to the melt"}
_SHRUNK = "si-16"


def with_softening_share(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of materials with softening's share of the squared error, 0 to 1; those without one are left out."""
    split = [
        error_split_of(slope, rms, error)
        for slope, rms, error in zip(rows["slope"], rows["reference_rms"], rows["rmse"], strict=True)
    ]
    return rows.assign(softening_share=[None if one is None else one[0] for one in split]).dropna(
        subset="softening_share"
    )


def split_claims(catalog: Catalog) -> dict[str, str]:
    """Return softening's share over compounds, per potential."""
    rows = with_softening_share(catalog.materials(MEASURED_ON))
    table = []
    for name, those in rows.groupby("potential"):
        scatter_larger = int((those["softening_share"] < 0.5).sum())
        table.append(
            [
                potential_label(str(name)),
                str(len(those)),
                median_text(those["slope"]),
                quartiles_text(100 * those["softening_share"], 0),
                share_text(scatter_larger, len(those)),
                quartiles_text(those["r_squared"]),
            ]
        )
    head = ["potential", "n", "median s", "softening's share, %", "scatter is larger in", "R²"]
    shown = rows[rows["potential"] == SHOWN]
    difference = (shown["slope"] - shown["slope_with_intercept"]).abs()
    high = shown[shown["r_squared"] >= HIGH_R_SQUARED]
    return {
        "table": markdown_table(head, table),
        "n": str(len(shown)),
        "intercept_bound": f"{_bound(float(difference.max())):g}",
        "high_r_squared": share_text(int((high["softening_share"] < 0.5).sum()), len(high)),
        "high_r_squared_n": str(len(high)),
        "stiffer": share_text(int((shown["slope"] > 1).sum()), len(shown)),
    }


def _bound(value: float) -> float:
    """Return the smallest power of ten that a number of at least zero lies below; a ten-thousandth or more."""
    return float(10.0 ** max(-4, int(np.floor(np.log10(value))) + 1)) if value > 0 else 1e-4


def factor_claims(catalog: Catalog) -> dict[str, str]:
    """Return what the factor of one frame does to the error of the other frames."""
    drawn = _one_frame_factors(catalog)
    own = catalog.materials(MEASURED_ON, SHOWN)["error_reduction"]
    correlation = correlate(drawn["softening_share"], drawn["error_ratio_median"])
    return {
        "sets": markdown_table(
            ["set", "n", "softening's share, %", "change of the error, %", "made worse"],
            _rows_of_sets(drawn),
        ),
        "parts": markdown_table(
            ["softening's share", "n", "change of the error, %", "made worse"],
            _rows_of_parts(drawn),
        ),
        "tuned": markdown_table(
            [
                "system",
                "test frames",
                "R²",
                "error before, eV/Å",
                "factor of one frame",
                "s before → with it",
                "error with it, %",
                "fine-tuned, one frame, %",
                "fine-tuned, more frames, %",
            ],
            _rows_of_tuned(catalog.table(FINE_TUNING)),
        ),
        "correlation": with_ends(correlation.rank, correlation.rank_interval),
        "n": str(correlation.count),
        "fewest_frames": str(SMALLEST_FRAMES),
        "smallest_rms": f"{SMALLEST_REFERENCE_RMS:g}",
        "own_reduction": median_text(100 * own, 1),
        "own_n": str(len(own)),
    } | _shrunk(catalog.table(FINE_TUNING))


def _one_frame_factors(catalog: Catalog) -> pd.DataFrame:
    """Return the materials on which the factor of one frame was tried, with softening's share."""
    table = catalog.table(LINEAR_CORRECTION)
    is_wanted = (table["potential"] == SHOWN) & (table["label_kind"] == "frame") & (table["label_count"] == 1)
    errors = catalog.materials(None, SHOWN)[["dataset", "material_id", "reference_rms", "rmse"]]
    return with_softening_share(table[is_wanted].merge(errors, on=["dataset", "material_id"]))


def _rows_of_sets(drawn: pd.DataFrame) -> Iterator[list[str]]:
    for dataset, label in _SETS.items():
        rows = drawn[drawn["dataset"] == dataset]
        if len(rows) == 1:
            row = rows.iloc[0]
            # One material: the quartiles are those over the choice of the frame.
            low, middle, high = (change_text(float(row[f"error_ratio_{end}"])) for end in ("low", "median", "high"))
            worse = f"{100 * row['worse_share']:.0f} % of {row['draws']} frames"
            yield [label, "1", f"{100 * row['softening_share']:.0f}", f"{middle} ({low} to {high})", worse]
        elif len(rows):
            worse = share_text(int((rows["error_ratio_median"] > 1).sum()), len(rows))
            share = quartiles_text(100 * rows["softening_share"], 0)
            yield [label, str(len(rows)), share, changes_text(rows["error_ratio_median"]), worse]


def _rows_of_parts(drawn: pd.DataFrame) -> Iterator[list[str]]:
    for low, high in pairwise(_PARTS):
        share = drawn["softening_share"]
        rows = drawn[(share >= low) & ((share < high) | (high == _PARTS[-1]))]
        worse = share_text(int((rows["error_ratio_median"] > 1).sum()), len(rows))
        label = f"{100 * low:.0f} to {100 * high:.0f} %"
        yield [label, str(len(rows)), changes_text(rows["error_ratio_median"]), worse]


def _rows_of_tuned(table: pd.DataFrame) -> Iterator[list[str]]:
    for system, label in _TUNED.items():
        rows = table[table["system"] == system]
        pretrained = rows[rows["method"] == "pretrained"]
        scaled = rows[(rows["method"] == "scalar") & (rows["train_frames"] == 1)]
        before = _mean(pretrained, "mae")

        def change(chosen: pd.DataFrame, before: float = before) -> str:
            return change_text(float(np.mean(chosen["mae"])) / before)

        tuned = rows[rows["method"] == "fine-tuned"]
        more = tuned[tuned["train_frames"] > 1]
        yield [
            label,
            str(int(rows["test_frames"].iloc[0])),
            digits(_mean(pretrained, "r_squared")),
            digits(before, 3),
            digits(_mean(scaled, "factor")),
            f"{digits(_mean(pretrained, 'slope'))} → {digits(_mean(scaled, 'slope'))}",
            change(scaled),
            change(tuned[tuned["train_frames"] == 1]),
            f"{change(more)} ({int(more['train_frames'].iloc[0])} frames)",
        ]


def _mean(rows: pd.DataFrame, column: str) -> float:
    return float(rows[column].mean())


def _shrunk(table: pd.DataFrame) -> dict[str, str]:
    """Return what the factor of one frame does to the quenched silicon, whose scatter is large."""
    rows = table[table["system"] == _SHRUNK]
    pretrained = rows[rows["method"] == "pretrained"]
    scaled = rows[(rows["method"] == "scalar") & (rows["train_frames"] == 1)]
    return {
        "shrunk_factor": digits(_mean(scaled, "factor")),
        "shrunk_r_squared": digits(_mean(pretrained, "r_squared")),
        "shrunk_slopes": f"{digits(_mean(pretrained, 'slope'))} to {digits(_mean(scaled, 'slope'))}",
        "shrunk_change": change_text(_mean(scaled, "mae") / _mean(pretrained, "mae")).removeprefix("−"),
    }
