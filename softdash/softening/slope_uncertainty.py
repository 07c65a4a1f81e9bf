"""How well a softening scale is known: from frame to frame, from block to block, or by what other materials show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from softdash.softening.force_components import ForceComponents
from softdash.softening.independent_frames import (
    FrameUnits,
    first_copies,
    frame_units,
    informative_frames,
    steps_of_relaxation,
)
from softdash.softening.intervals import LEVEL, UncertainSlope, jackknife_error, jackknifed, student_interval
from softdash.softening.statistics import Interval, NoIntervalReason
from softdash.softening.student import normal_two_sided_quantile

MOST_FRAMES_BY_SPREAD = 3
"""Independent frames up to which the spread that others show is taken, where these frames do not contradict it."""

_AGREEMENT = 1.96  # standard errors that the slopes of these frames may differ by
_ALIKE = 1e-3  # share of the largest force below whose difference symmetry makes two atoms the same


@dataclass(frozen=True, slots=True, eq=False)
class SlopeUncertainty:
    """How well the softening scale of one material is known.

    Attributes
    ----------
    standard_error : float or None
    interval : Interval or None
    units : FrameUnits
        Which frames count as one.
    reason : str or None
        Why there is no interval.
    degrees_of_freedom : float or None
        Of the standard error; None where frames were not compared.
    """

    standard_error: float | None
    interval: Interval | None
    units: FrameUnits
    reason: NoIntervalReason | None = None
    degrees_of_freedom: float | None = None

    @property
    def effective_frames(self) -> int | None:
        """How many independent frames those at hand are worth about; None for the steps of a relaxation."""
        return self.units.worth


def slope_uncertainty(
    components: ForceComponents,
    slope: float,
    *,
    frame_spread: float | None = None,
    label_noise: float = 0.0,
    positions: Sequence[NDArray[np.float64]] | None = None,
    relaxation: bool | None = None,
) -> SlopeUncertainty:
    """Return standard error and interval of the softening scale.

    Frames are compared by the jackknife (`softdash.softening.intervals`); copies of one frame count as one, and where
    neighbours among eight or more are alike, blocks of them. One frame does not contain the spread between frames: it
    is taken from other materials (`frame_variances`). Two or three frames know it badly, and their jackknife interval
    can be wider than that of one: there the narrower of both is taken, unless the frames differ more than the spread
    of other materials allows.

    Parameters
    ----------
    components : ForceComponents
        Frames in the order of time, where they have one.
    slope : float
        Their softening scale.
    frame_spread : float or None
        Spread of the slope between frames of one material, for this potential. None where nobody knows: then a single
        frame has no interval, and a few have a wide one.
    positions : sequence of ndarray, shape (N_g, 3), optional
        Å, of each frame: to tell the steps of a relaxation.
    relaxation : bool or None
        Whether the frames are the steps of one relaxation; None to look.
    """
    informative = informative_frames(components)
    copies = first_copies(components)
    residual = components.y - slope * components.x
    scores = components.sum_by_frame(components.x * residual)
    several = int(np.unique(copies[informative]).size) > 1
    is_relaxation = several and steps_of_relaxation(components, positions, relaxation)
    units = frame_units(scores, informative, copies, relaxation=is_relaxation)
    if is_relaxation:
        return SlopeUncertainty(None, None, units, "relaxation_steps")
    spread = frame_spread if frame_spread is not None and frame_spread > 0 else None
    if not several:
        units = replace(units, worth=1)
        if spread is None:
            return SlopeUncertainty(None, None, units, "single_frame")
        return SlopeUncertainty(*_by_spread(components, slope, copies, spread, label_noise, 1), units)
    found = jackknife_error(components.x, residual, units.unit[components.frame])
    error, degrees = (None, None) if found is None else found
    interval = None if found is None else student_interval(slope, *found, method=units.method)
    worth = units.worth or 1
    if worth <= MOST_FRAMES_BY_SPREAD and spread is not None:
        other_error, other = _by_spread(components, slope, copies, spread, label_noise, worth)
        # The jackknife's variance of so few is too large by about G/(G−1).
        count = max(2, worth)
        agrees = error is None or error * np.sqrt((count - 1) / count) <= _AGREEMENT * other_error
        if agrees and (interval is None or other.half_width < interval.half_width):
            return SlopeUncertainty(other_error, other, units)
    return SlopeUncertainty(error, interval, units, None if interval is not None else "one_frame_decides", degrees)


def factor_uncertainty(components: ForceComponents, factor: float, *, relaxation: bool = False) -> UncertainSlope:
    """Return standard error and interval of c* = Σxy/Σy², frame against frame; twice None for a single frame.

    c* is the slope through the origin of reference on predicted forces: its variance is that of a softening scale
    with the sides exchanged.

    Parameters
    ----------
    components : ForceComponents
    factor : float
        c*.
    relaxation : bool
        Whether the frames are the steps of one relaxation, which have no interval.
    """
    residual = components.x - factor * components.y
    scores = components.sum_by_frame(components.y * residual)
    units = frame_units(scores, informative_frames(components), first_copies(components), relaxation=relaxation)
    return jackknifed(factor, components.y, residual, units.unit[components.frame], method=units.method)


def _by_spread(
    components: ForceComponents,
    slope: float,
    copies: NDArray[np.int_],
    frame_spread: float,
    label_noise: float,
    worth: int,
) -> tuple[float, Interval]:
    """Return what `spread_interval` says of these frames; copies are one frame of their weight together."""
    squares = components.sum_by_frame(components.x**2)
    together = np.bincount(copies, weights=squares, minlength=squares.size)
    variances = frame_variances(components, slope, frame_spread, label_noise)
    return spread_interval(slope, together / together.sum(), variances, worth)


def frame_variances(
    components: ForceComponents, slope: float, frame_spread: float, label_noise: float
) -> NDArray[np.float64]:
    """Return τ² + V_g + noise²/rms_g² of each frame: how far its slope may lie from that of the material.

    The spread between frames, what the atoms of the frame show (`within_frame_variance`), and noise, since errors of
    small forces may be alike on all atoms of a symmetric cell. Infinite for a frame without forces.

    Parameters
    ----------
    components : ForceComponents
    slope : float
    frame_spread : float
        τ: 95 % of single frames have a slope within 1.96 τ of the slope of their material.
    label_noise : float
        eV/Å.
    """
    variances = np.full(components.frame_count, np.inf)
    ends = np.concatenate(([0], np.cumsum(3 * components.atoms_per_frame)))
    for frame in range(components.frame_count):
        x, y = (side[ends[frame] : ends[frame + 1]] for side in (components.x, components.y))
        mean_square = float(np.mean(x * x))
        if mean_square > 0:
            noise = label_noise**2 / mean_square
            variances[frame] = frame_spread**2 + noise + within_frame_variance(x, y, slope)
    return variances


def spread_interval(
    slope: float, weights: NDArray[np.float64], variances: NDArray[np.float64], worth: int
) -> tuple[float, Interval]:
    """Return standard error and interval of a slope through the origin from what frames of other materials show.

    The variance is Σ_g h_g² σ_g², larger where the frames are worth fewer independent ones than their weights say.

    Parameters
    ----------
    slope : float
    weights : ndarray, shape (frames,)
        h_g = A_g/ΣA.
    variances : ndarray, shape (frames,)
        σ_g², from `frame_variances`.
    worth : int
        How many independent frames these are worth about.
    """
    informative = weights > 0
    alike = max(1.0, 1 / (worth * float(np.sum(weights**2))))
    error = float(np.sqrt(alike * np.sum(weights[informative] ** 2 * variances[informative])))
    reach = normal_two_sided_quantile(LEVEL) * error
    return error, Interval(slope - reach, slope + reach, LEVEL, "spread between frames")


def within_frame_variance(x: NDArray[np.float64], y: NDArray[np.float64], slope: float) -> float:
    """Return the variance of a slope through the origin from the atoms of one frame.

    Σ_a m_a max((x_a·e_a)², |x_a|²|e_a|²/3)/(Σx²)²: White's estimate with atoms as units, which does not depend on the
    choice of axes, and does not vanish where errors are across the forces. m_a counts the atoms with the same forces
    but for a symmetry operation: they are one observation, not m_a.

    Parameters
    ----------
    x, y : ndarray, shape (n,) or (N, 3)
        Reference and predicted components, three of one atom after three of the next, eV/Å.
    slope : float
    """
    reference, predicted = x.reshape(-1, 3), y.reshape(-1, 3)
    error = predicted - slope * reference
    along = np.sum(reference * error, axis=1)
    xx, yy, xy = (np.sum(a * b, axis=1) for a, b in ((reference,) * 2, (predicted,) * 2, (reference, predicted)))
    across = xx * np.sum(error * error, axis=1) / 3
    # Symmetry keeps lengths and angles: equal invariants, equal atoms.
    unit = _ALIKE * max(float(xx.max()), float(yy.max()), 1e-300)
    kinds = np.round(np.stack([xx, yy, xy], axis=1) / unit)
    _, kind, counts = np.unique(kinds, axis=0, return_inverse=True, return_counts=True)
    weights = counts[kind.ravel()]
    return float(np.sum(weights * np.maximum(along**2, across)) / np.sum(xx) ** 2)
