"""Distribution of the ratio of maximum phonon frequencies, potential over DFT, as in the paper's Fig. 4b."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from softdash.potentials.look import look_of
from softdash.softening.statistics import PopulationSummary
from softdash.web.theme import INK, Theme, layout_of

BIN_WIDTH = 0.05
"""Width of a bar; 1.00 is an edge, so that no bar mixes softening and stiffening."""

_VIOLINS_WITH_ROOM = 3
"""Up to so many violins leave room between them for the share on each side of 1.00."""
_VIOLIN_NAME_WIDTH = 9

# Depth of the middle of the row of dots below a histogram, as a share of its tallest bar.
_DOT_DEPTH = 0.17


@dataclass(frozen=True, slots=True)
class RatioSeries:
    """Frequency ratios by one potential.

    Attributes
    ----------
    key, potential, label : str
        Short name for addresses (``"chgnet"``), identifier for the colour, name to show.
    ratios : ndarray, shape (materials,)
    summary : PopulationSummary
    materials : sequence of str
        Formula and identifier of each material, for hovering.
    material_ids : sequence of str
    """

    key: str
    potential: str
    label: str
    ratios: NDArray[np.float64]
    summary: PopulationSummary
    materials: Sequence[str]
    material_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the histogram: materials with ``low <= ratio < high`` for one potential."""

    key: str
    low: float
    high: float

    def as_text(self) -> str:
        """Return the form used in addresses: ``"chgnet:0.85-0.90"``."""
        return f"{self.key}:{self.low:.2f}-{self.high:.2f}"

    def holds(self, ratios: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which of the ratios lie in the bar."""
        return (ratios >= self.low) & (ratios < self.high)


def parse_bar(text: str | None, keys: Sequence[str]) -> Bar | None:
    """Read `Bar.as_text`; None for anything that does not name a bar of one of `keys`."""
    key, colon, span = (text or "").partition(":")
    low_text, dash, high_text = span.partition("-")
    if key not in keys or not colon or not dash:
        return None
    try:
        low, high = float(low_text), float(high_text)
    except ValueError:
        return None
    return Bar(key, low, high) if 0 <= low < high <= 10 else None


def bar_at(key: str, ratio: float) -> Bar:
    """Return the bar of one potential in which a ratio lies."""
    index = int(np.floor(ratio / BIN_WIDTH + 1e-9))
    return Bar(key, round(index * BIN_WIDTH, 2), round((index + 1) * BIN_WIDTH, 2))


def ratio_histogram(
    series: Sequence[RatioSeries], *, theme: Theme, chosen: Bar | None = None, material: str | None = None
) -> go.Figure:
    """Draw one histogram per potential above each other, sharing the axis of ratios, with a dot for each material.

    Parameters
    ----------
    series : sequence of RatioSeries
        At least one.
    theme : {"light", "dark"}
    chosen : Bar, optional
        The bar to bring out.
    material : str, optional
        Identifier of the material whose dots to bring out.
    """
    edges = _edges(series)
    figure = make_subplots(rows=len(series), cols=1, shared_xaxes=True, vertical_spacing=0.05)
    figure.update_layout(layout_of(theme, bargap=0, showlegend=False, margin={"t": 34}))
    tallest = 0
    for row, one in enumerate(series, start=1):
        counts, _ = np.histogram(one.ratios, bins=edges)
        tallest = max(tallest, int(counts.max()))
        bars = [bar_at(one.key, float(edge) + BIN_WIDTH / 2) for edge in edges[:-1]]
        figure.add_bar(
            x=[round(bar.low + BIN_WIDTH / 2, 3) for bar in bars],
            y=counts.tolist(),
            width=BIN_WIDTH,
            name=one.label,
            customdata=[bar.as_text() for bar in bars],
            marker={
                "color": [look_of(one.potential).colour] * len(bars),
                "opacity": [1.0 if chosen in (None, bar) else 0.35 for bar in bars],
                "line": {"color": INK[theme].page, "width": 1},
            },
            hovertext=[
                f"{one.label}: {count} crystals from {bar.low:.2f} to {bar.high:.2f}"
                for bar, count in zip(bars, counts.tolist(), strict=True)
            ],
            hoverinfo="text",
            row=row,
            col=1,
        )
        _label_panel(figure, one, row, theme)
    for row, one in enumerate(series, start=1):
        _add_dots(figure, one, row, tallest, theme, material)
    figure.update_xaxes(_axis(theme), range=[edges[0], edges[-1]])
    title = layout_of(theme)["xaxis"]["title"]
    figure.update_xaxes(title={**title, "text": "max ω(potential) / max ω(DFT)"}, row=len(series), col=1)
    step = _tick_step(tallest)
    ticks = list(range(0, tallest + 1, step))
    figure.update_yaxes(_axis(theme), range=[-2 * _DOT_DEPTH * tallest, 1.45 * tallest], tickvals=ticks)
    figure.update_yaxes(title={**title, "text": "materials"}, row=(len(series) + 1) // 2, col=1)
    _name_sides_above(figure, theme)
    return figure


def ratio_violins(series: Sequence[RatioSeries], *, theme: Theme, chosen: str | None = None) -> go.Figure:
    """Draw one violin per potential with each material as a point; the share on each side of 1.00 beside it.

    Parameters
    ----------
    series : sequence of RatioSeries
    theme : {"light", "dark"}
    chosen : str, optional
        Identifier of the material to bring out.
    """
    ink = INK[theme]
    is_crowded = len(series) > _VIOLINS_WITH_ROOM
    figure = go.Figure(
        layout=layout_of(theme, showlegend=False, yaxis={"title": {"text": "max ω(potential) / max ω(DFT)"}})
    )
    for column, one in enumerate(series):
        look = look_of(one.potential)
        place = [i for i, name in enumerate(one.material_ids) if name == chosen]
        figure.add_violin(
            y=one.ratios.round(4).tolist(),
            name=_violin_name(one, with_share=is_crowded),
            text=list(one.materials),
            customdata=list(one.material_ids),
            points="all",
            pointpos=0,
            jitter=0.55,
            spanmode="hard",
            line={"color": look.colour, "width": 1.5},
            fillcolor=look.transparent(0.22),
            marker={"color": look.transparent(0.75), "size": 4.5},
            selectedpoints=place or None,
            selected={"marker": {"size": 10, "color": ink.text, "opacity": 1}},
            unselected={"marker": {"opacity": 0.5}},
            hoveron="points",
            hovertemplate="%{text}<br>" + one.label + ": ratio %{y:.3f}<extra></extra>",
            width=0.6,
        )
        if is_crowded:
            continue
        for share, y, position in (
            (one.summary.share_below_one, 0.985, "top"),
            (1 - one.summary.share_below_one, 1.015, "bottom"),
        ):
            figure.add_annotation(
                x=column - 0.32,
                y=y,
                text=f"{100 * share:.1f} %",
                showarrow=False,
                xanchor="right",
                yanchor=position,
                font={"size": 13, "color": ink.text},
            )
    figure.update_xaxes(range=[-0.6 if is_crowded else -0.78, len(series) - 0.4], tickangle=0)
    figure.add_hline(y=1, line={"color": ink.text, "width": 1.4, "dash": "dash"})
    for y, anchor, text in (
        (0.99, "top", "stiffening (phonon overprediction)"),
        (0.01, "bottom", "softening (phonon underprediction)"),
    ):
        figure.add_annotation(
            x=0.01,
            xref="paper",
            y=y,
            yref="paper",
            xanchor="left",
            yanchor=anchor,
            text=text,
            showarrow=False,
            font={"size": 12.5, "color": ink.soft},
        )
    return figure


def _violin_name(one: RatioSeries, *, with_share: bool) -> str:
    """Return a name in short lines, that fits below a narrow violin; with the share below one where it has no room."""
    lines = textwrap.wrap(one.label, _VIOLIN_NAME_WIDTH, break_long_words=False, break_on_hyphens=False)
    if with_share:
        lines += [f"<b>{100 * one.summary.share_below_one:.0f} %</b>", "below 1"]
    return "<br>".join(lines)


def _edges(series: Sequence[RatioSeries]) -> NDArray[np.float64]:
    low = min(float(one.ratios.min()) for one in series)
    high = max(float(one.ratios.max()) for one in series)
    # Room for the names of both sides, on a phone too.
    first, last = int(np.floor(min(low, 0.95) / BIN_WIDTH)), int(np.floor(max(high, 1.16) / BIN_WIDTH)) + 1
    edges: NDArray[np.float64] = np.round(np.arange(first, last + 1) * BIN_WIDTH, 2)
    return edges


def _add_dots(figure: go.Figure, one: RatioSeries, row: int, tallest: int, theme: Theme, material: str | None) -> None:
    """Add the materials as dots below the bars, spread a little in height so that equal ratios stay apart."""
    order = np.argsort(np.argsort(one.ratios, kind="stable"))
    heights = -_DOT_DEPTH * tallest * (1 + 0.55 * np.array([-1.0, 0.35, -0.35, 1.0])[order % 4])
    is_chosen = [name == material for name in one.material_ids]
    ink, look = INK[theme], look_of(one.potential)
    figure.add_scatter(
        x=one.ratios.round(4).tolist(),
        y=heights.round(3).tolist(),
        mode="markers",
        name=one.label,
        text=list(one.materials),
        customdata=list(one.material_ids),
        marker={
            "color": [ink.text if chosen else look.colour for chosen in is_chosen],
            "size": [11 if chosen else 6.5 for chosen in is_chosen],
            "opacity": 0.9,
            "line": {"color": ink.page, "width": 0.8},
        },
        hovertemplate="%{text}<br>" + one.label + ": ratio %{x:.3f}<extra></extra>",
        row=row,
        col=1,
    )


def _tick_step(tallest: int) -> int:
    """Return a round step that gives two to four ticks above zero."""
    return next(step for size in (1, 10, 100, 1000) for step in (size, 2 * size, 5 * size) if tallest < 4 * step)


def _label_panel(figure: go.Figure, one: RatioSeries, row: int, theme: Theme) -> None:
    ink = INK[theme]
    share, interval = one.summary.share_below_one, one.summary.share_below_one_interval
    figure.add_annotation(
        text=(
            f"<b>{one.label}</b><br>{100 * share:.1f} % below 1.00<br>"
            f"({100 * interval.low:.1f} to {100 * interval.high:.1f} %)"
        ),
        x=0.01,
        xref="x domain",
        y=0.96,
        yref="y domain",
        xanchor="left",
        yanchor="top",
        align="left",
        showarrow=False,
        font={"size": 12.5, "color": ink.text},
        row=row,
        col=1,
    )
    figure.add_shape(
        type="line",
        x0=1,
        x1=1,
        y0=0,
        y1=1,
        yref="y domain",
        line={"color": ink.text, "width": 1.4, "dash": "dash"},
        row=row,
        col=1,
    )


def _name_sides_above(figure: go.Figure, theme: Theme) -> None:
    font = {"size": 12.5, "color": INK[theme].soft}
    for anchor, shift, text in (("right", -8, "← softening (phonon underprediction)"), ("left", 8, "stiffening →")):
        figure.add_annotation(
            x=1,
            xref="x",
            y=1.0,
            yref="paper",
            yanchor="bottom",
            xanchor=anchor,
            xshift=shift,
            yshift=6,
            text=text,
            showarrow=False,
            font=font,
        )


def _axis(theme: Theme) -> dict[str, object]:
    axis = layout_of(theme)["xaxis"]
    return {key: axis[key] for key in ("gridcolor", "zeroline", "linecolor", "ticks", "tickcolor", "ticklen")}
