"""Tables of the phonon page: the recomputed crystals, and the maximum frequencies of the paper's 229."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.web.parts.data_grid import data_grid, formula_column, number_column, text_column
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.phonon_ratios import MODELS
from softdash.web.parts.swatch import swatch

GEOMETRIES = {"relaxed": "its own relaxed geometry", "fixed": "the DFT geometry"}

_HEADINGS = (
    ("Potential", ""),
    ("Geometry", ""),
    ("Highest (THz)", "number"),
    ("Ratio to DFT", "number"),
    ("Lowest (THz)", "number"),
    ("Length change (%)", "number"),
    ("Residual force (eV/Å)", "number"),
)


def recomputed_table(rows: pd.DataFrame, *, label: str) -> Component:
    """Return the table of one material's recomputed phonons, DFT first.

    Parameters
    ----------
    rows : DataFrame
        Rows of one material of `softdash.catalog.schemas.RECOMPUTED_PHONONS`.
    label : str
        Name of the table.
    """
    head = html.Tr([html.Th(text, scope="col", className=kind) for text, kind in _HEADINGS])
    order = rows["method"].map({"dft": 0, "relaxed": 1, "fixed": 2})
    ordered = rows.assign(order=order).sort_values(["order", "potential"], kind="stable").itertuples()
    body = html.Tbody([_recomputed_row(row) for row in ordered])
    table = html.Table([html.Thead(head), body], id="phonon-extremes", className="data")
    scrolling = html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": label})
    tools = table_tools("phonon-extremes", f"softdash-phonon-extremes-{rows.iloc[0]['material_id']}")
    return html.Div([scrolling, tools])


def _recomputed_row(row: Any) -> html.Tr:
    is_reference = row.method == "dft"
    own = html.Span(className="swatch", style={"background": "currentColor"})
    mark = own if is_reference else swatch(row.potential)
    name = "DFT (PBEsol)" if is_reference else potential_label(row.potential)
    imaginary = [html.Span("imaginary", className="tag"), " "] if row.has_imaginary_modes else []
    unfinished = [] if row.has_converged else [html.Span("not converged", className="tag"), " "]
    force = "–" if is_reference or pd.isna(row.residual_force) else f"{row.residual_force:.0e}".replace("e-0", "e−")
    return html.Tr(
        [
            html.Td([mark, name], className="nowrap"),
            html.Td("" if is_reference else "relaxed" if row.method == "relaxed" else "DFT"),
            html.Td(f"{row.max_frequency:.2f}", className="number", **exact_number(row.max_frequency)),
            _ratio_cell(row, is_reference=is_reference),
            html.Td(
                [*imaginary, f"{row.min_frequency:.2f}".replace("-", "−")],
                className="number",
                **exact_number(row.min_frequency),
            ),
            html.Td(
                "" if row.method != "relaxed" else f"{row.length_change_percent:+.2f}".replace("-", "−"),
                className="number",
                **(exact_number(row.length_change_percent) if row.method == "relaxed" else {}),
            ),
            html.Td(
                [*unfinished, force], className="number", **({} if force == "–" else exact_number(row.residual_force))
            ),
        ]
    )


def _ratio_cell(row: Any, *, is_reference: bool) -> html.Td:
    if pd.isna(row.ratio):
        return html.Td("–", className="number")
    return html.Td("1" if is_reference else f"{row.ratio:.3f}", className="number", **exact_number(row.ratio))


def frequency_grid(grid_id: str, potentials: Sequence[str]) -> dag.AgGrid:
    """Return the empty grid of maximum frequencies and ratios; `frequency_rows` gives its rows.

    Parameters
    ----------
    grid_id : str
    potentials : sequence of str
        Those computed here, one column each.
    """
    columns: list[dict[str, Any]] = [
        {"headerName": "Crystal", "children": [formula_column("formula", "Formula", pinned="left", width=128, flex=0)]},
        text_column("material_id", "Material", minWidth=104),
        number_column("dft_max_frequency", "DFT max.", unit="THz", decimals=2, minWidth=104, wrapHeaderText=True),
        {
            "headerName": "Ratio to DFT, recomputed",
            "children": [
                number_column(
                    _field(name),
                    potential_label(name),
                    minWidth=118 if "tensornet" in name else 104,
                    wrapHeaderText=True,
                )
                for name in potentials
            ],
        },
        {
            "headerName": "Ratio to DFT, published",
            "children": [number_column(f"{key}_ratio", name, minWidth=88) for key, _, name in MODELS],
        },
        {"field": "bands", "headerName": "Bands", "cellRenderer": "markdown", "sortable": False, "minWidth": 76},
    ]
    return data_grid(grid_id, columns, row_id="material_id", headerHeight=62)


def frequency_rows(
    published: pd.DataFrame, recomputed: pd.DataFrame, with_bands: Container[str]
) -> list[dict[str, Any]]:
    """Return rows for `frequency_grid`, rounded for transport; crystals with bands link to them.

    Parameters
    ----------
    published : DataFrame
        Rows of `softdash.catalog.schemas.MAX_FREQUENCIES`.
    recomputed : DataFrame
        Rows of `softdash.catalog.schemas.RECOMPUTED_PHONONS` at one geometry.
    with_bands : container of str
        Identifiers of the materials whose bands were computed.
    """
    ratios: dict[str, dict[str, float]] = {}
    for row in recomputed.itertuples():
        ratios.setdefault(str(row.material_id), {})[_field(str(row.potential))] = round(float(row.ratio), 4)
    columns = ["material_id", "formula", "dft_max_frequency", *(f"{key}_ratio" for key, _, _ in MODELS)]
    rows = published[columns].copy()
    numbers = rows.select_dtypes("number").columns
    rows[numbers] = np.round(rows[numbers], 4)
    records: list[dict[str, Any]] = rows.to_dict("records")
    return [_with_ratios(record, ratios, with_bands) for record in records]


def _with_ratios(
    record: dict[str, Any], ratios: Mapping[str, dict[str, float]], with_bands: Container[str]
) -> dict[str, Any]:
    name = record["material_id"]
    shown = {"bands": f"[show](/phonons?material={name})"} if name in with_bands else {}
    return record | ratios.get(name, {}) | shown


def _field(potential: str) -> str:
    # A dot would lead the grid into an object inside the row.
    return "ratio_" + potential.replace(".", "_")
