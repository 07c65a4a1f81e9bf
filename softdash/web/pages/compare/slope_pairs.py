"""Softening scales of two potentials against each other, one point per material."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from softdash.web.figures.corner_notes import write_in_corners
from softdash.web.figures.decoration import DECORATION
from softdash.web.figures.distribution_series import AXIS
from softdash.web.theme import INK, Theme, layout_of

_COLUMNS = {"columns": ["material", "formula", "± of x", "± of y"]}


def shown_span(table: pd.DataFrame) -> tuple[float, float]:
    """Return the part of both axes with data: whole tenths, around 1.00, never beyond 0 to 2."""
    values = np.clip(np.append(table[["slope_x", "slope_y"]].to_numpy(dtype=float).ravel(), (0.9, 1.1)), *AXIS)
    low, high = np.floor(10 * values.min() - 0.2) / 10, np.ceil(10 * values.max() + 0.2) / 10
    return max(AXIS[0], float(low)), min(AXIS[1], float(high))


def beyond_count(table: pd.DataFrame) -> int:
    """Return the number of materials that lie outside the axes."""
    low, high = shown_span(table)
    slopes = table[["slope_x", "slope_y"]]
    return int(((slopes < low) | (slopes > high)).any(axis=1).sum())


def slope_pairs_figure(table: pd.DataFrame, *, x_label: str, y_label: str, theme: Theme) -> go.Figure:
    """Draw the scatter plot with its diagonal and both lines at 1.00; a click gives the material.

    Parameters
    ----------
    table : DataFrame
        Of `softdash.web.pages.compare.potential_comparison.SlopePairs`.
    x_label, y_label : str
        Names of the potentials.
    theme : {"light", "dark"}
    """
    ink = INK[theme]
    low, high = shown_span(table)
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": f"Softening scale, {x_label}"}, "range": [low, high], "tickformat": ".1f"},
            yaxis={
                "title": {"text": f"Softening scale, {y_label}"},
                "range": [low, high],
                "tickformat": ".1f",
                "scaleanchor": "x",
                "constrain": "domain",
            },
            showlegend=False,
            hovermode="closest",
            clickmode="event",
            margin={"t": 30},
        )
    )
    figure.update_xaxes(constrain="domain")
    figure.add_trace(
        go.Scatter(
            x=[low, high],
            y=[low, high],
            mode="lines",
            line={"color": ink.diagonal, "width": 1.5},
            hoverinfo="skip",
            name="equal slopes",
            meta=DECORATION,
        )
    )
    for add_line in (figure.add_vline, figure.add_hline):
        add_line(
            **{"x" if add_line == figure.add_vline else "y": 1.0},
            line={"color": ink.text, "width": 1.2, "dash": "dash"},
        )
    figure.add_trace(_points(table, x_label, y_label, theme))
    write_in_corners(figure, {"left bottom": "both below 1.00", "right top": "both above 1.00"}, theme)
    return figure


def _points(table: pd.DataFrame, x_label: str, y_label: str, theme: Theme) -> go.Scatter:
    shown = table.round({"slope_x": 4, "slope_y": 4, "half_width_x": 4, "half_width_y": 4}).astype(object)
    shown = shown.where(shown.notna(), None)
    widths = [[_spread(row.half_width_x), _spread(row.half_width_y)] for row in shown.itertuples()]
    return go.Scatter(
        x=shown["slope_x"].tolist(),
        y=shown["slope_y"].tolist(),
        customdata=shown[["material_id", "formula", "half_width_x", "half_width_y"]].to_numpy().tolist(),
        hovertext=[
            f"<b>{row.formula}</b> ({row.material_id})<br>{x_label}: {row.slope_x:.3f}{spreads[0]}<br>"
            f"{y_label}: {row.slope_y:.3f}{spreads[1]}"
            for row, spreads in zip(shown.itertuples(), widths, strict=True)
        ],
        hoverinfo="text",
        mode="markers",
        marker={"color": ink_of(theme), "size": 7, "opacity": 0.6, "line": {"width": 0}},
        name=f"{y_label} against {x_label}",
        meta=_COLUMNS,
    )


def ink_of(theme: Theme) -> str:
    """Return the colour of points that belong to two potentials at once."""
    return "#3b4cca" if theme == "light" else "#a4b0ff"


def _spread(half_width: float | None) -> str:
    return "" if half_width is None else f" ± {half_width:.3f}"
