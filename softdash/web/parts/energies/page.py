"""The page of a task with one energy per case (surfaces, point defects): parity as published and as recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from dash import Dash, Input, Output, html, no_update
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.catalog import Catalog
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.context import web_context
from softdash.web.parts.energies.parity import EnergySeries, energy_parity
from softdash.web.parts.energies.potentials import potentials_field, potentials_offered
from softdash.web.parts.energies.remarks import remarks
from softdash.web.parts.energies.series import (
    computed_potentials,
    computed_series,
    computed_table,
    digitised_series,
    energy_label,
    left_out,
    reference_rows,
)
from softdash.web.parts.energies.tables import (
    StatisticsGroup,
    case_table,
    left_out_list,
    published_errors,
    recomputed_groups,
    settings_table,
    statistics_table,
)
from softdash.web.parts.energies.texts import (
    GEOMETRIES,
    NO_POTENTIAL,
    computed_caption,
    digitised_caption,
    illustration_caption,
    parity_title,
)
from softdash.web.parts.error_message import error_message
from softdash.web.parts.page_parts import (
    Children,
    figure_card,
    next_step,
    no_potential_chosen,
    notice,
    page_header,
    provenance,
)
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.terms import explained
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme, layout_of

POINTS = {"all": "All found", "complete": "In all three"}


@dataclass(frozen=True, slots=True)
class ParityTask:
    """One task of the paper and how its page speaks of it.

    Attributes
    ----------
    key, title : str
        Of the page and of its files: ``"surfaces"``.
    lead : str or components
    quantity, plural, many, unit : str
        ``"surface energy"``, ``"surface energies"``, ``"surfaces"``, ``"eV/Å²"``.
    decimals : int
        Of energies on hovering.
    figure : str
        ``"Fig. 2a"``.
    digitised, computed : str
        Paths of the tables.
    published_task, published_count : str
        Task and metric of the published values.
    headings : (str, str)
        Columns of the table of cases.
    definition : sequence of Component
    settings : sequence of (name, paper, softdash)
    caveats : sequence of str
    warning : str
        What must not be overlooked about the digitised points; empty when there is nothing.
    is_illustration : bool
        Whether so many digitised points are missing that nothing is computed from them.
    """

    key: str
    title: str
    lead: Children
    quantity: str
    plural: str
    many: str
    unit: str
    decimals: int
    figure: str
    digitised: str
    computed: str
    published_task: str
    published_count: str
    headings: tuple[str, str]
    definition: Sequence[Component]
    settings: Sequence[tuple[str, Children, Children]]
    caveats: Sequence[str]
    warning: str = ""
    is_illustration: bool = False


def parity_layout(
    task: ParityTask, potentials: str | None = None, points: str | None = None, geometry: str | None = None
) -> Component:
    """Return the page; values from the address that mean nothing fall back to the defaults."""
    catalog = web_context().catalog
    offered = potentials_offered(catalog, task.computed, potentials)
    controls = html.Div(
        [
            potentials_field(offered),
            segmented("points", f"Points of {task.figure}", POINTS, points),
            segmented("geometry", "Geometry (recomputed)", GEOMETRIES, geometry),
        ],
        className="controls",
    )
    return html.Div(
        [
            page_header(task.title, task.lead),
            controls,
            html.Div([_paper_side(catalog, task), _own_side(catalog, task)], className="columns"),
            html.H2("In numbers"),
            html.Div(id=f"{task.key}-statistics"),
            html.Div(id=f"{task.key}-cases"),
            html.H2("Definition and settings"),
            *task.definition,
            settings_table(task.settings),
            html.H2("How to read these numbers"),
            html.Ul([html.Li(text) for text in task.caveats], className="prose"),
            next_step(),
            view_defaults(potentials=offered.standard, points="all", geometry="relaxed"),
        ]
    )


def side_heading(text: str, origin: str) -> Component:
    """Return the heading of the published or the recomputed part, with its tag."""
    return html.Div([html.H2(text), html.Span(origin, className=f"tag {origin}")], className="side-heading")


def absent(catalog: Catalog, path: str, command: str) -> Component | None:
    """Return why a computed table cannot be shown: absent, without reference, or in quarantine; None when it can."""
    try:
        table = catalog.table(path)
    except NotFoundError:
        table = pd.DataFrame()
    except SoftdashError as error:
        return error_message(error)
    if not table.empty and not reference_rows(table).empty:
        return None
    if not table.empty:
        reference = command.replace("benchmark", "reference")
        text = "Potentials were computed, but there is no DFT to compare them with yet. "
        return notice([text, html.Code(reference), " computes it."])
    return notice(
        ["Not recomputed yet. ", html.Code(command), " computes it with the potentials that are installed here."]
    )


def _paper_side(catalog: Catalog, task: ParityTask) -> Component:
    heading = side_heading("Published", "digitised")
    try:
        catalog.table(task.digitised)
    except SoftdashError as error:
        return html.Div([heading, error_message(error)])
    warning = [notice(task.warning, kind="warning")] if task.warning else []
    return html.Div(
        [
            heading,
            *warning,
            figure_card(
                f"{task.key}-paper",
                task.title,
                "",
                file_name=f"softdash-{task.key}-digitised",
                height=470,
                title_id=f"{task.key}-paper-title",
                caption_id=f"{task.key}-paper-caption",
                extra_tools=[html.A("All points (CSV)", href=table_address(task.digitised))],
                details=provenance(resource_facts(catalog, task.digitised)),
            ),
        ]
    )


def _own_side(catalog: Catalog, task: ParityTask) -> Component:
    heading = side_heading("Recomputed", "recomputed")
    problem = absent(catalog, task.computed, f"softdash benchmark {task.key}")
    if problem is not None:
        return html.Div([heading, problem])
    return html.Div(
        [
            heading,
            figure_card(
                f"{task.key}-own",
                task.title,
                "",
                file_name=f"softdash-{task.key}-recomputed",
                height=470,
                title_id=f"{task.key}-own-title",
                caption_id=f"{task.key}-own-caption",
                extra_tools=[html.A("Whole table (CSV)", href=table_address(task.computed))],
                details=provenance(resource_facts(catalog, task.computed)),
            ),
        ]
    )


def _paper_series(catalog: Catalog, task: ParityTask, potentials: Sequence[str], points: str) -> list[EnergySeries]:
    return digitised_series(
        catalog.table(task.digitised),
        potentials,
        complete_only=points == "complete",
        name=lambda point: f"{task.figure}, point {point}, digitised",
    )


def show_paper(task: ParityTask, theme: str | None, potentials: list[str] | None, points: str) -> tuple[Any, ...]:
    """Return the figure of the digitised points, its title and its caption."""
    if theme is None:
        return (no_update,) * 3
    catalog, chosen = web_context().catalog, tuple(potentials or ())

    def draw() -> tuple[Any, ...]:
        series = _paper_series(catalog, task, chosen, points)
        facts: dict[str, Any] = {
            "figure": task.figure,
            "whole": int(catalog.table(task.digitised)["is_complete"].sum()),
            "total": _published_count(catalog, task),
            "many": task.many,
        }
        if not task.is_illustration:
            title, caption = parity_title(series, task.plural), digitised_caption(series, **facts)
        else:
            title = f"What could be read of {task.figure}: an illustration" if series else NO_POTENTIAL
            printed = {name: error.value for name, error in published_errors(catalog, task.published_task).items()}
            caption = illustration_caption(series, printed, unit=task.unit, **facts)
        return _drawn(task, theme, series, with_fits=not task.is_illustration), title, explained(caption)

    try:
        drawn: tuple[Any, ...] = cached(draw, task.key, "paper", file_version(task.digitised), theme, chosen, points)
    except SoftdashError as error:
        return _nothing(theme, str(error))
    return drawn


def show_own(task: ParityTask, theme: str | None, potentials: list[str] | None, geometry: str) -> tuple[Any, ...]:
    """Return the figure of the recomputed cases, its title and its caption."""
    if theme is None:
        return (no_update,) * 3
    catalog, chosen = web_context().catalog, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"

    def draw() -> tuple[Any, ...]:
        table = catalog.table(task.computed)
        series = computed_series(table, chosen, geometry=method)
        title = parity_title(series, task.plural) if series else _nothing_computed(table, chosen)
        return (
            _drawn(task, theme, series),
            title,
            explained(computed_caption(table, series, geometry=method, many=task.many)),
        )

    try:
        drawn: tuple[Any, ...] = cached(draw, task.key, "own", file_version(task.computed), theme, chosen, method)
    except SoftdashError as error:
        return _nothing(theme, str(error))
    return drawn


def show_numbers(
    task: ParityTask, potentials: list[str] | None, points: str, geometry: str
) -> tuple[Component | None, list[Component]]:
    """Return the table of statistics, and the table of every recomputed case."""
    catalog, chosen = web_context().catalog, list(potentials or ())
    table = computed_table(catalog, task.computed)
    try:
        paper = _paper_series(catalog, task, chosen, points)
    except SoftdashError:
        paper = []
    if table is not None and reference_rows(table).empty:
        table = None
    own = [] if table is None else computed_series(table, chosen, geometry=geometry)
    if not paper and not own:
        return no_potential_chosen(f"/{task.key}"), []
    statistics = statistics_table(
        f"{task.key}-statistics-table",
        (
            StatisticsGroup(
                f"Digitised from {task.figure} of the paper; printed errors are over all of its {task.many}",
                paper,
                published_errors(catalog, task.published_task),
                is_counted=not task.is_illustration,
            ),
            *recomputed_groups(own),
        ),
        unit=task.unit,
        file_name=f"softdash-{task.key}-statistics",
        label=f"Statistics of {task.plural}",
    )
    if table is None:
        return statistics, []
    reasons = left_out_list(left_out(table, chosen, geometry=geometry))
    cases = case_table(
        f"{task.key}-cases-table", table, chosen, geometry=geometry, headings=task.headings, unit=task.unit
    )
    further = remarks(catalog, task.key, table, chosen, geometry)
    heading = html.H3(f"Each of the recomputed {task.many}")
    return statistics, [*([reasons] if reasons else []), heading, cases, further]


def register_parity_callbacks(app: Dash, task: ParityTask) -> None:
    """Add the callbacks of one task's page."""
    key, theme = task.key, Input("theme", "data")
    potentials = Input(view_id("potentials"), "value")
    points, geometry = Input(view_id("points"), "value"), Input(view_id("geometry"), "value")
    for side, show, choice in (("paper", show_paper, points), ("own", show_own, geometry)):
        app.callback(
            Output(f"{key}-{side}", "figure"),
            Output(f"{key}-{side}-title", "children"),
            Output(f"{key}-{side}-caption", "children"),
            theme,
            potentials,
            choice,
        )(_bound(task, show))
    app.callback(
        Output(f"{key}-statistics", "children"),
        Output(f"{key}-cases", "children"),
        potentials,
        points,
        geometry,
    )(_bound(task, show_numbers))


def _bound(task: ParityTask, show: Any) -> Any:
    def callback(*values: Any) -> Any:
        return show(task, *values)

    return callback


def _drawn(task: ParityTask, theme: str, series: Sequence[EnergySeries], *, with_fits: bool = True) -> dict[str, Any]:
    figure = energy_parity(
        series,
        quantity=task.quantity,
        unit=task.unit,
        theme=checked_theme(theme),
        decimals=task.decimals,
        with_fits=with_fits,
    )
    drawn: dict[str, Any] = figure.to_dict()
    return drawn


def _nothing(theme: str, reason: str) -> tuple[Any, ...]:
    return {"data": [], "layout": layout_of(checked_theme(theme))}, "This cannot be shown", reason


def _nothing_computed(table: pd.DataFrame, chosen: Sequence[str]) -> str:
    if not chosen:
        return "Choose a potential"
    computed = ", ".join(energy_label(name) for name in computed_potentials(table)) or "none"
    return f"None of the chosen potentials was recomputed (computed: {computed})"


def _published_count(catalog: Catalog, task: ParityTask) -> int | None:
    try:
        values = catalog.published_values(task.published_task)
    except SoftdashError:
        return None
    rows = values[values["metric"] == task.published_count]
    return None if rows.empty else int(rows.iloc[0]["value"])
