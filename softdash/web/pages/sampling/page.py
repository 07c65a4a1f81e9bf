"""No DFT yet? States sampled of a structure, under their own link: progress, what to expect, the inputs to compute."""

from __future__ import annotations

import dash
from dash import Dash, Input, Output, State

from softdash.errors import NotFoundError
from softdash.web.context import web_context
from softdash.web.pages.sampling.callbacks import (
    CHANGE_OUTPUTS,
    PROGRESS_OUTPUTS,
    STRUCTURE_OUTPUTS,
    cancel,
    change,
    draw,
    show,
)
from softdash.web.pages.sampling.layout import STRUCTURE, layout, shown_title
from softdash.web.parts.report_heading import register_owner_part
from softdash.web.parts.structure_view import bonds_input
from softdash.web.parts.view_state import view_id


def is_found(sampling_id: str) -> bool:
    """Whether there is such a sampling; without one the page is sent with status 404."""
    try:
        web_context().service.samplings.sampling(sampling_id)
    except NotFoundError:
        return False
    return True


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page(
        "sampling",
        path_template="/sampling/<sampling_id>",
        title=page_title,
        layout=layout,
        is_found=is_found,
    )
    sampling_id = State("sampling-id", "data")
    app.callback(
        output=PROGRESS_OUTPUTS,
        inputs=[Input("sampling-poll", "n_intervals")],
        state=[sampling_id, State("sampling-shown", "data")],
        prevent_initial_call=True,
    )(show)
    app.callback(
        Output("sampling-cancel", "disabled"),
        Input("sampling-cancel", "n_clicks"),
        sampling_id,
        prevent_initial_call=True,
    )(cancel)
    app.callback(
        output=CHANGE_OUTPUTS,
        inputs=[Input("sampling-edit", "n_clicks"), Input("sampling-delete", "n_clicks")],
        state=[sampling_id, State("sampling-delete-token", "value"), State("sampling-edit-title", "value")],
        prevent_initial_call=True,
    )(change)
    register_owner_part(app, "sampling")
    app.callback(
        output=STRUCTURE_OUTPUTS,
        inputs={
            "frame": Input(view_id("frame"), "value"),
            "bonds": bonds_input(STRUCTURE),
            "theme": Input("theme", "data"),
        },
        state={"sampling_id": sampling_id},
    )(draw)


def page_title(sampling_id: str = "") -> str:
    """Return the title of the browser's tab."""
    try:
        return f"{shown_title(web_context().service.samplings.sampling(sampling_id))} · softdash"
    except NotFoundError:
        return "States to label · softdash"
