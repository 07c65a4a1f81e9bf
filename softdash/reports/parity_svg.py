"""A parity plot as plain SVG, for reports that open without a network and print."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from softdash.potentials.look import look_of
from softdash.reports.parity_square import ParitySquare, dashes
from softdash.softening.statistics import SofteningStatistics

POINTS_DRAWN = 4_000
"""Components drawn in one plot at most; the largest ones are always among them."""
_LARGEST_KEPT = 400
_FIT_WIDTH = 2
_SIZE, _LEFT, _TOP, _SIDE = 400, 62, 14, 320


def parity_svg(
    reference: NDArray[np.float64],
    predicted: NDArray[np.float64],
    statistics: SofteningStatistics,
    *,
    label: str,
    potential: str,
    points_drawn: int = POINTS_DRAWN,
) -> str:
    """Return an SVG of predicted against reference force components with diagonal, fit and its interval.

    Parameters
    ----------
    reference, predicted : ndarray, shape (n,)
        eV/Å; rows that are NaN are left out.
    statistics : SofteningStatistics
    label : str
        The potential's name for people.
    potential : str
        Its name, which decides its look.
    points_drawn : int
        Components drawn at most.
    """
    finite = np.isfinite(predicted)
    x, y = _thinned(reference[finite], predicted[finite], points_drawn)
    square = ParitySquare(_LEFT, _TOP, _SIDE, 1.05 * float(max(np.abs(x).max(), np.abs(y).max())))
    look = look_of(potential)
    colour = look.colour
    style = dashes(look.dash, _FIT_WIDTH)
    summary = f"{label}: predicted against reference force components, softening scale {statistics.slope:.3f}"
    return "".join(
        (
            f'<svg class="parity" viewBox="0 0 {_SIZE} {_SIZE - 10}" role="img" xmlns="http://www.w3.org/2000/svg">',
            f"<title>{escape(summary)}</title>",
            _axes(square),
            square.line(1.0, 'class="diagonal"'),
            _interval_band(square, statistics, colour),
            f'<path d="{_dots(square, x, y)}" stroke="{colour}" class="points"/>',
            square.line(statistics.slope, f'stroke="{colour}" class="fit"{style}'),
            f'<text x="{_LEFT + _SIDE / 2}" y="{_SIZE - 14}" class="name">reference force, eV/Å</text>',
            f'<text transform="translate(14 {_TOP + _SIDE / 2}) rotate(-90)" class="name">',
            f"{escape(label)}, eV/Å</text></svg>",
        )
    )


def _thinned(
    x: NDArray[np.float64], y: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(x) <= most:
        return x, y
    largest_kept = min(_LARGEST_KEPT, most // 4)
    largest = np.argsort(np.maximum(np.abs(x), np.abs(y)))[-largest_kept:]
    regular = np.linspace(0, len(x) - 1, most - largest_kept).astype(int)
    chosen = np.union1d(largest, regular)
    return x[chosen], y[chosen]


def _dots(square: ParitySquare, x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    # One path of zero-length strokes with round ends: a tenth of the bytes of as many circles.
    return "".join(f"M{square.across(a):.1f} {square.down(b):.1f}h0" for a, b in zip(x, y, strict=True))


def _interval_band(square: ParitySquare, statistics: SofteningStatistics, colour: str) -> str:
    interval = statistics.slope_interval
    if interval is None:
        return ""
    steepest = max(abs(interval.low), abs(interval.high), 1.0)
    end = square.limit / steepest
    corners = [(-end, interval.low), (end, interval.high), (end, interval.low), (-end, interval.high)]
    points = " ".join(
        f"{square.across(x):.1f},{square.down(x * slope):.1f}"
        for x, slope in (corners[0], corners[2], corners[1], corners[3])
    )
    return f'<polygon points="{points}" fill="{colour}" class="band"/>'


def _axes(square: ParitySquare) -> str:
    parts = [f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" class="frame"/>']
    for tick, text in square.ticks():
        across, down = square.across(tick), square.down(tick)
        parts.append(
            f'<line x1="{across:.1f}" y1="{_TOP + _SIDE}" x2="{across:.1f}" y2="{_TOP + _SIDE + 4}" class="tick"/>'
        )
        parts.append(f'<text x="{across:.1f}" y="{_TOP + _SIDE + 18}" class="number">{text}</text>')
        parts.append(f'<line x1="{_LEFT - 4}" y1="{down:.1f}" x2="{_LEFT}" y2="{down:.1f}" class="tick"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{down + 4:.1f}" class="number side">{text}</text>')
    return "".join(parts)
