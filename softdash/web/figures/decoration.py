"""Traces that carry no data of their own: lines of a slope, legends, halos."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

DECORATION = {"decoration": True}
"""Marks them; downloads of the figure's data skip them."""


def slope_line(
    x: Sequence[float],
    slope: float,
    *,
    offset: float = 0.0,
    colour: str,
    dash: str,
    width: float,
    name: str,
    group: str | None = None,
) -> go.Scatter:
    """Return the line y = slope·x + offset between the ends `x`, for the legend group `group`."""
    return go.Scatter(
        x=list(x),
        y=[slope * place + offset for place in x],
        mode="lines",
        line={"color": colour, "dash": dash, "width": width},
        name=name,
        legendgroup=group,
        hoverinfo="skip",
        showlegend=False,
        meta=DECORATION,
    )
