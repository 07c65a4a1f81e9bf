"""Quantiles of the chi-squared distribution, without scipy at run time."""

from __future__ import annotations

from functools import lru_cache
from math import erfc, exp, lgamma, log, sqrt

import numpy as np

_BISECTIONS = 200
_SMALLEST_TERM = 1e-17
_UNDERFLOW = -700.0


def chi_squared_tail(value: float, degrees_of_freedom: float) -> float:
    """Return P(X > `value`): whole degrees by the finite series of Abramowitz and Stegun, 26.4.4 and 26.4.5.

    Others by the series of the incomplete gamma function, 6.5.29.

    Parameters
    ----------
    value : float
        Not negative.
    degrees_of_freedom : float
        At least 1; need not be whole (Satterthwaite).
    """
    half = value / 2
    if half == 0:
        return 1.0
    if degrees_of_freedom != int(degrees_of_freedom):
        return _tail_by_gamma_series(half, degrees_of_freedom / 2)
    whole = int(degrees_of_freedom)
    # Terms (x/2)^a e^(−x/2)/Γ(a+1), in logarithms since powers and factorials overflow; a = 0, 1, … or 1/2, 3/2, …
    odd = whole % 2
    powers = [k + odd / 2 for k in range((whole - odd) // 2)]
    terms = [exp(a * log(half) - half - lgamma(a + 1)) for a in powers]
    return min(1.0, (erfc(sqrt(half)) if odd else 0.0) + float(np.sum(terms)))


def _tail_by_gamma_series(half: float, shape: float) -> float:
    """1 − P(a, x), P(a, x) = x^a e^(−x) Σ_k x^k/Γ(a+k+1): all terms are positive."""
    exponent = shape * log(half) - half - lgamma(shape + 1)
    if exponent < _UNDERFLOW:  # far out on either side
        return 0.0 if half > shape else 1.0
    term = total = exp(exponent)
    power = shape
    while term > _SMALLEST_TERM * total or power < half:
        power += 1
        term *= half / power
        total += term
    return min(1.0, max(0.0, 1 - total))


@lru_cache(maxsize=1024)
def chi_squared_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Return x with P(X <= x) = `probability`, by bisection.

    Raises
    ------
    ValueError
        A probability that is not between 0 and 1, or no degree of freedom.
    """
    if not 0 < probability < 1 or degrees_of_freedom < 1:
        raise ValueError(f"no chi-squared quantile for {probability} and {degrees_of_freedom} degrees of freedom")
    low, high = 0.0, float(degrees_of_freedom)
    while chi_squared_tail(high, degrees_of_freedom) > 1 - probability:
        high *= 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if chi_squared_tail(middle, degrees_of_freedom) > 1 - probability:
            low = middle
        else:
            high = middle
    return high
