"""Distribution of the softening scale over materials: histogram with box, violin, cumulative share.

After Fig. 5b of Deng et al., npj Comput. Mater. 11, 9 (2025). All three forms have a payload that does not grow with
the number of materials: counts, densities and quantiles are made here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.potentials.look import look_of
from softdash.softening import wilson_interval
from softdash.softening.statistics import PopulationSummary
from softdash.web.figures.decoration import DECORATION
from softdash.web.figures.density_curve import density_curve
from softdash.web.figures.distribution_series import (
    AXIS,
    BIN_WIDTH,
    DistributionSeries,
    PublishedMedian,
    bin_counts,
    bin_edges,
    share_text,
    shown_range,
)
from softdash.web.theme import INK, Theme, layout_of

View = Literal["histogram", "violin", "cumulative"]
VIEWS: tuple[View, ...] = ("histogram", "violin", "cumulative")

SOFT_SIDE = "softening (force underprediction)"
STIFF_SIDE = "stiffening (force overprediction)"

# Variants of a family share a colour: their bars differ by pattern as their lines do by dashes.
_PATTERNS = {"diamond": "/", "square": ".", "triangle-up": "\\", "cross": "x", "x": "+", "triangle-down": "-"}
_POINTS_SHOWN = 600
_STEPS_SHOWN = 800
_FEW = 5
_SCALE_TITLE = "Softening scale (slope of predicted on DFT forces)"


def distribution_figure(
    view: View,
    series: Sequence[DistributionSeries],
    *,
    theme: Theme,
    published: Sequence[PublishedMedian] = (),
    marked: tuple[float, float] | None = None,
) -> go.Figure:
    """Draw the distribution in one of the three forms.

    Parameters
    ----------
    view : {"histogram", "violin", "cumulative"}
    series : sequence of DistributionSeries
    theme : {"light", "dark"}
    published : sequence of PublishedMedian
        Drawn dotted, and labelled; on other materials than the series.
    marked : (float, float), optional
        Range of slopes to mark: the bar that was clicked.
    """
    if view == "violin":
        figure = _violin_figure(series, published, theme)
    elif view == "cumulative":
        figure = _cumulative_figure(series, published, theme)
    else:
        figure = _histogram_figure(series, published, theme)
    if marked is not None:
        add_band = figure.add_hrect if view == "violin" else figure.add_vrect
        ends = {"y0": marked[0], "y1": marked[1]} if view == "violin" else {"x0": marked[0], "x1": marked[1]}
        add_band(**ends, fillcolor=INK[theme].text, opacity=0.1, line_width=0, layer="below")
    return figure


def _histogram_figure(
    series: Sequence[DistributionSeries], published: Sequence[PublishedMedian], theme: Theme
) -> go.Figure:
    counted = len(series) == 1
    boxes = 0.07 * max(1, len(series))
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": _SCALE_TITLE}, "range": list(shown_range(series, published)), "tickformat": ".1f"},
            yaxis={
                "title": {"text": "Materials" if counted else "Share of materials (%)"},
                "domain": [0, 0.94 - boxes],
            },
            yaxis2={"domain": [1 - boxes, 1], "visible": False, "anchor": "x", "fixedrange": True},
            barmode="overlay",
            bargap=0.04,
            hovermode="closest",
            clickmode="event",
        )
    )
    edges = bin_edges()
    tallest = 0.0
    for place, one in enumerate(series):
        counts = bin_counts(one.slopes)
        filled = np.flatnonzero(counts)
        heights = counts[filled] if counted else 100 * counts[filled] / max(1, one.slopes.size)
        figure.add_trace(
            go.Bar(
                x=np.round((edges[filled] + edges[filled + 1]) / 2, 4).tolist(),
                y=np.round(heights, 3).tolist(),
                customdata=np.column_stack((edges[filled], edges[filled + 1], counts[filled])).tolist(),
                width=0.96 * BIN_WIDTH,
                name=one.label,
                marker={
                    "color": one.look.transparent(one.opacity),
                    "line": {"color": one.look.colour, "width": 1},
                    "pattern": {"shape": _PATTERNS.get(one.look.symbol, ""), "fgcolor": one.look.colour, "size": 7},
                },
                hovertemplate="%{customdata[2]} materials<br>%{customdata[0]:.2f} to %{customdata[1]:.2f}"
                f"<extra>{one.label}</extra>",
                showlegend=not counted,
            )
        )
        figure.add_trace(_box(one, -place, "h"))
        tallest = max(tallest, float(heights.max(initial=0)))
    # Room for the labels of published values above the bars.
    figure.update_layout(yaxis={"range": [0, 1.2 * tallest or 1]})
    _add_one_line(figure, theme, vertical=True)
    _add_published_lines(figure, published, theme)
    return figure


_MOST_VIOLINS_WITH_SHARES = 3
"""More of them leave no room for more than a name; the shares stand in the table above the figure."""
_MOST_VIOLINS_WITH_LEVEL_NAMES = 4
"""More of them leave plotly to turn the names."""
_VIOLIN_NAME_WIDTH = 13
"""Characters of one line of a name below its violin."""


def _violin_figure(
    series: Sequence[DistributionSeries], published: Sequence[PublishedMedian], theme: Theme
) -> go.Figure:
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={
                "tickvals": list(range(len(series))),
                "ticktext": [_violin_name(one, with_share=len(series) <= _MOST_VIOLINS_WITH_SHARES) for one in series],
                "range": [-0.62, max(1, len(series)) - 0.38],
                **({"tickangle": 0} if len(series) <= _MOST_VIOLINS_WITH_LEVEL_NAMES else {}),
                "showgrid": False,
                "fixedrange": True,
            },
            yaxis={
                "title": {"text": "Softening scale"},
                "range": list(shown_range(series, published)),
                "tickformat": ".1f",
            },
            hovermode="closest",
            clickmode="event",
            showlegend=False,
        )
    )
    for place, one in enumerate(series):
        figure.add_traces(_violin_traces(one, place))
        is_named = one.potential not in {before.potential for before in series[:place]}
        for reference in published:
            if reference.potential == one.potential:
                _add_published_tick(figure, reference, place, theme, is_named=is_named)
    _add_one_line(figure, theme, vertical=False)
    return figure


def _violin_name(one: DistributionSeries, *, with_share: bool) -> str:
    parts = one.label.split(" · ")
    if one.summary is not None and with_share:
        share = share_text(one.summary.share_below_one, one.summary.share_below_one_interval)
        parts += [f"{share} %", "below 1.00"]
    return "<br>".join(line for part in parts for line in textwrap.wrap(part, _VIOLIN_NAME_WIDTH))


def _add_published_tick(
    figure: go.Figure, reference: PublishedMedian, place: int, theme: Theme, *, is_named: bool
) -> None:
    ink = INK[theme]
    ends = {"x0": place - 0.47, "x1": place + 0.47, "y0": reference.value, "y1": reference.value}
    figure.add_shape(type="line", **ends, line={"color": ink.text, "width": 1.6, "dash": "dot"})
    if not is_named:
        return
    figure.add_annotation(
        text=f"published<br>{'≈ ' if reference.is_digitised else ''}{reference.value:.2f}",
        x=place - 0.47,
        y=reference.value,
        xanchor="left",
        yanchor="bottom",
        align="left",
        showarrow=False,
        font={"size": 11.5, "color": ink.soft},
    )


def _violin_traces(one: DistributionSeries, place: int) -> list[Any]:
    values, density = density_curve(one.slopes, AXIS)
    half = 0.42 * density / density.max() if density.size else density
    traces: list[Any] = [
        go.Scatter(
            x=np.round(np.concatenate((place - half, (place + half)[::-1])), 4).tolist(),
            y=np.round(np.concatenate((values, values[::-1])), 4).tolist(),
            mode="lines",
            fill="toself",
            fillcolor=one.look.transparent(0.6 * one.opacity),
            line={"color": one.look.colour, "width": 1.2},
            hoverinfo="skip",
            name=f"{one.label}, density",
            meta=DECORATION,
        ),
        _box(one, place, "v"),
    ]
    if one.slopes.size <= _POINTS_SHOWN:
        # Equal input gives an equal figure: the jitter is a fixed low-discrepancy sequence, not random numbers.
        jitter = (np.arange(one.slopes.size) * 0.6180339887) % 1 - 0.5
        traces.append(_points(one, np.round(place + 0.3 * jitter, 3), np.clip(one.slopes, *AXIS)))
    return traces


def _cumulative_figure(
    series: Sequence[DistributionSeries], published: Sequence[PublishedMedian], theme: Theme
) -> go.Figure:
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": _SCALE_TITLE}, "range": list(shown_range(series, published)), "tickformat": ".1f"},
            yaxis={"title": {"text": "Materials below (%)"}, "range": [0, 103]},
            hovermode="closest",
            clickmode="event",
        )
    )
    for one in series:
        figure.add_traces(_cumulative_traces(one, labelled=len(series) == 1))
    _add_one_line(figure, theme, vertical=True)
    _add_published_lines(figure, published, theme)
    return figure


def _cumulative_traces(one: DistributionSeries, *, labelled: bool) -> list[go.Scatter]:
    count = one.slopes.size
    order = np.argsort(one.slopes, kind="stable")
    below = np.arange(1, count + 1)
    if count > _STEPS_SHOWN:
        kept = np.unique(np.linspace(0, count - 1, _STEPS_SHOWN).astype(np.int_))
        order, below = order[kept], below[kept]
    sorted_slopes = one.slopes[order]
    ends = [wilson_interval(int(number), count) for number in below]
    band_x = np.concatenate((sorted_slopes, sorted_slopes[::-1]))
    band_y = 100 * np.array([end.low for end in ends] + [end.high for end in ends][::-1])
    band = go.Scatter(
        x=np.round(band_x, 4).tolist(),
        y=np.round(band_y, 2).tolist(),
        mode="none",
        fill="toself",
        fillcolor=one.look.transparent(0.18),
        hoverinfo="skip",
        showlegend=False,
        legendgroup=one.label,
        name=f"{one.label}, pointwise 95 % interval",
        meta=DECORATION,
    )
    line = go.Scatter(
        x=np.round(sorted_slopes, 4).tolist(),
        y=np.round(100 * below / count, 2).tolist(),
        customdata=one.keys[order].tolist(),
        text=one.names[order].tolist(),
        mode="lines" if count > _FEW else "lines+markers",
        marker={"symbol": one.look.symbol, "size": 9, "color": one.look.colour},
        line={"color": one.look.colour, "dash": one.look.dash, "width": 2.2, "shape": "hv"},
        name=one.label,
        legendgroup=one.label,
        hovertemplate="%{text}: %{x:.3f}<br>%{y:.1f} % of materials up to here<extra></extra>",
    )
    traces = [band, line]
    if one.summary is not None:
        traces.append(_share_marker(one, one.summary, labelled=labelled))
    return traces


def _share_marker(one: DistributionSeries, summary: PopulationSummary, *, labelled: bool) -> go.Scatter:
    share, interval = 100 * summary.share_below_one, summary.share_below_one_interval
    return go.Scatter(
        x=[1.0],
        y=[round(share, 2)],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [100 * interval.high - share],
            "arrayminus": [share - 100 * interval.low],
            "color": one.look.colour,
            "thickness": 1.6,
        },
        mode="markers+text" if labelled else "markers",
        marker={"color": one.look.colour, "size": 8, "symbol": one.look.symbol},
        text=[f"  {share_text(summary.share_below_one, summary.share_below_one_interval)} % below 1.00"]
        if labelled
        else None,
        textposition="middle right",
        legendgroup=one.label,
        showlegend=False,
        hoverinfo="skip",
        name=f"{one.label}, below 1.00",
        meta=DECORATION,
    )


def _points(one: DistributionSeries, x: NDArray[np.float64], y: NDArray[np.float64]) -> go.Scatter:
    return go.Scatter(
        x=x.tolist(),
        y=np.round(y, 4).tolist(),
        customdata=one.keys.tolist(),
        text=one.names.tolist(),
        mode="markers",
        marker={"color": one.look.colour, "size": 5, "opacity": 0.65, "symbol": one.look.symbol},
        name=one.label,
        hovertemplate="%{text}: %{y:.3f}<extra></extra>",
    )


def _box(one: DistributionSeries, place: int, orientation: Literal["h", "v"]) -> go.Box:
    """Draw quartiles and whiskers (5 to 95 % of the materials) from five numbers."""
    low, first, middle, third, high = np.quantile(one.slopes, (0.05, 0.25, 0.5, 0.75, 0.95)).round(4).tolist()
    numbers: dict[str, Any] = {
        "q1": [first],
        "median": [middle],
        "q3": [third],
        "lowerfence": [low],
        "upperfence": [high],
    }
    along = {"y": [place], "yaxis": "y2"} if orientation == "h" else {"x": [place]}
    return go.Box(
        **numbers,
        **along,
        orientation=orientation,
        width=0.6 if orientation == "h" else 0.12,
        name=f"{one.label}, quartiles",
        fillcolor=one.look.transparent(0.25),
        line={"color": one.look.colour, "width": 1.6},
        showlegend=False,
        hoverinfo="skip",
        meta=DECORATION,
    )


def _add_one_line(figure: go.Figure, theme: Theme, *, vertical: bool) -> None:
    """Draw the line at 1.00 and name both its sides, as in the paper."""
    ink = INK[theme]
    font = {"size": 11, "color": ink.soft}
    if vertical:
        figure.add_vline(x=1.0, line={"color": ink.text, "width": 1.3, "dash": "dash"})
        shared = {
            "xref": "x",
            "yref": "paper",
            "x": 1.0,
            "y": 1.0,
            "yanchor": "bottom",
            "showarrow": False,
            "font": font,
        }
        figure.add_annotation(
            text="softening<br>(force underprediction)", xanchor="right", xshift=-5, align="right", **shared
        )
        figure.add_annotation(
            text="stiffening<br>(force overprediction)", xanchor="left", xshift=5, align="left", **shared
        )
        figure.update_layout(margin={"t": 44, "r": 26})
        if len(figure.data) > 2:
            figure.update_layout(margin={"t": 84, "r": 26}, legend={"y": 1.14})
        return
    figure.add_hline(y=1.0, line={"color": ink.text, "width": 1.3, "dash": "dash"})
    shared = {"xref": "paper", "yref": "paper", "x": 0.005, "xanchor": "left", "showarrow": False, "font": font}
    figure.add_annotation(text=f"↑ {STIFF_SIDE}", y=1.0, yanchor="bottom", **shared)
    figure.add_annotation(text=f"↓ {SOFT_SIDE}", y=0.0, yanchor="bottom", **shared)
    figure.update_layout(margin={"t": 28})


def _add_published_lines(figure: go.Figure, published: Sequence[PublishedMedian], theme: Theme) -> None:
    for place, one in enumerate(published):
        figure.add_vline(x=one.value, line={"color": look_of(one.potential).colour, "width": 1.6, "dash": "dot"})
        figure.add_annotation(
            text=one.text,
            x=one.value,
            xref="x",
            y=0.99 - 0.14 * place,
            yref="y domain",
            xanchor="right",
            yanchor="top",
            align="right",
            xshift=-5,
            showarrow=False,
            font={"size": 11.5, "color": INK[theme].soft},
        )
