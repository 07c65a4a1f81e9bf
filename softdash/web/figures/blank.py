"""Figures without content: while one loads, and where there is nothing to draw."""

from __future__ import annotations

from typing import Any

from softdash.web.theme import Theme, layout_of


def blank_figure(theme: Theme = "light") -> dict[str, Any]:
    """Return a transparent figure without axes; it looks the same in both colour schemes."""
    return {"data": [], "layout": layout_of(theme, xaxis={"visible": False}, yaxis={"visible": False})}


def figure_without_data(theme: Theme) -> dict[str, Any]:
    """Return a figure with its axes alone: its data are missing or damaged, and a text beside it says why."""
    return {"data": [], "layout": layout_of(theme)}
