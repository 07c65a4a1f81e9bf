"""Sizes, durations and counts as text for people."""

from __future__ import annotations

from softdash.softening import three_digits


def bytes_text(byte_count: int) -> str:
    """Return ``"100 MB"`` for 100,000,000 bytes; decimal prefixes."""
    if byte_count < 1000:
        return f"{byte_count} bytes"
    value = float(byte_count)
    for unit in ("kB", "MB"):
        value /= 1000
        if value < 1000:
            return f"{value:.3g} {unit}"
    return f"{value / 1000:.3g} GB"


def seconds_text(seconds: float) -> str:
    """Return a rough duration: ``"under 1 s"``, ``"about 12 s"``, ``"about 3 min"``."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.1f} h"


def count_text(number: int, singular: str, plural: str | None = None) -> str:
    """Return ``"1 frame"`` or ``"1,000 frames"``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def force_text(force: float) -> str:
    """Return a force with three significant digits and its unit."""
    return f"{three_digits(force)} eV/Å"
