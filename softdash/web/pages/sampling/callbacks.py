"""What the page of a sampling answers: the poll, the buttons, and the drawing of a state."""

from __future__ import annotations

import contextlib
from typing import Any

from dash import Output, ctx, html, no_update

from softdash.errors import NotFoundError, SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.structure import drawn_atoms, structure_figure
from softdash.web.pages.sampling.layout import STRUCTURE, facts_part, frame_count, progress_part, shown_title, view_part
from softdash.web.parts.error_message import error_message
from softdash.web.parts.report_heading import deleted_notice
from softdash.web.parts.structure_view import checked_frame, structure_caption, structure_facts, structure_outputs
from softdash.web.theme import checked_theme

PROGRESS_OUTPUTS = {
    "progress": Output("sampling-progress", "children"),
    "view": Output("sampling-view", "children"),
    "facts": Output("sampling-facts", "children"),
    "state": Output("sampling-shown", "data"),
    "poll_disabled": Output("sampling-poll", "disabled"),
    "cancel_hidden": Output("sampling-cancel-row", "hidden"),
}

CHANGE_OUTPUTS = {
    "title": Output("sampling-title", "children"),
    "edited": Output("sampling-edited", "children"),
    "deleted": Output("sampling-deleted", "children"),
    "form_hidden": Output("sampling-delete-form", "hidden"),
}

STRUCTURE_OUTPUTS = structure_outputs(STRUCTURE)


def show(_polls: int | None, sampling_id: str, shown: str) -> dict[str, Any]:
    """Show how far the sampling is; the structure gives way to its states when they are there."""
    unchanged = dict.fromkeys(PROGRESS_OUTPUTS, no_update)
    try:
        record = web_context().service.samplings.sampling(sampling_id)
    except SoftdashError as error:
        ended = {"state": shown, "poll_disabled": True, "cancel_hidden": True}
        return {**unchanged, **ended, "progress": [error_message(error)]}
    is_final = record.state.is_final
    has_ended = record.state.value != shown and is_final
    return {
        **unchanged,
        **({"view": view_part(record, None), "facts": facts_part(record)} if has_ended else {}),
        "progress": progress_part(record),
        "state": record.state.value,
        "poll_disabled": is_final,
        "cancel_hidden": is_final,
    }


def cancel(clicks: int | None, sampling_id: str) -> bool:
    """Cancel the sampling; the next poll shows it."""
    if clicks:
        with contextlib.suppress(NotFoundError):  # deleted meanwhile: the next poll says so
            web_context().service.samplings.cancel(sampling_id)
    return bool(clicks)


def change(
    _saves: int | None, _deletions: int | None, sampling_id: str, token: str | None, title: str | None
) -> dict[str, Any]:
    """Set the title, or delete the sampling, whichever button was pressed, if the token is right."""
    samplings, given = web_context().service.samplings, (token or "").strip()
    unchanged = dict.fromkeys(CHANGE_OUTPUTS, no_update)
    try:
        if ctx.triggered_id == "sampling-delete":
            samplings.delete(sampling_id, given)
            return {**unchanged, "deleted": deleted_notice("sampling"), "form_hidden": True}
        record = samplings.rename(sampling_id, given, title or "")
    except SoftdashError as error:
        return {**unchanged, "edited": error_message(error)}
    return {**unchanged, "title": shown_title(record), "edited": html.P("Saved.", className="muted small")}


def draw(frame: int | None, bonds: bool, theme: str | None, sampling_id: str) -> dict[str, Any]:
    """Draw the structure, or one of its states."""
    context = web_context()
    unchanged = dict.fromkeys(STRUCTURE_OUTPUTS, no_update)
    if theme is None:
        return unchanged
    try:
        record = context.service.samplings.sampling(sampling_id)
        number = checked_frame(frame, frame_count(record))
        geometry = context.service.samplings.frame_geometry(sampling_id, number - 1)
    except SoftdashError as error:
        return {**unchanged, "caption": error_message(error)}
    limit = context.settings.structure_atoms_drawn
    figure = structure_figure(geometry, theme=checked_theme(theme), frame=number, max_atoms=limit, bonds=bool(bonds))
    return {
        "figure": figure.to_dict(),
        "caption": structure_caption(geometry, len(drawn_atoms(geometry, limit)), None),
        "facts": structure_facts(geometry, has_forces=False),
        "number": str(number),
    }
