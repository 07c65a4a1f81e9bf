"""Neutral colours and the plotly layout of all figures; the look of a potential is in `softdash.potentials.look`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from softdash.potentials.look import FAMILY_COLOURS

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Ink:
    """Neutral colours of one colour scheme."""

    page: str
    text: str
    soft: str
    grid: str
    diagonal: str
    reference: str


INK: dict[Theme, Ink] = {
    "light": Ink("#ffffff", "#171a20", "#4b5260", "#e8eaee", "#8d939e", "#171a20"),
    "dark": Ink("#14161b", "#eceef2", "#b8bfca", "#2b3039", "#7d8592", "#ffffff"),
}


def checked_theme(theme: str | None) -> Theme:
    """Return `theme` if it is one of the two, else light."""
    return "dark" if theme == "dark" else "light"


def layout_of(theme: Theme, **extra: Any) -> dict[str, Any]:
    """Return the plotly layout that all figures share, with `extra` on top."""
    ink = INK[theme]
    axis = {
        "gridcolor": ink.grid,
        "zeroline": False,
        "linecolor": ink.diagonal,
        "ticks": "outside",
        "tickcolor": ink.diagonal,
        "ticklen": 4,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 13.5}},
    }
    layout: dict[str, Any] = {
        "template": "none",
        "font": {"family": "Inter, system-ui, sans-serif", "size": 13, "color": ink.text},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 56, "r": 16, "t": 16, "b": 48},
        "hoverlabel": {
            "bgcolor": ink.page,
            "bordercolor": ink.diagonal,
            "font": {"color": ink.text, "family": "Inter, system-ui, sans-serif"},
        },
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.01, "x": 0, "font": {"size": 12.5}},
        "xaxis": axis,
        "yaxis": axis,
        "colorway": list(dict.fromkeys(FAMILY_COLOURS.values())),
        "uirevision": "keep",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": ink.soft, "activecolor": ink.text},
    }
    for key, value in extra.items():
        base = layout.get(key)
        if not isinstance(base, dict) or not isinstance(value, dict):
            layout[key] = value
            continue
        layout[key] = {**base, **value}
        # An axis gets its title's text from the figure, size and distance from here.
        if isinstance(base.get("title"), dict) and isinstance(value.get("title"), dict):
            layout[key]["title"] = {**base["title"], **value["title"]}
    return layout


GRAPH_CONFIG: Any = {
    "displaylogo": False,
    "responsive": True,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d", "toImage"],
}
"""Config of every graph; plotly 7's share button, which uploads the figure to a third party, is off."""
