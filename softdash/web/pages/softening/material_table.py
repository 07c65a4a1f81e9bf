"""The table of materials (AG Grid), and of the frames that were left out."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.benchmarks.high_energy.shared_frames import SET_ASIDE
from softdash.web.parts.data_grid import data_grid, formula_column, number_column, text_column
from softdash.web.parts.data_sets import dataset_label
from softdash.web.parts.names import potential_label
from softdash.web.parts.number_text import count_text

ROWS_SENT = 1_000
"""Rows that a page receives at most; the download has all."""

_REASONS_SHOWN = 40


COLUMNS: tuple[dict[str, Any], ...] = (
    formula_column("formula", "Formula", pinned="left", flex=None, width=140),
    number_column("slope", "Slope", minWidth=96),
    number_column("half_width", "±", minWidth=90),
    text_column("potential", "Potential", minWidth=136),
    number_column("r_squared", "R²", minWidth=90),
    number_column("mae", "MAE", unit="eV/Å", minWidth=122),
    number_column(
        "corrected_mae",
        "cMAE",
        unit="eV/Å",
        minWidth=130,
    ),
    number_column("error_reduction", "Error reduction", unit="%", decimals=1, minWidth=170),
    number_column("frame_count", "Frames", decimals=0, minWidth=100),
    text_column(
        "unshared",
        "Frames not shared",
        minWidth=150,
        headerTooltip="Frames that not all potentials computed: left out here where another chosen potential has no "
        "forces for them, used where all chosen ones have",
    ),
    number_column("component_count", "Components", decimals=0, minWidth=128),
    number_column(
        "reference_rms",
        "rms F",
        unit="eV/Å",
        minWidth=126,
    ),
    number_column("pressure_gpa", "Pressure", unit="GPa", decimals=1, minWidth=142),
    text_column("dataset", "Data set", minWidth=170),
    text_column("functional", "Functional of the references", minWidth=230),
    text_column(
        "mismatch",
        "Same functional",
        minWidth=150,
        headerTooltip="Whether the potential learnt the functional of the references",
    ),
)


def material_grid(grid_id: str) -> dag.AgGrid:
    """Return the empty grid; a callback fills ``rowData``."""
    return data_grid(
        grid_id,
        COLUMNS,
        height=420,
        row_id="key",
        rowSelection={"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
        tooltipShowDelay=300,
    )


def grid_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first `ROWS_SENT` rows, softest first, rounded to what is shown."""
    first = rows.sort_values(["slope", "material_id"]).head(ROWS_SENT)
    shown = pd.DataFrame(
        {
            "key": first["dataset"] + "|" + first["potential"] + "|" + first["material_id"],
            "material": first["material_id"],
            "formula": first["formula"],
            "slope": first["slope"].round(4),
            "half_width": ((first["interval_high"] - first["interval_low"]) / 2).round(4),
            "r_squared": first["r_squared"].round(4),
            "mae": first["mae"].round(5),
            "corrected_mae": first["corrected_mae"].round(5),
            "error_reduction": (100 * first["error_reduction"]).round(2),
            "frame_count": first["frame_count"],
            "unshared": _unshared(first),
            "component_count": first["component_count"],
            "reference_rms": first["reference_rms"].round(4),
            "pressure_gpa": first["pressure_gpa"].round(3),
            "dataset": first["dataset"].map(dataset_label),
            "potential": first["potential"].map(potential_label),
            "functional": first["functional"],
            "mismatch": first["functional_mismatch"].map({True: "no", False: "yes"}),
        }
    )
    # JSON knows no NaN.
    records: list[dict[str, Any]] = shown.astype(object).where(shown.notna(), None).to_dict("records")
    return records


def _unshared(rows: pd.DataFrame) -> list[str | None]:
    """Return which frames of each row not all potentials computed, and what was done with them."""
    aside = rows[SET_ASIDE] if SET_ASIDE in rows else pd.Series(None, index=rows.index, dtype=object)
    return [
        f"{left}, left out" if pd.notna(left) else f"{used}, used" if pd.notna(used) else None
        for left, used in zip(aside, rows["frames_not_shared"], strict=True)
    ]


def table_note(count: int) -> str:
    """Say how many rows there are, and how many of them the page holds."""
    if count > ROWS_SENT:
        return f"The softest {ROWS_SENT:,} of {count:,} rows; the download has all. Select a row to open its material."
    return f"{count_text(count, 'row')}, softest first. Select a row to open its material."


def failures_table(failures: pd.DataFrame) -> Component | None:
    """Return the frames and materials left out, by reason; None when there are none."""
    if failures.empty:
        return None
    reasons = failures["reason"].str.replace(r"\d[\d.,e+-]*", "…", regex=True)
    groups = failures.assign(kind=reasons).groupby("kind", sort=False)
    ordered = sorted(groups, key=lambda group: -len(group[1]))
    rows = [_failure_row(group) for _, group in ordered[:_REASONS_SHOWN]]
    # The same frame usually fails for each potential: it counts once.
    distinct = failures.drop_duplicates(["dataset", "material_id", "frame"])
    whole = int(distinct["frame"].isna().sum())
    frames = len(distinct) - whole
    counted = [count_text(number, name) for number, name in ((frames, "frame"), (whole, "whole material")) if number]
    head = html.Tr(
        [
            html.Th("Left out", scope="col", className="number"),
            html.Th("Reason", scope="col"),
            html.Th("For example", scope="col"),
        ]
    )
    return html.Details(
        [
            html.Summary(f"Left out: {' and '.join(counted)}"),
            html.Div(
                html.Table([html.Thead(head), html.Tbody(rows)], className="data"),
                className="table-scroll",
                tabIndex=0,
                role="region",
                **{"aria-label": "Frames left out"},
            ),
        ],
        className="provenance",
    )


def _failure_row(group: pd.DataFrame) -> html.Tr:
    first = group.iloc[0]
    frame = "" if pd.isna(first["frame"]) else f", frame {int(first['frame'])}"
    example = f"{first['material_id']}{frame} ({potential_label(str(first['potential']))})"
    return html.Tr([html.Td(f"{len(group):,}", className="number"), html.Td(str(first["reason"])), html.Td(example)])
