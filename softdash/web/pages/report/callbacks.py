"""What the page of a report answers: the poll, new readings of the files, and the buttons."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from dash import Output, html, no_update
from dash.development.base_component import Component

from softdash.diagnosis.records import DiagnosisState
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.report.body import chosen_result, report_details, report_head
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.pages.report.material_chooser import material_bar
from softdash.web.pages.report.run_progress import ended_without_result, run_progress
from softdash.web.parts.error_message import error_message
from softdash.web.parts.reading_choices import reading_error
from softdash.web.parts.reading_corrections import corrected_diagnosis
from softdash.web.parts.report_heading import deleted_notice, shown_note, shown_title
from softdash.web.parts.viewed_report import viewed_report
from softdash.web.theme import checked_theme

CORRECTION = "report-correction"
"""The store that takes what a reader corrects, as a patch of options."""

REPORT_OUTPUTS = {
    "progress": Output("report-progress", "children"),
    "body": Output("report-body", "children"),
    "poll_disabled": Output("report-poll", "disabled"),
    "cancel_hidden": Output("report-cancel-row", "hidden"),
    "tools_hidden": Output("report-tools", "hidden"),
    "switch_hidden": Output("report-switch", "hidden"),
    "details": Output("report-details", "children"),
    "structure_hidden": Output("report-structure", "hidden"),
}


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the page shows at one moment; `body` is None while there is no report."""

    progress: list[Component]
    body: list[Component] | None
    is_final: bool
    can_switch: bool = False
    details: list[Component] | None = None
    are_several: bool = False


def show(
    theme: str | None,
    _polls: int | None,
    potential: str | None,
    plots: str | None,
    report_id: str,
    material: str | None = None,
) -> dict[str, Any]:
    """Fill the page: progress, or the report with its figures, in one round trip."""
    if theme is None:
        return dict.fromkeys(REPORT_OUTPUTS, no_update)
    view = report_view(report_id, potential, theme, plots, material)
    return {
        "progress": view.progress,
        "body": no_update if view.body is None else view.body,
        "poll_disabled": view.is_final,
        "cancel_hidden": view.is_final,
        "tools_hidden": view.body is None,
        "switch_hidden": view.body is None or not view.can_switch,
        "details": no_update if view.details is None else view.details,
        "structure_hidden": view.body is None or view.are_several,
    }


def report_view(
    report_id: str, potential: str | None, theme: str, plots: str | None = None, material: str | None = None
) -> ReportView:
    """Return what the page of a diagnosis shows now."""
    context = web_context()
    try:
        record = context.service.diagnosis(report_id)
        if not record.state.is_final:
            return ReportView(run_progress(record), None, is_final=False)
        if record.state is not DiagnosisState.DONE:
            return ReportView(ended_without_result(record), None, is_final=True)
        viewed = viewed_report(context.service.report(report_id), material)
    except SoftdashError as error:
        return ReportView([error_message(error)], None, is_final=True)
    report = viewed.shown
    figures = ReportFigures(
        viewed,
        checked_theme(theme),
        service=context.service,
        catalog=context.catalog,
        max_points=context.settings.parity_points_drawn,
    )
    chosen = chosen_result(report, potential)
    corrections = CORRECTION if report.example is None else None
    named = None if chosen is report.results[0] else chosen.potential.name
    head = report_head(report, chosen, plots or "one", figures, corrections)
    details = report_details(report, chosen, figures, corrections)
    can_switch = len(report.results) > 1
    return ReportView(material_bar(viewed, named), head, True, can_switch, details, viewed.are_several)


def read_again(correction: dict[str, Any] | None, report_id: str) -> tuple[Any, Any]:
    """Diagnose the files anew, read as a reader of the report corrects it; `correction` holds a patch of options."""
    if not correction:
        return no_update, no_update
    try:
        created = corrected_diagnosis(web_context().service, report_id, correction.get("options"))
    except SoftdashError as error:
        return no_update, reading_error(error)
    return {"id": created.record.id, "token": created.delete_token}, ""


def cancel(clicks: int | None, report_id: str) -> bool:
    """Cancel the diagnosis; the next poll shows how it ended."""
    if not clicks:
        return False
    with contextlib.suppress(NotFoundError):  # deleted meanwhile: the next poll says so
        web_context().service.cancel(report_id)
    return True


def delete(clicks: int | None, report_id: str, token: str | None) -> tuple[Any, Any]:
    """Delete the report if the token is right."""
    if not clicks:
        return no_update, no_update
    try:
        web_context().service.delete(report_id, (token or "").strip())
    except SoftdashError as error:
        return error_message(error), False
    return deleted_notice(), True


def edit(
    clicks: int | None, report_id: str, token: str | None, title: str | None, note: str | None
) -> tuple[Any, Any, Any]:
    """Set title and note if the token is right."""
    if not clicks:
        return (no_update,) * 3
    try:
        record = web_context().service.edit(report_id, (token or "").strip(), title or "", note or "")
    except SoftdashError as error:
        return no_update, no_update, error_message(error)
    return shown_title(record), shown_note(record), html.P("Saved.", className="muted small")
