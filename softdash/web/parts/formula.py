"""Formulas in plain HTML: readable without a script, selectable, and printable."""

from __future__ import annotations

from typing import TypeAlias

from dash import html
from dash.development.base_component import Component

Part: TypeAlias = "str | Component"


def formula(*parts: Part, spoken: str) -> html.P:
    """Return a formula on its own line.

    Parameters
    ----------
    *parts : str or Component
        Text, and pieces made by `fraction`, `sub` and `sup`.
    spoken : str
        The formula in words, for screen readers.
    """
    drawn = html.Span(list(parts), **{"aria-hidden": "true"})
    return html.P([drawn, html.Span(spoken, className="visually-hidden")], className="formula")


def fraction(above: Part | list[Part], below: Part | list[Part]) -> html.Span:
    """Return a fraction with a bar."""
    return html.Span([html.Span(above), html.Span(below)], className="fraction")


def sub(text: str) -> html.Sub:
    """Return a subscript."""
    return html.Sub(text)


def sup(text: str) -> html.Sup:
    """Return a superscript."""
    return html.Sup(text)
