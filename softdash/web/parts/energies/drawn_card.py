"""What fills the card of a figure of energies: drawn once for all visitors, or the reason why it cannot be drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softdash.errors import SoftdashError
from softdash.web.figures.blank import figure_without_data
from softdash.web.server.figure_cache import cached
from softdash.web.theme import checked_theme


def drawn_card(
    draw: Callable[[], dict[str, Any]], theme: str, *key: object, problem: str = "This cannot be shown"
) -> dict[str, Any]:
    """Return figure, title and caption, for the outputs of `softdash.web.parts.page_parts.card_outputs`.

    Parameters
    ----------
    draw : callable
        Gives them; its result is kept under `theme` and `key`, see `cached`.
    theme : str
    *key : object
    problem : str
        The title where `draw` raises a `SoftdashError`; the caption is its message then.
    """
    try:
        return cached(draw, theme, *key)
    except SoftdashError as error:
        return {"figure": figure_without_data(checked_theme(theme)), "title": problem, "caption": str(error)}
