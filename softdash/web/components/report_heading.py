"""The head of a report's page: title and note of its owner, downloads, how long it is kept; the forms to change it."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState
from softdash.diagnosis.suitability import NOTE_LENGTH, TITLE_LENGTH
from softdash.web.components.material_names import subscripted
from softdash.web.components.page_parts import notice

_KINDS = ("json", "csv", "extxyz", "html")


def report_heading(record: DiagnosisRecord) -> Component:
    """Return title, note, date and what can be done with the report."""
    again = f"/diagnose?upload={record.upload_id}"
    return html.Div(
        [
            html.P([f"Diagnosis of {record.created_at:%-d %B %Y}", kept_until(record)], className="eyebrow"),
            html.H1(shown_title(record), id="report-title"),
            html.Div(shown_note(record), id="report-note", className="report-note"),
            html.Div(
                [
                    html.Button("Copy link", type="button", className="button", **{"data-copy": "address"}),
                    html.Span(
                        [
                            html.A(kind, href=f"/report/{record.id}.{kind}", className="button", download=True)
                            for kind in _KINDS
                        ],
                        id="report-tools",
                        hidden=record.state is not DiagnosisState.DONE,
                        className="report-downloads",
                    ),
                    dcc.Link("Try another potential", href=again, className="button"),
                    dcc.Link("Compare with another report", href=f"/compare?ids={record.id}", className="button"),
                ],
                className="button-row no-print",
            ),
        ],
        className="page-header",
    )


def kept_until(record: DiagnosisRecord) -> str:
    """Return until when the report can be had."""
    if record.expires_at is None:
        return " · kept until it is deleted"
    return f" · kept until {record.expires_at:%-d %B %Y}"


def shown_title(record: DiagnosisRecord) -> str:
    """Return the title; the formula of a title that softdash made has subscripts."""
    material, by, potentials = record.title.partition(" by ")
    return f"{subscripted(material)}{by}{potentials}"


def shown_note(record: DiagnosisRecord) -> list[Component]:
    """Return the note, a paragraph for each of its lines; React shows it as text, whatever it holds."""
    return [html.P(line) for line in record.note.splitlines() if line.strip()]


def owner_part() -> Component:
    """Return what the owner sees in the browser tab that started the diagnosis: the token."""
    sentence = (
        "Whoever has the link of this page can read it. Only this token can delete it or change its title; "
        "keep it, it is shown in this browser tab only: "
    )
    return html.Div(
        [
            html.P([sentence, html.Code(id="report-token")]),
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


def change_part(record: DiagnosisRecord) -> Component:
    """Return the forms that change the title or delete the report; both need the token."""
    edit = [
        dmc.TextInput(
            label="Title", id="report-edit-title", value=record.title, attributes={"input": {"maxLength": TITLE_LENGTH}}
        ),
        dmc.Textarea(
            label="Note",
            id="report-edit-note",
            value=record.note,
            attributes={"input": {"maxLength": NOTE_LENGTH}},
            autosize=True,
            minRows=2,
            maxRows=8,
            placeholder="What the frames are, how they were computed, what the report is for",
        ),
        html.Div(
            html.Button("Save title and note", id="report-edit", type="button", className="button small"),
            className="button-row",
        ),
        html.Div(id="report-edited", **{"aria-live": "polite"}),
    ]
    delete = html.Div(
        html.Button("Delete for good", id="report-delete", type="button", className="button"),
        id="report-delete-form",
        className="button-row",
    )
    return html.Div(
        [
            html.Details(
                [
                    html.Summary("Change title and note, or delete this report"),
                    dmc.TextInput(label="Token of its owner", id="report-delete-token", className="delete-token"),
                    html.Div(edit, className="edit-form"),
                    delete,
                ],
                className="provenance",
            ),
            html.Div(id="report-deleted", **{"aria-live": "polite"}),
        ],
        className="no-print report-delete",
    )


def deleted_notice() -> Component:
    """Return what stands in the place of the forms when the report is gone."""
    return notice(
        [
            html.P("This report was deleted and its link leads nowhere. What you still see is only in this window."),
            html.P(dcc.Link("Diagnose another material", href="/diagnose")),
        ]
    )
