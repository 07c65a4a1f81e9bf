"""What one factor brings to frames that it was not fitted to: leave one frame out, for each frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from softdash.errors import RefusalError
from softdash.softening.answers import HeldOutGain
from softdash.softening.force_components import sum_of_others
from softdash.softening.intervals import LEVEL
from softdash.softening.statistics import Interval
from softdash.softening.student import student_two_sided_quantile


def held_out_gain(x: Sequence[NDArray[np.float64]], y: Sequence[NDArray[np.float64]]) -> HeldOutGain:
    """Correct each frame with the c* = Σxy/Σy² of all others, and compare the errors with those before.

    MAE and gain are ratios of sums over frames, R = Σa/Σb; their intervals come from the linearised ratio,
    V = Σ_g (a_g − R b_g)²/(Σb)² · G/(G−1) (Cochran 1977, 6.4), and Student's t with G−1 degrees of freedom. That the
    factors of two frames rest on almost the same labels is neglected, being of the order of 1/G.

    Parameters
    ----------
    x, y : sequence of ndarray, shape (N_g, 3)
        Reference and predicted forces of each frame, eV/Å.

    Raises
    ------
    RefusalError
        For a single frame, whose atoms are not independent of each other; where the predicted forces of all frames
        but one vanish; or where there is no error to reduce.
    """
    if len(x) < 2:
        raise RefusalError(
            "There is one frame only: its atoms are not independent of each other, so that an error in other "
            "configurations cannot be had from it.",
            advice="Add a second labelled frame.",
        )
    xy = np.array([np.sum(a * b) for a, b in zip(x, y, strict=True)])
    xx = np.array([np.sum(a * a) for a in x])
    yy = np.array([np.sum(b * b) for b in y])
    other_xy, other_xx, other_yy = (sum_of_others(sums) for sums in (xy, xx, yy))
    if np.any(other_yy <= 0):
        raise RefusalError("All predicted forces but those of one frame vanish.", advice="Add frames.")
    before = np.array([np.abs(b - a).sum() for a, b in zip(x, y, strict=True)])
    if before.sum() <= 0:
        raise RefusalError("There is no error to reduce.")
    after = _errors(other_xy / other_yy, x, y)
    counts = np.array([frame.size for frame in x], dtype=np.float64)
    inverse_slopes = other_xx / other_xy if np.all(np.abs(other_xy) > 0) else None
    mae_after, mae_interval = _ratio(after, counts)
    left, left_interval = _ratio(after, before)
    return HeldOutGain(
        frame_count=len(x),
        mae_before=float(before.sum() / counts.sum()),
        mae_after=mae_after,
        mae_after_interval=Interval(max(0.0, mae_interval.low), mae_interval.high, LEVEL, "cluster by frame"),
        mae_after_inverse_slope=None
        if inverse_slopes is None
        else float(_errors(inverse_slopes, x, y).sum() / counts.sum()),
        gain=1 - left,
        gain_interval=Interval(1 - left_interval.high, 1 - left_interval.low, LEVEL, "cluster by frame"),
    )


def _errors(
    factors: NDArray[np.float64], x: Sequence[NDArray[np.float64]], y: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Sum of |c·y − x| over each frame, with the factor of that frame."""
    return np.array([np.abs(c * b - a).sum() for c, a, b in zip(factors, x, y, strict=True)])


def _ratio(upper: NDArray[np.float64], lower: NDArray[np.float64]) -> tuple[float, Interval]:
    ratio = float(upper.sum() / lower.sum())
    count = len(upper)
    rest = (upper - ratio * lower) / lower.sum()
    error = float(np.sqrt(np.sum(rest * rest) * count / (count - 1)))
    reach = student_two_sided_quantile(LEVEL, count - 1) * error
    return ratio, Interval(ratio - reach, ratio + reach, LEVEL, "cluster by frame")
