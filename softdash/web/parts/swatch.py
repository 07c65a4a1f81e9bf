"""The small coloured mark of a potential: colour and shape of its markers in the figures."""

from __future__ import annotations

from dash import html

from softdash.potentials.look import look_of


def swatch(potential: str) -> html.Span:
    """Return the mark of a potential; decoration only, its name stands beside it."""
    look = look_of(potential)
    return html.Span(className=f"swatch {look.symbol}", style={"background": look.colour})
