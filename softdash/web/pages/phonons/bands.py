"""Phonon bands and densities of states of DFT and of potentials on one frequency axis, as in the paper's Fig. 4a."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from softdash.catalog import PathSegment, PhononBands, PhononCurve
from softdash.catalog.phonon_bands import IMAGINARY_BELOW
from softdash.potentials.look import look_of
from softdash.web.theme import INK, Theme, layout_of

_BAND_SHARE = 0.79


@dataclass(frozen=True, slots=True)
class Branch:
    """A stretch of the q-path without a break: its name, its first segment, and one past its last."""

    label: str
    first: int
    stop: int


def branches(path: Sequence[PathSegment]) -> tuple[Branch, ...]:
    """Split a q-path where a segment does not start at the label at which the one before ended."""
    starts = [i for i, segment in enumerate(path) if i == 0 or segment.start != path[i - 1].end]
    found = []
    for first, stop in zip(starts, [*starts[1:], len(path)], strict=True):
        labels = [path[first].start, *(segment.end for segment in path[first:stop])]
        found.append(Branch("–".join(label_text(label) for label in labels), first, stop))
    return tuple(found)


def label_text(label: str) -> str:
    """Return a q-point's label with a real Γ: ``"GAMMA"`` → ``"Γ"``."""
    return "Γ" if label.upper() in {"GAMMA", "G", "Γ"} else label.replace("$", "").replace("\\Gamma", "Γ")


def axis_ticks(path: Sequence[PathSegment]) -> tuple[list[float], list[str]]:
    """Return places and labels of the high-symmetry points; both sides of a break share one tick: ``"U|K"``."""
    places = [path[0].distances[0]]
    labels = [_html(path[0].start)]
    for before, segment in zip([None, *path[:-1]], path, strict=True):
        if before is not None and before.end != segment.start:
            labels[-1] = f"{_html(before.end)}|{_html(segment.start)}"
        places.append(segment.distances[-1])
        labels.append(_html(segment.end))
    return places, labels


def has_imaginary_modes(curve: PhononCurve) -> bool:
    """Whether a mode on the q-mesh or on the path is imaginary (its frequency is stored as negative)."""
    on_path = min(min(row) for rows in curve.frequencies for row in rows)
    return min(curve.min_frequency, on_path) < IMAGINARY_BELOW


def bands_figure(
    bands: PhononBands,
    curves: Sequence[PhononCurve],
    *,
    labels: Mapping[str, str],
    theme: Theme,
    branch: Branch | None = None,
) -> go.Figure:
    """Draw bands on the left and densities of states on the right, sharing the frequency axis.

    Parameters
    ----------
    bands : PhononBands
        The material, for its path.
    curves : sequence of PhononCurve
        What to draw, DFT included where wanted.
    labels : mapping of str to str
        Name of each potential's identifier.
    theme : {"light", "dark"}
    branch : Branch, optional
        Part of the path; default: all.
    """
    first, stop = (branch.first, branch.stop) if branch else (0, len(bands.path))
    path = bands.path[first:stop]
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.025, column_widths=[_BAND_SHARE, 1 - _BAND_SHARE]
    )
    for curve in sorted(curves, key=lambda c: c.potential == "dft"):
        _add_curve(figure, curve, path, first, labels.get(curve.potential, curve.potential), theme)
    places, ticks = axis_ticks(path)
    figure.update_layout(_layout(theme, places, ticks))
    if any(has_imaginary_modes(curve) for curve in curves):
        _mark_imaginary(figure, theme)
    return figure


def _add_curve(
    figure: go.Figure, curve: PhononCurve, path: Sequence[PathSegment], first: int, name: str, theme: Theme
) -> None:
    is_reference = curve.potential == "dft"
    look = look_of(curve.potential)
    colour = INK[theme].reference if is_reference else look.colour
    line = {
        "color": colour,
        "width": 1.9 if is_reference else 1.7,
        "dash": "solid" if is_reference else _dash(look.dash),
    }
    distances, frequencies = _band_lines(curve, path, first)
    shared = {
        "name": name,
        "legendgroup": curve.potential,
        "mode": "lines",
        "line": line,
        "legendrank": 1 if is_reference else 2,
    }
    figure.add_scatter(
        **shared,
        x=distances,
        y=frequencies,
        connectgaps=False,
        hovertemplate="%{y:.2f} THz<extra>" + name + "</extra>",
        row=1,
        col=1,
    )
    figure.add_scatter(
        **shared,
        x=np.asarray(curve.dos, dtype=np.float32),
        y=np.asarray(curve.dos_frequencies, dtype=np.float32),
        showlegend=False,
        hovertemplate="%{x:.2f} states/THz at %{y:.2f} THz<extra>" + name + "</extra>",
        row=1,
        col=2,
    )


def _band_lines(
    curve: PhononCurve, path: Sequence[PathSegment], first: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Join all bands into one line, with a gap (NaN) after each band and at each break of the path."""
    stretches: list[tuple[list[float], list[NDArray[np.float64]]]] = []
    for index, segment in enumerate(path):
        rows = np.asarray(curve.frequencies[first + index], dtype=np.float64)
        if index == 0 or segment.start != path[index - 1].end:
            stretches.append(([], []))
        stretches[-1][0].extend(segment.distances)
        stretches[-1][1].append(rows)
    x: list[NDArray[np.float64]] = []
    y: list[NDArray[np.float64]] = []
    for distances, blocks in stretches:
        stacked = np.concatenate(blocks)
        gap = np.full((1, stacked.shape[1]), np.nan)
        x.append(np.tile([*distances, distances[-1]], stacked.shape[1]))
        y.append(np.concatenate([stacked, gap]).T.ravel())
    return np.concatenate(x).astype(np.float32), np.concatenate(y).astype(np.float32)


def _dash(style: str) -> str:
    # A potential's solid line would lie over DFT's; the paper dashes all potentials.
    return "dash" if style == "solid" else "dot" if style == "dash" else "dashdot"


def _layout(theme: Theme, places: list[float], ticks: list[str]) -> dict[str, object]:
    layout = layout_of(
        theme,
        xaxis={
            "title": {"text": "wave vector"},
            "tickvals": places,
            "tickangle": 0,
            "ticktext": ticks,
            "showgrid": False,
            "ticks": "",
            "range": [places[0], places[-1]],
        },
        yaxis={"title": {"text": "frequency (THz)"}, "rangemode": "tozero"},
        hovermode="closest",
        # One by one, with add_vline, plotly takes a hundred times as long.
        shapes=[_upright(place, INK[theme].diagonal) for place in places],
    )
    base = layout["xaxis"]
    layout["xaxis2"] = {
        **{key: base[key] for key in ("gridcolor", "zeroline", "linecolor", "automargin")},
        "title": {**base["title"], "text": "DOS (1/THz)"},
        "rangemode": "tozero",
        "nticks": 4,
    }
    layout["yaxis2"] = {"gridcolor": base["gridcolor"], "zeroline": False, "ticks": ""}
    return layout


def _upright(place: float, colour: str) -> dict[str, object]:
    line = {"color": colour, "width": 1}
    return {
        "type": "line",
        "xref": "x",
        "yref": "y domain",
        "x0": place,
        "x1": place,
        "y0": 0,
        "y1": 1,
        "line": line,
        "layer": "below",
    }


def _mark_imaginary(figure: go.Figure, theme: Theme) -> None:
    ink = INK[theme]
    figure.add_hline(y=0, line={"color": ink.text, "width": 1}, layer="below")
    figure.add_annotation(
        text="imaginary modes, shown as negative",
        x=0.01,
        xref="x domain",
        y=0,
        yref="y",
        yshift=-10,
        xanchor="left",
        showarrow=False,
        bgcolor=ink.page,
        opacity=0.85,
        font={"size": 12, "color": ink.soft},
    )


def _html(label: str) -> str:
    name, _, index = label_text(label).partition("_")
    return f"{name}<sub>{index}</sub>" if index else name
