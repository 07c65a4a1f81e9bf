"""A slope beside one constant per group of values (fixed effects), and its jackknife over units of frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.softening.intervals import degrees_of_freedom

NO_GROUP = -1
"""Group of the values that have no constant."""

_SMALLEST_REST = 1e-12  # share of the squares outside one unit below which the others say nothing


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """The fit without each unit in turn.

    Attributes
    ----------
    slopes : ndarray, shape (units,)
    offsets : ndarray, shape (units,), or None
        Constant of the one group; None where there are several or none.
    degrees_of_freedom : float
        Satterthwaite's, of Σ (slope without the unit − slope)².
    """

    slopes: NDArray[np.float64]
    offsets: NDArray[np.float64] | None
    degrees_of_freedom: float

    def slope_error(self, slope: float) -> float:
        """Jackknife standard error of the slope."""
        return float(np.sqrt(np.sum((self.slopes - slope) ** 2)))

    def offset_error(self, offset: float) -> float | None:
        """Jackknife standard error of the constant."""
        return None if self.offsets is None else float(np.sqrt(np.sum((self.offsets - offset) ** 2)))


def centred(values: NDArray[np.float64], group: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return `values` less the mean of their group; those of `NO_GROUP` as they are."""
    inside = group != NO_GROUP
    found = values.copy()
    if inside.any():
        sums = np.bincount(group[inside], weights=values[inside])
        found[inside] -= (sums / np.maximum(np.bincount(group[inside]), 1))[group[inside]]
    return found


def leave_units_out(
    x: NDArray[np.float64], y: NDArray[np.float64], group: NDArray[np.int_], unit: NDArray[np.int_]
) -> LeftOut | None:
    """Fit y = s·x + p(group) without each unit in turn, from sums.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        As they are; a value of `NO_GROUP` has no constant.
    group, unit : ndarray of int, shape (n,)
        The group of each value, and the unit that it is left out with.

    Returns
    -------
    LeftOut or None
        None with fewer than two units, or where all others than one say nothing.
    """
    _, places = np.unique(unit, return_inverse=True)
    units = int(places.max()) + 1 if places.size else 0
    if units < 2:
        return None
    dx, dy = centred(x, group), centred(y, group)
    squares, products = _without_each(dx, dx, group, places, units), _without_each(dx, dy, group, places, units)
    total = float(np.sum(dx * dx))
    if squares.min() < _SMALLEST_REST * total:
        return None
    slopes = products / squares
    share = np.bincount(places, weights=dx * dx, minlength=units).astype(np.float64) / total
    moving = share > 0
    degrees = degrees_of_freedom(share[moving] / share.sum(), total / squares[moving])
    return LeftOut(slopes, _offsets_without_each(x, y, slopes, group, places, units), degrees)


def _without_each(
    a: NDArray[np.float64], b: NDArray[np.float64], group: NDArray[np.int_], unit: NDArray[np.int_], units: int
) -> NDArray[np.float64]:
    """Return Σ(a − ā)(b − b̄) without each unit, with the means of what is left; a and b have the means 0 in groups."""
    rest = float(np.sum(a * b)) - np.bincount(unit, weights=a * b, minlength=units).astype(np.float64)
    inside = group != NO_GROUP
    if not inside.any():
        return rest
    groups = int(group.max()) + 1
    pair, index = np.unique(unit[inside] * groups + group[inside], return_inverse=True)
    counts = np.bincount(index)
    sums_a, sums_b = (np.bincount(index, weights=side[inside]) for side in (a, b))
    left = np.bincount(group[inside], minlength=groups)[pair % groups] - counts
    # The mean of what is left of a group moves to −(sum of the unit)/(values left).
    moved = np.where(left > 0, sums_a * sums_b / np.maximum(left, 1), 0.0)
    return rest - np.bincount(pair // groups, weights=moved, minlength=units)


def _offsets_without_each(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    slopes: NDArray[np.float64],
    group: NDArray[np.int_],
    unit: NDArray[np.int_],
    units: int,
) -> NDArray[np.float64] | None:
    inside = group != NO_GROUP
    if not inside.any() or np.unique(group[inside]).size != 1:
        return None
    left = np.count_nonzero(inside) - np.bincount(unit[inside], minlength=units)
    if left.min() < 1:
        return None
    mean_x, mean_y = (
        (side[inside].sum() - np.bincount(unit[inside], weights=side[inside], minlength=units)) / left
        for side in (x, y)
    )
    offsets: NDArray[np.float64] = mean_y - slopes * mean_x
    return offsets
