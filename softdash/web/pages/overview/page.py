"""Overview: what softening is, in one figure that one can drag, and how large it is, published and recomputed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import dash
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.overview.explaining_figure import EXAMPLE, explaining_figure
from softdash.web.parts.error_message import error_message
from softdash.web.parts.headline_table import HeadlineRow, headline_table, phonon_rows, published_rows, recomputed_rows
from softdash.web.parts.page_parts import next_step, page_header
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_id
from softdash.web.server.figure_cache import cached, file_version


def layout(scale: str | None = None, **_: str) -> Component:
    """Return the page."""
    catalog = web_context().catalog
    return html.Div(
        [
            page_header("How much too soft is your interatomic potential?", _answer(catalog)),
            _tour_offer(),
            explaining_figure(catalog, scale),
            html.H2("How large it is"),
            *_headline(catalog),
            html.H2("What you can do here"),
            _ways_on(),
            next_step(),
        ]
    )


def _tour_offer() -> html.Div:
    """Return the line for who is here for the first time (``assets/tour.js``); others do not see it."""
    return html.Div(
        [
            html.P("New here?"),
            html.Button(
                "Take the tour of one minute", type="button", className="text-button", **{"data-tour": "start"}
            ),
            html.Button("No, thanks", type="button", className="text-button", **{"data-tour": "decline"}),
        ],
        className="tour-offer no-print",
    )


def _answer(catalog: Catalog) -> list[str | Component]:
    """Say in a few sentences what the effect is and how large, from the published values."""
    opening: list[str | Component] = [
        term("universal potential", "Universal machine-learning potentials"),
        " predict energies and forces of almost any material, at a small part of the cost of ",
        term("DFT"),
        (
            ". They learnt mostly from crystals near equilibrium. Further away, where bonds are stretched or squeezed, "
            "many pull the atoms back too weakly: the potential-energy surface is too flat, the material too soft"
        ),
    ]
    try:
        medians = [row.median for row in published_rows(catalog) if row.median is not None]
    except SoftdashError:
        medians = []
    if not medians:
        return [*opening, "."]
    low, high = 100 * (1 - max(medians)), 100 * (1 - min(medians))
    return [
        *opening,
        (
            f". In the paper's states at 1000 K their forces are {low:.0f} to {high:.0f} % too small (M3GNet, CHGNet "
            "and MACE: medians over about 1,000 compounds, digitised, ± 2 %). This is called softening; how much of "
            "it one factor repairs differs from material to material."
        ),
    ]


def _headline(catalog: Catalog) -> list[Component]:
    groups: list[tuple[str, str, list[HeadlineRow]]] = []
    problems: list[Component] = []
    forces, frequencies = "softening scale of forces", "ratio of maximum frequencies"
    kinds: tuple[tuple[str, str, str, Callable[[Catalog], list[HeadlineRow]]], ...] = (
        ("Published: high-energy states", forces, schemas.PUBLISHED_VALUES, published_rows),
        ("Recomputed here", forces, schemas.MATERIALS, lambda tables: recomputed_rows(tables, EXAMPLE[1])),
        ("Published: phonons", frequencies, schemas.PHONON_MAX_FREQUENCIES, phonon_rows),
    )
    for heading, quantity, path, rows_of in kinds:
        try:
            rows = cached(partial(rows_of, catalog), "headline", heading, file_version(path))
        except SoftdashError as error:
            problems.append(error_message(error))
        else:
            groups.append((heading, quantity, rows))
    if not groups:
        return problems
    note = html.P(
        [
            "± is half of the ",
            term("95 % interval"),
            ": of medians by bootstrap over materials, of shares by Wilson's formula from share and n. ",
            term("digitised", "Digitised"),
            " medians are read off the paper's figure. ",
            term("WBM"),
            " compounds are the paper's; the recomputed sets are other states, so the rows need not agree. ",
            (
                "Random displacements and LGPS have PBEsol references, while CHGNet learnt PBE: part of their "
                "deviation is the functional. "
            ),
            "MPtrj is the training data: the control. ",
            dcc.Link("More data sets", href="/softening"),
            " are on the softening page, each with what its numbers are good for.",
        ],
        className="muted small measure",
    )
    return [headline_table(groups), note, *problems]


def _ways_on() -> html.Ul:
    ways = (
        (
            "/benchmarks",
            "Every figure of the paper",
            "Figs 2 to 6 panel by panel, from surfaces to fine-tuning: published and recomputed, with n and source.",
        ),
        (
            "/softening",
            "Look at softening scales",
            "Potentials over compounds and elements, down to each parity plot.",
        ),
        (
            "/phonons",
            "Look at phonons",
            "Bands of DFT and of potentials on top of each other; frequency ratios of 229 crystals.",
        ),
        (
            "/diagnose",
            "Diagnose your own material",
            "Upload structures with DFT forces: slope, interval, correction, and a link to the report.",
        ),
    )
    return html.Ul(
        [html.Li([dcc.Link(name, href=href), html.Span(text)]) for href, name, text in ways], className="ways-on"
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks; dragging runs in the browser (``assets/overview.js``)."""
    dash.register_page("overview", path="/", title="softdash: how much too soft is your potential?", layout=layout)
    app.clientside_callback(
        ClientsideFunction("overview", "bend"),
        Output("overview-scale", "children"),
        Output("overview-forces", "children"),
        Output("overview-correction", "children"),
        Output("overview-frequencies", "children"),
        Output("overview-reset", "disabled"),
        Input(view_id("scale"), "value"),
        Input("theme", "data"),
        State("overview-example", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("overview", "reset"),
        Output(view_id("scale"), "value"),
        Input("overview-reset", "n_clicks"),
        State("overview-example", "data"),
        prevent_initial_call=True,
    )
