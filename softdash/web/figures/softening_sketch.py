"""The explaining pair of the overview: a potential-energy curve that flattens and a parity cloud that tilts.

Both depend on one number, the softening scale. The browser redraws them while the slider moves (``overview.js``),
so both figures keep to one convention: the odd traces of the energy figure are the even ones times the scale, and the
meta of the parity figure holds the predicted forces at the real slope. Force arrows also scale in length.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from softdash.web.theme import INK, Theme, layout_of, look_of

MORSE_STIFFNESS = 1.3
"""Inverse width of the Morse curve, 1/Å: about that of a strong ionic bond. Only the shape matters here."""

DISPLACED = 0.75
"""Where the atom sits whose force is drawn, Å from the minimum."""

ARROW_LENGTH = 0.9
"""Å on the axis per unit of force."""

_CURVE = np.linspace(-0.42, 1.55, 90)


def morse_energy(displacement: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Morse energy D(1 − exp(−a x))² with depth D = 1 (Morse, Phys. Rev. 34, 57 (1929)).

    Parameters
    ----------
    displacement : ndarray
        Å from the minimum.
    """
    energy: NDArray[np.float64] = (1 - np.exp(-MORSE_STIFFNESS * displacement)) ** 2
    return energy


def morse_slope(displacement: float) -> float:
    """Return the derivative of `morse_energy`, per Å: minus the force."""
    decay = float(np.exp(-MORSE_STIFFNESS * displacement))
    return 2 * MORSE_STIFFNESS * decay * (1 - decay)


def energy_curve_figure(scale: float, *, potential: str, label: str, theme: Theme) -> go.Figure:
    """Draw the energy of an atom against its displacement: DFT, and a potential whose energy is `scale` times that.

    Parameters
    ----------
    scale : float
        Softening scale.
    potential, label : str
        Identifier (for the colour) and name of the potential.
    theme : {"light", "dark"}
    """
    ink, look = INK[theme], look_of(potential)
    energy, here = morse_energy(_CURVE), float(morse_energy(np.array([DISPLACED]))[0])
    figure = go.Figure(layout=_energy_layout(theme, float(energy.max())))
    curves = (("DFT", ink.reference, 1.0), (label, look.colour, scale))
    for name, colour, factor in curves:
        figure.add_scatter(
            x=_CURVE.round(3).tolist(),
            y=(factor * energy).round(4).tolist(),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2.6},
            hoverinfo="skip",
        )
    decoration = {"showlegend": False, "hoverinfo": "skip", "meta": {"decoration": True}}
    for name, colour, factor in curves:
        figure.add_scatter(
            **decoration,
            x=[DISPLACED, DISPLACED - ARROW_LENGTH * factor * morse_slope(DISPLACED)],
            y=[factor * here] * 2,
            name=f"force, {name}",
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": [0, 13], "symbol": "arrow", "angleref": "previous", "line": {"width": 0}},
        )
    for name, colour, factor in curves:
        figure.add_scatter(
            **decoration,
            x=[DISPLACED],
            y=[factor * here],
            name=f"atom, {name}",
            mode="markers",
            marker={"color": colour, "size": 12, "line": {"color": ink.page, "width": 1.5}},
        )
    return figure


def tilting_parity_figure(
    reference: NDArray[np.float64],
    predicted: NDArray[np.float64],
    elements: Sequence[str],
    *,
    slope: float,
    scale: float,
    potential: str,
    label: str,
    theme: Theme,
) -> go.Figure:
    """Draw predicted against DFT force components, tilted from the real slope to `scale`.

    Parameters
    ----------
    reference, predicted : ndarray, shape (n,)
        Force components, eV/Å; `predicted` as computed.
    elements : sequence of str
        Element of each component's atom.
    slope : float
        The real softening scale.
    scale : float
        The softening scale to show: predicted forces are multiplied by ``scale / slope``.
    potential, label : str
        Identifier (for the colour) and name of the potential.
    theme : {"light", "dark"}
    """
    ink, look = INK[theme], look_of(potential)
    reach = 1.06 * float(np.abs(reference).max())
    figure = go.Figure(layout=_parity_layout(theme, reach, label))
    line = {"x": [-reach, reach], "mode": "lines", "hoverinfo": "skip", "meta": {"decoration": True}}
    figure.add_scatter(
        **line, y=[-reach, reach], name="exact (slope 1.00)", line={"color": ink.diagonal, "width": 1.5, "dash": "dash"}
    )
    figure.add_scatter(
        x=reference.round(3).tolist(),
        y=(predicted * (scale / slope)).round(3).tolist(),
        name="force components",
        mode="markers",
        showlegend=False,
        marker={"color": look.transparent(0.55 if theme == "light" else 0.65), "size": 6, "symbol": look.symbol},
        text=list(elements),
        hovertemplate="%{text}<br>DFT %{x:.3f} eV/Å<br>shown %{y:.3f} eV/Å<extra></extra>",
        meta={"predicted": predicted.round(3).tolist(), "slope": slope},
    )
    figure.add_scatter(
        **line, y=[-reach * scale, reach * scale], name=f"{label} (fit)", line={"color": look.colour, "width": 2.6}
    )
    return figure


def _energy_layout(theme: Theme, top: float) -> dict[str, object]:
    ink = INK[theme]
    bare = {"showticklabels": False, "ticks": "", "showgrid": False, "showline": True, "fixedrange": True}
    return layout_of(
        theme,
        xaxis={**bare, "title": {"text": "displacement of an atom"}, "range": [-0.5, 1.6]},
        yaxis={**bare, "title": {"text": "potential energy"}, "range": [-0.06, 1.22 * top]},
        margin={"l": 34, "r": 8, "t": 8, "b": 40},
        dragmode=False,
        annotations=[
            {
                "x": DISPLACED - 0.28,
                "y": float(morse_energy(np.array([DISPLACED]))[0]),
                "yshift": 14,
                "text": "force",
                "showarrow": False,
                "font": {"size": 12.5, "color": ink.soft},
            }
        ],
    )


def _parity_layout(theme: Theme, reach: float, label: str) -> dict[str, object]:
    ink = INK[theme]
    side = {"showarrow": False, "font": {"size": 12.5, "color": ink.soft}, "xref": "paper", "yref": "paper"}
    return layout_of(
        theme,
        xaxis={"title": {"text": "DFT force (eV/Å)"}, "range": [-reach, reach], "fixedrange": True},
        yaxis={"title": {"text": f"{label} force (eV/Å)"}, "range": [-1.2 * reach, 1.2 * reach], "fixedrange": True},
        margin={"l": 50, "r": 8, "t": 8, "b": 44},
        dragmode=False,
        annotations=[
            {
                **side,
                "x": 0.02,
                "y": 0.98,
                "xanchor": "left",
                "yanchor": "top",
                "align": "left",
                "text": "stiffening<br>(force overprediction)",
            },
            {
                **side,
                "x": 0.98,
                "y": 0.02,
                "xanchor": "right",
                "yanchor": "bottom",
                "align": "right",
                "text": "softening<br>(force underprediction)",
            },
        ],
    )
