"""Parity plots of relative energies and of stresses of one diagnosis, all potentials over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from softdash.potentials.look import look_of
from softdash.softening.answers import LabelStatistics
from softdash.softening.other_labels import LabelPoints
from softdash.web.figures.decoration import slope_line
from softdash.web.theme import INK, Theme, layout_of

_COMPONENTS = ("xx", "yy", "zz", "yz", "xz", "xy")


@dataclass(frozen=True, slots=True, eq=False)
class LabelSeries:
    """Energies or stresses of one potential with their statistics."""

    potential: str
    label: str
    points: LabelPoints
    statistics: LabelStatistics


def label_parity_figure(series: Sequence[LabelSeries], *, theme: Theme) -> go.Figure:
    """Draw predicted against DFT values with the diagonal and each potential's slope.

    Parameters
    ----------
    series : sequence of LabelSeries
        All of the same quantity; at least one.
    theme : {"light", "dark"}
    """
    quantity, unit = series[0].statistics.quantity, series[0].statistics.unit
    name = "relative energy" if quantity == "energy" else "stress"
    reach = 1.08 * max(float(np.abs(values).max()) for one in series for values in _both(one))
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": f"DFT {name} ({unit})"}, "range": [-reach, reach], "nticks": 6},
            yaxis={"title": {"text": f"predicted {name} ({unit})"}, "range": [-reach, reach], "nticks": 6},
            hovermode="closest",
        )
    )
    span = [-reach, reach]
    figure.add_trace(slope_line(span, 1.0, colour=INK[theme].diagonal, dash="dash", width=1.8, name="y = x"))
    for one in series:
        look = look_of(one.potential)
        # Stresses are drawn as they are; their line has the offset that the slope does not see.
        offset = (one.statistics.offset or 0.0) if quantity == "stress" else 0.0
        figure.add_trace(_points(one))
        figure.add_trace(
            slope_line(
                span,
                one.statistics.slope,
                offset=offset,
                colour=look.colour,
                dash=look.dash,
                width=1.8,
                name=f"{one.label}, fit",
            )
        )
    return figure


def _both(one: LabelSeries) -> tuple[np.ndarray, np.ndarray]:
    return one.points.reference, one.points.predicted


def _points(one: LabelSeries) -> go.Scatter:
    look, quantity = look_of(one.potential), one.statistics.quantity
    columns = ["frame", "component"] if quantity == "stress" else ["frame"]
    rows = [
        [int(frame) + 1, _COMPONENTS[component]] if quantity == "stress" else [int(frame) + 1]
        for frame, component in zip(one.points.frame, one.points.component, strict=True)
    ]
    what = "%{customdata[1]}, " if quantity == "stress" else ""
    return go.Scatter(
        x=[round(float(value), 6) for value in one.points.reference],
        y=[round(float(value), 6) for value in one.points.predicted],
        mode="markers",
        name=one.label,
        legendgroup=one.potential,
        marker={"color": look.colour, "symbol": look.symbol, "size": 7, "opacity": 0.75},
        customdata=rows,
        meta={"columns": columns},
        hovertemplate=f"{what}frame %{{customdata[0]}}<br>DFT %{{x:.4f}} {one.statistics.unit}<br>{one.label} "
        f"%{{y:.4f}} {one.statistics.unit}<extra></extra>",
    )
