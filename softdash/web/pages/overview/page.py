"""Overview: what softening is, in one figure that one can drag, and how large it is, published and recomputed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dash
import dash_mantine_components as dmc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.potentials.look import look_of
from softdash.web.context import web_context
from softdash.web.pages.overview.sketch import ExampleMaterial, draggable_figure
from softdash.web.parts.data_sets import dataset_label
from softdash.web.parts.error_message import error_message
from softdash.web.parts.headline_table import (
    HeadlineRow,
    headline_table,
    phonon_rows,
    published_rows,
    recomputed_rows,
)
from softdash.web.parts.material_names import formula_text
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import Children, next_step, notice, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.slope_side import finding_of
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.server.figure_cache import cached, file_version

SCALE_MIN, SCALE_MAX = 0.5, 1.2

EXAMPLE = ("gpaw_pbe", "chgnet-0.3.0", "gpaw-LiF")
"""Data set, potential and material of the figure: clearly softened, little scatter, and close to the median that the
paper reports for the same potential; its forces are softdash's own and free to ship."""


def example_material(catalog: Catalog) -> ExampleMaterial:
    """Return the real forces behind the figure.

    Raises
    ------
    SoftdashError
        If they were not computed, or their files are in quarantine.
    """
    row = catalog.material(*EXAMPLE)
    points = catalog.parity_points(*EXAMPLE)
    low, high = row["interval_low"], row["interval_high"]
    return ExampleMaterial(
        dataset=EXAMPLE[0],
        potential=EXAMPLE[1],
        formula=formula_text(str(row["formula"])),
        functional=str(row["functional"]),
        frame_count=int(row["frame_count"]),
        slope=float(row["slope"]),
        interval_half_width=None if math.isnan(low) or math.isnan(high) else float(high - low) / 2,
        reference=points[["reference_x", "reference_y", "reference_z"]].to_numpy(dtype=np.float64).ravel(),
        predicted=points[["predicted_x", "predicted_y", "predicted_z"]].to_numpy(dtype=np.float64).ravel(),
        elements=[str(element) for element in points["element"] for _ in range(3)],
    )


def checked_scale(text: str | float | None, start: float) -> float:
    """Return the slider's position from an address; the real slope for anything that is not one."""
    try:
        value = float(text) if text is not None else start
    except ValueError:
        return start
    return round(value, 3) if SCALE_MIN <= value <= SCALE_MAX else start


def layout(scale: str | None = None, **_: str) -> Component:
    """Return the page."""
    catalog = web_context().catalog
    return html.Div(
        [
            page_header("How much too soft is your interatomic potential?", _answer(catalog)),
            _tour_offer(),
            _explaining_figure(catalog, scale),
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


def _explaining_figure(catalog: Catalog, scale: str | None) -> Component:
    try:
        example = example_material(catalog)
    except SoftdashError as error:
        return notice(f"The explaining figure needs the forces of one material, which are not here. {error.what}")
    label = potential_label(example.potential)
    shown, look = checked_scale(scale, example.start), look_of(example.potential)
    fit = (label, look.colour, "solid")
    panels = [
        _panel("overview-energy", "Potential energy", [("DFT", "currentColor", "solid"), fit]),
        _panel("overview-parity", "Forces", [("exact (slope 1.00)", "var(--ink-faint)", "dashed"), fit]),
    ]
    facts: dict[str, Children | None] = {"Data set": f"{dataset_label(example.dataset)}, {example.functional}"}
    facts |= resource_facts(catalog, schemas.points_path(example.dataset, example.potential))
    return html.Figure(
        [
            html.H2(_example_title(catalog, example, label)),
            _scale_control(example, shown),
            html.Div(panels, className="overview-graphs"),
            html.Figcaption(_caption(example, label)),
            _downloads(),
            provenance(facts),
            dcc.Store(id="overview-example", data=draggable_figure(example, label=label, colour=look.colour)),
            view_defaults(scale=example.start),
        ],
        className="figure-card overview-figure",
    )


def _example_title(catalog: Catalog, example: ExampleMaterial, label: str) -> str:
    """Say by how much the forces are too small or large, where that is firm."""
    sides = {"below": "small", "above": "large"}
    side = sides.get(finding_of(catalog.material(*EXAMPLE)))
    if side is None:
        return f"The forces of {label} in {example.formula} have the slope {example.slope:.3f}"
    return f"{label} predicts forces in {example.formula} that are {100 * abs(1 - example.slope):.0f} % too {side}"


def _panel(panel_id: str, heading: str, lines: Sequence[tuple[str, str, str]]) -> html.Div:
    """Return a heading, a legend (name, colour and style of each line) and the place where the browser draws."""
    keys = [
        html.Span([html.Span(className="line-key", style={"borderTopColor": colour, "borderTopStyle": style}), name])
        for name, colour, style in lines
    ]
    plot = html.Div(
        id=panel_id, className="overview-plot", role="img", **{"aria-label": f"{heading}, by the softening scale"}
    )
    return html.Div([html.H3(heading), html.P(keys, className="legend"), plot])


def _downloads() -> html.Div:
    buttons = [
        html.Button(
            kind.upper(),
            type="button",
            **{"data-overview-download": kind, "aria-label": f"Download this figure as {kind.upper()}"},
        )
        for kind in ("png", "svg", "csv", "json")
    ]
    return html.Div([html.Span("Download", className="muted"), *buttons], className="figure-tools no-print")


def _scale_control(example: ExampleMaterial, shown: float) -> html.Div:
    marks: list[dict[str, Any]] = [{"value": value, "label": f"{value:.1f}"} for value in (0.5, 1.0, 1.2)]
    real: dict[str, Any] = {"value": example.start, "label": f"real: {example.start:.3f}"}
    slider = dmc.Slider(
        id=view_id("scale"),
        value=shown,
        min=SCALE_MIN,
        max=SCALE_MAX,
        step=0.01,
        precision=3,
        marks=[*marks, real],
        updatemode="drag",
        label=None,
        size="md",
        thumbSize=24,
        thumbLabel="Softening scale",
    )
    reset = html.Button("Back to the real slope", id="overview-reset", type="button", className="text-button")
    heading = html.Div(
        [html.Span([term("softening scale", "Softening scale"), ": drag it"], className="field-label"), reset],
        className="overview-slider-heading",
    )
    numbers = [
        _number("Softening scale s", "overview-scale"),
        _number("Forces", "overview-forces"),
        _number("Correction 1/s", "overview-correction"),
        _number("Frequencies √s", "overview-frequencies"),
    ]
    return html.Div(
        [html.Div([heading, slider], className="overview-slider"), html.Dl(numbers, className="overview-numbers")],
        className="overview-control",
    )


def _number(name: str, number_id: str) -> html.Div:
    return html.Div([html.Dt(name), html.Dd("–", id=number_id)])


def _caption(example: ExampleMaterial, label: str) -> str:
    spread = "" if example.interval_half_width is None else f" ± {example.interval_half_width:.3f}"
    return (
        f"Right: {example.reference.size} force components of {example.frame_count} frames of {example.formula} at "
        f"1000 K, {example.functional} against {label}; recomputed, real slope {example.slope:.3f}{spread} "
        "(95 % interval). At any other position of the slider the predicted forces are multiplied by scale / real "
        "slope: a what-if, not a calculation. Left: a sketch (Morse curve) whose energies are multiplied by the "
        "scale; the arrows are the forces on the displaced atom."
    )


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
