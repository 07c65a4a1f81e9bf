"""One number per material over many materials: median, mean, share below one, each with an interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError
from softdash.softening.intervals import LEVEL, wilson_interval
from softdash.softening.statistics import Interval, PopulationSummary

_VALUES_AT_ONCE = 200_000


def summarise_population(
    values: ArrayLike,
    intervals: Sequence[Interval | None] | None = None,
    *,
    frame_counts: ArrayLike | None = None,
    draws: int = 4000,
    seed: int = 0,
    level: float = LEVEL,
) -> PopulationSummary:
    """Summarise a per-material quantity (softening scale, frequency ratio) over materials.

    The intervals of median and mean are percentile bootstrap intervals over materials (Efron 1979): whole materials
    are drawn with replacement. The share below one has Wilson's score interval. A material is "surely" below or above
    one where its own interval excludes one; these shares are over the materials with at least two frames, and one
    without an interval counts as not sure. A single frame does not know how the slope differs between frames.

    Parameters
    ----------
    values : array_like, shape (materials,)
    intervals : sequence of Interval or None, optional
        The interval of each material's value, in the same order.
    frame_counts : array_like of int, shape (materials,), optional
        Frames behind each value; where not given, all have at least two.
    draws : int
        Bootstrap draws.
    seed : int
        Of the draws: equal input gives equal output.
    level : float
        Nominal coverage.

    Raises
    ------
    RefusalError
        Fewer than two materials, values that are NaN or infinite, or another number of intervals or of
        frame counts.
    """
    data = np.asarray(values, dtype=np.float64).ravel()
    frames = np.full(data.size, 2) if frame_counts is None else np.asarray(frame_counts).ravel()
    _check(data, intervals, frames.size)
    medians, means = _resampled(data, draws, seed)
    below = int(np.count_nonzero(data < 1))
    surely_below = surely_above = None
    if intervals is not None:
        compared = [interval for interval, count in zip(intervals, frames.tolist(), strict=True) if count >= 2]
        if compared:
            surely_below = sum(interval is not None and interval.high < 1 for interval in compared) / len(compared)
            surely_above = sum(interval is not None and interval.low > 1 for interval in compared) / len(compared)
    return PopulationSummary(
        material_count=int(data.size),
        median=float(np.median(data)),
        median_interval=_percentile_interval(medians, level),
        mean=float(np.mean(data)),
        mean_interval=_percentile_interval(means, level),
        quartile_low=float(np.quantile(data, 0.25)),
        quartile_high=float(np.quantile(data, 0.75)),
        share_below_one=below / data.size,
        share_below_one_interval=wilson_interval(below, int(data.size), level),
        share_surely_below_one=surely_below,
        share_surely_above_one=surely_above,
        single_frame_count=None if frame_counts is None else int(np.count_nonzero(frames < 2)),
    )


def _check(data: NDArray[np.float64], intervals: Sequence[Interval | None] | None, frame_counts: int) -> None:
    if data.size < 2:
        raise RefusalError(
            f"There {'is 1 material' if data.size == 1 else 'are no materials'}; a distribution needs at least two.",
            advice="Widen the filter or add materials.",
        )
    if not np.isfinite(data).all():
        bad = np.flatnonzero(~np.isfinite(data))
        raise RefusalError(
            f"{bad.size} of {data.size} values are NaN or infinite, the first at position {int(bad[0]) + 1}.",
            advice="Leave out the materials without a value.",
        )
    if intervals is not None and len(intervals) != data.size:
        raise RefusalError(
            f"There are {len(intervals)} intervals for {data.size} values.",
            advice="Give one interval, or None, for each material.",
        )
    if frame_counts != data.size:
        raise RefusalError(
            f"There are {frame_counts} frame counts for {data.size} values.", advice="Give one for each material."
        )


def _resampled(data: NDArray[np.float64], draws: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Medians and means of `draws` samples with replacement, in batches that keep memory small."""
    generator = np.random.default_rng(seed)
    batch = max(1, _VALUES_AT_ONCE // data.size)
    medians, means = [], []
    for start in range(0, draws, batch):
        sample = data[generator.integers(0, data.size, size=(min(batch, draws - start), data.size))]
        means.append(sample.mean(axis=1))
        medians.append(np.median(sample, axis=1, overwrite_input=True))
    return np.concatenate(medians), np.concatenate(means)


def _percentile_interval(resampled: NDArray[np.float64], level: float) -> Interval:
    low, high = np.quantile(resampled, ((1 - level) / 2, (1 + level) / 2))
    return Interval(low=float(low), high=float(high), level=level, method="bootstrap over materials")
