"""Ion migration: energies along one path with its KRA barrier, and barriers against DFT's, as in the paper's Fig. 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.potentials.look import look_of
from softdash.web.figures.decoration import DECORATION
from softdash.web.figures.method_look import method_look
from softdash.web.theme import INK, Theme, layout_of

# Below a tenth of its greatest width an outline rests on a few barriers, and on the smoothing of the figure.
_BODY_OF_A_VIOLIN = 0.1
_HALF_WIDTH = 0.27
"""Of a violin, where potentials stand 1 apart."""


@dataclass(frozen=True, slots=True, eq=False)
class PathEnergies:
    """Energies along one migration path by one method.

    Attributes
    ----------
    method, label : str
        ``"dft"`` or a potential's identifier (gives the colour); name for people.
    places : ndarray, shape (n,)
        Along the path, ascending; the ends are the two sites.
    energies : ndarray, shape (n,)
        eV, relative to the first image.
    """

    method: str
    label: str
    places: NDArray[np.float64]
    energies: NDArray[np.float64]

    def heights(self) -> NDArray[np.float64]:
        """Return the energies above the straight line between both ends, eV."""
        span = (self.places - self.places[0]) / (self.places[-1] - self.places[0])
        heights: NDArray[np.float64] = self.energies - self.energies[0] - span * (self.energies[-1] - self.energies[0])
        return heights

    def barrier(self) -> float:
        """Return the kinetically resolved (KRA) barrier: the largest height, eV."""
        return float(self.heights().max())

    def top(self) -> int:
        """Return the index of the image with the largest height."""
        return int(np.argmax(self.heights()))


@dataclass(frozen=True, slots=True, eq=False)
class BarrierDifferences:
    """Barriers of one potential less those of DFT, eV.

    Attributes
    ----------
    potential, label : str
    outline : tuple of ndarray or None
        Values and relative density of a digitised violin.
    median : float or None
        Of that violin.
    share_below : float or None
        Published share of barriers below DFT's, 0 to 1.
    differences : ndarray, shape (n,)
        Of recomputed paths; may be empty.
    paths, names : sequence of str
        Identifier (for the address) and name of each recomputed path.
    kinds : sequence of str
        Kind of host of each recomputed path, in the plural; empty where it is not known.
    is_counted, is_decided : ndarray of bool, shape (n,)
        Whether a path counts in means and shares at all; whether its difference exceeds the error of the reference.
    """

    potential: str
    label: str
    outline: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    median: float | None
    share_below: float | None
    differences: NDArray[np.float64]
    paths: Sequence[str]
    names: Sequence[str]
    kinds: Sequence[str]
    is_counted: NDArray[np.bool_]
    is_decided: NDArray[np.bool_]


def path_figure(methods: Sequence[PathEnergies], *, theme: Theme, place_title: str) -> go.Figure:
    """Draw energies along one path, and each method's barrier as an arrow above the line between its ends.

    Parameters
    ----------
    methods : sequence of PathEnergies
    theme : {"light", "dark"}
    place_title : str
        Of the axis along the path.
    """
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": place_title}},
            yaxis={"title": {"text": "Relative energy (eV)"}, "zeroline": True, "zerolinecolor": INK[theme].grid},
            hovermode="closest",
        )
    )
    for position, one in enumerate(methods):
        look = method_look(one.method, theme)
        figure.add_scatter(
            x=one.places.tolist(),
            y=one.energies.tolist(),
            mode="lines+markers",
            name=f"{one.label}, barrier {one.barrier():.2f} eV",
            line={"color": look.colour, "width": 2, "dash": look.dash},
            marker={"size": 8, "symbol": look.symbol},
            hovertemplate=f"{one.label}, {place_title.lower()} %{{x:.3g}}<br>%{{y:.3f}} eV<extra></extra>",
        )
        figure.add_traces(_barrier_marks(one, position, len(methods), look.colour))
    return figure


def differences_figure(potentials: Sequence[BarrierDifferences], *, theme: Theme) -> go.Figure:
    """Draw barrier differences: the body of each digitised violin with its median, and each recomputed path.

    The violins lie, other than in the paper: names stay level, and there is room for many potentials on a phone.

    Parameters
    ----------
    potentials : sequence of BarrierDifferences
    theme : {"light", "dark"}
    """
    ink = INK[theme]
    count = max(len(potentials), 1)
    figure = go.Figure(
        layout=layout_of(
            theme,
            showlegend=False,
            hovermode="closest",
            margin={"t": 34},
            xaxis={"title": {"text": "Barrier, potential − DFT (eV)"}},
            yaxis={
                "tickvals": list(range(len(potentials))),
                "ticktext": [one.label.replace(" ", "<br>", 1) for one in potentials],
                "range": [count - 0.55, -0.6],
                "showgrid": False,
                "ticks": "",
            },
        )
    )
    figure.add_vline(x=0, line={"color": ink.text, "width": 1.3, "dash": "dash"})
    for row, one in enumerate(potentials):
        figure.add_traces(_violin(one, row))
        figure.add_traces(_dots(one, row, theme))
        _annotate_shares(figure, one, row, theme)
    for anchor, shift, text in (("right", -8, "← softening (barrier underprediction)"), ("left", 8, "stiffening →")):
        figure.add_annotation(
            text=text,
            x=0,
            xshift=shift,
            xanchor=anchor,
            y=1,
            yref="paper",
            yshift=6,
            yanchor="bottom",
            showarrow=False,
            font={"size": 12.5, "color": ink.soft},
        )
    return figure


def _barrier_marks(one: PathEnergies, position: int, count: int, colour: str) -> list[go.Scatter]:
    """Return the line between both ends and the height of the highest image above it, as a thin vertical line."""
    top = one.top()
    foot = float(one.energies[top] - one.heights()[top])
    # Side by side, as the tops of all methods often share one image.
    shift = 0.012 * float(one.places[-1] - one.places[0]) * (position - (count - 1) / 2)
    x = float(one.places[top]) + shift
    ends = {"mode": "lines", "hoverinfo": "skip", "showlegend": False, "meta": DECORATION}
    base = go.Scatter(
        x=[float(one.places[0]), float(one.places[-1])],
        y=[float(one.energies[0]), float(one.energies[-1])],
        line={"color": colour, "width": 0.8, "dash": "dot"},
        name=f"{one.label}, between the ends",
        **ends,
    )
    height = go.Scatter(
        x=[x, x],
        y=[foot, float(one.energies[top])],
        line={"color": colour, "width": 1.2},
        opacity=0.75,
        name=f"{one.label}, barrier",
        **ends,
    )
    return [base, height]


def _violin(one: BarrierDifferences, row: int) -> list[go.Scatter]:
    if one.outline is None:
        return []
    look = look_of(one.potential)
    values, density = one.outline
    body = density > _BODY_OF_A_VIOLIN * density.max()
    values, width = values[body], _HALF_WIDTH * density[body] / density.max()
    outline = go.Scatter(
        x=[*values.tolist(), *values.tolist()[::-1]],
        y=[*(row - width).tolist(), *(row + width).tolist()[::-1]],
        mode="lines",
        fill="toself",
        fillcolor=look.transparent(0.22),
        line={"color": look.colour, "width": 1.2},
        hoverinfo="skip",
        name=f"{one.label}, digitised",
    )
    if one.median is None:
        return [outline]
    median = go.Scatter(
        x=[one.median, one.median],
        y=[row - _HALF_WIDTH, row + _HALF_WIDTH],
        mode="lines",
        line={"color": look.colour, "width": 2.4},
        name=f"{one.label}, median of the digitised violin",
        hovertemplate=f"{one.label}: median ≈ %{{x:.2f}} eV, digitised from Fig. 3b<extra></extra>",
    )
    return [outline, median]


def _dots(one: BarrierDifferences, row: int, theme: Theme) -> list[go.Scatter]:
    if not one.differences.size:
        return []
    look = look_of(one.potential)
    # Spread by rank, the same at each drawing.
    ranks = np.argsort(np.argsort(one.differences))
    places = row + 0.15 * (ranks % 5 - 2) / 2 if one.differences.size > 1 else np.array([float(row)])
    dots = go.Scatter(
        x=one.differences.tolist(),
        y=places.tolist(),
        mode="markers",
        marker={
            # What does not count is hollow.
            "color": [look.colour if counts else INK[theme].page for counts in one.is_counted],
            "symbol": look.symbol,
            "size": 9.5,
            "line": {
                "color": [INK[theme].page if counts else look.colour for counts in one.is_counted],
                "width": 1.2,
            },
        },
        name=f"{one.label}, recomputed",
        customdata=list(one.paths),
        text=list(one.names),
        hovertext=[f"recomputed{'' if counts else ', does not count'}" for counts in one.is_counted],
        hovertemplate=f"%{{text}}<br>{one.label}: %{{x:+.3f}} eV, %{{hovertext}}<extra></extra>",
    )
    return [dots]


def _annotate_shares(figure: go.Figure, one: BarrierDifferences, row: int, theme: Theme) -> None:
    if one.share_below is None:
        return
    for share, shift, anchor in ((1 - one.share_below, 6, "left"), (one.share_below, -6, "right")):
        figure.add_annotation(
            x=0,
            xshift=shift,
            xanchor=anchor,
            y=row - _HALF_WIDTH - 0.02,
            yanchor="bottom",
            text=f"{100 * share:.1f} %",
            showarrow=False,
            font={"size": 12.5, "color": INK[theme].text},
        )
