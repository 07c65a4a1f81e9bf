"""Quantiles of the chi-squared distribution with whole degrees of freedom, without scipy at run time."""

from __future__ import annotations

from functools import lru_cache
from math import erfc, exp, lgamma, log, sqrt

import numpy as np

_BISECTIONS = 200


def chi_squared_tail(value: float, degrees_of_freedom: int) -> float:
    """Return P(X > `value`) by the finite series of Abramowitz and Stegun, 26.4.4 and 26.4.5.

    Parameters
    ----------
    value : float
        Not negative.
    degrees_of_freedom : int
        At least 1.
    """
    half = value / 2
    if half == 0:
        return 1.0
    # Terms (x/2)^a e^(−x/2)/Γ(a+1), in logarithms since powers and factorials overflow; a = 0, 1, … or 1/2, 3/2, …
    odd = degrees_of_freedom % 2
    powers = [k + odd / 2 for k in range((degrees_of_freedom - odd) // 2)]
    terms = [exp(a * log(half) - half - lgamma(a + 1)) for a in powers]
    return min(1.0, (erfc(sqrt(half)) if odd else 0.0) + float(np.sum(terms)))


@lru_cache(maxsize=1024)
def chi_squared_quantile(probability: float, degrees_of_freedom: int) -> float:
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
