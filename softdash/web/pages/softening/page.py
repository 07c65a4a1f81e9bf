"""Softening scale: its distribution over materials and elements, down to the parity plot of each material."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, Input, Output, ctx, dcc, html, no_update
from dash.development.base_component import Component

from softdash.catalog import schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.softening.material_detail import (
    material_rows,
    nearest_material,
)
from softdash.web.pages.softening.material_table import material_grid
from softdash.web.pages.softening.material_view import material_view
from softdash.web.pages.softening.population_view import population_view
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_selection import Given, checked_selection, slope_range_text
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import figure_card, next_step, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import LIMITS, segmented, selection_controls
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.theme import checked_theme

MENU = MenuEntry("Softening scale", "/softening", "Fig. 5", position=20)

VIEW_NAMES = {"histogram": "Histogram", "violin": "Violin", "cumulative": "Cumulative"}
COLOURINGS = {"potential": "Potential", "element": "Element"}
_SELECTION_KEYS = ("data", "potentials", "elements", *LIMITS, "slope")


def layout(**query: str) -> Component:
    """Return the page; values from the address that mean nothing are dropped."""
    catalog = web_context().catalog
    header = page_header(
        "Softening scale",
        [
            "Compound by compound: the ",
            term("softening scale", "slope of predicted on DFT forces"),
            ". At 1.00 a potential's forces have the right size on average; below, its energy surface is too soft.",
        ],
    )
    try:
        chosen = checked_selection(catalog, query)
        standard = checked_selection(catalog, {})
    except SoftdashError as error:
        return html.Div([header, error_message(error), next_step()])
    return html.Div(
        [
            header,
            selection_controls(catalog, chosen),
            html.Div(id="softening-headline"),
            html.H2("Distribution over materials", className="visually-hidden"),
            html.Div(
                [
                    html.Div([_distribution_card(query.get("view")), *_table_section()]),
                    # Stays in view beside distribution and table: both choose the material it shows.
                    html.Div(_parity_card(query.get("colour")), className="stays-in-view"),
                ],
                className="columns",
            ),
            html.Div(id="softening-material-detail"),
            html.H2("By element"),
            _element_card(),
            html.H2("How to read these numbers"),
            html.Div(id="softening-caveats", className="prose"),
            next_step(),
            dcc.Input(id=view_id("material"), type="hidden", value=query.get("material", "")),
            dcc.Store(id="softening-typical-material"),
            view_defaults(
                data=list(standard.data),
                potentials=list(standard.potentials),
                view="histogram",
                colour="potential",
            ),
        ]
    )


def _distribution_card(view: str | None) -> Component:
    return html.Div(
        [
            segmented("view", "Distribution as", VIEW_NAMES, view),
            figure_card(
                "softening-distribution",
                "Distribution of the softening scale",
                "",
                file_name="softdash-softening-distribution",
                figure=blank_figure(),
                height=440,
                title_id="softening-finding",
                caption_id="softening-caption",
                details=html.Div(id="softening-provenance"),
            ),
        ]
    )


def _parity_card(colour: str | None) -> Component:
    download = html.A("All forces (CSV)", id="softening-parity-download")
    return html.Div(
        [
            segmented("colour", "Colour by", COLOURINGS, colour),
            figure_card(
                "softening-parity",
                "One material",
                "",
                file_name="softdash-parity",
                figure=blank_figure(),
                height=440,
                title_id="softening-parity-title",
                caption_id="softening-parity-caption",
                details=html.Div(id="softening-parity-provenance"),
                extra_tools=[download],
            ),
        ]
    )


def _table_section() -> list[Component]:
    return [
        html.Div(
            [
                html.H2("Materials", id="softening-table"),
                html.Button(
                    "All slopes", id="softening-all-slopes", type="button", className="button small", hidden=True
                ),
            ],
            className="list-heading",
        ),
        html.P(id="softening-table-note", className="muted small"),
        material_grid("softening-grid"),
        html.Div(
            [
                html.Span("Download", className="muted"),
                html.A("CSV", id="softening-csv"),
                html.A("JSON", id="softening-json"),
                html.A("Frames left out (CSV)", id="softening-failures-csv"),
                html.A("Frames left out (JSON)", id="softening-failures-json"),
            ],
            className="figure-tools no-print",
        ),
        html.Div(id="softening-failures"),
    ]


def _element_card() -> Component:
    return figure_card(
        "softening-elements",
        "Median slope per element",
        "",
        file_name="softdash-element-slopes",
        figure=blank_figure(),
        height=430,
        title_id="softening-elements-title",
        caption_id="softening-elements-caption",
        details=provenance(resource_facts(web_context().catalog, schemas.ELEMENT_SLOPES)),
    )


def show_population(theme: str | None, given: dict[str, Given], view: str) -> dict[str, Any]:
    """Return everything that depends on the selection of materials."""
    if theme is None:
        return dict.fromkeys(_POPULATION_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        return population_view(catalog, checked_selection(catalog, given), view, checked_theme(theme))
    except SoftdashError as error:
        return {**dict.fromkeys(_POPULATION_OUTPUTS, no_update), "headline": error_message(error)}


def show_material(
    theme: str | None, given: dict[str, Given], material: str | None, typical: str | None, colour: str
) -> dict[str, Any]:
    """Return the parity plot of one material with its texts, residuals and tables."""
    if theme is None or not (material or typical):
        return dict.fromkeys(_MATERIAL_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        chosen = checked_selection(catalog, given)
        rows = material_rows(catalog, str(material or typical), chosen)
        return material_view(catalog, rows, checked_theme(theme), colour)
    except SoftdashError as error:
        return {
            **dict.fromkeys(_MATERIAL_OUTPUTS),
            "parity": blank_figure(checked_theme(theme)),
            "title": "This material cannot be shown",
            "detail": error_message(error),
        }


def choose(
    click: dict[str, Any] | None,
    selected: list[dict[str, Any]] | None,
    element_click: dict[str, Any] | None,
    clicks: int | None,
    given: dict[str, Given],
) -> dict[str, Any]:
    """Return the material, range of slopes and elements after a click on a bar, a point, a row or an element."""
    del clicks
    result: dict[str, Any] = dict.fromkeys(("material", "slope", "elements", "click", "element_click"), no_update)
    if ctx.triggered_id == "softening-all-slopes":
        return {**result, "slope": ""}
    if ctx.triggered_id == "softening-grid" and selected:
        return {**result, "material": selected[0]["material"]}
    # Forgetting the click lets a second click on the same bar or element count.
    if ctx.triggered_id == "softening-elements" and element_click:
        return {**result, "elements": _toggled(given.get("elements"), element_click), "element_click": None}
    if ctx.triggered_id == "softening-distribution" and click:
        return {**result, **clicked(click, given), "click": None}
    return result


def clicked(click: dict[str, Any], given: dict[str, Given]) -> dict[str, Any]:
    """Return what a click on the distribution chooses: a bar its slopes and middle material, a point its material."""
    data = click["points"][0].get("customdata")
    if isinstance(data, str):
        return {"material": data}
    if not isinstance(data, list) or len(data) < 2:
        return {}
    catalog = web_context().catalog
    text = slope_range_text((float(data[0]), float(data[1])))
    rows = checked_selection(catalog, {**given, "slope": text}).rows(catalog)
    middle = nearest_material(rows, (float(data[0]) + float(data[1])) / 2)
    return {"slope": text, **({"material": middle} if middle else {})}


def _toggled(elements: Given, click: dict[str, Any]) -> list[str]:
    symbol = str(click["points"][0].get("text", ""))
    known = [one for one in elements if isinstance(one, str)] if isinstance(elements, list) else []
    return [one for one in known if one != symbol] if symbol in known else [*known, symbol]


_POPULATION_OUTPUTS = {
    "distribution": Output("softening-distribution", "figure"),
    "finding": Output("softening-finding", "children"),
    "caption": Output("softening-caption", "children"),
    "provenance": Output("softening-provenance", "children"),
    "elements": Output("softening-elements", "figure"),
    "elements_title": Output("softening-elements-title", "children"),
    "elements_caption": Output("softening-elements-caption", "children"),
    "rows": Output("softening-grid", "rowData"),
    "note": Output("softening-table-note", "children"),
    "chip": Output("softening-all-slopes", "children"),
    "chip_hidden": Output("softening-all-slopes", "hidden"),
    "csv": Output("softening-csv", "href"),
    "json": Output("softening-json", "href"),
    "failures_csv": Output("softening-failures-csv", "href"),
    "failures_json": Output("softening-failures-json", "href"),
    "failures": Output("softening-failures", "children"),
    "headline": Output("softening-headline", "children"),
    "caveats": Output("softening-caveats", "children"),
    "typical": Output("softening-typical-material", "data"),
}

_MATERIAL_OUTPUTS = {
    "parity": Output("softening-parity", "figure"),
    "title": Output("softening-parity-title", "children"),
    "caption": Output("softening-parity-caption", "children"),
    "provenance": Output("softening-parity-provenance", "children"),
    "download": Output("softening-parity-download", "href"),
    "detail": Output("softening-material-detail", "children"),
}


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("softening", path=MENU.href, title="Softening scale · softdash", layout=layout)
    given = {key: Input(view_id(key), "value") for key in _SELECTION_KEYS}
    app.callback(
        output=_POPULATION_OUTPUTS,
        inputs={"theme": Input("theme", "data"), "given": given, "view": Input(view_id("view"), "value")},
    )(show_population)
    app.callback(
        output=_MATERIAL_OUTPUTS,
        inputs={
            "theme": Input("theme", "data"),
            "given": {key: Input(view_id(key), "value") for key in ("data", "potentials")},
            "material": Input(view_id("material"), "value"),
            "typical": Input("softening-typical-material", "data"),
            "colour": Input(view_id("colour"), "value"),
        },
    )(show_material)
    app.callback(
        output={
            "material": Output(view_id("material"), "value"),
            "slope": Output(view_id("slope"), "value"),
            "elements": Output(view_id("elements"), "value"),
            "click": Output("softening-distribution", "clickData"),
            "element_click": Output("softening-elements", "clickData"),
        },
        inputs={
            "click": Input("softening-distribution", "clickData"),
            "selected": Input("softening-grid", "selectedRows"),
            "element_click": Input("softening-elements", "clickData"),
            "clicks": Input("softening-all-slopes", "n_clicks"),
        },
        state={"given": {key: dash.State(view_id(key), "value") for key in _SELECTION_KEYS}},
        prevent_initial_call=True,
    )(choose)
