"""Figures of one diagnosis: slopes by force magnitude, by element and by frame, and the place among the benchmark.

Each is a function ``data -> go.Figure``; beside it stands the function that says its finding, computed from the data.
The softening scale is always on an axis with a line at 1.00 and both sides named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from ase.data import chemical_symbols
from numpy.typing import NDArray

from softdash.potentials.look import look_of
from softdash.softening import three_digits
from softdash.softening.breakdowns import unlike_magnitudes
from softdash.softening.statistics import Interval, MagnitudeBin, SofteningStatistics
from softdash.web.figures.decoration import DECORATION
from softdash.web.theme import INK, Theme, layout_of

SOFTENING_SIDE = "softening (force underprediction)"
STIFFENING_SIDE = "stiffening (force overprediction)"

_SLOPE_AXIS = "slope of predicted against DFT forces"
_SPREAD = 0.16
"""Distance between neighbouring potentials in one category."""
_FRAMES_WITH_OWN_TICK = 12
_BAR_WIDTH = 0.025
_ONE_LINE = {"width": 1.5, "dash": "dash"}


@dataclass(frozen=True, slots=True)
class DiagnosisSeries:
    """One potential's statistics under its name and label."""

    potential: str
    label: str
    statistics: SofteningStatistics


def slope_by_magnitude_figure(series: Sequence[DiagnosisSeries], *, theme: Theme) -> go.Figure:
    """Draw the slope through the origin in bins of the DFT force magnitude, one marker with interval per bin.

    Parameters
    ----------
    series : sequence of DiagnosisSeries
        Potentials of one diagnosis; their bins may differ where frames were refused.
    theme : {"light", "dark"}
    """
    bins = sorted({(item.lower, item.upper) for one in series for item in one.statistics.magnitude_bins})
    figure = _slope_figure(theme, [_bin_name(*edges) for edges in bins], "DFT force component, eV/Å")
    for one, shift in _shifted(series):
        items = one.statistics.magnitude_bins
        places = [bins.index((item.lower, item.upper)) + shift for item in items]
        names = [f"{_bin_name(item.lower, item.upper)} eV/Å, n = {item.component_count}" for item in items]
        figure.add_trace(
            _dots(one, places, [item.slope for item in items], [item.interval for item in items], names, line=True)
        )
    return figure


def magnitude_finding(series: DiagnosisSeries) -> str:
    """Say in one sentence how the slope changes with the size of the DFT force, by all bins with their errors."""
    bins = series.statistics.magnitude_bins
    if len(bins) < 2:
        return "Too few force components to split them by size"
    unlike = unlike_magnitudes(series.statistics)
    if unlike is None:
        return f"{series.label}: the slopes of small and large forces agree within their errors"
    smaller, larger = (f"{item.slope:.2f} for forces {_size(item, bins)}" for item in unlike)
    return f"{series.label}: slope {smaller}, {larger}"


def _size(item: MagnitudeBin, bins: Sequence[MagnitudeBin]) -> str:
    if item is bins[0]:
        return f"below {item.upper:g} eV/Å"
    if item is bins[-1]:
        return f"above {item.lower:g} eV/Å"
    return f"of {item.lower:g} to {item.upper:g} eV/Å"


def element_slopes_figure(series: Sequence[DiagnosisSeries], *, theme: Theme) -> go.Figure:
    """Draw the slope (least squares with intercept) over the components on each element, with its interval.

    Parameters
    ----------
    series : sequence of DiagnosisSeries
    theme : {"light", "dark"}
    """
    numbers = sorted({item.atomic_number for one in series for item in one.statistics.elements})
    figure = _slope_figure(theme, [chemical_symbols[number] for number in numbers], "element")
    for one, shift in _shifted(series):
        items = one.statistics.elements
        places = [numbers.index(item.atomic_number) + shift for item in items]
        names = [
            f"{chemical_symbols[item.atomic_number]}, n = {item.component_count}, MAE {three_digits(item.mae)} eV/Å"
            for item in items
        ]
        figure.add_trace(_dots(one, places, [item.slope for item in items], [item.interval for item in items], names))
    return figure


def element_finding(series: DiagnosisSeries) -> str:
    """Say in one sentence which element is softest."""
    elements = sorted(series.statistics.elements, key=lambda item: item.slope)
    if not elements:
        return "Too few force components per element"
    softest, stiffest = elements[0], elements[-1]
    if len(elements) == 1:
        return f"{series.label}: slope {softest.slope:.2f} on {chemical_symbols[softest.atomic_number]}"
    sure = "" if _are_apart(softest.interval, stiffest.interval) else ", but the intervals overlap"
    return (
        f"{series.label}: lowest slope on {chemical_symbols[softest.atomic_number]} ({softest.slope:.2f}), "
        f"highest on {chemical_symbols[stiffest.atomic_number]} ({stiffest.slope:.2f}){sure}"
    )


def frame_slopes_figure(
    series: Sequence[DiagnosisSeries], origins: Sequence[str], *, theme: Theme, frames: Sequence[int] | None = None
) -> go.Figure:
    """Draw each frame's own slope, and (small, open) the slope of all other frames without it.

    Parameters
    ----------
    series : sequence of DiagnosisSeries
    origins : sequence of str
        Where each frame came from; the statistics' frame numbers are positions in it.
    theme : {"light", "dark"}
    frames : sequence of int, optional
        Those of one material among several, which keep their numbers, not the gaps between them. Default: all.
    """
    shown = list(range(len(origins)) if frames is None else frames)
    count, is_long = len(shown), len(shown) > _FRAMES_WITH_OWN_TICK
    places_of = {frame: place for place, frame in enumerate(shown, start=1)}
    numbers: dict[str, Any] = {"tickvals": list(range(1, count + 1)), "range": [0.4 - 0.02 * count, 0.6 + 1.02 * count]}
    if is_long and frames is not None:
        every = range(0, count, -(-count // _FRAMES_WITH_OWN_TICK))
        numbers |= {"tickvals": [k + 1 for k in every], "ticktext": [str(shown[k] + 1) for k in every]}
    elif is_long:
        numbers |= {"tickmode": "auto", "tickvals": None, "ticktext": None}
    figure = _slope_figure(theme, [str(frame + 1) for frame in shown], "frame", **numbers)
    for one, shift in _shifted(series):
        items, look = one.statistics.frames, look_of(one.potential)
        places = [places_of[item.frame] + (0 if is_long else shift) for item in items]
        names = [origins[item.frame] for item in items]
        own = _dots(one, places, [item.slope for item in items], [None] * len(items), names)
        figure.add_trace(own.update(marker_size=5 if is_long else 9, legendgroup=one.potential))
        figure.add_trace(
            go.Scatter(
                x=places,
                y=[item.slope_of_others for item in items],
                mode="markers",
                name=f"{one.label}, all other frames",
                legendgroup=one.potential,
                showlegend=False,
                marker={"symbol": "line-ew-open", "size": 12, "color": look.colour, "line": {"width": 2}},
                text=[str(item.frame + 1) for item in items],
                hovertemplate="without frame %{text}<br>slope %{y:.3f}<extra>" + one.label + "</extra>",
            )
        )
    return figure


def frame_finding(series: DiagnosisSeries) -> str:
    """Say in one sentence how much the result hangs on single frames."""
    spread = series.statistics.leave_one_frame_out
    if spread is None:
        return "One frame: the spread between frames is unknown"
    return f"{series.label}: leaving any one frame out keeps the slope within {spread[0]:.3f} and {spread[1]:.3f}"


def population_figure(
    series: DiagnosisSeries, slopes: NDArray[np.float64], dataset_label: str, *, theme: Theme
) -> go.Figure:
    """Draw a benchmark's distribution of the softening scale, and this material's place in it.

    Parameters
    ----------
    series : DiagnosisSeries
    slopes : ndarray, shape (M,)
        Softening scales of the benchmark's materials by the same potential.
    dataset_label : str
    theme : {"light", "dark"}
    """
    ink, look, statistics = INK[theme], look_of(series.potential), series.statistics
    low, high = np.quantile(slopes, [0.01, 0.99])
    ends = _padded([low, high, statistics.slope, 1.0])
    edges = np.arange(np.floor(ends[0] / _BAR_WIDTH), np.ceil(ends[1] / _BAR_WIDTH) + 1) * _BAR_WIDTH
    counts, _ = np.histogram(np.clip(slopes, edges[0], edges[-1]), edges)
    bars = go.Bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=0.94 * _BAR_WIDTH,
        name=dataset_label,
        marker={"color": look.transparent(0.55), "line": {"width": 0}},
        hovertemplate="%{y} materials at slope %{x:.3f} ± 0.0125<extra></extra>",
    )
    shapes = [_upright(1.0, 1.0, line=_ONE_LINE | {"color": ink.diagonal})]
    if statistics.slope_interval is not None:
        low, high = statistics.slope_interval.low, statistics.slope_interval.high
        shapes.append(
            _upright(low, high, type="rect", fillcolor=ink.text, opacity=0.12, layer="below", line={"width": 0})
        )
    shapes.append(_upright(statistics.slope, statistics.slope, line={"color": ink.text, "width": 2.5}))
    at_top = {"y": 1, "yref": "paper", "yanchor": "bottom"}
    sides = [
        {"x": x, "xref": "paper", "xanchor": side, "align": side, "yshift": 22, "text": text.replace(" (", "<br>(")}
        | at_top
        | _note(ink.soft)
        for text, x, side in ((SOFTENING_SIDE, 0, "left"), (STIFFENING_SIDE, 1, "right"))
    ]
    place = (statistics.slope - edges[0]) / (edges[-1] - edges[0])
    anchor = "left" if place < 0.25 else "right" if place > 0.75 else "center"
    here = {"x": statistics.slope, "xanchor": anchor, "text": f"<b>this material {statistics.slope:.3f}</b>"} | at_top
    here |= {"showarrow": False}
    return go.Figure(
        bars,
        layout_of(
            theme,
            xaxis={"title": {"text": "softening scale"}, "range": [float(edges[0]), float(edges[-1])]},
            yaxis={"title": {"text": "materials"}, "rangemode": "tozero"},
            margin={"t": 64},
            showlegend=False,
            shapes=shapes,
            annotations=[here, *sides],
        ),
    )


def _upright(left: float, right: float, **more: Any) -> dict[str, Any]:
    """Return a line or band over the whole height."""
    return {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": left, "x1": right} | more


def _slope_figure(theme: Theme, categories: Sequence[str], category_title: str, **x_axis: Any) -> go.Figure:
    """Return an empty figure: categories along x at 0, 1, 2, …; the slope along y with its line at 1.00."""
    ink = INK[theme]
    category_axis = {
        "title": {"text": category_title},
        "tickmode": "array",
        "tickvals": list(range(len(categories))),
        "ticktext": list(categories),
        "range": [-0.6, len(categories) - 0.4],
        "showgrid": False,
    }
    # Above the plot, where they cover no point.
    sides = {"x": 0, "xref": "paper", "xanchor": "left", "align": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    sides |= {"text": f"↑ above 1: {STIFFENING_SIDE}<br>↓ below 1: {SOFTENING_SIDE}"} | _note(ink.soft)
    line_at_one = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": 1,
        "y1": 1,
        "line": _ONE_LINE | {"color": ink.diagonal},
    }
    # The invisible points keep the line at 1.00 in the automatic range, with room for the names of both sides.
    room = go.Scatter(
        x=[0, 0],
        y=[0.97, 1.03],
        mode="markers",
        marker={"opacity": 0},
        hoverinfo="skip",
        showlegend=False,
        meta=DECORATION,
    )
    # One layout at once: plotly takes ten times as long to update it piece by piece.
    return go.Figure(
        room,
        layout_of(
            theme,
            xaxis=category_axis | x_axis,
            yaxis={"title": {"text": _SLOPE_AXIS}},
            margin={"t": 44},
            legend={"y": -0.24, "yanchor": "top"},
            shapes=[line_at_one],
            annotations=[sides],
        ),
    )


def _note(colour: str) -> dict[str, Any]:
    return {"showarrow": False, "font": {"size": 11.5, "color": colour}}


def _dots(
    series: DiagnosisSeries,
    places: Sequence[float],
    slopes: Sequence[float | None],
    intervals: Sequence[Interval | None],
    names: Sequence[str],
    *,
    line: bool = False,
) -> go.Scatter:
    look = look_of(series.potential)
    return go.Scatter(
        x=list(places),
        y=list(slopes),
        mode="lines+markers" if line else "markers",
        name=series.label,
        text=list(names),
        marker={"color": look.colour, "symbol": look.symbol, "size": 9},
        line={"color": look.colour, "dash": look.dash, "width": 1.5},
        error_y=_error_bars(slopes, intervals, look.colour),
        hovertemplate="%{text}<br>slope %{y:.3f}<extra>" + series.label + "</extra>",
    )


def _error_bars(
    slopes: Sequence[float | None], intervals: Sequence[Interval | None], colour: str
) -> dict[str, object] | None:
    pairs = [
        (interval.high - slope, slope - interval.low) if interval is not None and slope is not None else (0.0, 0.0)
        for slope, interval in zip(slopes, intervals, strict=True)
    ]
    if not any(up or down for up, down in pairs):
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [up for up, _ in pairs],
        "arrayminus": [down for _, down in pairs],
        "thickness": 1.6,
        "width": 4,
        "color": colour,
    }


def _shifted(series: Sequence[DiagnosisSeries]) -> list[tuple[DiagnosisSeries, float]]:
    """Give each potential its place beside the others within a category."""
    middle = (len(series) - 1) / 2
    return [(one, (position - middle) * _SPREAD) for position, one in enumerate(series)]


def _bin_name(lower: float, upper: float) -> str:
    return f"{lower:g}–{upper:g}"


def _are_apart(first: Interval | None, second: Interval | None) -> bool:
    return first is not None and second is not None and (first.high < second.low or second.high < first.low)


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.06 * max(high - low, 0.1)
    return low - room, high + room
