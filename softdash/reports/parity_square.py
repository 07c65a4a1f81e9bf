"""The square of a parity plot in SVG: where a force lies in it, its ticks and lines. For all pictures of reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_TICKS_WANTED = 5
# Lengths of strokes and gaps in widths of the line, by plotly's names of line styles.
_STROKES = {"dash": (4.8, 3.2), "dot": (1.6, 1.9), "dashdot": (4.8, 2.4, 1.6, 2.4), "longdash": (8, 3.2)}


@dataclass(frozen=True, slots=True)
class ParitySquare:
    """A square on the canvas that shows forces from −`limit` to `limit` on both axes.

    Attributes
    ----------
    left, top, side : float
        Pixels.
    limit : float
        eV/Å.
    """

    left: float
    top: float
    side: float
    limit: float

    def across(self, x: float) -> float:
        """Return the place of a reference force, pixels from the left."""
        return self.left + (x + self.limit) / (2 * self.limit) * self.side

    def down(self, y: float) -> float:
        """Return the place of a predicted force, pixels from the top."""
        return self.top + self.side - (y + self.limit) / (2 * self.limit) * self.side

    def line(self, slope: float, attributes: str) -> str:
        """Return a line through the origin that ends inside the square."""
        end = min(self.limit, self.limit / abs(slope)) if slope else self.limit
        x1, x2 = self.across(-end), self.across(end)
        y1, y2 = self.down(-end * slope), self.down(end * slope)
        return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {attributes}/>'

    def ticks(self) -> list[tuple[float, str]]:
        """Return values of the ticks of both axes, each with its text."""
        return [(tick, f"{tick:g}".replace("-", "−")) for tick in axis_ticks(self.limit)]


def dashes(style: str, width: float) -> str:
    """Return the attribute that draws a line of this width in one of plotly's line styles; empty for a solid one."""
    pattern = _STROKES.get(style)
    return "" if pattern is None else f' stroke-dasharray="{" ".join(f"{part * width:g}" for part in pattern)}"'


def axis_ticks(limit: float) -> Sequence[float]:
    """Return round values between −`limit` and `limit` for the ticks of both axes."""
    raw = 2 * limit / _TICKS_WANTED
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(power * min((1, 2, 5, 10), key=lambda factor: abs(factor * power - raw)))
    count = int(limit / step)
    return [round(step * number, 12) for number in range(-count, count + 1)]
