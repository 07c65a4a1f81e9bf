"""Predicted against reference energies of many cases: surfaces, defects, orderings, barriers (numpy only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError
from softdash.softening.intervals import LEVEL, clustered, origin_influence, wilson_interval
from softdash.softening.slopes import origin_slope
from softdash.softening.statistics import Interval
from softdash.softening.student import student_two_sided_quantile


@dataclass(frozen=True, slots=True)
class EnergyComparison:
    """How predicted energies lie to reference energies.

    Attributes
    ----------
    count : int
        Cases.
    mae, mean_error : float
        Mean of |y − x| and of y − x, in the unit of the energies.
    mean_error_interval : Interval or None
        Student's t over cases; None for a single case.
    slope : float
        Σxy/Σx²: least squares through the origin.
    slope_interval : Interval or None
        Heteroscedasticity-robust, each case by itself; None for a single case.
    share_underpredicted : float
        Share of cases with y < x, 0 to 1.
    share_interval : Interval
        Wilson's score interval of that share.
    """

    count: int
    mae: float
    mean_error: float
    mean_error_interval: Interval | None
    slope: float
    slope_interval: Interval | None
    share_underpredicted: float
    share_interval: Interval


def compare_energies(reference: ArrayLike, predicted: ArrayLike, *, level: float = LEVEL) -> EnergyComparison:
    """Compare predicted energies y with reference energies x.

    Unlike forces, energies differ in sign and zero with their definition (the chemical potential of a defect): the
    slope through the origin then describes the cloud, not a softening scale.

    Parameters
    ----------
    reference, predicted : array_like, shape (n,)
        In one unit, eV or eV/Å².
    level : float
        Nominal coverage of the intervals.

    Raises
    ------
    RefusalError
        No case, unequal lengths, NaN or inf, or reference energies that are all zero.
    """
    x, y = (np.asarray(values, dtype=np.float64).ravel() for values in (reference, predicted))
    _check(x, y)
    slope = origin_slope(x, y)
    cases = np.arange(x.size)
    _, slope_interval = clustered(
        slope, origin_influence(x, y, slope), x != 0, cases, level=level, method="cluster by case"
    )
    errors = y - x
    below = int(np.count_nonzero(errors < 0))
    return EnergyComparison(
        count=int(x.size),
        mae=float(np.mean(np.abs(errors))),
        mean_error=float(np.mean(errors)),
        mean_error_interval=_student_interval(errors, level),
        slope=slope,
        slope_interval=slope_interval,
        share_underpredicted=below / x.size,
        share_interval=wilson_interval(below, int(x.size), level),
    )


def _check(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    if x.size == 0 or x.size != y.size:
        raise RefusalError(
            f"There are {x.size} reference energies and {y.size} predicted ones.",
            advice="Give one predicted energy for each reference energy.",
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise RefusalError("An energy is not a finite number.", advice="Leave out the cases that failed.")
    if not x.any():
        raise RefusalError("All reference energies are zero, so a slope does not exist.")


def _student_interval(errors: NDArray[np.float64], level: float) -> Interval | None:
    if errors.size < 2:
        return None
    reach = student_two_sided_quantile(level, errors.size - 1) * float(np.std(errors, ddof=1)) / np.sqrt(errors.size)
    middle = float(np.mean(errors))
    return Interval(low=float(middle - reach), high=float(middle + reach), level=level, method="student")
