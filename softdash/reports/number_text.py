"""Counts, forces and slopes as text for people, on pages and in files."""

from __future__ import annotations

from softdash.softening import three_digits
from softdash.softening.quantities import SLOPE
from softdash.softening.statistics import Interval


def count_text(number: int, singular: str, plural: str | None = None) -> str:
    """Return ``"1 frame"`` or ``"1,000 frames"``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def force_text(force: float) -> str:
    """Return a force with three significant digits and its unit."""
    return f"{three_digits(force)} eV/Å"


def slope_text(slope: float, interval: Interval | None) -> str:
    """Return ``"0.851 ± 0.012"``, or the slope alone where there is no interval."""
    value = SLOPE.written(slope)
    return value if interval is None else f"{value} ± {SLOPE.written(interval.half_width)}"
