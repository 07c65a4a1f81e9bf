"""How well a softening scale is known: from frame to frame, from block to block, or by what other materials show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from softdash.softening.alike_frames import alike_frames
from softdash.softening.force_components import ForceComponents
from softdash.softening.independent_frames import (
    FrameUnits,
    first_copies,
    frame_units,
    informative_frames,
    observations,
    relaxation_runs,
)
from softdash.softening.intervals import (
    FORCE_RESOLUTION,
    LEVEL,
    UncertainSlope,
    jackknife_error,
    jackknifed,
    student_interval,
)
from softdash.softening.sample_size import LEAST_NOISE_BIAS, reference_noise_bias
from softdash.softening.statistics import Interval, NoIntervalReason
from softdash.softening.student import normal_two_sided_quantile

MOST_FRAMES_BY_SPREAD = 3
"""Independent frames up to which the spread that others show is taken, where these frames do not contradict it."""
ENOUGH_FRAMES = 20
"""Independent frames from which on their own differences alone give the interval."""
LEAST_SPREAD = 0.25
"""Share of the spread that others show, below which the spread of fewer frames than that is taken for chance."""

_REACH = normal_two_sided_quantile(LEVEL)
_NOISE_AT_MOST = 2.0  # times the noise that is assumed
_LEAST_KEPT = 0.1
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

    Frames are compared by the jackknife (`softdash.softening.intervals`); copies of one frame, and frames that are
    alike, count as one, and where neighbours among eight or more of these are alike, blocks of them. One observation
    does not contain the spread between frames: it is taken from other materials (`frame_variances`). Two or three know
    it badly, whether they seem to agree by chance or not: there the spread of others is taken too, unless these
    frames differ more than it allows. Up to nineteen have an error of at least a quarter of what it says. Noise of the
    labels widens it where it could matter.

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
    distinct = int(np.unique(copies[informative]).size)
    residual = components.y - slope * components.x
    scores = components.sum_by_frame(components.x * residual)
    if float(np.sum(scores**2)) <= FORCE_RESOLUTION**2 * float(np.sum(components.x**2)):
        scores = np.zeros_like(scores)  # rounding has no autocorrelation
    runs = relaxation_runs(components, positions, relaxation) if distinct > 1 else None
    if runs is not None and runs.is_all:
        units = frame_units(scores, informative, copies, relaxation=True)
        return SlopeUncertainty(None, None, replace(units, distinct=distinct), "relaxation_steps")
    alike = alike_frames(components, copies)
    if runs is not None:
        alike = runs.together(alike)
    units = replace(frame_units(scores, informative, alike, relaxation=False), distinct=distinct)
    spread = frame_spread if frame_spread is not None and frame_spread > 0 else None
    worth = units.worth or 1
    several = np.unique(alike[informative]).size > 1
    if worth == 1 and (spread is not None or not several):
        # Blocks of which there are two at least are not independent of each other here.
        units = replace(units, unit=np.zeros_like(units.unit))
        if spread is None:
            return SlopeUncertainty(None, None, units, "single_frame")
        error, interval = _by_spread(components, slope, units.unit, spread, label_noise, 1)
        return SlopeUncertainty(error, _with_noise(interval, components, slope, label_noise), units)
    found = jackknife_error(components.x, residual, units.unit[components.frame])
    if spread is not None and worth < ENOUGH_FRAMES:
        other_error, other = _by_spread(components, slope, units.unit, spread, label_noise, worth)
        # The jackknife's variance of so few is too large by about G/(G−1).
        count = max(2, worth)
        own_error = None if found is None else found[0] * float(np.sqrt((count - 1) / count))
        agrees = own_error is None or own_error <= _AGREEMENT * other_error
        if worth <= MOST_FRAMES_BY_SPREAD and agrees:
            error = max(other_error, own_error or 0.0)
            interval = replace(other, low=slope - _REACH * error, high=slope + _REACH * error)
            return SlopeUncertainty(error, _with_noise(interval, components, slope, label_noise), units)
        if found is not None:
            floor = other_error if worth <= MOST_FRAMES_BY_SPREAD else LEAST_SPREAD * other_error
            found = max(found[0], floor), found[1]
    if found is None:
        return SlopeUncertainty(None, None, units, "one_frame_decides")
    interval = _with_noise(student_interval(slope, *found, method=units.method), components, slope, label_noise)
    return SlopeUncertainty(found[0], interval, units, None, found[1])


def _with_noise(interval: Interval, components: ForceComponents, slope: float, label_noise: float) -> Interval:
    """Return the interval widened by what noise of the labels may have taken from the slope.

    Noise σ of x lowers a slope to (1 − σ²/rms²) of what it is, in all frames alike, which no comparison of frames
    shows. Where the noise that is assumed could do so by 1 %, the far end is divided by that, for noise up to twice
    the assumed one, and no more than the scatter about the line leaves room for. The near end moves as far, so that
    ± half the width says what is meant.
    """
    mean_square = float(np.mean(components.x**2))
    if slope == 0 or reference_noise_bias(label_noise, float(np.sqrt(mean_square))) < LEAST_NOISE_BIAS:
        return interval
    scatter = float(np.mean((components.y - slope * components.x) ** 2)) / slope**2
    bias = min((_NOISE_AT_MOST * label_noise) ** 2, scatter) / mean_square
    kept = max(1 - bias, _LEAST_KEPT)
    taken = max(abs(interval.low), abs(interval.high)) * (1 / kept - 1)
    return replace(interval, low=interval.low - taken, high=interval.high + taken)


def factor_uncertainty(
    components: ForceComponents, factor: float, *, relaxation: bool = False, least_share: float = 0.0
) -> UncertainSlope:
    """Return standard error and interval of c* = Σxy/Σy², frame against frame; twice None for a single frame.

    c* is the slope through the origin of reference on predicted forces: its variance is that of a softening scale
    with the sides exchanged. Since c* is R²/s, the same frames know it no better than s.

    Parameters
    ----------
    components : ForceComponents
    factor : float
        c*.
    relaxation : bool
        Whether the frames are the steps of one relaxation, which have no interval.
    least_share : float
        Half the width of the interval of s, in units of s.
    """
    residual = components.x - factor * components.y
    scores = components.sum_by_frame(components.y * residual)
    units = frame_units(scores, informative_frames(components), observations(components), relaxation=relaxation)
    error, interval = jackknifed(factor, components.y, residual, units.unit[components.frame], method=units.method)
    if error is None or interval is None:
        return None, None
    wider = max(1.0, least_share * abs(factor) / interval.half_width)
    half = wider * interval.half_width
    return wider * error, replace(interval, low=factor - half, high=factor + half)


def _by_spread(
    components: ForceComponents,
    slope: float,
    unit: NDArray[np.int_],
    frame_spread: float,
    label_noise: float,
    worth: int,
) -> tuple[float, Interval]:
    """Return what `spread_interval` says of these units; frames that count as one have their mean variance."""
    squares = components.sum_by_frame(components.x**2)
    together = np.bincount(unit, weights=squares)
    variances = frame_variances(components, slope, frame_spread, label_noise)
    known = np.where(squares > 0, variances, 0.0)
    mean = np.full(together.size, np.inf)
    np.divide(np.bincount(unit, weights=squares * known), together, out=mean, where=together > 0)
    return spread_interval(slope, together / together.sum(), mean, worth)


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
