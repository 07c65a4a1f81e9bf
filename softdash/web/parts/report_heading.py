"""The head of a report's page: title and note of its owner, downloads, how long it is kept; the forms to change it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState
from softdash.diagnosis.suitability import NOTE_LENGTH, TITLE_LENGTH
from softdash.web.parts.material_names import title_text
from softdash.web.parts.page_parts import notice
from softdash.web.parts.viewed_report import compared_name

_KINDS = ("json", "csv", "extxyz", "html")


def report_heading(record: DiagnosisRecord, material: str | None = None) -> Component:
    """Return title, note, date and what can be done with the report, or with the one of its materials that is shown."""
    compare = f"/compare?{urlencode({'ids': compared_name(record.id, material)}, safe=':')}"
    again = f"/diagnose?upload={record.upload_id}"
    return html.Div(
        [
            html.P([f"Diagnosis of {record.created_at:%-d %B %Y}", kept_until(record.expires_at)], className="eyebrow"),
            html.H1(shown_title(record), id="report-title"),
            html.Div(shown_note(record), id="report-note", className="report-note"),
            html.P(id="report-address", className="print-only muted small"),  # diagnosis.js knows it
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
                    dcc.Link("Compare with another report", href=compare, className="button"),
                ],
                className="button-row no-print",
            ),
        ],
        className="page-header",
    )


def kept_until(expires_at: datetime | None) -> str:
    """Return until when a page can be had, for the line above its title."""
    if expires_at is None:
        return " · kept until it is deleted"
    return f" · kept until {expires_at:%-d %B %Y}"


def shown_title(record: DiagnosisRecord) -> str:
    """Return the title; the formula of a title that softdash made has subscripts."""
    return title_text(record.title)


def shown_note(record: DiagnosisRecord) -> list[Component]:
    """Return the note, a paragraph for each of its lines; React shows it as text, whatever it holds."""
    return [html.P(line) for line in record.note.splitlines() if line.strip()]


def owner_part(kind: str = "report") -> Component:
    """Return what the owner sees in the browser tab that started it: the token. `kind` begins the ids."""
    sentence = (
        "Whoever has the link of this page can read it. Only this token can delete it or change its title; "
        "keep it, it is shown in this browser tab only: "
    )
    return html.Div(
        [
            html.P([sentence, html.Code(id=f"{kind}-token")]),
            html.Button(
                "Copy token",
                id=f"{kind}-token-copy",
                type="button",
                className="button small",
                **{"data-copy-from": f"{kind}-token"},
            ),
        ],
        id=f"{kind}-token-note",
        hidden=True,
        className="notice no-print",
    )


def register_owner_part(app: Dash, kind: str = "report") -> None:
    """Add the callback that shows the token, where the browser keeps one, and fills it into the forms."""
    app.clientside_callback(
        ClientsideFunction("softdash_diagnosis", "token"),
        Output(f"{kind}-token", "children"),
        Output(f"{kind}-token-note", "hidden"),
        Output(f"{kind}-delete-token", "value"),
        Input(f"{kind}-id", "data"),
    )


def change_part(record: DiagnosisRecord) -> Component:
    """Return the forms that change title and note or delete the report; both need the token."""
    note = dmc.Textarea(
        label="Note",
        id="report-edit-note",
        value=record.note,
        attributes={"input": {"maxLength": NOTE_LENGTH}},
        autosize=True,
        minRows=2,
        maxRows=8,
        placeholder="What the frames are, how they were computed, what the report is for",
    )
    return change_forms("report", "report", record.title, note)


def change_forms(kind: str, what: str, title: str, note: Component | None = None) -> Component:
    """Return the forms of an owner.

    Parameters
    ----------
    kind : str
        Begins the ids.
    what : str
        What is changed or deleted, in a word.
    title : str
        At present.
    note : Component, optional
        The field of a note.
    """
    edit = [
        dmc.TextInput(
            label="Title", id=f"{kind}-edit-title", value=title, attributes={"input": {"maxLength": TITLE_LENGTH}}
        ),
        *([note] if note is not None else []),
        html.Div(
            html.Button(
                "Save title and note" if note is not None else "Save title",
                id=f"{kind}-edit",
                type="button",
                className="button small",
            ),
            className="button-row",
        ),
        html.Div(id=f"{kind}-edited", **{"aria-live": "polite"}),
    ]
    delete = html.Div(
        html.Button("Delete for good", id=f"{kind}-delete", type="button", className="button"),
        id=f"{kind}-delete-form",
        className="button-row",
    )
    return html.Div(
        [
            html.Details(
                [
                    html.Summary(f"Change title{' and note' if note is not None else ''}, or delete this {what}"),
                    dmc.TextInput(label="Token of its owner", id=f"{kind}-delete-token", className="delete-token"),
                    html.Div(edit, className="edit-form"),
                    delete,
                ],
                className="provenance",
            ),
            html.Div(id=f"{kind}-deleted", **{"aria-live": "polite"}),
        ],
        className="no-print report-delete",
    )


def deleted_notice(what: str = "report") -> Component:
    """Return what stands in the place of the forms when it is gone."""
    return notice(
        [
            html.P(f"This {what} was deleted and its link leads nowhere. What you still see is only in this window."),
            html.P(dcc.Link("Diagnose another material", href="/diagnose")),
        ]
    )
