"""One diagnosis under its own link: progress while it runs, then the report; the same for everybody with the link."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.components.error_message import error_message
from softdash.web.components.material_names import subscripted
from softdash.web.components.page_parts import notice
from softdash.web.components.report_body import chosen_result, report_body
from softdash.web.components.report_figures import ReportFigures
from softdash.web.components.run_progress import ended_without_result, run_progress
from softdash.web.context import web_context
from softdash.web.pages.not_found_404 import not_found
from softdash.web.shell import view_defaults, view_id
from softdash.web.theme import checked_theme

_POLL_MILLISECONDS = 250


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the page shows at one moment; `body` is None while there is no report."""

    progress: list[Component]
    body: list[Component] | None
    is_final: bool
    can_switch: bool = False


def is_found(report_id: str) -> bool:
    """Whether there is such a diagnosis; without one the page is sent with status 404."""
    try:
        web_context().service.diagnosis(report_id)
    except NotFoundError:
        return False
    return True


def layout(report_id: str = "", potential: str | None = None, **_: str) -> Component:
    """Return the frame of the page; its content comes with the first poll, in the colour scheme of the browser.

    Parameters
    ----------
    report_id : str
        From the address.
    potential : str, optional
        The potential whose parity plot is shown; unknown ones are dropped.
    """
    try:
        record = web_context().service.diagnosis(report_id)
    except NotFoundError:
        return not_found(
            "There is no such report",
            "Its link may be mistyped, or the report was deleted. Whoever holds its delete token can do that.",
        )
    names = [run.potential for run in record.runs]
    chosen = potential if potential in names else names[0]
    is_final = record.state.is_final
    return html.Article(
        [
            dcc.Store(id="report-id", data=record.id),
            dcc.Interval(id="report-poll", interval=_POLL_MILLISECONDS, disabled=is_final),
            view_defaults(potential=names[0]),
            _heading(record),
            _delete_token(),
            _potential_switch(record, chosen),
            html.Div(_first_progress(record), id="report-progress"),
            html.Div(
                html.Button("Cancel", id="report-cancel", type="button", className="button small"),
                id="report-cancel-row",
                hidden=is_final,
                className="button-row no-print",
            ),
            html.Div(id="report-body"),
            _delete_part(),
        ],
        className="report",
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page(
        "report", path_template="/report/<report_id>", title="Report · softdash", layout=layout, is_found=is_found
    )
    app.callback(
        Output("report-progress", "children"),
        Output("report-body", "children"),
        Output("report-poll", "disabled"),
        Output("report-cancel-row", "hidden"),
        Output("report-tools", "hidden"),
        Output("report-switch", "hidden"),
        Input("theme", "data"),
        Input("report-poll", "n_intervals"),
        Input(view_id("potential"), "value"),
        State("report-id", "data"),
    )(show)
    app.callback(
        Output("report-cancel", "disabled"),
        Input("report-cancel", "n_clicks"),
        State("report-id", "data"),
        prevent_initial_call=True,
    )(cancel)
    app.callback(
        Output("report-deleted", "children"),
        Output("report-delete-form", "hidden"),
        Input("report-delete", "n_clicks"),
        State("report-id", "data"),
        State("report-delete-token", "value"),
        prevent_initial_call=True,
    )(delete)
    app.clientside_callback(
        ClientsideFunction("softdash_diagnosis", "token"),
        Output("report-token", "children"),
        Output("report-token-note", "hidden"),
        Output("report-delete-token", "value"),
        Input("report-id", "data"),
    )


def show(theme: str | None, _polls: int | None, potential: str | None, report_id: str) -> tuple[Any, ...]:
    """Fill the page: progress, or the report with its figures, in one round trip."""
    if theme is None:
        return (no_update,) * 6
    view = report_view(report_id, potential, theme)
    return (
        view.progress,
        no_update if view.body is None else view.body,
        view.is_final,
        view.is_final,
        view.body is None,
        view.body is None or not view.can_switch,
    )


def report_view(report_id: str, potential: str | None, theme: str) -> ReportView:
    """Return what the page of a diagnosis shows now."""
    context = web_context()
    try:
        record = context.service.diagnosis(report_id)
        if not record.state.is_final:
            return ReportView(run_progress(record), None, is_final=False)
        if record.state is not DiagnosisState.DONE:
            return ReportView(ended_without_result(record), None, is_final=True)
        report = context.service.report(report_id)
    except SoftdashError as error:
        return ReportView([error_message(error)], None, is_final=True)
    figures = ReportFigures(
        report,
        checked_theme(theme),
        service=context.service,
        catalog=context.catalog,
        max_points=context.settings.parity_points_drawn,
    )
    body = report_body(report, chosen_result(report, potential), figures)
    return ReportView([], body, is_final=True, can_switch=len(report.results) > 1)


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
    gone = notice(
        [
            html.P("This report was deleted and its link leads nowhere. What you still see is only in this window."),
            html.P(dcc.Link("Diagnose another material", href="/diagnose")),
        ]
    )
    return gone, True


def _first_progress(record: DiagnosisRecord) -> list[Component]:
    """Return what stands there until the first poll has answered."""
    return [html.P("Drawing the report …", className="muted")] if record.state.is_final else run_progress(record)


def _heading(record: DiagnosisRecord) -> Component:
    again = f"/diagnose?upload={record.upload_id}"
    return html.Div(
        [
            html.P(f"Diagnosis of {record.created_at:%-d %B %Y}", className="eyebrow"),
            html.H1(_title(record)),
            html.Div(
                [
                    html.Button("Copy link", type="button", className="button", **{"data-copy": "address"}),
                    html.Span(
                        [
                            html.A(kind, href=f"/report/{record.id}.{kind}", className="button", download=True)
                            for kind in ("json", "csv", "html")
                        ],
                        id="report-tools",
                        hidden=record.state is not DiagnosisState.DONE,
                        className="report-downloads",
                    ),
                    dcc.Link("Try another potential", href=again, className="button"),
                ],
                className="button-row no-print",
            ),
        ],
        className="page-header",
    )


def _title(record: DiagnosisRecord) -> str:
    material, by, potentials = record.title.partition(" by ")
    return f"{subscripted(material)}{by}{potentials}"


def _potential_switch(record: DiagnosisRecord, chosen: str) -> Component:
    control = dmc.RadioGroup(
        dmc.Group([dmc.Radio(label=run.label, value=run.potential) for run in record.runs], gap="lg"),
        id=view_id("potential"),
        value=chosen,
        label="Verdict and parity plot of",
    )
    # The poll shows it, when there is something to switch.
    return html.Div(control, id="report-switch", hidden=True, className="no-print potential-switch")


def _delete_token() -> Component:
    return html.Div(
        [
            html.P(
                [
                    (
                        "Whoever has the link of this page can read it. Only this token can delete it; "
                        "keep it, it is shown in this browser tab only: "
                    ),
                    html.Code(id="report-token"),
                ]
            ),
            html.Button(
                "Copy token",
                id="report-token-copy",
                type="button",
                className="button small",
                **{"data-copy-from": "report-token"},
            ),
        ],
        id="report-token-note",
        hidden=True,
        className="notice no-print",
    )


def _delete_part() -> Component:
    return html.Div(
        [
            html.Details(
                [
                    html.Summary("Delete this report"),
                    html.Div(
                        [
                            dmc.TextInput(label="Delete token", id="report-delete-token", className="delete-token"),
                            html.Button("Delete for good", id="report-delete", type="button", className="button"),
                        ],
                        id="report-delete-form",
                        className="controls",
                    ),
                ],
                className="provenance",
            ),
            html.Div(id="report-deleted", **{"aria-live": "polite"}),
        ],
        className="no-print report-delete",
    )
