"""The page of a task with one energy per case (surfaces, point defects): parity as published and as recomputed."""

from __future__ import annotations

from functools import partial

import pandas as pd
from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.catalog import Catalog
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.context import web_context
from softdash.web.parts.energies.callbacks import show_numbers, show_own, show_paper
from softdash.web.parts.energies.parity_task import ParityTask
from softdash.web.parts.energies.potentials import potentials_field, potentials_offered
from softdash.web.parts.energies.series import reference_rows
from softdash.web.parts.energies.tables import settings_table
from softdash.web.parts.energies.texts import GEOMETRIES
from softdash.web.parts.error_message import error_message
from softdash.web.parts.page_parts import (
    card_outputs,
    card_to_fill,
    caveats_section,
    next_step,
    notice,
    page_header,
    provenance,
)
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.view_state import view_defaults, view_id

POINTS = {"all": "All found", "complete": "In all three"}


def parity_layout(
    task: ParityTask,
    potentials: str | None = None,
    points: str | None = None,
    geometry: str | None = None,
    **_: str,
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
            *caveats_section(task.caveats),
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
            _card(catalog, task, "paper", task.digitised, file_name="digitised", download="All points (CSV)"),
        ]
    )


def _own_side(catalog: Catalog, task: ParityTask) -> Component:
    heading = side_heading("Recomputed", "recomputed")
    problem = absent(catalog, task.computed, f"softdash benchmark {task.key}")
    if problem is not None:
        return html.Div([heading, problem])
    card = _card(catalog, task, "own", task.computed, file_name="recomputed", download="Whole table (CSV)")
    return html.Div([heading, card])


def _card(catalog: Catalog, task: ParityTask, side: str, path: str, *, file_name: str, download: str) -> Component:
    return card_to_fill(
        f"{task.key}-{side}",
        task.title,
        file_name=f"softdash-{task.key}-{file_name}",
        height=470,
        extra_tools=[html.A(download, href=table_address(path))],
        details=provenance(resource_facts(catalog, path)),
    )


def register_parity_callbacks(app: Dash, task: ParityTask) -> None:
    """Add the callbacks of one task's page."""
    theme = Input("theme", "data")
    potentials, points, geometry = (Input(view_id(key), "value") for key in ("potentials", "points", "geometry"))
    app.callback(
        output=card_outputs(f"{task.key}-paper"), inputs={"theme": theme, "potentials": potentials, "points": points}
    )(partial(show_paper, task))
    app.callback(
        output=card_outputs(f"{task.key}-own"), inputs={"theme": theme, "potentials": potentials, "geometry": geometry}
    )(partial(show_own, task))
    app.callback(
        output=[Output(f"{task.key}-statistics", "children"), Output(f"{task.key}-cases", "children")],
        inputs={"potentials": potentials, "points": points, "geometry": geometry},
    )(partial(show_numbers, task))
