"""Slopes of predicted (y) on reference (x) force components: always least squares in y, never with the axes swapped.

Total least squares, reduced major axis and ratios of norms are left out on purpose: they hide softening in a noisy
potential (a true 0.85 reads 0.97 to 1.12).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError
from softdash.softening.refusals import check_components

HUBER_TUNING = 1.345
"""Residuals beyond this many robust standard deviations count linearly: 95 % efficiency for Gaussian errors."""

MAD_TO_STANDARD_DEVIATION = 1.482602218505602
"""1/Φ⁻¹(3/4): turns a median absolute deviation into the standard deviation of a Gaussian."""

_HUBER_ITERATIONS = 200
_HUBER_TOLERANCE = 1e-13


def paired_components(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both sets of components as flat float64 arrays.

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted components, eV/Å.

    Raises
    ------
    RefusalError
        As `softdash.softening.refusals.check_components`.
    """
    reference = np.asarray(x, dtype=np.float64)
    predicted = np.asarray(y, dtype=np.float64)
    if reference.shape != predicted.shape:
        raise RefusalError(
            f"The reference forces have the shape {reference.shape}, the predicted ones {predicted.shape}.",
            advice="Give both for the same atoms, in the same order.",
        )
    reference, predicted = reference.ravel(), predicted.ravel()
    check_components(reference, predicted)
    return reference, predicted


def softening_scale(x: ArrayLike, y: ArrayLike) -> float:
    """Softening scale s = Σxy / Σx², the least-squares slope of y on x through the origin.

    The "linear fitted slope" of Deng et al., npj Comput. Mater. 11, 9 (2025), Fig. 5, and the number that matcalc's
    ``SofteningBenchmark`` gives. Below 1 the potential is too soft.

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Raises
    ------
    RefusalError
        Fewer than 3 components, NaN or inf, or (nearly) zero reference forces.
    """
    return origin_slope(*paired_components(x, y))


def origin_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """`softening_scale` for components that were checked before; Σx² must not be zero."""
    return float(np.sum(x * y) / np.sum(x * x))


def slope_with_intercept(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Ordinary least squares y = slope·x + intercept.

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Returns
    -------
    slope : float
    intercept : float
        eV/Å.

    Raises
    ------
    RefusalError
        As `softening_scale`, or all reference components equal.
    """
    reference, predicted = paired_components(x, y)
    mean_x, mean_y = float(reference.mean()), float(predicted.mean())
    centred = reference - mean_x
    spread = float(np.sum(centred * centred))
    if spread <= np.finfo(np.float64).eps * float(np.sum(reference * reference)):
        raise RefusalError(
            "All reference force components are equal, so a slope with intercept does not exist.",
            advice="Use structures in which the atoms feel different forces.",
        )
    slope = float(np.sum(centred * (predicted - mean_y)) / spread)
    return slope, mean_y - slope * mean_x


def huber_slope(x: ArrayLike, y: ArrayLike) -> float:
    """Slope through the origin that large residuals cannot dominate (Huber's M-estimator, Huber 1981).

    Minimises Σρ((y − s·x)/σ) with Huber's ρ, tuning constant 1.345, by iteratively reweighted least squares. σ is
    1.4826 × the median absolute residual of the least-absolute-deviation slope (the median of y/x weighted by |x|),
    over components with x ≠ 0 or y ≠ 0, and stays fixed, which makes the problem convex. Where more than half of
    the components lie exactly on that line σ is zero and the least-absolute-deviation slope itself is returned.

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Raises
    ------
    RefusalError
        As `softening_scale`.
    """
    reference, predicted = paired_components(x, y)
    # Components that symmetry keeps at zero on both sides carry no information and would pull σ to zero.
    alive = (reference != 0) | (predicted != 0)
    reference, predicted = reference[alive], predicted[alive]
    slope = _least_absolute_deviation_slope(reference, predicted)
    scale = MAD_TO_STANDARD_DEVIATION * float(np.median(np.abs(predicted - slope * reference)))
    limit = HUBER_TUNING * scale
    if limit <= np.finfo(np.float64).eps * float(np.abs(predicted).max()):
        return slope
    xy, xx = reference * predicted, reference * reference
    for _ in range(_HUBER_ITERATIONS):
        weight = limit / np.maximum(np.abs(predicted - slope * reference), limit)
        updated = float(np.sum(weight * xy) / np.sum(weight * xx))
        if abs(updated - slope) <= _HUBER_TOLERANCE * max(1.0, abs(updated)):
            return updated
        slope = updated
    return slope


def _least_absolute_deviation_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the s that minimises Σ|y − s·x|: the median of y/x weighted by |x|."""
    moving = x != 0
    ratio, weight = y[moving] / x[moving], np.abs(x[moving])
    order = np.argsort(ratio, kind="stable")
    cumulative = np.cumsum(weight[order])
    return float(ratio[order[np.searchsorted(cumulative, cumulative[-1] / 2)]])


def curvature(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Fit y = a·x + b·x·|x| by least squares, to see whether the slope changes with the size of the force.

    The slope seen by a component of size |x| is a + b·|x|.

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Returns
    -------
    a : float
        Slope in the limit of small forces.
    b : float
        Å/eV. Where all |x| are equal a and b cannot be told apart, and (s, 0) is returned.

    Raises
    ------
    RefusalError
        As `softening_scale`.
    """
    reference, predicted = paired_components(x, y)
    largest = float(np.abs(reference).max())
    # x/max|x| makes both columns of the order of one.
    scaled = reference / largest
    design = np.column_stack((scaled, scaled * np.abs(scaled)))
    (linear, quadratic), _, rank, _ = np.linalg.lstsq(design, predicted, rcond=1e-10)
    if rank < 2:
        return origin_slope(reference, predicted), 0.0
    return float(linear / largest), float(quadratic / largest**2)


def largest_leverage(x: ArrayLike, y: ArrayLike) -> tuple[int, float, float | None]:
    """Find the component that pulls hardest on the softening scale: max x²/Σx².

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Returns
    -------
    index : int
        Its position in the flattened arrays.
    share : float
        Its leverage, 0 to 1.
    slope_without : float or None
        The softening scale of all other components; None where these are all zero.

    Raises
    ------
    RefusalError
        As `softening_scale`.
    """
    reference, predicted = paired_components(x, y)
    index = int(np.argmax(np.abs(reference)))
    share = float(reference[index] ** 2 / np.sum(reference * reference))
    # Taken anew over the others: subtracting from the full sums loses all digits when the share is near 1.
    others_x, others_y = np.delete(reference, index), np.delete(predicted, index)
    return index, share, origin_slope(others_x, others_y) if np.any(others_x) else None
