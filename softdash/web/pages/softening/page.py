"""Softening scale: its distribution over materials and elements, down to the parity plot of each material."""

from __future__ import annotations

import dash
from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from softdash.catalog import schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.softening.callbacks import (
    MATERIAL_OUTPUTS,
    POPULATION_OUTPUTS,
    choose,
    show_material,
    show_population,
)
from softdash.web.pages.softening.material_table import material_grid
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_selection import checked_selection
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import card_to_fill, figure_card, next_step, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import LIMITS, segmented, selection_controls
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_defaults, view_id

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
            card_to_fill(
                "softening-parity",
                "One material",
                file_name="softdash-parity",
                figure=blank_figure(),
                height=440,
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
    return card_to_fill(
        "softening-elements",
        "Median slope per element",
        file_name="softdash-element-slopes",
        figure=blank_figure(),
        height=430,
        details=provenance(resource_facts(web_context().catalog, schemas.ELEMENT_SLOPES)),
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("softening", path=MENU.href, title="Softening scale · softdash", layout=layout)
    given = {key: Input(view_id(key), "value") for key in _SELECTION_KEYS}
    app.callback(
        output=POPULATION_OUTPUTS,
        inputs={"theme": Input("theme", "data"), "given": given, "view": Input(view_id("view"), "value")},
    )(show_population)
    app.callback(
        output=MATERIAL_OUTPUTS,
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
