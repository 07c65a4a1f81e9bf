"""How much of the squared force error is softening and how much scatter: two numbers and a small bar."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from softdash.web.parts.page_parts import exact_number
from softdash.web.parts.terms import term


def error_split_bar(slope: float, shares: tuple[float, float] | None) -> Component | None:
    """Return the bar with its numbers; None where there is no error.

    Parameters
    ----------
    slope : float
        Softening scale: below 1 its part is called softening, else stiffening.
    shares : (float, float) or None
        Softening's and scatter's, which add up to one.
    """
    if shares is None:
        return None
    kind = "softening" if slope < 1 else "stiffening"
    numbers = [
        html.Span(f"{100 * share:.0f} % {name}", **exact_number(100 * share))
        for share, name in zip(shares, (kind, "scatter"), strict=True)
    ]
    # The bar repeats the numbers beside it.
    bar = html.Div(
        html.Div(className="error-split-part", style={"width": f"{100 * shares[0]:.1f}%"}),
        className="error-split-bar",
        **{"aria-hidden": "true"},
    )
    return html.Div(
        [html.Span([term("error split", "Squared force error"), ": "], className="muted"), numbers[0], bar, numbers[1]],
        className="error-split",
    )
