"""How many labels a linear correction needs, and how the force errors fall during a fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.potentials.look import look_of
from softdash.web.figures.decoration import DECORATION
from softdash.web.theme import INK, Theme, layout_of

_DODGE = 0.13
_RATIO_SHOWN_MAX = 10.0
_ERROR_TICKS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
_LABEL_HEIGHT = 0.06
"""Of a line of text, as a share of the axis."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelCurve:
    """Errors after a factor from few labels, of one potential and one material.

    Attributes
    ----------
    potential, label : str
    steps : sequence of str
        ``"1 component"``, ``"1 frame"``, …
    low, median, high : ndarray, shape (steps,)
        Quartiles over the draws of MAE after / MAE before.
    worse_share : ndarray, shape (steps,)
        Share of draws above 1.
    best : float
        The same ratio with the factor fitted to all frames, on all frames.
    """

    potential: str
    label: str
    steps: Sequence[str]
    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]
    worse_share: NDArray[np.float64]
    best: float


@dataclass(frozen=True, slots=True, eq=False)
class WorseShares:
    """Shares of draws that make the error larger: one potential and one kind of label, one value per material.

    Attributes
    ----------
    potential, label, step : str
    shares : ndarray, shape (M,)
    materials, datasets : sequence of str, length M
        For people.
    """

    potential: str
    label: str
    step: str
    shares: NDArray[np.float64]
    materials: Sequence[str]
    datasets: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class EpochCurve:
    """Force errors of one fine-tuning per epoch (eV/Å): of the training frames, and of held-out ones where any."""

    name: str
    dash: str
    train: NDArray[np.float64]
    validation: NDArray[np.float64] | None


def learning_curve_figure(curves: Sequence[LabelCurve], *, theme: Theme) -> go.Figure:
    """Draw median and quartiles of the error ratio against the number of labels, one line per potential.

    Parameters
    ----------
    curves : sequence of LabelCurve
        Of one material.
    theme : {"light", "dark"}
    """
    steps = max((curve.steps for curve in curves), key=len, default=())
    lowest = min((float(curve.low.min()) for curve in curves), default=0.5)
    highest = max((float(curve.high.max()) for curve in curves), default=2.0)
    ends = (0.9 * min(lowest, 0.95), min(1.15 * max(highest, 1.3), _RATIO_SHOWN_MAX))
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={
                "title": {"text": "labels that the factor is fitted to"},
                "tickvals": list(range(len(steps))),
                "ticktext": [step.replace(" ", "<br>") for step in steps],
                "tickfont": {"size": 12},
                "range": [-0.5, max(len(steps), 1) - 0.5],
            },
            yaxis={
                "title": {"text": "MAE after / MAE before"},
                "type": "log",
                "range": [float(np.log10(end)) for end in ends],
                "tickvals": [0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10],
            },
            hovermode="closest",
            margin={"b": 72},
        )
    )
    figure.add_hline(y=1, line={"color": INK[theme].text, "width": 1.4, "dash": "dash"})
    for place, curve in enumerate(curves):
        _add_curve(figure, curve, shift=_DODGE * (place - (len(curves) - 1) / 2))
    _name_sides(figure, theme)
    return figure


def _add_curve(figure: go.Figure, curve: LabelCurve, *, shift: float) -> None:
    look = look_of(curve.potential)
    x = [place + shift for place in range(len(curve.steps))]
    figure.add_scatter(
        x=[x[0] - 0.2, x[-1] + 0.2],
        y=[curve.best] * 2,
        mode="lines",
        line={"color": look.colour, "width": 1, "dash": "dot"},
        legendgroup=curve.potential,
        showlegend=False,
        hoverinfo="skip",
        name=f"{curve.label}, best factor",
        meta=DECORATION,
    )
    figure.add_scatter(
        x=x,
        y=curve.median.round(4).tolist(),
        mode="lines+markers",
        name=curve.label,
        legendgroup=curve.potential,
        line={"color": look.colour, "dash": look.dash, "width": 2},
        marker={"color": look.colour, "symbol": look.symbol, "size": 9},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (curve.high - curve.median).round(4).tolist(),
            "arrayminus": (curve.median - curve.low).round(4).tolist(),
            "color": look.colour,
            "thickness": 1.6,
            "width": 5,
        },
        customdata=[
            [step, round(low, 3), round(high, 3), round(100 * worse, 1)]
            for step, low, high, worse in zip(
                curve.steps, curve.low.tolist(), curve.high.tolist(), curve.worse_share.tolist(), strict=True
            )
        ],
        meta={"columns": ["labels", "lower quartile", "upper quartile", "draws that are worse (%)"]},
        hovertemplate=(
            f"{curve.label}, %{{customdata[0]}}<br>median %{{y:.3f}}, quartiles %{{customdata[1]}} to "
            "%{customdata[2]}<br>%{customdata[3]} % of the draws are worse<extra></extra>"
        ),
    )


def worse_share_figure(groups: Sequence[WorseShares], *, theme: Theme) -> go.Figure:
    """Draw for each kind of label how often the correction makes the error larger: a box over materials, with points.

    Parameters
    ----------
    groups : sequence of WorseShares
    theme : {"light", "dark"}
    """
    figure = go.Figure(
        layout=layout_of(
            theme,
            boxmode="group",
            boxgap=0.25,
            yaxis={"title": {"text": "draws that make the error larger (%)"}, "range": [-3, 103]},
            xaxis={"title": {"text": "labels that the factor is fitted to"}},
            hovermode="closest",
        )
    )
    potentials = list(dict.fromkeys(group.potential for group in groups))
    for potential in potentials:
        of_potential = [group for group in groups if group.potential == potential]
        look = look_of(potential)
        figure.add_box(
            x=[group.step for group in of_potential for _ in group.materials],
            y=[round(100 * share, 2) for group in of_potential for share in group.shares.tolist()],
            name=of_potential[0].label,
            boxpoints="all",
            jitter=0.7,
            pointpos=0,
            marker={"color": look.transparent(0.55), "size": 4, "symbol": look.symbol},
            line={"color": look.colour, "width": 1.6},
            fillcolor=look.transparent(0.15),
            hoveron="points",
            text=[
                f"{name} ({dataset})"
                for group in of_potential
                for name, dataset in zip(group.materials, group.datasets, strict=True)
            ],
            hovertemplate="%{text}, %{x}<br>%{y:.0f} % of the draws are worse<extra></extra>",
        )
    figure.add_hline(y=50, line={"color": INK[theme].text, "width": 1.2, "dash": "dash"})
    return figure


def epoch_figure(
    curves: Sequence[EpochCurve], levels: Sequence[tuple[str, float]], *, potential: str, theme: Theme
) -> go.Figure:
    """Draw the force errors per epoch, with test errors as horizontal lines.

    Parameters
    ----------
    curves : sequence of EpochCurve
    levels : sequence of (str, float)
        Name and test MAE in eV/Å.
    potential : str
        For the colour.
    theme : {"light", "dark"}
    """
    look = look_of(potential)
    figure = go.Figure(
        layout=layout_of(
            theme,
            xaxis={"title": {"text": "epoch"}, "rangemode": "tozero"},
            yaxis={"title": {"text": "force MAE (eV/Å)"}, "type": "log", "tickvals": _ERROR_TICKS},
            hovermode="closest",
            margin={"r": 120},
        )
    )
    for curve in curves:
        parts = [("training", curve.train, look.colour, 2.0)]
        if curve.validation is not None:
            parts.append(("held out", curve.validation, INK[theme].text, 1.4))
        for words, values, colour, width in parts:
            figure.add_scatter(
                x=list(range(1, len(values) + 1)),
                y=values.round(4).tolist(),
                mode="lines",
                name=f"{curve.name}, {words}",
                line={"color": colour, "dash": curve.dash, "width": width},
                hovertemplate=f"{curve.name}, {words}<br>epoch %{{x}}: %{{y:.3f}} eV/Å<extra></extra>",
            )
    drawn = [curve.train for curve in curves] + [curve.validation for curve in curves if curve.validation is not None]
    everything = np.concatenate([*drawn, [value for _, value in levels]])
    line = _LABEL_HEIGHT * float(np.log10(everything.max() / everything.min()))
    heights = _apart([value for _, value in levels], line)
    for (name, value), height in zip(levels, heights, strict=True):
        figure.add_hline(y=value, line={"color": INK[theme].diagonal, "width": 1, "dash": "dot"})
        figure.add_annotation(
            text=name,
            xref="paper",
            x=1.01,
            xanchor="left",
            # Annotations of a logarithmic axis are placed by the logarithm, shapes by the value.
            y=height,
            yanchor="middle",
            showarrow=False,
            font={"size": 11.5, "color": INK[theme].soft},
        )
    return figure


def _apart(values: Sequence[float], line: float) -> list[float]:
    """Return the logarithms of values, moved up where a label of height `line` would cover the one below it."""
    heights = np.log10(np.asarray(values, dtype=np.float64))
    order = np.argsort(heights)
    for below, above in pairwise(order.tolist()):
        heights[above] = max(heights[above], heights[below] + line)
    return [float(height) for height in heights]


def _name_sides(figure: go.Figure, theme: Theme) -> None:
    for text, y, anchor in (("↑ worse than no correction", 0.99, "top"), ("↓ better", 0.01, "bottom")):
        figure.add_annotation(
            text=text,
            xref="paper",
            yref="paper",
            x=0.99,
            y=y,
            xanchor="right",
            yanchor=anchor,
            showarrow=False,
            font={"size": 12, "color": INK[theme].soft},
            bgcolor=INK[theme].page,
            opacity=0.85,
        )
