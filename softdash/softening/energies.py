"""Predicted against reference energies of many cases: surfaces, defects, orderings, barriers (numpy only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softdash.errors import RefusalError
from softdash.softening.intervals import LEVEL, jackknifed, wilson_interval
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
        Jackknife over cases; None for a single case.
    largest_leverage : float
        Largest share of one case in Σx²: at 1 the slope is that case alone.
    largest_case : int
        That case, counted from 0.
    decided_count : int
        Cases whose error exceeds what the reference itself is uncertain by.
    below_count : int
        Of these, cases with y < x.
    """

    count: int
    mae: float
    mean_error: float
    mean_error_interval: Interval | None
    slope: float
    slope_interval: Interval | None
    largest_leverage: float
    largest_case: int
    decided_count: int
    below_count: int

    @property
    def share_underpredicted(self) -> float | None:
        """Share of the decided cases with y < x, 0 to 1; None where no case is decided."""
        return self.below_count / self.decided_count if self.decided_count else None

    @property
    def share_interval(self) -> Interval | None:
        """Wilson's score interval of that share."""
        return wilson_interval(self.below_count, self.decided_count) if self.decided_count else None


def compare_energies(
    reference: ArrayLike,
    predicted: ArrayLike,
    *,
    reference_errors: ArrayLike | None = None,
    level: float = LEVEL,
) -> EnergyComparison:
    """Compare predicted energies y with reference energies x.

    Unlike forces, energies differ in sign and zero with their definition (the chemical potential of a defect): the
    slope through the origin then describes the cloud, not a softening scale.

    Parameters
    ----------
    reference, predicted : array_like, shape (n,)
        In one unit, eV or eV/Å².
    reference_errors : array_like, shape (n,), optional
        Known numerical error of each reference energy (cut-off, k-points), in the same unit; NaN where it is not known.
        A predicted energy within it is neither too low nor too high.
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
    errors = y - x
    _, slope_interval = jackknifed(
        slope, x, y - slope * x, np.arange(x.size), level=level, method="cluster by case", resolution=0.0
    )
    weights = x * x / np.sum(x * x)
    # Where the reference's error is not known, each case counts.
    known = np.full(x.size, np.nan) if reference_errors is None else np.asarray(reference_errors, dtype=np.float64)
    is_decided = np.isnan(known) | (np.abs(errors) > known)
    return EnergyComparison(
        count=int(x.size),
        mae=float(np.mean(np.abs(errors))),
        mean_error=float(np.mean(errors)),
        mean_error_interval=_student_interval(errors, level),
        slope=slope,
        slope_interval=slope_interval,
        largest_leverage=float(weights.max()),
        largest_case=int(weights.argmax()),
        decided_count=int(np.count_nonzero(is_decided)),
        below_count=int(np.count_nonzero(is_decided & (errors < 0))),
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
