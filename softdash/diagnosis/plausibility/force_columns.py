"""Whether three columns are three components of forces: none there twice, and none written too coarsely."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.plausibility.evidence import Evidence
from softdash.diagnosis.records import ReadingDoubt
from softdash.softening import three_digits
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM

DIFFERENT_SHARE = 0.3
"""Rms difference of two predicted components, as a share of their rms, from which on they are not the same: by
symmetry two components may be equal everywhere, and then both sides agree."""

COARSE_SHARE = 0.005
"""Share of Σx² that rounding of the reference forces makes up; the slope is too small by that share."""

_FEWEST_ATOMS = 2
_MOST_STEPS = 10_000
_DECIMALS = range(4)
_WHOLE = 1e-6
_FEWEST_NONZERO = 6
_AXES = "xyz"


def doubt_about_columns(evidence: Evidence) -> ReadingDoubt | None:
    """Return the doubt that a column is missing, or stands in the place of two; or None."""
    reference, predicted = evidence.reference, evidence.predicted
    if len(reference) < _FEWEST_ATOMS:
        return None
    size = float(np.sqrt(np.mean(predicted**2)))
    for axis in range(3):
        missed = float(np.sqrt(np.mean(predicted[:, axis] ** 2)))
        if not reference[:, axis].any() and reference.any() and missed > DIFFERENT_SHARE * size:
            return _empty_column(_AXES[axis], missed, evidence)
    for first, second in combinations(range(3), 2):
        values = reference[:, first]
        if not values.any() or not np.array_equal(values, reference[:, second]):
            continue
        difference = float(np.sqrt(np.mean((predicted[:, first] - predicted[:, second]) ** 2)))
        size = float(np.sqrt(np.mean(predicted[:, [first, second]] ** 2)))
        if difference <= DIFFERENT_SHARE * size:
            continue
        names = f"{_AXES[first]} and {_AXES[second]}"
        return ReadingDoubt(
            code="columns",
            headline=f"The {names} components of all forces are the same: one column seems to be there twice.",
            text=(
                f"The potential's {names} components differ by {three_digits(difference)} eV/Å (rms). Upload the three "
                "columns fx, fy and fz."
            ),
            numbers={"difference": difference, "slope": evidence.as_read.slope},
        )
    return None


def _empty_column(axis: str, missed: float, evidence: Evidence) -> ReadingDoubt:
    return ReadingDoubt(
        code="columns",
        headline=f"The {axis} component of all forces is exactly zero, and should not be.",
        text=(
            f"The potential's {axis} component is {three_digits(missed)} eV/Å (rms). A column that is missing, or a "
            "constraint of the run, looks so. Give the forces without the constraint, in three columns fx, fy and fz."
        ),
        numbers={"missed": missed, "slope": evidence.as_read.slope},
    )


def doubt_about_coarse_forces(evidence: Evidence) -> ReadingDoubt | None:
    """Return the doubt that the forces have too few digits, or None.

    Rounding to a step h adds h²/12 to the mean square of the reference, and nothing to Σxy.
    """
    found = _coarsest_step(evidence.reference)
    if found is None:
        return None
    step, written = found
    share = step**2 / 12 / evidence.reference_rms**2
    if share < COARSE_SHARE:
        return None
    return ReadingDoubt(
        code="rounding",
        headline="The forces have too few digits for a verdict.",
        text=(
            f"They are all whole multiples of {written}; rounding of that size alone changes the slope "
            f"({three_digits(evidence.as_read.slope)}) by about {three_digits(100 * share)} %. Write the forces with "
            "at least four decimals."
        ),
        numbers={"slope": evidence.as_read.slope, "step": step, "share": share},
    )


def _coarsest_step(forces: NDArray[np.float64]) -> tuple[float, str] | None:
    """Return the largest step (eV/Å, and in words) of which all components are multiples: one decimal of a unit."""
    values = np.abs(forces[np.isfinite(forces) & (forces != 0)])
    if len(values) < _FEWEST_NONZERO or len(np.unique(values)) < 2:
        return None
    steps = [
        (factor * 10.0**-decimals, f"{10.0**-decimals:g} {unit}")
        for unit, factor in IN_EV_PER_ANGSTROM.items()
        for decimals in _DECIMALS
        if unit != "N"
    ]
    for step, written in sorted(steps, reverse=True):
        multiples = values / step
        if multiples.max() < _MOST_STEPS and np.abs(multiples - np.rint(multiples)).max() < _WHOLE * multiples.max():
            return step, written
    return None
