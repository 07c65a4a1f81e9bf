"""The section of the phonon page about all crystals: distribution of ratios, summary, list."""

from __future__ import annotations

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.figures.frequency_ratios import Bar, parse_bar
from softdash.web.pages.phonons.summary import ratio_summary
from softdash.web.pages.phonons.tables import frequency_grid
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.page_parts import card_to_fill, notice
from softdash.web.parts.phonon_ratios import MODELS, recomputed_potentials
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.view_state import view_id

RATIO_VALUES = {"recomputed": "Recomputed", "published": "Published"}
RATIO_GEOMETRIES = {"relaxed": "Relaxed", "fixed": "DFT"}
RATIO_VIEWS = {"histogram": "Histogram", "violin": "Violin"}


def ratio_section(
    catalog: Catalog, values: str | None, at: str | None, ratios: str | None, chosen: str | None
) -> list[Component]:
    """Return the section; values from the address that mean nothing fall back to the defaults."""
    try:
        table = catalog.phonon_max_frequencies()
    except SoftdashError as error:
        return [html.H2("Over many crystals"), error_message(error)]
    bar = known_bar(catalog, chosen)
    known = bar.as_text() if bar else chosen if chosen in set(table["material_id"]) else ""
    controls = html.Div(
        [
            segmented("values", "Values", RATIO_VALUES, values),
            segmented("at", "Geometry", RATIO_GEOMETRIES, at),
            segmented("ratios", "View", RATIO_VIEWS, ratios),
        ],
        className="controls",
    )
    figure = card_to_fill(
        "phonon-ratios",
        "Ratio of maximum frequencies",
        file_name="softdash-frequency-ratios",
        height=600,
        details=html.Div(id="phonon-ratios-details"),
    )
    return [
        html.H2("Over many crystals"),
        controls,
        figure,
        html.Div(id="phonon-not-computed", **{"aria-live": "polite"}),
        *_summary(catalog),
        html.Div(
            [
                html.H3(id="phonon-list-title"),
                html.Button("Show all", id="phonon-list-all", type="button", className="text-button"),
            ],
            className="list-heading",
        ),
        frequency_grid("phonon-list", _potentials(catalog)),
        html.Div(
            [
                html.Span("Download", className="muted"),
                html.A("published (CSV)", href=table_address(schemas.PHONON_MAX_FREQUENCIES)),
                html.A("published (JSON)", href=table_address(schemas.PHONON_MAX_FREQUENCIES, "json")),
                html.A("recomputed (CSV)", href=table_address(schemas.PHONON_MATERIALS)),
            ],
            className="figure-tools no-print",
        ),
        dcc.Input(id=view_id("chosen"), type="hidden", value=known),
    ]


def known_bar(catalog: Catalog, text: str | None) -> Bar | None:
    """Return the bar of a histogram that `text` names, published or recomputed."""
    return parse_bar(text, [*(key for key, _, _ in MODELS), *_potentials(catalog)])


def not_computed_notice(material_id: str, table: pd.DataFrame) -> Component:
    """Say that a crystal was not recomputed, and how to do it.

    Parameters
    ----------
    material_id : str
    table : DataFrame
        Row of `schemas.MAX_FREQUENCIES`, for the formula.
    """
    formula = subscripted(str(table["formula"].iloc[0])) if len(table) else ""
    text = f"{formula} ({material_id}) was not recomputed here: there are the authors' maxima, and no bands."
    return notice(
        [
            f"{text} To compute them: ",
            html.Code(f"softdash benchmark phonons {material_id} --potential chgnet-0.3.0"),
        ]
    )


def _summary(catalog: Catalog) -> list[Component]:
    try:
        return ratio_summary(catalog)
    except SoftdashError as error:
        return [error_message(error)]


def _potentials(catalog: Catalog) -> list[str]:
    try:
        return recomputed_potentials(catalog)
    except SoftdashError:
        return []
