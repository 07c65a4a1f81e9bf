"""Confidence intervals of slopes. Frames are the unit: the components inside one frame are correlated.

Intervals compare clusters (frames, or blocks of frames near in time) by the jackknife. With x_i the regressor and e_i
the residual of component i, A_g = Σ_{i∈g} x_i², u_g = Σ_{i∈g} x_i e_i and h_g = A_g/ΣA, leaving out cluster g moves the
slope by −u_g/((1−h_g) ΣA), and V = Σ_g [u_g/((1−h_g) ΣA)]². Student's t takes Satterthwaite's degrees of freedom of V.
`clustered`, with V = Σ_g (u_g/ΣA)² · G/(G−1) and G−1 degrees of freedom, holds for many alike clusters only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError
from softdash.softening.force_components import sum_of_others
from softdash.softening.slopes import origin_slope, paired_components, slope_with_intercept
from softdash.softening.statistics import Interval, IntervalMethod
from softdash.softening.student import normal_two_sided_quantile, student_two_sided_quantile

LEVEL = 0.95
"""Nominal coverage of the intervals that softdash shows."""

FORCE_RESOLUTION = 1e-3
"""Noise of a force component, eV/Å, below which no DFT is converged: an interval is never narrower than it allows."""

UncertainSlope = tuple[float, Interval] | tuple[None, None]
"""Standard error and interval, or twice None where there are fewer than two clusters."""

_SMALLEST_REST = 1e-12  # share of Σx² outside one cluster below which the others say nothing


def cluster_interval(
    x: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    level: float = LEVEL,
    *,
    method: IntervalMethod = "jackknife by frame",
) -> UncertainSlope:
    """Jackknife standard error and interval of the softening scale; see `jackknifed`.

    Parameters
    ----------
    x, y : array_like, shape (n,) or (N, 3)
        Reference and predicted force components, eV/Å.
    groups : array_like, same shape
        Label of the cluster (the frame) of each component.
    level : float
        Nominal coverage.
    method : str
        What the clusters are, kept with the interval.

    Returns
    -------
    standard_error : float or None
    interval : Interval or None
        Both None with fewer than two clusters that hold nonzero reference forces.

    Raises
    ------
    RefusalError
        As `softdash.softening.softening_scale`, or one group label per component is not given.
    """
    reference, predicted = paired_components(x, y)
    labels = np.asarray(groups).ravel()
    if labels.shape != reference.shape:
        raise RefusalError(
            f"There are {labels.size} cluster labels for {reference.size} force components.",
            advice="Give the frame of each component.",
        )
    _, positions = np.unique(labels, return_inverse=True)
    slope = origin_slope(reference, predicted)
    return jackknifed(slope, reference, predicted - slope * reference, positions, level=level, method=method)


def jackknifed(
    estimate: float,
    regressor: NDArray[np.float64],
    residual: NDArray[np.float64],
    groups: NDArray[np.int_],
    *,
    level: float = LEVEL,
    method: IntervalMethod = "jackknife by frame",
    resolution: float = FORCE_RESOLUTION,
) -> UncertainSlope:
    """Jackknife standard error and interval of a least-squares coefficient (MacKinnon, Nielsen and Webb 2023: CV3).

    The degrees of freedom are Satterthwaite's, as of Bell and McCaffrey (2002), for clusters whose slopes differ: the
    variance of u_g is taken proportional to A_g². For G clusters of equal weight they are G−1; few unequal ones have
    less, down to 1. Of the forms compared in `checks/interval_coverage.py` this one covers best.

    Parameters
    ----------
    estimate : float
    regressor : ndarray, shape (n,)
        What the coefficient multiplies, without what other coefficients explain of it.
    residual : ndarray, shape (n,)
    groups : ndarray of int, shape (n,)
        Cluster of each component, counted from 0.
    level : float
    method : str
        What the clusters are.
    resolution : float
        Noise that each y has at least, in its unit: it bounds the error from below where all residuals vanish.

    Returns
    -------
    standard_error : float or None
    interval : Interval or None
        Both None where fewer than two clusters could move the estimate.
    """
    found = jackknife_error(regressor, residual, groups, resolution=resolution)
    if found is None:
        return None, None
    return found[0], student_interval(estimate, *found, level=level, method=method)


def student_interval(
    estimate: float, error: float, degrees: float, *, level: float = LEVEL, method: IntervalMethod
) -> Interval:
    """Return the interval of an estimate from its standard error and the degrees of freedom of that."""
    reach = student_two_sided_quantile(level, degrees) * error
    return Interval(low=estimate - reach, high=estimate + reach, level=level, method=method)


def jackknife_error(
    regressor: NDArray[np.float64],
    residual: NDArray[np.float64],
    groups: NDArray[np.int_],
    *,
    resolution: float = FORCE_RESOLUTION,
) -> tuple[float, float] | None:
    """Return standard error and degrees of freedom of a coefficient; parameters as `jackknifed`.

    None where fewer than two clusters could move the estimate.
    """
    squares = np.bincount(groups, weights=regressor * regressor).astype(np.float64)
    scores = np.bincount(groups, weights=regressor * residual).astype(np.float64)
    informative = squares > 0
    squares, scores = squares[informative], scores[informative]
    if squares.size < 2:
        return None
    total = float(squares.sum())
    share = squares / total
    rest = sum_of_others(squares) / total
    if rest.min() < _SMALLEST_REST:
        return None
    error = max(float(np.sqrt(np.sum((scores / rest / total) ** 2))), resolution / float(np.sqrt(total)))
    return error, degrees_of_freedom(share, 1 / rest)


def degrees_of_freedom(
    share: NDArray[np.float64], factor: NDArray[np.float64], variance: NDArray[np.float64] | None = None
) -> float:
    """Satterthwaite's degrees of freedom of V = Σ_g (c_g u_g)², 2 E(V)²/Var(V).

    The scores are u = (I − h 1ᵀ) w with independent w_g of variance v_g, so that the covariance of c_g u_g is
    c_g c_k (δ_gk v_g − h_g v_k − v_g h_k + h_g h_k W) with W = Σv, and the degrees are (trace)² / Σ of all squares.

    Parameters
    ----------
    share : ndarray, shape (clusters,)
        h_g, positive, with the sum 1.
    factor : ndarray, shape (clusters,)
        c_g: 1/(1−h_g) for the jackknife, 1/√(1−h_g) for CR2.
    variance : ndarray, shape (clusters,), optional
        v_g, in any unit: h_g² where the slopes of clusters differ (default), h_g for independent errors alike.
    """
    square = share * share
    own = square if variance is None else variance
    whole = float(own.sum())
    diagonal = factor**2 * (own - 2 * share * own + whole * square)
    off = factor**2 * (2 * share * own - whole * square)
    a, b, e = (float(np.sum(factor**2 * product)) for product in (square, own * own, share * own))
    squares = 2 * a * b + (whole * a) ** 2 + 2 * e * e - 4 * whole * a * e
    squares += float(np.sum(diagonal**2) - np.sum(off**2))
    degrees = float(diagonal.sum()) ** 2 / squares if squares > 0 else 1.0
    # Rounding aside, one and the number of clusters less one are the bounds.
    return min(max(degrees, 1.0), float(max(share.size - 1, 1)))


def clustered(
    estimate: float,
    influence: NDArray[np.float64],
    informative: NDArray[np.bool_],
    groups: NDArray[np.int_],
    *,
    level: float = LEVEL,
    method: IntervalMethod,
) -> UncertainSlope:
    """Cluster-robust standard error and interval of any least-squares coefficient (CR1).

    Parameters
    ----------
    estimate : float
    influence : ndarray, shape (n,)
        What each component adds to estimate − truth.
    informative : ndarray of bool, shape (n,)
        Components that could move the estimate (nonzero regressor).
    groups : ndarray of int, shape (n,)
        Cluster of each component, counted from 0.
    level : float
    method : str
    """
    count = int(np.count_nonzero(np.bincount(groups, weights=informative)))
    if count < 2:
        return None, None
    sums = np.bincount(groups, weights=influence)
    error = float(np.sqrt(np.sum(sums * sums) * count / (count - 1)))
    reach = student_two_sided_quantile(level, count - 1) * error
    return error, Interval(low=estimate - reach, high=estimate + reach, level=level, method=method)


def origin_influence(x: NDArray[np.float64], y: NDArray[np.float64], slope: float) -> NDArray[np.float64]:
    """Influence of each component on the slope through the origin: x·e/Σx²."""
    return x * (y - slope * x) / np.sum(x * x)


def interval_through_origin(x: NDArray[np.float64], y: NDArray[np.float64], frames: NDArray[np.int_]) -> UncertainSlope:
    """Return standard error and interval of the slope through the origin, frame against frame.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Checked reference and predicted components, eV/Å.
    frames : ndarray of int, shape (n,)
    """
    slope = origin_slope(x, y)
    return jackknifed(slope, x, y - slope * x, frames)


def interval_with_intercept(x: NDArray[np.float64], y: NDArray[np.float64], frames: NDArray[np.int_]) -> UncertainSlope:
    """Return standard error and interval of the slope fitted with intercept, frame against frame.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Checked reference and predicted components, eV/Å.
    frames : ndarray of int, shape (n,)
    """
    slope, intercept = slope_with_intercept(x, y)
    return jackknifed(slope, x - x.mean(), y - slope * x - intercept, frames)


def curvature_interval(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    linear: float,
    quadratic: float,
    frames: NDArray[np.int_],
) -> UncertainSlope:
    """Return standard error and interval of b in y = a·x + b·x|x|, frame against frame.

    By the Frisch-Waugh-Lovell theorem b is the slope of y on what x does not explain of x|x|.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Checked reference and predicted components, eV/Å.
    linear, quadratic : float
        The fit, from `softdash.softening.curvature`.
    frames : ndarray of int, shape (n,)
    """
    curved = x * np.abs(x)
    rest = curved - origin_slope(x, curved) * x
    spread = float(np.sum(rest * rest))
    if spread <= 1e-20 * float(np.sum(curved * curved)):
        return None, None
    return jackknifed(quadratic, rest, y - linear * x - quadratic * curved, frames)


def wilson_interval(successes: int, trials: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a share (Wilson 1927).

    Parameters
    ----------
    successes, trials : int
        0 <= successes <= trials, trials >= 1.
    level : float

    Raises
    ------
    ValueError
        Counts outside these ranges.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"no share from {successes} of {trials}")
    z = normal_two_sided_quantile(level)
    share = successes / trials
    weight = z**2 / trials
    centre = (share + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * np.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return Interval(
        low=max(0.0, float(centre - reach)), high=min(1.0, float(centre + reach)), level=level, method="wilson"
    )
