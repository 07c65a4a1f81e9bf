"""How large force errors are against the forces themselves, as they are and after one factor, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.softening.force_components import ForceComponents, flatten, sum_of_others
from softdash.softening.independent_frames import frame_units, informative_frames, observations
from softdash.softening.intervals import LEVEL, jackknifed
from softdash.softening.statistics import Interval


@dataclass(frozen=True, slots=True)
class RelativeError:
    """A root mean square error over the root mean square of the reference forces.

    Attributes
    ----------
    value : float
        No unit; 0.2 is an error of a fifth of the forces.
    interval : Interval or None
        Jackknife over frames on the logarithm; None where fewer than two frames could tell.
    """

    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class RelativeErrors:
    """Relative force errors of the frames at hand.

    Attributes
    ----------
    frame_count : int
    uncorrected : RelativeError
        √(Σ(y−x)²/Σx²).
    corrected : RelativeError or None
        The same after c*, each frame with the c* of all others; None where the others have no c*.
    """

    frame_count: int
    uncorrected: RelativeError
    corrected: RelativeError | None


def relative_errors(
    x: Sequence[NDArray[np.float64]],
    y: Sequence[NDArray[np.float64]],
    numbers: Sequence[NDArray[np.int_]],
    *,
    relaxation: bool = False,
) -> RelativeErrors:
    """Return the relative errors of frames as they are, and after the factor of all other frames.

    E² = Σ_g a_g/Σ_g b_g is a ratio of sums over frames (a: squared error, b: squared reference), which is a slope
    through the origin of a_g/√b_g on √b_g; so its variance is the jackknife's of `softdash.softening.intervals`, and
    the interval is that of log E² by the delta method. That c* is fitted adds nothing to first order: it stands where
    the squared error has its minimum. Copies of a frame, and frames that are alike, count once and are left out
    together; frames near in time are taken in blocks.

    Parameters
    ----------
    x, y : sequence of ndarray, shape (N_g, 3)
        Reference and predicted forces of each frame, eV/Å, in the order of the dynamics. Not all of `x` are zero.
    numbers : sequence of ndarray, shape (N_g,)
        Atomic numbers, to tell copies.
    relaxation : bool
        Whether the frames are the steps of one relaxation, which have no interval.
    """
    components = flatten(x, y, numbers)
    copies = observations(components)
    squares = components.sum_by_frame(components.x**2)
    errors = components.sum_by_frame((components.y - components.x) ** 2)
    found = _Ratio(squares, informative_frames(components), copies, relaxation)
    return RelativeErrors(len(x), found.of(errors), _corrected(components, copies, found))


@dataclass(frozen=True, slots=True, eq=False)
class _Ratio:
    """Squared errors of frames over their squared forces."""

    squares: NDArray[np.float64]
    informative: NDArray[np.bool_]
    copies: NDArray[np.int_]
    relaxation: bool

    def of(self, errors: NDArray[np.float64]) -> RelativeError:
        ratio = float(errors.sum() / self.squares.sum())
        value = float(np.sqrt(ratio))
        scores = errors - ratio * self.squares
        units = frame_units(scores, self.informative, self.copies, relaxation=self.relaxation)
        weights = np.sqrt(self.squares)
        rest = np.divide(scores, weights, out=np.zeros_like(weights), where=weights > 0)
        _, unit = np.unique(units.unit, return_inverse=True)
        _, found = jackknifed(ratio, weights, rest, unit, method=units.method)
        if found is None or ratio <= 0:
            return RelativeError(value, None)
        # On the logarithm: an error is never negative, and its sampling distribution is skewed.
        stretch = float(np.exp(min(found.half_width / ratio, 50.0) / 2))
        return RelativeError(value, Interval(value / stretch, value * stretch, LEVEL, found.method))


def _corrected(components: ForceComponents, copies: NDArray[np.int_], ratio: _Ratio) -> RelativeError | None:
    _, original = np.unique(copies, return_inverse=True)
    place = original[components.frame]
    if original.max() < 1:
        return None
    xy, yy = (
        sum_of_others(np.bincount(place, weights=product).astype(np.float64))
        for product in (components.x * components.y, components.y**2)
    )
    if np.any(yy <= 0):
        return None
    return ratio.of(components.sum_by_frame(((xy / yy)[place] * components.y - components.x) ** 2))
