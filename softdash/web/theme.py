"""Colours, line styles and plotly templates: the same for one potential everywhere.

Variants of a family differ by line style and marker, never by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from softdash.reports.family_colours import FAMILY_COLOURS as FAMILY_COLOURS

Theme = Literal["light", "dark"]

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross")
_VARIANTS: dict[str, tuple[str, ...]] = {
    "chgnet": ("chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan"),
    "m3gnet": ("m3gnet-mp-2021.2.8", "m3gnet-matpes-pbe", "m3gnet-matpes-r2scan"),
    "tensornet": ("tensornet-matpes-pbe", "tensornet-matpes-r2scan"),
    "mace": ("mace-mp-0-medium", "mace-mp-0-small", "mace-mp-0-large", "mace-mpa-0-medium"),
    "sevennet": ("sevennet-0", "7net-l3i5"),
}
# Of names that do not begin with their family.
_FAMILIES = {"7net": "sevennet", "emt": "classical", "lennard": "classical"}


@dataclass(frozen=True, slots=True)
class Look:
    """How one potential is drawn."""

    colour: str
    dash: str
    symbol: str

    def transparent(self, opacity: float) -> str:
        """Return the colour as CSS rgba() with `opacity`."""
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},{opacity:g})"


def family_of(potential: str) -> str:
    """Return the colour family of a potential's name: ``"chgnet-0.3.0"`` → ``"chgnet"``."""
    first = potential.split("-")[0].lower()
    family = _FAMILIES.get(first, first)
    return family if family in FAMILY_COLOURS else "other"


def look_of(potential: str) -> Look:
    """Return colour, line style and marker of a potential by its name."""
    family = family_of(potential)
    variants = _VARIANTS.get(family, ())
    # A family by its bare name ("mace") is the paper's; models of an operator's own come after the known ones.
    place = variants.index(potential) if potential in variants else 0 if potential == family else len(variants)
    return Look(FAMILY_COLOURS[family], DASHES[place % len(DASHES)], SYMBOLS[place % len(SYMBOLS)])


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
        "colorway": list(FAMILY_COLOURS.values()),
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


GRAPH_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "responsive": True,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d", "toImage"],
}
"""Config of every graph; plotly 7's share button, which uploads the figure to a third party, is off."""
