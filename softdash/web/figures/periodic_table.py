"""The periodic table as a map of one number per element around 1.00."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from softdash.web.figures.decoration import DECORATION
from softdash.web.theme import INK, Theme, layout_of

_ROWS = (
    "H 16x He",
    "Li Be 10x B C N O F Ne",
    "Na Mg 10x Al Si P S Cl Ar",
    "K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr",
    "Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe",
    "Cs Ba 1x Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn",
    "Fr Ra 15x",
    "2x La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu",
    "2x Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr",
)


def _places() -> dict[str, tuple[int, int]]:
    """Return (row, column) of each element; the f block stands below, half a row apart in the drawing."""
    found = {}
    for row, line in enumerate(_ROWS):
        column = 0
        for word in line.split():
            if word.endswith("x"):
                column += int(word[:-1])
                continue
            found[word] = (row, column)
            column += 1
    return found


PLACES = _places()
ELEMENTS = tuple(PLACES)
"""Symbols in the order of the table's rows."""

_COLUMNS = {"columns": ["element", "median slope", "materials", "materials below 1.00"], "table": True}
"""What the download of the figure's data holds: the places of the cells say nothing."""

# Blue (soft) to orange (stiff) through the colour of the page: told apart by colour-blind readers, in both schemes.
_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#08519C", "#6BAED6", "#F4F5F7", "#F5A65B", "#B35806"),
    "dark": ("#9CCBF2", "#3A78B5", "#2A2E37", "#B5651D", "#FDC38A"),
}


@dataclass(frozen=True, slots=True)
class ElementSummary:
    """One element: median slope over materials, their number, and how many of them lie below 1.00."""

    median: float
    material_count: int
    below_one: int


def periodic_table_figure(
    elements: Mapping[str, ElementSummary], *, theme: Theme, chosen: tuple[str, ...] = ()
) -> go.Figure:
    """Draw the map; a click gives the element's symbol as the point's text.

    Parameters
    ----------
    elements : mapping of str to ElementSummary
        By symbol; elements without data stay empty.
    theme : {"light", "dark"}
    chosen : tuple of str
        Elements to frame: those of the present filter.
    """
    shown = [symbol for symbol in ELEMENTS if symbol in elements]
    reach = max([0.2, *(abs(elements[symbol].median - 1) for symbol in shown)])
    reach = min(0.5, float(np.ceil(10 * reach) / 10))
    figure = go.Figure(layout=_layout(theme))
    figure.add_trace(_cells([symbol for symbol in ELEMENTS if symbol not in elements], {}, theme, reach))
    if shown:
        figure.add_trace(_cells(shown, elements, theme, reach))
        figure.add_trace(_scale_trace(theme, reach))
    for symbol in chosen:
        if symbol in PLACES:
            x, y = _position(symbol)
            frame = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
            figure.add_shape(type="rect", **frame, line={"color": INK[theme].text, "width": 2.5})
    return figure


def _position(symbol: str) -> tuple[float, float]:
    row, column = PLACES[symbol]
    return column, row + (0.4 if row >= 7 else 0)


def _cells(symbols: list[str], elements: Mapping[str, ElementSummary], theme: Theme, reach: float) -> go.Bar:
    """Draw each cell as a bar, nearly one unit wide and high: markers would not grow with the figure."""
    positions = [_position(symbol) for symbol in symbols]
    has_data = bool(elements)
    medians = [elements[symbol].median for symbol in symbols] if has_data else []
    return go.Bar(
        x=[x for x, _ in positions],
        y=[0.94] * len(positions),
        base=[y - 0.47 for _, y in positions],
        width=0.94,
        text=symbols,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"size": 11, "color": [_text_colour(median, reach, theme) for median in medians] or INK[theme].soft},
        customdata=[
            [s, round(elements[s].median, 4), elements[s].material_count, elements[s].below_one] for s in symbols
        ]
        if has_data
        else None,
        marker={
            "color": [_colour(median, reach, theme) for median in medians] or "rgba(0,0,0,0)",
            "line": {"color": INK[theme].grid, "width": 1},
        },
        hovertemplate="<b>%{text}</b>: median slope %{customdata[1]:.3f}<br>%{customdata[2]} materials, "
        "%{customdata[3]} below 1.00<extra></extra>"
        if has_data
        else "%{text}: no material with enough force components<extra></extra>",
        showlegend=False,
        name="median slope per element" if has_data else "no data",
        meta=_COLUMNS if has_data else DECORATION,
    )


def _scale_trace(theme: Theme, reach: float) -> go.Scatter:
    """Carry the colour bar: the cells have plain colours, so that their text can be set against each."""
    colours = _COLOURS[theme]
    bar = {
        "orientation": "h",
        "thickness": 9,
        "len": 0.4,
        "x": 0.41,
        "y": 0.83,
        "yanchor": "bottom",
        "outlinewidth": 0,
        "tickvals": [1 - reach, 1, 1 + reach],
        "ticktext": [f"{1 - reach:.1f} softer", "1.00", f"{1 + reach:.1f} stiffer"],
        "tickfont": {"size": 11.5},
    }
    scale = [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)]
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        marker={
            "color": [1],
            "cmin": 1 - reach,
            "cmax": 1 + reach,
            "colorscale": scale,
            "colorbar": bar,
            "showscale": True,
        },
        showlegend=False,
        hoverinfo="skip",
        meta=DECORATION,
    )


def _mixed(median: float, reach: float, theme: Theme) -> tuple[float, ...]:
    """Colour of a median on the scale, as red, green, blue from 0 to 1."""
    colours = _COLOURS[theme]
    place = (np.clip(median, 1 - reach, 1 + reach) - (1 - reach)) / (2 * reach) * (len(colours) - 1)
    left = min(int(place), len(colours) - 2)
    share = float(place) - left
    pairs = zip(_channels(colours[left]), _channels(colours[left + 1]), strict=True)
    return tuple((1 - share) * low + share * high for low, high in pairs)


def _colour(median: float, reach: float, theme: Theme) -> str:
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in _mixed(median, reach, theme))


def _text_colour(median: float, reach: float, theme: Theme) -> str:
    """Dark or light text, whichever stands out more from the cell's colour (WCAG 2 contrast)."""
    luminance = _luminance(_mixed(median, reach, theme))
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"


def _channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def _luminance(channels: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _layout(theme: Theme) -> dict[str, object]:
    hidden = {"visible": False, "fixedrange": True, "showgrid": False}
    return layout_of(
        theme,
        xaxis={**hidden, "range": [-0.6, 17.6]},
        yaxis={**hidden, "range": [9.0, -0.6]},
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        barmode="overlay",
        hovermode="closest",
        clickmode="event",
    )
