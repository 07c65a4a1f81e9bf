"""Sizes, durations and counts as text for people."""

from __future__ import annotations

# Reports as files say these in the same words.
from softdash.reports.number_text import count_text as count_text
from softdash.reports.number_text import force_text as force_text


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
