"""Potentials compared: errors before and after correction, slope against slope, medians of all data sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from softdash.api.addresses import compared_materials_address
from softdash.benchmarks.data.datasets import dataset_order
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.benchmarks.high_energy.medians import in_order
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.compare.error_halves import (
    FORMS,
    ErrorRow,
    Form,
    error_halves_figure,
    height_of,
    shown_end,
)
from softdash.web.pages.compare.potential_comparison import (
    ComparisonSelection,
    ErrorGroup,
    PublishedErrors,
    error_groups,
    narrowed_formulas,
    published_errors,
    slope_pairs,
)
from softdash.web.pages.compare.slope_pairs import beyond_count, slope_pairs_figure
from softdash.web.pages.compare.tables import (
    error_table,
    median_table,
    slope_columns,
    slope_grid,
    slope_rows,
)
from softdash.web.pages.compare.texts import (
    CAVEATS,
    errors_caption,
    errors_title,
    pairs_caption,
    pairs_title,
)
from softdash.web.parts.data_sets import dataset_kind, dataset_label
from softdash.web.parts.error_message import error_message
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import figure_card, next_step, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.terms import explained, term
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme

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
            html.H2("How to read these numbers"),
            html.Ul([html.Li(text) for text in CAVEATS], className="prose"),
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
            dmc.MultiSelect(
                id=view_id("potentials"),
                label="Potentials",
                data=_options(catalog),
                value=list(chosen.potentials),
                flex="2 1 320px",
            ),
            segmented("form", "Drawn as", FORM_NAMES, form),
        ],
        className="controls",
    )
    return [
        html.H2("Force errors before and after correction", className="first-heading"),
        controls,
        figure_card(
            "compare-errors",
            "Force errors before and after correction",
            "",
            file_name="softdash-force-errors",
            figure=blank_figure(),
            height=560,
            title_id="compare-errors-title",
            caption_id="compare-errors-caption",
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
                data=_options(catalog),
                value=value,
                allowDeselect=False,
                w=240,
            )
            for axis, label, value in (("x", "Horizontal axis", chosen.x), ("y", "Vertical axis", chosen.y))
        ],
        className="controls",
    )
    card = figure_card(
        "compare-pairs",
        "Softening scales of two potentials",
        "",
        file_name="softdash-slope-pairs",
        figure=blank_figure(),
        height=_PIXELS_FOR_SCATTER,
        title_id="compare-pairs-title",
        caption_id="compare-pairs-caption",
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


def _options(catalog: Catalog) -> list[dict[str, str]]:
    return [{"value": name, "label": potential_label(name)} for name in in_order(catalog.potentials())]


def show_errors(theme: str | None, data: str, potentials: Sequence[str] | None, form: str) -> dict[str, Any]:
    """Return the figure of errors with its texts and its table."""
    if theme is None:
        return dict.fromkeys(_ERROR_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        chosen = ComparisonSelection.checked(catalog, {"data": data, "potentials": potentials})
        groups, published = _compared(catalog, chosen)
    except SoftdashError as error:
        return {**dict.fromkeys(_ERROR_OUTPUTS, no_update), "table": error_message(error)}
    shown: Form = next((known for known in FORMS if known == form), "violin")
    rows = error_rows(groups, published)

    def make() -> dict[str, Any]:
        drawn: dict[str, Any] = error_halves_figure(rows, theme=checked_theme(theme), form=shown).to_dict()
        return drawn

    end = shown_end(rows)
    beyond = sum(int(np.sum((group.errors > end) | (group.corrected > end))) for group in groups)
    facts = {
        **resource_facts(catalog, schemas.MATERIALS),
        "Published values": "npj Comput. Mater. 11, 9 (2025), Fig. 6b; digitised",
    }
    return {
        "figure": cached(make, "errors", _versions(), chosen.data, chosen.potentials, shown, theme),
        "style": {"height": f"{height_of(rows)}px"},
        "title": errors_title(groups),
        "caption": explained(
            errors_caption(
                groups,
                published,
                chosen.data,
                chosen=chosen.potentials,
                beyond=beyond,
                form=shown,
                narrowed=narrowed_formulas(catalog, chosen.data, chosen.potentials),
            )
        ),
        "provenance": provenance(facts),
        "table": error_table(groups, published),
    }


def _compared(catalog: Catalog, chosen: ComparisonSelection) -> tuple[list[ErrorGroup], list[PublishedErrors]]:
    groups = cached(
        lambda: error_groups(catalog, chosen.data, chosen.potentials),
        *("error groups", _versions(), chosen.data, chosen.potentials),
    )
    return groups, published_errors(catalog)


def error_rows(groups: Sequence[ErrorGroup], published: Sequence[PublishedErrors]) -> list[ErrorRow]:
    """Return the rows of the figure: computed potentials, then published ones."""
    computed = [
        ErrorRow(
            group.potential,
            group.label,
            group.material_count,
            error_quartiles=_quartiles(group.errors),
            corrected_quartiles=_quartiles(group.corrected),
            errors=group.errors,
            corrected=group.corrected,
        )
        for group in groups
    ]
    return computed + [
        ErrorRow(one.potential, f"{one.model}, WBM", one.count, one.errors, one.corrected) for one in published
    ]


def _quartiles(values: Any) -> tuple[float, float, float]:
    low, middle, high = (float(one) for one in np.quantile(values, (0.25, 0.5, 0.75)))
    return low, middle, high


def _versions() -> tuple[tuple[int, int], ...]:
    return file_version(schemas.MATERIALS), file_version(schemas.PUBLISHED_VALUES)


def show_pairs(theme: str | None, data: str, x: str, y: str) -> dict[str, Any]:
    """Return the scatter plot with its texts and the table of its materials."""
    if theme is None:
        return dict.fromkeys(_PAIR_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        chosen = ComparisonSelection.checked(catalog, {"data": data, "x": x, "y": y})
        pairs = cached(
            lambda: slope_pairs(catalog, chosen.data, chosen.x, chosen.y),
            *("slope pairs", file_version(schemas.MATERIALS), chosen.data, chosen.x, chosen.y),
        )
    except SoftdashError as error:
        return {**dict.fromkeys(_PAIR_OUTPUTS, no_update), "caption": error_message(error)}
    x_label, y_label = potential_label(chosen.x), potential_label(chosen.y)
    figure = slope_pairs_figure(pairs.table, x_label=x_label, y_label=y_label, theme=checked_theme(theme))
    listed = MaterialSelection((chosen.data,), tuple(dict.fromkeys((chosen.x, chosen.y))))
    return {
        "figure": figure.to_dict(),
        "title": pairs_title(pairs),
        "caption": explained(pairs_caption(pairs, chosen.data, beyond_count(pairs.table))),
        "columns": slope_columns(x_label, y_label),
        "rows": slope_rows(pairs, chosen.data),
        "csv": compared_materials_address(listed, "csv"),
        "json": compared_materials_address(listed, "json"),
    }


def show_medians(theme: str | None) -> Any:
    """Return the table of all sets, after the page stands: its intervals take a moment when they are first drawn."""
    if theme is None:
        return no_update
    catalog = web_context().catalog
    try:
        return cached(lambda: median_table(catalog), "median table", _versions())
    except SoftdashError as error:
        return error_message(error)


_ERROR_OUTPUTS = {
    "figure": Output("compare-errors", "figure"),
    "style": Output("compare-errors", "style"),
    "title": Output("compare-errors-title", "children"),
    "caption": Output("compare-errors-caption", "children"),
    "provenance": Output("compare-errors-provenance", "children"),
    "table": Output("compare-errors-table", "children"),
}

_PAIR_OUTPUTS = {
    "figure": Output("compare-pairs", "figure"),
    "title": Output("compare-pairs-title", "children"),
    "caption": Output("compare-pairs-caption", "children"),
    "columns": Output("compare-pairs-grid", "columnDefs"),
    "rows": Output("compare-pairs-grid", "rowData"),
    "csv": Output("compare-pairs-csv", "href"),
    "json": Output("compare-pairs-json", "href"),
}


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("compare", path=MENU.href, title="Potentials compared · softdash", layout=layout)
    theme, data = Input("theme", "data"), Input(view_id("data"), "value")
    app.callback(
        output=_ERROR_OUTPUTS,
        inputs={
            "theme": theme,
            "data": data,
            "potentials": Input(view_id("potentials"), "value"),
            "form": Input(view_id("form"), "value"),
        },
    )(show_errors)
    pair = {axis: Input(view_id(axis), "value") for axis in ("x", "y")}
    app.callback(output=_PAIR_OUTPUTS, inputs={"theme": theme, "data": data, **pair})(show_pairs)
    app.callback(Output("compare-medians", "children"), theme)(show_medians)
    # In the browser: Dash would ask the server for it at each first view, as its output is there before the page.
    app.clientside_callback(
        ClientsideFunction("softdashComparison", "openMaterial"),
        Output(dash.dash._ID_LOCATION, "href", allow_duplicate=True),
        Input("compare-pairs", "clickData"),
        *(State(view_id(key), "value") for key in ("data", "x", "y")),
        prevent_initial_call=True,
    )
