"""Everything on the softening page that depends on the chosen material, as values of its components."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.api.addresses import compared_forces_address
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import Catalog, schemas
from softdash.web.context import web_context
from softdash.web.figures.parity import parity_figure, residual_figure
from softdash.web.pages.softening.material_detail import (
    MaterialStatistics,
    element_table,
    left_out,
    material_caption,
    material_finding,
    parity_series,
)
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import figure_card, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.statistics_table import statistics_table
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import Theme


def material_view(catalog: Catalog, rows: pd.DataFrame, theme: Theme, colour: str) -> dict[str, Any]:
    """Return parity plot, residuals, tables and texts, by the names that the page gives its outputs.

    Parameters
    ----------
    catalog : Catalog
    rows : DataFrame
        One row of the table of materials per potential, all of the same material.
    theme : {"light", "dark"}
    colour : {"potential", "element"}
        What colours the points; several potentials are always told apart by theirs.

    Raises
    ------
    NotFoundError, ReferenceDataError
        If the parity points are missing or in quarantine.
    """
    dataset, material = str(rows.iloc[0]["dataset"]), str(rows.iloc[0]["material_id"])
    potentials = tuple(str(name) for name in rows["potential"])
    by_element = colour == "element" and len(rows) == 1
    most = web_context().settings.parity_points_drawn

    def make() -> tuple[dict[str, Any], dict[str, Any]]:
        series = parity_series(catalog, rows)
        parity = parity_figure(series, theme=theme, max_points=most, colour_by_element=by_element)
        residuals = residual_figure(series, theme=theme, max_points=most, colour_by_element=by_element)
        return parity.to_dict(), residuals.to_dict()

    paths = [schemas.points_path(dataset, name) for name in potentials]
    versions = [file_version(path) for path in (schemas.MATERIALS, *paths)]
    parity, residuals = cached(make, "parity", versions, dataset, material, potentials, by_element, theme, most)
    return {
        "parity": parity,
        "title": material_finding(rows),
        "caption": explained(material_caption(rows)),
        "provenance": provenance(resource_facts(catalog, paths[0])),
        "download": compared_forces_address(MaterialSelection((dataset,), potentials), material),
        "detail": _material_detail(catalog, rows, residuals),
    }


def _material_detail(catalog: Catalog, rows: pd.DataFrame, residuals: dict[str, Any]) -> list[Component]:
    formula = str(rows.iloc[0]["formula"])
    columns = [
        (str(row["potential"]), potential_label(str(row["potential"])), MaterialStatistics.of(row))
        for _, row in rows.iterrows()
    ]
    card = figure_card(
        "softening-residuals",
        "Residuals",
        "Predicted − DFT against DFT. Points on the tilted line would be pure softening; no single factor "
        "corrects the spread around it.",
        file_name=f"softdash-residuals-{formula}",
        figure=residuals,
        height=340,
    )
    missing = left_out(catalog, rows)
    return [
        html.H2(f"{subscripted(formula)} in numbers", id="softening-material"),
        statistics_table(columns, caption=material_caption(rows)),
        html.Div(
            [card, html.Div([element_table(catalog, rows), *([missing] if missing else [])])], className="columns"
        ),
    ]
