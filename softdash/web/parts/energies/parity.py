"""Parity plots of energies of many cases: surfaces and point defects, as in the paper's Figs 2a and 2b."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.potentials.look import look_of
from softdash.softening.energies import EnergyComparison
from softdash.web.figures.corner_notes import write_in_corners
from softdash.web.figures.decoration import slope_line
from softdash.web.theme import INK, Theme, layout_of


@dataclass(frozen=True, slots=True, eq=False)
class EnergySeries:
    """Energies of one potential beside those of DFT.

    Attributes
    ----------
    potential, label : str
        Identifier (gives the colour) and name for people.
    reference, predicted : ndarray, shape (n,)
        In the same order and unit.
    names : sequence of str
        What each case is, with its source, for hovering.
    comparison : EnergyComparison
    part : str
        Kind of hosts the cases are of, in the plural (``"metals"``); empty where all are of one kind.
    """

    potential: str
    label: str
    reference: NDArray[np.float64]
    predicted: NDArray[np.float64]
    names: Sequence[str]
    comparison: EnergyComparison
    part: str = ""


def energy_parity(
    series: Sequence[EnergySeries],
    *,
    quantity: str,
    unit: str,
    theme: Theme,
    decimals: int = 3,
    with_fits: bool = True,
) -> go.Figure:
    """Draw predicted against DFT energies with the diagonal, and the fit through the origin of each series.

    A potential's parts share its colour: the first has filled symbols, the others open ones, and the fit of each ends
    at its largest case.

    Parameters
    ----------
    series : sequence of EnergySeries
    quantity, unit : str
        For the axes: ``"surface energy"``, ``"eV/Å²"``.
    theme : {"light", "dark"}
    decimals : int
        Of the energies in the hover text.
    with_fits : bool
        Whether to draw the fits.
    """
    first_of = {one.potential: one for one in reversed(series)}
    low, high = _span(series)
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": f"DFT {quantity} ({unit})"}, "range": [low, high], "nticks": 7},
            yaxis={
                "title": {"text": f"Predicted {quantity} ({unit})"},
                "range": [low, high],
                "scaleanchor": "x",
                "scaleratio": 1,
                "constrain": "domain",
                "nticks": 7,
            },
            hovermode="closest",
            legend={"itemsizing": "constant"},
        )
    )
    figure.update_xaxes(constrain="domain")
    figure.add_trace(_line([low, high], 1.0, INK[theme].diagonal, "dash", "y = x"))
    for one in series if with_fits else ():
        look = look_of(one.potential)
        ends = [min(0.0, *one.reference), max(0.0, *one.reference)] if one.part else [low, high]
        name = f"{one.label}, {one.part}" if one.part else one.label
        figure.add_trace(_line(ends, one.comparison.slope, look.colour, look.dash, f"{name}, fit", one.potential))
    for one in series:
        look = look_of(one.potential)
        is_first = first_of[one.potential] is one
        figure.add_scatter(
            x=one.reference.tolist(),
            y=one.predicted.tolist(),
            mode="markers",
            name=one.label,
            legendgroup=one.potential,
            showlegend=is_first,
            marker={
                "color": look.colour,
                "symbol": look.symbol if is_first else f"{look.symbol}-open",
                "size": 7.5,
                "opacity": 0.65,
            },
            customdata=[[name] for name in one.names],
            meta={"columns": ["case"]},
            hovertemplate=(
                f"%{{customdata[0]}}<br>DFT %{{x:.{decimals}f}} {unit}<br>{one.label} %{{y:.{decimals}f}} {unit}"
                "<extra></extra>"
            ),
        )
    write_in_corners(figure, {"left top": "↑ overprediction", "right bottom": "↓ softening (underprediction)"}, theme)
    return figure


def _span(series: Sequence[EnergySeries]) -> tuple[float, float]:
    values = [value for one in series for value in (*one.reference.tolist(), *one.predicted.tolist())]
    if not values:
        return 0.0, 1.0
    low, high = min(0.0, *values), max(values)
    margin = 0.05 * (high - low)
    return (low - margin if low < 0 else 0.0), high + margin


def _line(
    ends: Sequence[float], slope: float, colour: str, dash: str, name: str, group: str | None = None
) -> go.Scatter:
    return slope_line(ends, slope, colour=colour, dash=dash, width=1.5, name=name, group=group).update(opacity=0.9)
