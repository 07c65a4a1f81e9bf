"""Potentials compared: errors before and after correction, slope against slope, medians of all data sets."""

from __future__ import annotations

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.development.base_component import Component

from softdash.benchmarks.data.datasets import dataset_order
from softdash.benchmarks.high_energy.medians import in_order
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.compare.callbacks import ERROR_OUTPUTS, PAIR_OUTPUTS, show_errors, show_medians, show_pairs
from softdash.web.pages.compare.potential_comparison import ComparisonSelection
from softdash.web.pages.compare.tables import slope_grid
from softdash.web.pages.compare.texts import CAVEATS
from softdash.web.parts.data_sets import dataset_kind, dataset_label
from softdash.web.parts.error_message import error_message
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.names import potential_options
from softdash.web.parts.page_parts import card_to_fill, caveats_section, next_step, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import potentials_select, segmented
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_defaults, view_id

MENU = MenuEntry("Potentials compared", "/compare-potentials", "Fig. 6b", position=30)

FORM_NAMES = {"violin": "Violin", "box": "Box"}
_PIXELS_FOR_SCATTER = 520


def layout(**query: str) -> Component:
    """Return the page; values from the address that mean nothing fall back to the defaults."""
    catalog = web_context().catalog
    header = page_header(
        "Potentials compared",
        [
            "How large are the force errors of each potential, how much of them is nothing but a ",
            term("softening scale", "slope"),
            " below one, and are all potentials too soft for the same materials?",
        ],
    )
    try:
        chosen = ComparisonSelection.checked(catalog, query)
        standard = ComparisonSelection.checked(catalog, {})
    except SoftdashError as error:
        return html.Div([header, error_message(error), next_step()])
    return html.Div(
        [
            header,
            *_error_section(catalog, chosen, query.get("form")),
            *_pair_section(catalog, chosen),
            html.H2("Median slopes of all sets"),
            html.P(
                [
                    "Median over materials with half of its ",
                    term("95 % interval"),
                    " and the number of materials; for a set of one material its own slope. ",
                    "Blue lies below 1.00, orange above. A number opens its distribution. ",
                    "Each median is of all frames that its potential computed.",
                ],
                className="muted small",
            ),
            html.Div(id="compare-medians"),
            *caveats_section(CAVEATS),
            next_step(),
            view_defaults(
                data=standard.data,
                potentials=list(standard.potentials),
                form="violin",
                x=standard.x,
                y=standard.y,
            ),
        ]
    )


def _error_section(catalog: Catalog, chosen: ComparisonSelection, form: str | None) -> list[Component]:
    controls = html.Div(
        [
            dmc.Select(
                id=view_id("data"),
                label="Reference data",
                data=[
                    {"value": name, "label": f"{dataset_label(name)} ({dataset_kind(name)})"}
                    for name in sorted(catalog.datasets(), key=dataset_order)
                ],
                value=chosen.data,
                allowDeselect=False,
                flex="1 1 260px",
                maw=340,
            ),
            potentials_select(in_order(catalog.potentials()), chosen.potentials, flex="2 1 320px"),
            segmented("form", "Drawn as", FORM_NAMES, form),
        ],
        className="controls",
    )
    return [
        html.H2("Force errors before and after correction", className="first-heading"),
        controls,
        card_to_fill(
            "compare-errors",
            "Force errors before and after correction",
            file_name="softdash-force-errors",
            figure=blank_figure(),
            height=560,
            details=html.Div(id="compare-errors-provenance"),
        ),
        html.Div(id="compare-errors-table"),
    ]


def _pair_section(catalog: Catalog, chosen: ComparisonSelection) -> list[Component]:
    controls = html.Div(
        [
            dmc.Select(
                id=view_id(axis),
                label=label,
                data=potential_options(in_order(catalog.potentials())),
                value=value,
                allowDeselect=False,
                w=240,
            )
            for axis, label, value in (("x", "Horizontal axis", chosen.x), ("y", "Vertical axis", chosen.y))
        ],
        className="controls",
    )
    card = card_to_fill(
        "compare-pairs",
        "Softening scales of two potentials",
        file_name="softdash-slope-pairs",
        figure=blank_figure(),
        height=_PIXELS_FOR_SCATTER,
        details=provenance(resource_facts(catalog, schemas.MATERIALS)),
    )
    listed = html.Div(
        [
            html.H3("Where the two differ most"),
            html.P("All materials of the figure; each link opens a parity plot.", className="muted small"),
            slope_grid("compare-pairs-grid"),
            html.Div(
                [
                    html.Span("Download", className="muted"),
                    html.A("CSV", id="compare-pairs-csv"),
                    html.A("JSON", id="compare-pairs-json"),
                ],
                className="figure-tools no-print",
            ),
        ],
        className="figure-card",
    )
    return [
        html.H2("Too soft for the same materials?"),
        html.P(
            "The softening scale of one potential against that of another, material by material.", className="muted"
        ),
        controls,
        html.Div([card, listed], className="columns"),
    ]


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("compare", path=MENU.href, title="Potentials compared · softdash", layout=layout)
    theme, data = Input("theme", "data"), Input(view_id("data"), "value")
    app.callback(
        output=ERROR_OUTPUTS,
        inputs={
            "theme": theme,
            "data": data,
            "potentials": Input(view_id("potentials"), "value"),
            "form": Input(view_id("form"), "value"),
        },
    )(show_errors)
    pair = {axis: Input(view_id(axis), "value") for axis in ("x", "y")}
    app.callback(output=PAIR_OUTPUTS, inputs={"theme": theme, "data": data, **pair})(show_pairs)
    app.callback(Output("compare-medians", "children"), theme)(show_medians)
    # In the browser: Dash would ask the server for it at each first view, as its output is there before the page.
    app.clientside_callback(
        ClientsideFunction("softdashComparison", "openMaterial"),
        Output(dash.dash._ID_LOCATION, "href", allow_duplicate=True),
        Input("compare-pairs", "clickData"),
        *(State(view_id(key), "value") for key in ("data", "x", "y")),
        prevent_initial_call=True,
    )
