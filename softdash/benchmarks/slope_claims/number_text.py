"""Numbers of the page as text: digits, intervals, changes in per cent, tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from softdash.potentials.registry import card
from softdash.softening import summarise_population
from softdash.softening.intervals import wilson_interval
from softdash.softening.statistics import Interval

SHOWN = "chgnet-0.3.0"
"""Potential of all examples: the one with the most rows, and the paper's CHGNet in its later training."""

_NO_BREAK = "\N{NO-BREAK SPACE}"


def digits(value: float, decimals: int = 2) -> str:
    """Return a number with a fixed number of decimals and a real minus sign; never "−0.00"."""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def ends(low: float, high: float, decimals: int = 2) -> str:
    """Return ``"0.60 to 0.93"``, which no line breaks."""
    return f"{digits(low, decimals)}{_NO_BREAK}to{_NO_BREAK}{digits(high, decimals)}"


def with_ends(value: float, interval: Interval, decimals: int = 2) -> str:
    """Return ``"0.80 (0.78 to 0.82)"``."""
    return f"{digits(value, decimals)} ({ends(interval.low, interval.high, decimals)})"


def median_text(values: ArrayLike, decimals: int = 2) -> str:
    """Return a median with its bootstrap interval over materials, or over cases."""
    summary = summarise_population(values)
    return with_ends(summary.median, summary.median_interval, decimals)


def quartiles_text(values: ArrayLike, decimals: int = 2) -> str:
    """Return a median with its quartiles."""
    low, middle, high = np.quantile(np.asarray(values, dtype=np.float64), (0.25, 0.5, 0.75)).tolist()
    return f"{digits(middle, decimals)} ({ends(low, high, decimals)})"


def middle_half(values: ArrayLike, decimals: int = 2) -> str:
    """Return the quartiles."""
    low, high = np.quantile(np.asarray(values, dtype=np.float64), (0.25, 0.75)).tolist()
    return ends(low, high, decimals)


def range_text(values: ArrayLike, decimals: int = 2) -> str:
    """Return smallest and largest value."""
    found = np.asarray(values, dtype=np.float64)
    return ends(float(found.min()), float(found.max()), decimals)


def change_text(ratio: float) -> str:
    """Return a ratio of errors as a change in per cent with its sign: ``"−58"``."""
    text = f"{100 * (ratio - 1):+.0f}".replace("-", "−")
    return "0" if text[1:] == "0" else text


def changes_text(ratios: ArrayLike) -> str:
    """Return the median and the quartiles of ratios of errors, as changes in per cent."""
    low, middle, high = np.quantile(np.asarray(ratios, dtype=np.float64), (0.25, 0.5, 0.75)).tolist()
    return f"{change_text(middle)} ({change_text(low)}{_NO_BREAK}to{_NO_BREAK}{change_text(high)})"


def share_text(count: int, trials: int) -> str:
    """Return a share in per cent with Wilson's interval."""
    interval = wilson_interval(count, trials)
    return f"{100 * count / trials:.0f}{_NO_BREAK}% ({ends(100 * interval.low, 100 * interval.high, 0)}{_NO_BREAK}%)"


def potential_label(name: str) -> str:
    """Return the name of a potential for people."""
    return card(name).label


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; the first column is text, the others are numbers."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
