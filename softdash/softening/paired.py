"""Two numbers per material over many materials: how they go together, and how far a median falls."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError
from softdash.softening.intervals import LEVEL
from softdash.softening.statistics import Interval

_FEWEST = 4
_VALUES_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Correlation:
    """How two numbers per material go together.

    Attributes
    ----------
    count : int
        Materials that have both.
    pearson, rank : float
        Pearson's r; Spearman's rank correlation, which a few outliers cannot make or spoil.
    pearson_interval, rank_interval : Interval
    """

    count: int
    pearson: float
    pearson_interval: Interval
    rank: float
    rank_interval: Interval


def correlate(x: ArrayLike, y: ArrayLike, *, draws: int = 2000, seed: int = 0, level: float = LEVEL) -> Correlation:
    """Correlate two quantities over materials.

    The interval of r is the percentile bootstrap over materials; that of the rank correlation follows Fisher's z with
    the variance (1 + ρ²/2)/(n - 3) of Bonett and Wright, Psychometrika 65, 23 (2000).

    Parameters
    ----------
    x, y : array_like, shape (materials,)
    draws : int
        Bootstrap draws.
    seed : int
        Of the draws: equal input gives equal output.
    level : float
        Nominal coverage.

    Raises
    ------
    RefusalError
        Fewer than four materials, values that are NaN or infinite, or all equal.
    """
    first, second = _pair(x, y)
    if first.size < _FEWEST:
        raise RefusalError(
            f"A correlation needs at least {_FEWEST} materials; there are {first.size}.",
            advice="Choose a larger data set.",
        )
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        raise RefusalError("All values are equal: there is nothing to correlate.")
    rank = _pearson(_ranks(first), _ranks(second))
    drawn = np.concatenate([_pearson_of_rows(first[at], second[at]) for at in _samples(first.size, draws, seed)])
    low, high = np.nanquantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return Correlation(
        count=int(first.size),
        pearson=_pearson(first, second),
        pearson_interval=Interval(float(low), float(high), level, "bootstrap over materials"),
        rank=rank,
        rank_interval=_rank_interval(rank, first.size, level),
    )


def reduction_of_medians(
    before: ArrayLike, after: ArrayLike, *, draws: int = 2000, seed: int = 0, level: float = LEVEL
) -> tuple[float, Interval]:
    """Return 1 - median(after)/median(before), and its percentile bootstrap interval over materials.

    Both numbers of a material stay together in each draw. This is the paper's kind of error reduction (Fig. 6b); the
    median of each material's own reduction is another number.

    Parameters
    ----------
    before, after : array_like, shape (materials,)
        Errors, positive.
    draws, seed, level
        As `correlate`.

    Raises
    ------
    RefusalError
        Fewer than two materials, or values that are NaN, infinite, zero or negative.
    """
    first, second = _pair(before, after)
    if first.size < 2:
        raise RefusalError("A median of one material is none.", advice="Choose a larger data set.")
    if min(first.min(), second.min()) <= 0:
        raise RefusalError("An error of zero or below cannot be reduced.")
    drawn = np.concatenate(
        [1 - np.median(second[at], axis=1) / np.median(first[at], axis=1) for at in _samples(first.size, draws, seed)]
    )
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    value = 1 - float(np.median(second) / np.median(first))
    return value, Interval(float(low), float(high), level, "bootstrap over materials")


def _pair(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, second = (np.asarray(values, dtype=np.float64).ravel() for values in (x, y))
    if first.size != second.size:
        raise RefusalError(f"There are {first.size} values on one side and {second.size} on the other.")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise RefusalError("Some values are NaN or infinite.", advice="Leave out the materials without a value.")
    return first, second


def _samples(size: int, draws: int, seed: int) -> list[NDArray[np.int_]]:
    """Return places of materials drawn with replacement, in batches that keep memory small."""
    generator = np.random.default_rng(seed)
    batch = max(1, _VALUES_AT_ONCE // size)
    starts = range(0, draws, batch)
    return [generator.integers(0, size, size=(min(batch, draws - start), size)) for start in starts]


def _pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(_pearson_of_rows(x[None, :], y[None, :])[0])


def _pearson_of_rows(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's r of each row; NaN where all drawn values are equal."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.sum(x * y, axis=1) / np.sqrt(np.sum(x * x, axis=1) * np.sum(y * y, axis=1))
    return np.clip(found, -1, 1)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[places]
    return ranks


def _rank_interval(rank: float, size: int, level: float) -> Interval:
    inside = float(np.clip(rank, -1 + 1e-12, 1 - 1e-12))
    half_width = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt((1 + inside**2 / 2) / (size - 3))
    middle = np.arctanh(inside)
    return Interval(float(np.tanh(middle - half_width)), float(np.tanh(middle + half_width)), level, "fisher z")
