"""The page for addresses that lead nowhere; sent with status 404."""

from __future__ import annotations

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component


def not_found(title: str = "This page does not exist", reason: str | None = None) -> Component:
    """Return the body of a 404 page.

    Parameters
    ----------
    title : str
        What was not found.
    reason : str, optional
        What the visitor can make of it.
    """
    return html.Div(
        [
            html.P("404", className="eyebrow"),
            html.H1(title),
            html.P(reason or "The address may be mistyped, or the page was moved.", className="lead"),
            html.Div(
                [
                    dcc.Link("To the overview", href="/", className="button primary"),
                    dcc.Link("Diagnose a material", href="/diagnose", className="button"),
                    dcc.Link("Try an example", href="/diagnose?example=nacl", className="button"),
                ],
                className="button-row",
            ),
        ],
        className="page-header",
    )


def layout(**_: str) -> Component:
    """Return the page."""
    return not_found()


def register(app: Dash) -> None:
    """Register the page; Dash shows it for every unknown address."""
    del app
    dash.register_page("not_found_404", path="/404", title="Not found · softdash", layout=layout)
