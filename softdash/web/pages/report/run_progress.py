"""How far a diagnosis is, potential by potential, and how it ended where it ended without a report."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState, RunRecord
from softdash.web.parts.error_message import error_message
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import notice

_STATE_TEXT = {
    DiagnosisState.QUEUED: "waiting",
    DiagnosisState.RUNNING: "computing",
    DiagnosisState.DONE: "done",
    DiagnosisState.FAILED: "failed",
    DiagnosisState.CANCELLED: "cancelled",
}


def run_progress(record: DiagnosisRecord) -> list[Component]:
    """Return one progress bar per potential, and what the whole is waiting for."""
    if record.state is DiagnosisState.QUEUED:
        ahead = (record.place_in_queue or 1) - 1
        heading = (
            f"Waiting: {count_text(ahead, 'diagnosis', 'diagnoses')} before this one" if ahead else "Waiting to start"
        )
    else:
        heading = "Computing the forces"
    parts: list[Component] = [html.Div(html.H2(heading, className="progress-heading"), role="status")]
    if record.message:
        parts.append(notice(html.P(record.message)))
    parts += [_bar(run) for run in record.runs]
    parts.append(
        html.P("You can close this page: the diagnosis goes on, and its link leads back here.", className="muted small")
    )
    return parts


def ended_without_result(record: DiagnosisRecord) -> list[Component]:
    """Return the page of a diagnosis that was cancelled or failed."""
    again = html.P(
        dcc.Link(
            "Start again with the same files", href=f"/diagnose?upload={record.upload_id}", className="button primary"
        )
    )
    if record.state is DiagnosisState.CANCELLED:
        done = [run for run in record.runs if run.done]
        reached = "; ".join(f"{run.label}: {run.done} of {count_text(run.total, 'frame')}" for run in done)
        text = f"It was stopped before it was done ({reached})." if reached else "It was stopped before it began."
        return [html.H2("This diagnosis was cancelled", className="progress-heading"), html.P(text), again]
    parts: list[Component] = [html.H2("This diagnosis failed", className="progress-heading")]
    if record.message:
        parts.append(html.P(record.message))
    for run in record.runs:
        if run.error is not None:
            parts += [html.H3(run.label), error_message(run.error)]
    return [*parts, again]


def _bar(run: RunRecord) -> Component:
    share = 100 * run.done / run.total if run.total else 0
    state = _STATE_TEXT[run.state]
    detail = f"{run.done} of {count_text(run.total, 'frame')}" if run.state is DiagnosisState.RUNNING else state
    if run.attempts > 1 and not run.state.is_final:
        detail += f", attempt {run.attempts}"
    return html.Div(
        [
            html.Div([html.Span(run.label), html.Span(detail, className="muted number")], className="run-line"),
            dmc.Progress(
                value=share,
                striped=run.state is DiagnosisState.RUNNING,
                animated=run.state is DiagnosisState.RUNNING,
                **{"aria-label": run.label},
            ),
        ],
        className="run",
    )
