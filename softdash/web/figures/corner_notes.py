"""Words in the corners of a plot, which say what lies above and below its diagonal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from plotly import graph_objects as go

from softdash.web.theme import INK, Theme

Corner = Literal["left bottom", "left top", "right bottom", "right top"]

_FONT_SIZE = 12
_NEAR, _FAR = 0.02, 0.98


def write_in_corners(figure: go.Figure, words: Mapping[Corner, str], theme: Theme) -> None:
    """Add words to corners of a figure's only plot, readable where points lie behind them."""
    for corner, text in words.items():
        side, height = corner.split()
        figure.add_annotation(
            text=text,
            xref="x domain",
            yref="y domain",
            x=_NEAR if side == "left" else _FAR,
            y=_NEAR if height == "bottom" else _FAR,
            xanchor=side,
            yanchor=height,
            showarrow=False,
            font={"size": _FONT_SIZE, "color": INK[theme].soft},
            bgcolor=INK[theme].page,
            opacity=0.85,
        )
