"""Quantiles of Student's t distribution, without scipy at run time."""

from __future__ import annotations

from functools import lru_cache
from math import exp, gamma, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

import numpy as np

_SERIES_MAX = 400
_NEWTON_STEPS = 200
_FRACTION_STEPS = 500
_SMALLEST = 1e-300


def normal_two_sided_quantile(level: float) -> float:
    """Return z with P(|Z| <= z) = `level` for a standard normal Z."""
    return NormalDist().inv_cdf((1 + level) / 2)


@lru_cache(maxsize=1024)
def student_two_sided_quantile(level: float, degrees_of_freedom: float) -> float:
    """Return t with P(|T| <= t) = `level` for Student's T.

    Inverted by Newton steps up to 400 degrees of freedom; above, the expansion about the normal quantile (Abramowitz
    and Stegun, 26.7.5), whose error there is below 1e-10 for the usual levels.

    Parameters
    ----------
    level : float
        Between 0 and 1.
    degrees_of_freedom : float
        At least 1; need not be whole (Satterthwaite).

    Raises
    ------
    ValueError
        Arguments outside these ranges.
    """
    if not 0 < level < 1 or degrees_of_freedom < 1:
        raise ValueError(f"no Student quantile for level {level} and {degrees_of_freedom} degrees of freedom")
    normal = normal_two_sided_quantile(level)
    if degrees_of_freedom > _SERIES_MAX:
        return _expansion_about_normal(normal, degrees_of_freedom)
    # For t > 0 the distribution function is concave, so Newton steps from the left rise to the root and never pass it.
    t = normal
    for _ in range(_NEWTON_STEPS):
        step = (level - student_two_sided_probability(t, degrees_of_freedom)) / (2 * _density(t, degrees_of_freedom))
        t += step
        if abs(step) <= 1e-14 * t:
            break
    return t


def student_two_sided_probability(t: float, degrees_of_freedom: float) -> float:
    """Return P(|T| <= t) for t >= 0.

    Whole degrees of freedom by the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4; others by the continued
    fraction of the incomplete beta function, 26.5.8.
    """
    if degrees_of_freedom != int(degrees_of_freedom):
        return _by_continued_fraction(t, degrees_of_freedom)
    whole = int(degrees_of_freedom)
    ratio = t / sqrt(whole)
    cosine = 1 / sqrt(1 + ratio * ratio)
    sine = ratio * cosine
    if whole % 2 == 0:
        k = np.arange(1, whole // 2)
        return sine * (1 + float(np.cumprod((2 * k - 1) / (2 * k) * cosine**2).sum()))
    angle = float(np.arctan(ratio))
    if whole == 1:
        return 2 / pi * angle
    k = np.arange(1, (whole - 1) // 2)
    return 2 / pi * (angle + sine * cosine * (1 + float(np.cumprod(2 * k / (2 * k + 1) * cosine**2).sum())))


def _by_continued_fraction(t: float, n: float) -> float:
    """P(|T| <= t) = I_x(1/2, n/2) with x = t²/(n + t²)."""
    if t <= 0:
        return 0.0
    a, b, x = 0.5, n / 2, t * t / (n + t * t)
    rest = n / (n + t * t)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(rest))
    # The fraction converges fast on the side of the mean only.
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, rest) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _FRACTION_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for term in (even, odd):
            d, c = 1 / _not_zero(1 + term * d), _not_zero(1 + term / c)
            change = d * c
            value *= change
        if abs(change - 1) < 1e-15:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _SMALLEST else _SMALLEST


def _density(t: float, degrees_of_freedom: float) -> float:
    n = degrees_of_freedom
    # gamma() overflows at 171; the logarithms lose a few digits but only steer the Newton steps.
    ratio = gamma((n + 1) / 2) / gamma(n / 2) if n < 300 else exp(lgamma((n + 1) / 2) - lgamma(n / 2))
    return ratio / sqrt(n * pi) * exp(-(n + 1) / 2 * log1p(t * t / n))


def _expansion_about_normal(z: float, n: float) -> float:
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    g4 = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + g1 / n + g2 / n**2 + g3 / n**3 + g4 / n**4
