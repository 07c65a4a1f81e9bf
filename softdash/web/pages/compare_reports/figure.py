"""Figures of several reports: slopes with intervals, force parity over each other, distributions of the errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from softdash.web.figures.decoration import slope_line
from softdash.web.figures.diagnosis import SOFTENING_SIDE, STIFFENING_SIDE
from softdash.web.pages.compare_reports.named_reports import ComparedResult
from softdash.web.theme import INK, Theme, layout_of

_POINTS_DRAWN = 4_000
_FEWEST_BINS, _MOST_BINS = 9, 61


def slopes_figure(entries: Sequence[ComparedResult], *, theme: Theme) -> go.Figure:
    """Draw the softening scale of each entry with its interval, one below the other, beside the line at 1.00."""
    ink = INK[theme]
    names = [_row_name(one) for one in entries]
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": "softening scale"}},
            yaxis={
                "tickmode": "array",
                "tickvals": list(range(len(entries))),
                "ticktext": names,
                "range": [len(entries) - 0.4, -0.6],
                "showgrid": False,
            },
            showlegend=False,
            margin={"t": 44},
            shapes=[
                {"type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1}
                | {"line": {"width": 1.5, "dash": "dash", "color": ink.diagonal}}
            ],
            annotations=[
                # From the right edge leftwards: on a phone the names of the rows leave little width.
                {"x": 1, "xref": "paper", "xanchor": "right", "y": 1, "yref": "paper", "yanchor": "bottom"}
                | {"text": f"← below 1: {SOFTENING_SIDE}<br>→ above 1: {STIFFENING_SIDE}", "align": "right"}
                | {"showarrow": False, "font": {"size": 11.5, "color": ink.soft}}
            ],
        )
    )
    for place, one in enumerate(entries):
        interval, slope = one.statistics.slope_interval, one.statistics.slope
        bars = None
        if interval is not None:
            bars = {"type": "data", "symmetric": False, "array": [interval.high - slope]}
            bars |= {"arrayminus": [slope - interval.low], "color": one.colour, "thickness": 2, "width": 5}
        figure.add_trace(
            go.Scatter(
                x=[slope],
                y=[place],
                mode="markers",
                name=one.name,
                marker={"color": one.colour, "symbol": one.symbol, "size": 11},
                error_x=bars,
                hovertemplate=f"{_row_name(one)}<br>s = %{{x:.3f}}<extra></extra>",
            )
        )
    return figure


def overlaid_parity_figure(entries: Sequence[ComparedResult], *, theme: Theme) -> go.Figure:
    """Draw predicted against DFT force components of all entries, thinned evenly, with their fits."""
    reach = 1.06 * max(float(np.abs(values).max()) for one in entries for values in (one.reference, one.predicted))
    span = [-reach, reach]
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": "DFT force (eV/Å)"}, "range": span, "constrain": "domain", "nticks": 7},
            yaxis={"title": {"text": "Predicted force (eV/Å)"}, "range": span, "scaleanchor": "x", "nticks": 7},
            hovermode="closest",
            legend={"itemsizing": "constant"},
        )
    )
    figure.add_trace(slope_line(span, 1.0, colour=INK[theme].diagonal, dash="dash", width=2, name="y = x"))
    share = max(1, _POINTS_DRAWN // len(entries))
    for one in entries:
        chosen = np.linspace(0, len(one.reference) - 1, min(share, len(one.reference))).astype(int)
        figure.add_trace(
            go.Scatter(
                x=np.round(one.reference[chosen], 3).astype(np.float32),
                y=np.round(one.predicted[chosen], 3).astype(np.float32),
                mode="markers",
                name=one.name,
                legendgroup=one.name,
                marker={"color": one.colour, "symbol": one.symbol, "size": 5, "opacity": 0.5},
                hovertemplate=f"DFT %{{x:.3f}} eV/Å<br>{one.name} %{{y:.3f}} eV/Å<extra></extra>",
            )
        )
    for one in entries:
        figure.add_trace(
            slope_line(
                span,
                one.statistics.slope,
                colour=one.colour,
                dash=one.dash,
                width=2,
                name=f"{one.name}, fit",
                group=one.name,
            )
        )
    return figure


def error_distribution_figure(entries: Sequence[ComparedResult], *, theme: Theme) -> go.Figure:
    """Draw the distribution of predicted minus DFT force components of each entry; each has the area 1."""
    errors = [one.predicted - one.reference for one in entries]
    half = max(float(np.quantile(np.abs(values), 0.99)) for values in errors) or 1.0
    # Rice's rule for the entry with the fewest components.
    bins = int(np.clip(2 * min(len(values) for values in errors) ** (1 / 3), _FEWEST_BINS, _MOST_BINS))
    edges = np.linspace(-half, half, bins + 1)
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": "predicted − DFT force (eV/Å)"}, "range": [-half, half]},
            yaxis={"title": {"text": "share per eV/Å"}, "rangemode": "tozero"},
        )
    )
    for one, values in zip(entries, errors, strict=True):
        counts, _ = np.histogram(values, edges)
        density = counts / len(values) / (edges[1] - edges[0])
        figure.add_trace(
            go.Scatter(
                x=np.round((edges[:-1] + edges[1:]) / 2, 5).tolist(),
                y=np.round(density, 5).tolist(),
                mode="lines",
                line={"color": one.colour, "dash": one.dash, "width": 2, "shape": "hvh"},
                name=one.name,
                hovertemplate=f"{one.name}<br>%{{x:.3f}} eV/Å: %{{y:.2f}}<extra></extra>",
            )
        )
    return figure


def _row_name(one: ComparedResult) -> str:
    return f"{one.name} ({one.report.understanding.formula})"
