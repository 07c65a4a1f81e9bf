"""Formation energies of Ca-Mg orderings against the calcium fraction, a panel per method, as in the paper's Fig. 2c."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from softdash.web.figures.decoration import DECORATION
from softdash.web.figures.method_look import method_look
from softdash.web.theme import INK, Theme, layout_of

UNIT = "eV per formula unit"
EQUAL_AMOUNTS = 0.5
"""Calcium fraction at which the paper marks the lowest ordering."""


@dataclass(frozen=True, slots=True, eq=False)
class OrderingEnergies:
    """Formation energies of orderings by one method.

    Attributes
    ----------
    method, label : str
        ``"dft"`` or a potential's identifier (gives the colour); name for people.
    fractions, energies : ndarray, shape (n,)
        Calcium fraction, and formation energy in eV per formula unit (two cations).
    names : sequence of str
        What each ordering is, with its source, for hovering.
    errors : ndarray, shape (n,), or None
        Numerical error of each energy, eV per formula unit, where that of the method is known; NaN for single ones.
    """

    method: str
    label: str
    fractions: NDArray[np.float64]
    energies: NDArray[np.float64]
    names: Sequence[str]
    errors: NDArray[np.float64] | None = None

    def lowest(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return calcium fractions, ascending, and the lowest energy at each."""
        fractions = np.unique(self.fractions)
        return fractions, np.array([self.energies[self.fractions == fraction].min() for fraction in fractions])

    def lowest_at(self, fraction: float) -> float | None:
        """Return the lowest energy at a calcium fraction; None without an ordering there."""
        energies = self.energies[self.fractions == fraction]
        return float(energies.min()) if energies.size else None


def ordering_panels(methods: Sequence[OrderingEnergies], *, theme: Theme, columns: int) -> go.Figure:
    """Draw one panel per method: every ordering, the line of the lowest ones, and DFT's line beside it.

    Parameters
    ----------
    methods : sequence of OrderingEnergies
        The first is the reference.
    theme : {"light", "dark"}
    columns : int
        Panels in a row.
    """
    columns = max(1, min(columns, len(methods)))
    rows = max(1, ceil(len(methods) / columns))
    figure = make_subplots(
        rows=rows, cols=columns, shared_yaxes=True, horizontal_spacing=0.025, vertical_spacing=0.12 / rows
    )
    figure.update_layout(layout_of(theme, showlegend=False, hovermode="closest"))
    axis = {key: layout_of(theme)["xaxis"][key] for key in ("gridcolor", "zeroline", "linecolor", "ticks", "tickcolor")}
    figure.update_xaxes(axis, range=[-0.06, 1.06], tickvals=[0, 0.5, 1])
    figure.update_yaxes(axis, range=[0, _top(methods)], nticks=7)
    for place, one in enumerate(methods):
        row, column = place // columns + 1, place % columns + 1
        if place:
            figure.add_trace(_lowest_line(methods[0], theme, dash="dot"), row=row, col=column)
        figure.add_trace(_lowest_line(one, theme), row=row, col=column)
        figure.add_trace(_points(one, theme), row=row, col=column)
        _label_panel(figure, one, row, column, theme)
    title = layout_of(theme)["xaxis"]["title"]
    figure.update_xaxes(title={**title, "text": "Ca fraction"}, row=rows)
    figure.update_yaxes(title={**title, "text": f"Energy ({UNIT})"}, row=(rows + 1) // 2, col=1)
    return figure


def lowest_orderings(methods: Sequence[OrderingEnergies], *, theme: Theme) -> go.Figure:
    """Draw the lines of the lowest orderings of all methods together.

    Parameters
    ----------
    methods : sequence of OrderingEnergies
    theme : {"light", "dark"}
    """
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": "Ca fraction"}, "range": [-0.03, 1.03]},
            yaxis={"title": {"text": f"Lowest energy ({UNIT})"}, "rangemode": "tozero"},
            hovermode="closest",
        )
    )
    for one in methods:
        line = _lowest_line(one, theme)
        line.update(
            mode="lines+markers",
            showlegend=True,
            meta=None,
            hoverinfo=None,
            marker={"size": 6.5, "symbol": method_look(one.method, theme).symbol},
            hovertemplate=f"{one.label}<br>Ca fraction %{{x:.4g}}<br>lowest ordering %{{y:.3f}} eV<extra></extra>",
        )
        figure.add_trace(line)
    return figure


def _top(methods: Sequence[OrderingEnergies]) -> float:
    return 1.16 * max((float(one.energies.max()) for one in methods if one.energies.size), default=1.0)


def _lowest_line(one: OrderingEnergies, theme: Theme, *, dash: str | None = None) -> go.Scatter:
    fractions, energies = one.lowest()
    look = method_look(one.method, theme)
    return go.Scatter(
        x=fractions.tolist(),
        y=energies.tolist(),
        mode="lines",
        name=f"{one.label}, lowest",
        line={"color": look.colour, "width": 1.6, "dash": dash or look.dash},
        hoverinfo="skip",
        meta=DECORATION,
    )


def _points(one: OrderingEnergies, theme: Theme) -> go.Scatter:
    look = method_look(one.method, theme)
    return go.Scatter(
        x=one.fractions.tolist(),
        y=one.energies.tolist(),
        mode="markers",
        name=one.label,
        marker={"color": look.colour, "symbol": look.symbol, "size": 6.5, "opacity": 0.6},
        customdata=[[name] for name in one.names],
        meta={"columns": ["ordering"]},
        hovertemplate=f"%{{customdata[0]}}<br>{one.label} %{{y:.3f}} eV<extra></extra>",
    )


def _label_panel(figure: go.Figure, one: OrderingEnergies, row: int, column: int, theme: Theme) -> None:
    place: dict[str, Any] = {"row": row, "col": column}
    font = {"size": 13, "color": INK[theme].text}
    figure.add_annotation(
        text=f"<b>{one.label}</b>",
        x=0.04,
        xref="x domain",
        y=0.985,
        yref="y domain",
        xanchor="left",
        yanchor="top",
        showarrow=False,
        font=font,
        **place,
    )
    lowest = one.lowest_at(EQUAL_AMOUNTS)
    if lowest is None:
        return
    axes = figure.get_subplot(row, column)
    figure.add_annotation(
        x=EQUAL_AMOUNTS,
        y=lowest,
        ax=EQUAL_AMOUNTS,
        ay=0,
        axref=axes.xaxis.plotly_name.replace("axis", ""),
        ayref=axes.yaxis.plotly_name.replace("axis", ""),
        arrowhead=2,
        arrowsize=1.1,
        arrowwidth=1.2,
        arrowcolor=method_look(one.method, theme).colour,
        standoff=3,
        showarrow=True,
        text="",
        **place,
    )
    figure.add_annotation(
        x=EQUAL_AMOUNTS, y=0.06 * lowest, yanchor="bottom", xanchor="left", xshift=6, text=f"{lowest:.2f} eV",
        showarrow=False, font=font, **place,
    )  # fmt: skip
