"""A table of forces from the clipboard, with its structure. ``assets/paste.js`` sends both like files."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

_EXAMPLE = """Ti   0.0312  -0.1180   0.0007
O   -0.0156   0.0590  -0.0004
…"""


def paste_part() -> Component:
    """Return the folded form."""
    return html.Details(
        [
            html.Summary("Paste a table of forces", className="button small"),
            html.Div([_forces(), _structure(), _send()], className="paste-form"),
        ],
        id="paste",
        className="paste",
    )


def _forces() -> Component:
    return html.Div(
        [
            html.Label("Forces", htmlFor="paste-forces", className="field-label"),
            html.Textarea(
                id="paste-forces",
                rows=7,
                spellCheck="false",
                wrap="off",
                placeholder=_EXAMPLE,
                className="paste-text",
                **{"aria-describedby": "paste-help"},
            ),
            html.P(
                (
                    "One row per atom, copied from OUTCAR, pw.x, FHI-aims, CP2K, CASTEP, a spreadsheet …; with its "
                    "heading, softdash knows columns and unit."
                ),
                id="paste-help",
                className="small muted",
            ),
        ]
    )


def _structure() -> Component:
    return html.Div(
        [
            html.Span("Structure", className="field-label", id="paste-structure-label"),
            html.Div(
                [
                    html.Button("Choose its file", id="paste-structure", type="button", className="button small"),
                    html.Span(id="paste-structure-name", className="small", **{"aria-live": "polite"}),
                ],
                className="button-row",
                role="group",
                **{"aria-labelledby": "paste-structure-label"},
            ),
            html.Details(
                [
                    html.Summary("or paste it, too"),
                    html.Textarea(
                        id="paste-structure-text",
                        rows=5,
                        spellCheck="false",
                        wrap="off",
                        className="paste-text",
                        **{"aria-label": "Structure as text: CIF or POSCAR"},
                    ),
                    html.P("CIF or POSCAR.", className="small muted"),
                ],
                className="provenance",
            ),
        ]
    )


def _send() -> Component:
    return html.Div(
        [
            html.Button("Read", id="paste-send", type="button", className="button small primary"),
            html.Span(id="paste-problem", className="small paste-problem", role="alert"),
        ],
        className="button-row",
    )
