"""How well predicted (y) and reference (x) force components agree: R², RMSE, MAE over components, not norms."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from softdash.softening.slopes import paired_components


def r_squared(x: ArrayLike, y: ArrayLike) -> float:
    """R² = (Σxy)² / (Σx² Σy²), the coefficient of determination of the fit of y on x through the origin.

    Equal to 1 − Σ(y − s·x)²/Σy² with the softening scale s: the share of the predicted forces that is proportional
    to the reference. Like every fit without intercept it is not centred on the mean (R's ``lm(y ~ 0 + x)`` and
    statsmodels do the same). It says how scattered the cloud is, not whether it lies on the diagonal: a softened
    potential without scatter has R² = 1. The slope that remains after the linear correction c* equals R².

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Raises
    ------
    RefusalError
        As `softdash.softening.softening_scale`.
    """
    reference, predicted = paired_components(x, y)
    xy = float(np.sum(reference * predicted))
    return min(1.0, xy / float(np.sum(reference * reference)) * (xy / float(np.sum(predicted * predicted))))


def rmse(x: ArrayLike, y: ArrayLike) -> float:
    """Root mean square of y − x over components, eV/Å (no fit in between)."""
    reference, predicted = paired_components(x, y)
    return float(np.sqrt(np.mean(np.square(predicted - reference))))


def mae(x: ArrayLike, y: ArrayLike) -> float:
    """Mean of |y − x| over components, eV/Å, as in the Methods of Deng et al. (2025)."""
    reference, predicted = paired_components(x, y)
    return float(np.mean(np.abs(predicted - reference)))
