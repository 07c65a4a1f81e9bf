"""The materials of an upload as a small population: one mark per material and potential, and a histogram of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from softdash.potentials.look import look_of
from softdash.softening.statistics import Interval
from softdash.web.theme import INK, Theme, layout_of

FEWEST_MATERIALS = 4
"""Materials below which a figure says no more than the table."""

FEWEST_FOR_HISTOGRAM = 12
_BAR_WIDTH = 0.05
_MARGIN = 0.03
_ROW, _HISTOGRAM, _AROUND = 84, 170, 100
"""Pixels of a row, where names above and below it meet none of the next, of the histogram, and of what is around."""
_OF_MARKS = 0.28


@dataclass(frozen=True, slots=True)
class MaterialSlope:
    """The slope of one material: its name as text, slope, interval and number of frames."""

    name: str
    slope: float
    interval: Interval | None
    frame_count: int


@dataclass(frozen=True, slots=True)
class PotentialSlopes:
    """The slopes of one potential, the softest material first."""

    potential: str
    label: str
    slopes: tuple[MaterialSlope, ...]

    @property
    def median(self) -> float:
        """Median over the materials."""
        return float(np.median([one.slope for one in self.slopes]))


def figure_height(series_count: int, material_count: int) -> int:
    """Return the height, pixels, for so many potentials, and materials of the first."""
    return _AROUND + _ROW * series_count + (_HISTOGRAM if material_count >= FEWEST_FOR_HISTOGRAM else 0)


def material_slopes_figure(series: Sequence[PotentialSlopes], *, theme: Theme) -> go.Figure:
    """Draw a row of marks per potential with median, softest and stiffest; above, a histogram where there are many.

    Parameters
    ----------
    series : sequence of PotentialSlopes
        The first one's histogram is drawn; each has at least one slope.
    theme : {"light", "dark"}
    """
    ink = INK[theme]
    has_histogram = len(series[0].slopes) >= FEWEST_FOR_HISTOGRAM
    low, high = _ends(series)
    rows = len(series)
    split = _ROW / (_ROW + _HISTOGRAM / rows) if has_histogram else 1.0
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": "softening scale"}, "range": [low, high], "tickformat": ".2~f"},
            yaxis={
                "domain": [0, split],
                "range": [rows - 0.4, -0.6],
                "tickvals": list(range(rows)),
                "ticktext": [one.label for one in series],
                "showgrid": False,
                "showticklabels": rows > 1,
                "ticks": "",
            },
            showlegend=False,
            hovermode="closest",
            margin={"t": 42, "l": 20 if rows == 1 else 56},
        )
    )
    if has_histogram:
        axis = {"gridcolor": ink.grid, "zeroline": False, "automargin": True, "tickformat": "d", "rangemode": "tozero"}
        bottom = split + 20 / (rows * _ROW + _HISTOGRAM)
        figure.update_layout(yaxis2=axis | {"domain": [bottom, 1], "title": {"text": "materials"}})
        figure.add_trace(_histogram(series[0]))
    for place, one in enumerate(series):
        for trace in _row(one, place, theme):
            figure.add_trace(trace)
        for note in _ends_named(one, place, ink.soft):
            figure.add_annotation(**note)
    figure.add_vline(x=1.0, line={"color": ink.diagonal, "width": 1.5, "dash": "dash"})
    sides = (("← softer", low, "left"), ("stiffer →", high, "right"))
    for text, x, side in sides:
        figure.add_annotation(
            x=x, xanchor=side, y=1, yref="paper", yanchor="bottom", yshift=14, text=text, **_note(ink.soft)
        )
    return figure


def _ends(series: Sequence[PotentialSlopes]) -> tuple[float, float]:
    values = [1.0]
    for one in series:
        for item in one.slopes:
            values.append(item.slope)
            values += [item.interval.low, item.interval.high] if item.interval is not None else []
    slopes = [item.slope for one in series for item in one.slopes] + [1.0]
    reach = max(slopes) - min(slopes)
    # One interval that is wide beyond measure must not make a point of all others.
    low, high = max(min(values), min(slopes) - 0.35 * reach), min(max(values), max(slopes) + 0.35 * reach)
    space = max(_MARGIN, 0.06 * (high - low))
    return float(low - space), float(high + space)


def _row(one: PotentialSlopes, place: int, theme: Theme) -> list[go.Scatter]:
    look, ink = look_of(one.potential), INK[theme]
    many = len(one.slopes) >= FEWEST_FOR_HISTOGRAM
    widths = [(item.interval.half_width if item.interval is not None else 0.0) for item in one.slopes]
    heights = [place + offset for offset in _offsets(len(one.slopes))]
    texts = [
        f"<b>{item.name}</b><br>{item.slope:.3f}{f' ± {width:.3f}' if width else ''}, n = {item.frame_count}"
        for item, width in zip(one.slopes, widths, strict=True)
    ]
    marks = go.Scatter(
        x=[round(item.slope, 6) for item in one.slopes],
        y=heights,
        mode="markers",
        name=one.label,
        marker={"color": look.transparent(0.8), "symbol": look.symbol, "size": 8 if many else 10, "line": {"width": 0}},
        error_x={"array": widths, "color": look.transparent(0.35), "thickness": 1.5, "width": 0},
        customdata=[[item.name, item.frame_count, width] for item, width in zip(one.slopes, widths, strict=True)],
        hovertext=texts,
        hovertemplate="%{hovertext}<extra>" + one.label + "</extra>",
        meta={"columns": ["material", "frames", "±"]},
    )
    median = go.Scatter(
        x=[one.median, one.median],
        y=[place - _OF_MARKS, place + _OF_MARKS],
        mode="lines",
        name=f"median of {one.label}",
        line={"color": ink.text, "width": 2.5},
        hovertemplate=f"median {one.median:.3f}<extra>{one.label}</extra>",
    )
    return [marks, median]


def _offsets(count: int) -> list[float]:
    """Return heights around a row, so that marks and bars of neighbours in slope do not cover each other."""
    # Multiples of the golden section come close to each other only after many.
    return [0.0] if count < 2 else [1.7 * _OF_MARKS * ((0.5 + 0.618034 * k) % 1 - 0.5) for k in range(count)]


def _ends_named(one: PotentialSlopes, place: int, colour: str) -> list[dict[str, Any]]:
    """Return the names of the softest, above its row, and of the stiffest, below: on a phone they would meet beside."""
    softest, stiffest = one.slopes[0], one.slopes[-1]
    if softest is stiffest:
        return []
    notes = [
        {"x": softest.slope, "text": f"{softest.name} {softest.slope:.3f}", "xanchor": "left", "yanchor": "bottom"},
        {"x": stiffest.slope, "text": f"{stiffest.name} {stiffest.slope:.3f}", "xanchor": "right", "yanchor": "top"},
    ]
    heights = (place - _OF_MARKS - 0.02, place + _OF_MARKS + 0.02)
    return [note | {"y": height, "yref": "y"} | _note(colour) for note, height in zip(notes, heights, strict=True)]


def _histogram(one: PotentialSlopes) -> go.Bar:
    slopes = np.array([item.slope for item in one.slopes])
    first, last = np.floor(slopes.min() / _BAR_WIDTH + 1e-9), np.floor(slopes.max() / _BAR_WIDTH + 1e-9) + 1
    edges = np.arange(first, last + 1) * _BAR_WIDTH
    counts, _ = np.histogram(slopes, edges)
    return go.Bar(
        x=np.round((edges[:-1] + edges[1:]) / 2, 6).tolist(),
        y=counts.tolist(),
        width=0.94 * _BAR_WIDTH,
        yaxis="y2",
        name=f"{one.label}, materials per {_BAR_WIDTH:g}",
        marker={"color": look_of(one.potential).transparent(0.55), "line": {"width": 0}},
        hovertemplate="%{y} materials at %{x:.3f} ± 0.025<extra></extra>",
    )


def _note(colour: str) -> dict[str, Any]:
    return {"showarrow": False, "font": {"size": 12, "color": colour}}
