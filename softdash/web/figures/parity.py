"""Parity and residual plots of force components: each point, or a density map where there are too many.

The payload stays below 100 kB: coordinates travel as 32-bit floats rounded to 0.001 eV/Å, the element stands in the
trace's name, and above `max_points` a log-count map made here replaces all but the sparsest points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.potentials.look import MARKS, look_of
from softdash.softening import three_digits
from softdash.web.figures.decoration import DECORATION, slope_line
from softdash.web.figures.parity_series import ParityFit, ParitySeries
from softdash.web.figures.point_density import count_points, sparsest
from softdash.web.theme import INK, Theme, layout_of

__all__ = ["ParityFit", "ParitySeries", "parity_figure", "residual_figure"]

_COLUMNS = {"columns": ["frame", "atom"]}

MAP_BINS = 200
"""Bins along each side of the density map."""

SPARSE_POINTS = 2_000
"""Points drawn on top of the density map, those with the fewest neighbours first."""

# Tol's "muted" scheme: told apart by colour-blind readers, and unlike the colours of the potentials.
_ELEMENT_COLOURS = (
    "#4477AA", "#CC6677", "#228833", "#AA4499", "#44AA99", "#882255", "#999933", "#88CCEE", "#DDCC77", "#AA7744",
)  # fmt: skip
_ELEMENT_SYMBOLS = ("circle", "diamond", "square", "triangle-up")


def parity_figure(
    series: Sequence[ParitySeries], *, theme: Theme, max_points: int = 4_000, colour_by_element: bool = False
) -> go.Figure:
    """Draw predicted against reference force components with diagonal and fit through the origin.

    After Fig. 5a of Deng et al., npj Comput. Mater. 11, 9 (2025).

    Parameters
    ----------
    series : sequence of ParitySeries
        One per potential.
    theme : {"light", "dark"}
    max_points : int
        Points drawn one by one, all series together; above, a density map and the sparsest points.
    colour_by_element : bool
        Colour points by element and let the legend switch elements; meant for a single series.
    """
    reach = _reach([values for one in series for values in (one.reference, one.predicted)])
    figure = go.Figure(layout=_parity_layout(theme, reach))
    figure.add_trace(slope_line([-reach, reach], 1.0, colour=INK[theme].diagonal, dash="dash", width=1.5, name="y = x"))
    _add_points(figure, series, [one.predicted for one in series], theme, max_points, reach, colour_by_element)
    for one in series:
        figure.add_traces(_fit_traces(one, reach, theme, offset=0.0))
    _annotate_fits(figure, series, theme)
    _annotate_sides(figure, theme)
    return figure


def residual_figure(
    series: Sequence[ParitySeries], *, theme: Theme, max_points: int = 4_000, colour_by_element: bool = False
) -> go.Figure:
    """Draw predicted − reference against the reference, with the line (s − 1)·x that softening alone would give.

    Parameters are those of `parity_figure`.
    """
    reach = _reach([one.reference for one in series])
    residuals = [one.predicted - one.reference for one in series]
    height = _reach(residuals)
    figure = go.Figure(layout=_residual_layout(theme, reach, height))
    figure.add_trace(
        slope_line([-reach, reach], 0.0, colour=INK[theme].diagonal, dash="dash", width=1.5, name="no error")
    )
    _add_points(figure, series, residuals, theme, max_points, reach, colour_by_element, height)
    for one in series:
        figure.add_traces(_fit_traces(one, reach, theme, offset=1.0))
    return figure


def _reach(values: Sequence[NDArray[np.float64]]) -> float:
    """Half width of a symmetric axis that shows all values, with a little air."""
    largest = max((float(np.abs(one).max()) for one in values if one.size), default=0.0)
    return 1.06 * largest if largest > 0 else 1.0


def _parity_layout(theme: Theme, reach: float) -> dict[str, Any]:
    span = [-reach, reach]
    return layout_of(
        theme,
        xaxis={"title": {"text": "DFT force (eV/Å)"}, "range": span, "constrain": "domain", "nticks": 7},
        yaxis={
            "title": {"text": "Predicted force (eV/Å)"},
            "range": span,
            "constrain": "domain",
            "scaleanchor": "x",
            "scaleratio": 1,
            "nticks": 7,
        },
        hovermode="closest",
        legend={"itemsizing": "constant"},
    )


def _residual_layout(theme: Theme, reach: float, height: float) -> dict[str, Any]:
    return layout_of(
        theme,
        xaxis={"title": {"text": "DFT force (eV/Å)"}, "range": [-reach, reach], "nticks": 7},
        yaxis={"title": {"text": "Predicted − DFT (eV/Å)"}, "range": [-height, height], "nticks": 7},
        hovermode="closest",
        legend={"itemsizing": "constant"},
    )


def _add_points(
    figure: go.Figure,
    series: Sequence[ParitySeries],
    heights: Sequence[NDArray[np.float64]],
    theme: Theme,
    max_points: int,
    width: float,
    colour_by_element: bool,
    height: float | None = None,
) -> None:
    """Draw every point, or the map with the sparsest points; `heights` are the y values of each series."""
    crowded = sum(one.reference.size for one in series) > max_points
    share = max(1, len(series))
    for whole, values in zip(series, heights, strict=True):
        one, chosen = whole, np.arange(whole.reference.size)
        if crowded:
            bins = MAP_BINS if share == 1 else int(MAP_BINS / np.sqrt(share + 1))
            counts, places = count_points(one.reference, values, width, height or width, bins)
            figure.add_trace(_map_trace(one, counts, width, height or width, show_scale=share == 1, theme=theme))
            chosen = sparsest(counts, places, min(SPARSE_POINTS, max_points) // share)
            # The axis of each component is left out of a crowded plot: it would take its payload over the limit.
            one = replace(one, axes=None)
        figure.add_traces(
            _point_traces(one.at(chosen), values[chosen], colour_by_element, size=3.5 if crowded else 5.5)
        )


def _point_traces(
    one: ParitySeries, heights: NDArray[np.float64], colour_by_element: bool, *, size: float
) -> list[go.Scatter]:
    """Draw a trace per element, so that its symbol travels once; the legend shows potentials or elements."""
    look = look_of(one.potential)
    symbol = look.symbol if look.symbol == "circle" else f"{look.symbol}-open"
    style = {"color": look.colour, "size": size, "opacity": 0.6, "symbol": symbol}
    drawn = replace(one, predicted=heights)
    if one.elements is None:
        return [_point_trace(drawn, "", one.label, one.potential, style, show=True)]
    if not colour_by_element:
        entry = go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=one.label,
            legendgroup=one.potential,
            marker=style,
            hoverinfo="skip",
            meta=DECORATION,
        )
        return [entry] + [
            _point_trace(points, element, f"{one.label}, {element}", one.potential, style, show=False)
            for element, points in drawn.by_element()
        ]
    return [
        _point_trace(points, element, element, element, style | _element_style(position), show=True)
        for position, (element, points) in enumerate(drawn.by_element())
    ]


def _element_style(position: int) -> dict[str, str]:
    return {
        "color": _ELEMENT_COLOURS[position % len(_ELEMENT_COLOURS)],
        "symbol": _ELEMENT_SYMBOLS[position // len(_ELEMENT_COLOURS) % len(_ELEMENT_SYMBOLS)],
    }


def _point_trace(
    points: ParitySeries, element: str, name: str, group: str, style: dict[str, Any], *, show: bool
) -> go.Scatter:
    return go.Scatter(
        x=_compact(points.reference),
        y=_compact(points.predicted),
        mode="markers",
        name=name,
        legendgroup=group,
        showlegend=show,
        marker=style,
        customdata=_places(points),
        meta=None if points.atoms is None else _COLUMNS,
        text=None if points.axes is None else points.axes.tolist(),
        hovertemplate=_hover(points, element),
    )


def _hover(one: ParitySeries, element: str) -> str:
    place = "force along %{text}" if one.axes is not None else ""
    if one.atoms is not None and one.frames is not None:
        place = f"{element} atom %{{customdata[1]}}, frame %{{customdata[0]}}, {place}".rstrip(", ")
    return f"{place or element}<br>DFT %{{x:.3f}} eV/Å<br>{one.label} %{{y:.3f}} eV/Å<extra></extra>"


def _places(points: ParitySeries) -> NDArray[np.unsignedinteger[Any]] | None:
    if points.frames is None or points.atoms is None or not points.frames.size:
        return None
    table = np.column_stack((points.frames, points.atoms))
    smallest = np.uint8 if table.max() < 256 else np.uint16 if table.max() < 65_536 else np.uint32
    return table.astype(smallest)


def _compact(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.round(values, 3).astype(np.float32)


def _map_trace(
    one: ParitySeries, counts: NDArray[np.int_], width: float, height: float, *, show_scale: bool, theme: Theme
) -> go.Heatmap:
    """Draw log counts as 8-bit levels: 0 is transparent, 255 the fullest bin."""
    fullest = max(int(counts.max()), 2)
    levels = np.round(1 + 254 * np.log(np.maximum(counts, 1)) / np.log(fullest)) * (counts > 0)
    bins = len(counts)
    look = look_of(one.potential)
    decades = [10**power for power in range(int(np.log10(fullest)) + 1)]
    return go.Heatmap(
        z=levels.astype(np.uint8),
        x0=-width + width / bins,
        dx=2 * width / bins,
        y0=-height + height / bins,
        dy=2 * height / bins,
        zmin=0,
        zmax=255,
        colorscale=[
            [0, "rgba(0,0,0,0)"],
            [1 / 255, look.transparent(0.25)],
            [0.7, look.colour],
            [1, INK[theme].text],
        ],
        showscale=show_scale,
        colorbar={
            "title": {"text": "components per bin", "side": "right", "font": {"size": 12}},
            "tickvals": [1 + 254 * float(np.log(decade) / np.log(fullest)) for decade in decades],
            "ticktext": [f"{decade:,}" for decade in decades],
            "thickness": 10,
            "len": 0.6,
            "outlinewidth": 0,
        },
        hoverinfo="skip",
        name=f"{one.label}, density",
        meta=DECORATION,
    )


def _fit_traces(one: ParitySeries, reach: float, theme: Theme, *, offset: float) -> list[go.Scatter]:
    """Draw the fit through the origin, less `offset` in slope, and its interval as a wedge."""
    look = look_of(one.potential)
    traces = []
    if one.fit.interval_low is not None and one.fit.interval_high is not None:
        low, high = one.fit.interval_low - offset, one.fit.interval_high - offset
        traces.append(
            go.Scatter(
                x=[-reach, reach, reach, -reach],
                y=[-low * reach, low * reach, high * reach, -high * reach],
                mode="none",
                fill="toself",
                fillcolor=look.transparent(0.28),
                hoverinfo="skip",
                showlegend=False,
                legendgroup=one.potential,
                name=f"{one.label}, interval of the slope",
                meta=DECORATION,
            )
        )
    line = partial(slope_line, [-reach, reach], one.fit.slope - offset, group=one.potential)
    # A halo in the colour of the page keeps the line visible on top of points of its own colour.
    halo = line(colour=INK[theme].page, dash="solid", width=3.8, name=f"{one.label}, halo")
    fit = line(colour=look.colour, dash=look.dash, width=2.2, name=f"{one.label}, fit")
    return [*traces, halo, fit]


def _annotate_fits(figure: go.Figure, series: Sequence[ParitySeries], theme: Theme) -> None:
    """Write slope, MAE and cMAE of each series as a small table into the lower right corner, as in Fig. 5a."""
    columns = (
        (0.99, "cMAE", [three_digits(one.fit.corrected_mae) for one in series]),
        (0.82, "MAE", [three_digits(one.fit.mae) for one in series]),
        (0.66, "Slope", [one.fit.slope_text for one in series]),
    )
    for place, title, values in columns:
        lines = [f"<b>{title}</b>"]
        for one, value in zip(series, values, strict=True):
            look = look_of(one.potential)
            mark = (
                f'<span style="color:{look.colour}">{MARKS.get(look.symbol, "●")}</span> ' if title == "Slope" else ""
            )
            lines.append(mark + value)
        figure.add_annotation(
            text="<br>".join(lines),
            xref="x domain",
            yref="y domain",
            x=place,
            y=0.02,
            xanchor="right",
            yanchor="bottom",
            align="right",
            showarrow=False,
            font={"size": 12, "color": INK[theme].text},
        )


def _annotate_sides(figure: go.Figure, theme: Theme) -> None:
    """Name the two sides of the diagonal where the reference force is positive."""
    for text, x, y, anchor in (("stiffening ↑", 0.76, 0.96, "right"), ("↓ softening", 0.99, 0.6, "right")):
        figure.add_annotation(
            text=text,
            xref="x domain",
            yref="y domain",
            x=x,
            y=y,
            xanchor=anchor,
            showarrow=False,
            font={"size": 12, "color": INK[theme].soft},
        )
