"""What one number can repair: turning the cloud back onto the diagonal, and the best scalar correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError
from softdash.softening.agreement import mae
from softdash.softening.slopes import origin_slope, paired_components

SMALLEST_SLOPE = 1e-6
"""Size of the softening scale below which predicted and reference forces count as unrelated, and 1/s as undefined."""


def check_correctable(slope: float) -> None:
    """Refuse a softening scale of practically zero, whose inverse means nothing.

    Raises
    ------
    RefusalError
    """
    if abs(slope) < SMALLEST_SLOPE:
        raise RefusalError(
            f"The predicted forces are unrelated to the reference forces (slope {slope:.1g}), so no correction exists.",
            advice="Check that structure and forces belong together and list the atoms in the same order.",
        )


def corrected_mae(x: ArrayLike, y: ArrayLike) -> float:
    """Mean of |y/s − x| with the softening scale s, eV/Å: the "corrected MAE" of Deng et al. (2025).

    The error that is left when the cloud is turned back onto the diagonal. It can exceed the MAE where the scatter
    is large, because 1/s enlarges the scatter too.

    Parameters
    ----------
    x, y : array_like, any equal shape
        Reference and predicted force components, eV/Å.

    Raises
    ------
    RefusalError
        As `softdash.softening.softening_scale`, or a softening scale of practically zero.
    """
    reference, predicted = paired_components(x, y)
    slope = origin_slope(reference, predicted)
    check_correctable(slope)
    return _mean_absolute(predicted / slope - reference)


def error_reduction(x: ArrayLike, y: ArrayLike) -> float:
    """1 − cMAE/MAE over the given components (one material); 0 where the MAE is zero.

    Raises
    ------
    RefusalError
        As `corrected_mae`.
    """
    before = mae(x, y)
    return 1 - corrected_mae(x, y) / before if before > 0 else 0.0


def linear_correction(x: ArrayLike, y: ArrayLike) -> float:
    """c* = Σxy / Σy², the scalar that minimises Σ(c·y − x)²: the one-parameter fine-tune of Deng et al. (2025), eq. 4.

    Not the inverse of the softening scale: c*·s = R², so the slope after it is R² rather than 1.

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
    return origin_slope(predicted, reference)


def mae_at_linear_correction(x: ArrayLike, y: ArrayLike) -> float:
    """Mean of |c*·y − x| with `linear_correction` c*, eV/Å."""
    reference, predicted = paired_components(x, y)
    return _mean_absolute(origin_slope(predicted, reference) * predicted - reference)


def _mean_absolute(values: NDArray[np.float64]) -> float:
    return float(np.mean(np.abs(values)))
