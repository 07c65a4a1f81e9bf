"""Distribution of force errors before and after correction, one row per potential: the paper's Fig. 6b, lying down."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.potentials.look import Look, look_of
from softdash.web.figures.decoration import DECORATION
from softdash.web.figures.density_curve import density_curve
from softdash.web.theme import INK, Theme, layout_of

Form = Literal["violin", "box"]
FORMS: tuple[Form, ...] = ("violin", "box")

ROW_HEIGHT, FRAME_HEIGHT = 74, 130
"""Pixels of a row, and of what stands around them."""

_HALF = 0.42
_NAME_WIDTH = 15
_COLUMNS = {"columns": ["quantity", "origin", "materials", "quartile 1", "median", "quartile 3"], "table": True}
"""What the download of the figure's data holds: the drawn rows say nothing by themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class ErrorRow:
    """One row of the figure: a potential with its errors, eV/Å.

    Attributes
    ----------
    potential, label : str
        Identifier (for the colour) and name.
    count : int
        Materials.
    error_quartiles, corrected_quartiles : (float, float, float)
    errors, corrected : ndarray or None
        One value per material; None for published rows, of which only quartiles are known.
    """

    potential: str
    label: str
    count: int
    error_quartiles: tuple[float, float, float]
    corrected_quartiles: tuple[float, float, float]
    errors: NDArray[np.float64] | None = None
    corrected: NDArray[np.float64] | None = None

    @property
    def is_published(self) -> bool:
        """Whether only published quartiles are known."""
        return self.errors is None

    @property
    def look(self) -> Look:
        """How the potential is drawn."""
        return look_of(self.potential)


def height_of(rows: Sequence[ErrorRow]) -> int:
    """Return the height that suits a figure of these rows, in pixels."""
    return FRAME_HEIGHT + ROW_HEIGHT * max(1, len(rows))


def shown_end(rows: Sequence[ErrorRow]) -> float:
    """Return where the axis of errors ends: 1.5 times the middle half beyond it (Tukey's fence), in the widest row."""
    quartiles = [side for row in rows for side in (row.error_quartiles, row.corrected_quartiles)]
    return max((2.5 * high - 1.5 * low for low, _, high in quartiles), default=1.0)


def error_halves_figure(rows: Sequence[ErrorRow], *, theme: Theme, form: Form = "violin") -> go.Figure:
    """Draw one row per potential: above its line the errors, below it the corrected ones, quartiles drawn in both.

    Parameters
    ----------
    rows : sequence of ErrorRow
        From top to bottom.
    theme : {"light", "dark"}
    form : {"violin", "box"}
        Published rows are boxes of their quartiles in both.
    """
    names, end = [_wrapped(row) for row in rows], shown_end(rows)
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": "Force MAE of a material (eV/Å)"}, "range": [0, end]},
            yaxis={
                "tickvals": list(range(len(rows))),
                "ticktext": names,
                "range": [len(rows) - 0.4, -0.6],
                "showgrid": False,
                "fixedrange": True,
                "ticks": "",
            },
            showlegend=False,
            hovermode="closest",
            margin={"t": 54, "l": 20},
        )
    )
    for place, row in enumerate(rows):
        if form == "violin" and row.errors is not None and row.corrected is not None and row.count > 1:
            figure.add_traces(_halves(row, (row.errors, row.corrected), place, end, theme))
        else:
            figure.add_traces([_box(row, place, is_corrected=False), _box(row, place, is_corrected=True)])
        figure.add_trace(_quartile_marks(row, place, theme))
    _name_the_halves(figure, theme)
    return figure


def _wrapped(row: ErrorRow) -> str:
    return "<br>".join(textwrap.wrap(row.label, _NAME_WIDTH) + (["published"] if row.is_published else []))


def _halves(
    row: ErrorRow, sides: tuple[NDArray[np.float64], NDArray[np.float64]], place: int, end: float, theme: Theme
) -> list[go.Scatter]:
    curves = [_density(values, end) for values in sides]
    tallest = max(float(density.max()) for _, density in curves)
    traces = []
    for (values, density), quartiles, is_corrected in zip(
        curves, (row.error_quartiles, row.corrected_quartiles), (False, True), strict=True
    ):
        side = 1 if is_corrected else -1
        heights = side * _HALF * density / tallest
        traces.append(
            go.Scatter(
                x=np.round(np.concatenate((values[:1], values, values[-1:])), 4).tolist(),
                y=np.round(np.concatenate(([place], place + heights, [place])), 4).tolist(),
                mode="lines",
                fill="toself",
                fillcolor=row.look.transparent(0.22 if is_corrected else 0.6),
                line={"color": row.look.colour, "width": 1.2},
                hoverinfo="skip",
                name=f"{row.label}, density",
                meta=DECORATION,
            )
        )
        for quartile, dash in zip(quartiles, ("dot", "solid", "dot"), strict=True):
            traces.append(_quartile_line(quartile, place, float(np.interp(quartile, values, heights)), dash, theme))
    return traces


def _density(values: NDArray[np.float64], end: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the density up to the end of the axis; materials beyond it count in its scale, not in its shape."""
    inside = values[values <= end]
    places, density = density_curve(inside, (0.0, end))
    return places, density * inside.size / values.size


def _quartile_line(quartile: float, place: int, height: float, dash: str, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[round(quartile, 5)] * 2,
        y=[place, round(place + height, 4)],
        mode="lines",
        line={"color": INK[theme].text, "width": 1.5, "dash": dash},
        hoverinfo="skip",
        name="quartile",
        meta=DECORATION,
    )


def _box(row: ErrorRow, place: int, *, is_corrected: bool) -> go.Box:
    """Draw quartiles, with whiskers from 5 to 95 % of the materials where these are known."""
    low, middle, high = row.corrected_quartiles if is_corrected else row.error_quartiles
    values = row.corrected if is_corrected else row.errors
    fences = (low, high) if values is None else (float(q) for q in np.quantile(values, (0.05, 0.95)))
    start, end = fences
    numbers: dict[str, Any] = {
        "q1": [low],
        "median": [middle],
        "q3": [high],
        "lowerfence": [round(start, 5)],
        "upperfence": [round(end, 5)],
    }
    return go.Box(
        **numbers,
        y=[place + (0.21 if is_corrected else -0.21)],
        orientation="h",
        width=0.32,
        name=f"{row.label}, quartiles",
        fillcolor=row.look.transparent(0.12 if is_corrected else 0.5),
        line={"color": row.look.colour, "width": 1.6},
        hoverinfo="skip",
        meta=DECORATION,
    )


def _quartile_marks(row: ErrorRow, place: int, theme: Theme) -> go.Scatter:
    """Mark the medians: what one hovers over, and what the download holds."""
    quantities = (("MAE", row.error_quartiles), ("cMAE", row.corrected_quartiles))
    origin = "published" if row.is_published else "recomputed"
    return go.Scatter(
        x=[round(quartiles[1], 5) for _, quartiles in quantities],
        y=[place - 0.21, place + 0.21],
        mode="markers",
        marker={"size": 7, "color": INK[theme].page, "line": {"color": INK[theme].text, "width": 1.5}},
        customdata=[[name, origin, row.count, *(round(one, 5) for one in quartiles)] for name, quartiles in quantities],
        name=row.label,
        meta=_COLUMNS,
        hovertemplate=(
            "%{customdata[0]}: median %{customdata[4]:.3f} eV/Å<br>middle half %{customdata[3]:.3f} to "
            f"%{{customdata[5]:.3f}}<br>{row.count:,} materials, {origin}<extra>{row.label}</extra>"
        ),
    )


def _name_the_halves(figure: go.Figure, theme: Theme) -> None:
    figure.add_annotation(
        text="above each line: MAE<br>below: cMAE, the slope divided out",
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        yshift=6,
        align="left",
        showarrow=False,
        font={"size": 11.5, "color": INK[theme].soft},
    )
