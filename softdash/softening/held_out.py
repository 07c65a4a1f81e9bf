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

    MAE and gain are ratios of sums over frames, R = Σa/Σb, where a_g is the error of frame g after the correction.
    Their intervals come from the linearised ratio (Cochran 1977, 6.4): V = Σ_g (a_g − R b_g + u_g Σ∂a/∂c)²/(Σb)² ·
    G/(G−1), and Student's t with G−1 degrees of freedom. The last term is what frame g does to the factor of all
    others, u_g = Σ_{i∈g} y(x − c y)/Σy².

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
    factor = float(xy.sum() / yy.sum())
    change = (xy - factor * yy) / yy.sum() * sum(_slope_of_error(factor, a, b) for a, b in zip(x, y, strict=True))
    mae_after, mae_interval = _ratio(after, counts, change)
    left, left_interval = _ratio(after, before, change)
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


def _slope_of_error(factor: float, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the derivative of Σ|c·y − x| with respect to c."""
    return float(np.sum(np.sign(factor * y - x) * y))


def _ratio(
    upper: NDArray[np.float64], lower: NDArray[np.float64], change: NDArray[np.float64]
) -> tuple[float, Interval]:
    """Return Σ upper/Σ lower and its interval; `change` is what each frame does to Σ upper through the others."""
    ratio = float(upper.sum() / lower.sum())
    count = len(upper)
    rest = (upper - ratio * lower + change) / lower.sum()
    error = float(np.sqrt(np.sum(rest * rest) * count / (count - 1)))
    reach = student_two_sided_quantile(LEVEL, count - 1) * error
    return ratio, Interval(ratio - reach, ratio + reach, LEVEL, "cluster by frame")
