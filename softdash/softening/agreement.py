"""How well predicted (y) and reference (x) force components agree: R², RMSE, MAE over components, not norms.

`error_split` takes the squared error apart: what one slope explains of it, and what it does not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from softdash.softening.slopes import origin_slope, paired_components


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


def error_split(x: ArrayLike, y: ArrayLike) -> tuple[float, float] | None:
    """Shares of softening and of scatter in the squared error: Σ(y − x)² = (1 − s)² Σx² + Σ(y − s·x)².

    R² alone does not tell which is larger: s = 0.555 with R² = 0.737 is 64 % softening, s = 0.168 with R² = 0.763 is
    99 %.

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Returns
    -------
    softening, scatter : float
        They add up to one. None where there is no error.

    Raises
    ------
    RefusalError
        As `softdash.softening.softening_scale`.
    """
    reference, predicted = paired_components(x, y)
    slope = origin_slope(reference, predicted)
    softening = (1 - slope) ** 2 * float(np.sum(reference * reference))
    scatter = float(np.sum(np.square(predicted - slope * reference)))
    return _shares(softening, scatter)


def error_split_of(slope: float, reference_rms: float, rmse: float) -> tuple[float, float] | None:
    """Return `error_split` from three numbers that every table and every earlier report has.

    Parameters
    ----------
    slope : float
        Softening scale.
    reference_rms, rmse : float
        √⟨x²⟩ and √⟨(y − x)²⟩, eV/Å.
    """
    softening = (1 - slope) ** 2 * reference_rms**2
    # Rounding of tables can leave a rest below zero where there is no scatter.
    return _shares(softening, max(0.0, rmse**2 - softening))


def _shares(softening: float, scatter: float) -> tuple[float, float] | None:
    total = softening + scatter
    return (softening / total, scatter / total) if total > 0 else None
