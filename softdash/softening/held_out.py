"""What one factor brings to frames that it was not fitted to: leave one frame out, for each frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.errors import RefusalError
from softdash.softening.answers import HeldOutGain
from softdash.softening.force_components import ForceComponents, flatten, sum_of_others
from softdash.softening.independent_frames import FrameUnits, frame_units, observations
from softdash.softening.intervals import FORCE_RESOLUTION, degrees_of_freedom, student_interval
from softdash.softening.statistics import Interval


def held_out_gain(
    x: Sequence[NDArray[np.float64]],
    y: Sequence[NDArray[np.float64]],
    numbers: Sequence[NDArray[np.int_]] | None = None,
    *,
    relaxation: bool = False,
) -> HeldOutGain:
    """Correct each frame with the c* = Σxy/Σy² of all others, and compare the errors with those before.

    Copies of a frame, and frames that are alike, are left out together: a copy in the fit is no other frame. MAE and
    gain are ratios of sums over frames, R = Σa/Σb, where a_g is the error of frame g after the correction. Their
    variance is that of the jackknife, Σ_g (R₋g − R)², with R₋g of all other frames and the factor fitted to them;
    frames near in time are left out in blocks. Student's t has Satterthwaite's degrees of freedom, by the share of each
    frame in Σb or in Σy², whichever leaves fewer, less one for the factor.

    Parameters
    ----------
    x, y : sequence of ndarray, shape (N_g, 3)
        Reference and predicted forces of each frame, eV/Å.
    numbers : sequence of ndarray, shape (N_g,), optional
        Atomic numbers, to tell copies.
    relaxation : bool
        Whether the frames are the steps of one relaxation, which have no interval.

    Raises
    ------
    RefusalError
        For a single frame, whose atoms are not independent of each other, or copies of one; where the predicted
        forces of all frames but one vanish; or where there is no error to reduce.
    """
    components = flatten(x, y, numbers or [np.zeros(len(one), dtype=np.int_) for one in x])
    copies = observations(components)
    if np.unique(copies).size < 2:
        raise RefusalError(
            "There is one independent frame only: its atoms are not independent of each other, so that an error in "
            "other configurations cannot be had from it.",
            advice="Add a second labelled frame of another configuration.",
        )
    _, original = np.unique(copies, return_inverse=True)
    fitted = _Sums.of(components, original)
    if np.any(sum_of_others(fitted.yy) <= 0):
        raise RefusalError("All predicted forces but those of one frame vanish.", advice="Add frames.")
    before = components.sum_by_frame(np.abs(components.y - components.x))
    if before.sum() <= 0:
        raise RefusalError("There is no error to reduce.")
    after = _errors(components, (sum_of_others(fitted.xy) / sum_of_others(fitted.yy))[original])
    counts = (3 * components.atoms_per_frame).astype(np.float64)
    of_others = sum_of_others(fitted.xy)
    inverse = sum_of_others(fitted.xx) / of_others if np.all(np.abs(of_others) > 0) else None
    mae_before, mae_after = float(before.sum() / counts.sum()), float(after.sum() / counts.sum())
    left, reached = float(after.sum() / before.sum()), _Reached(components, copies, relaxation=relaxation)
    mae_interval = reached.interval(mae_after, counts, FORCE_RESOLUTION)
    left_interval = reached.interval(left, before, FORCE_RESOLUTION / mae_before)
    return HeldOutGain(
        frame_count=len(x),
        mae_before=mae_before,
        mae_after=mae_after,
        mae_after_interval=None
        if mae_interval is None
        else Interval(max(0.0, mae_interval.low), mae_interval.high, mae_interval.level, mae_interval.method),
        mae_after_inverse_slope=None
        if inverse is None
        else float(_errors(components, inverse[original]).sum() / counts.sum()),
        gain=1 - left,
        gain_interval=None
        if left_interval is None
        else Interval(1 - left_interval.high, 1 - left_interval.low, left_interval.level, left_interval.method),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Σx², Σxy and Σy² of each unit."""

    xx: NDArray[np.float64]
    xy: NDArray[np.float64]
    yy: NDArray[np.float64]

    @classmethod
    def of(cls, components: ForceComponents, unit: NDArray[np.int_]) -> _Sums:
        x, y, place = components.x, components.y, unit[components.frame]
        return cls(*(np.bincount(place, weights=product).astype(np.float64) for product in (x * x, x * y, y * y)))


class _Reached:
    """The error that all frames reach with one factor, without each unit in turn."""

    def __init__(self, components: ForceComponents, copies: NDArray[np.int_], *, relaxation: bool) -> None:
        factor = float(np.sum(components.x * components.y) / np.sum(components.y**2))
        after = components.sum_by_frame(np.abs(factor * components.y - components.x))
        before = components.sum_by_frame(np.abs(components.y - components.x))
        self._units = _units(after - after.sum() / before.sum() * before, copies, relaxation=relaxation)
        _, self._unit = np.unique(self._units.unit, return_inverse=True)
        self._sums = _Sums.of(components, self._unit)
        self._total = float(after.sum())
        self._size = components.x.size
        of_others = sum_of_others(self._sums.yy)
        self._without: NDArray[np.float64] | None = None
        if of_others.size > 1 and of_others.min() > 0:
            factors = sum_of_others(self._sums.xy) / of_others
            own = self._by_unit(_errors(components, factors[self._unit]))
            self._without = _total_errors(components.x, components.y, factors) - own

    def interval(self, estimate: float, lower: NDArray[np.float64], resolution: float) -> Interval | None:
        """Return the interval of Σ error/Σ lower; None where no units can be compared."""
        per_unit = self._by_unit(lower)
        others = sum_of_others(per_unit)
        if self._without is None or others.min() <= 0:
            return None
        ratio = self._total / float(per_unit.sum())
        error = float(np.sqrt(np.sum((self._without / others - ratio) ** 2)))
        degrees = max(1.0, min(_degrees(per_unit), _degrees(self._sums.yy)) - 1)
        error = max(error, resolution / float(np.sqrt(self._size)))
        return student_interval(estimate, error, degrees, method=self._units.method)

    def _by_unit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self._unit, weights=values).astype(np.float64)


def _units(scores: NDArray[np.float64], copies: NDArray[np.int_], *, relaxation: bool) -> FrameUnits:
    return frame_units(scores, np.ones(copies.size, dtype=np.bool_), copies, relaxation=relaxation)


def _degrees(weights: NDArray[np.float64]) -> float:
    share = weights[weights > 0] / weights.sum()
    return degrees_of_freedom(share, 1 / (1 - share)) if share.size > 1 else 1.0


def _errors(components: ForceComponents, factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of |c·y − x| over each frame, with the factor of that frame."""
    return components.sum_by_frame(np.abs(factors[components.frame] * components.y - components.x))


def _total_errors(x: NDArray[np.float64], y: NDArray[np.float64], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Σ|c·y − x| over all components for many factors, from sorted x/y: it is linear between them."""
    alive = y != 0
    weight, product = np.abs(y[alive]), x[alive] * np.sign(y[alive])
    crossing = product / weight
    order = np.argsort(crossing)
    weight, product = (np.concatenate(([0.0], np.cumsum(part[order]))) for part in (weight, product))
    below = np.searchsorted(crossing[order], factors)
    linear = factors * (2 * weight[below] - weight[-1]) - (2 * product[below] - product[-1])
    found: NDArray[np.float64] = linear + float(np.sum(np.abs(x[~alive])))
    return found
