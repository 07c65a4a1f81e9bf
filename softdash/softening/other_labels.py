"""Energies and stresses of labelled frames: their own slopes, beside those of the forces.

A potential-energy surface that is too flat by the factor s has energies, forces and stresses that are all s times too
small. Energies have a zero of their own in every code and potential, which depends on the composition alone; pressures
carry an offset too (Pulay stress, another equilibrium volume). These offsets are taken out by least squares with one
constant per group of values (fixed effects): deviations from the group's mean on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.errors import RefusalError
from softdash.softening.answers import LabelStatistics
from softdash.softening.intervals import LEVEL
from softdash.softening.slopes import origin_slope
from softdash.softening.statistics import Interval
from softdash.softening.student import student_two_sided_quantile

FEWEST_ENERGY_FRAMES = 4
"""Frames of one composition below which no slope of energies is given: two numbers are fitted to them."""

SMALLEST_ENERGY_SPREAD = 1e-4
"""Root mean square of relative reference energies, eV/atom, below which they are equal within DFT's convergence."""

FEWEST_STRESS_FRAMES = 2
"""Frames below which no slope of stresses is given: its interval compares frames."""

SMALLEST_STRESS_SPREAD = 1e-5
"""Root mean square of reference stresses about their common pressure, eV/Å³ (0.0016 GPa), below which none is seen."""

_VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
_NO_GROUP = -1


@dataclass(frozen=True, slots=True, eq=False)
class LabelPoints:
    """The points of a parity plot of energies or stresses; arrays of shape (n,).

    Attributes
    ----------
    frame : ndarray of int
        Place of the frame among those given.
    component : ndarray of int
        0 for energies; 0 to 5 for xx, yy, zz, yz, xz, xy.
    reference, predicted : ndarray
        eV/atom relative to the mean of equal composition, or eV/Å³ as they are.
    """

    frame: NDArray[np.int_]
    component: NDArray[np.int_]
    reference: NDArray[np.float64]
    predicted: NDArray[np.float64]


def relative_energies(
    reference: NDArray[np.float64],
    predicted: NDArray[np.float64],
    atom_counts: NDArray[np.int_],
    compositions: Sequence[str],
) -> LabelPoints:
    """Return energies per atom relative to the mean over all frames of equal composition, on either side.

    Frames without a finite energy on both sides, or alone in their composition, are left out.

    Parameters
    ----------
    reference, predicted : ndarray, shape (F,)
        eV, whole cell; NaN where unknown.
    atom_counts : ndarray of int, shape (F,)
    compositions : sequence of str
        Reduced formula of each frame.
    """
    frame, group = _energy_frames(reference, predicted, compositions)
    counts = atom_counts[frame]
    return LabelPoints(
        frame=frame,
        component=np.zeros(len(frame), dtype=np.int_),
        reference=_centred(reference[frame] / counts, group),
        predicted=_centred(predicted[frame] / counts, group),
    )


def energy_statistics(
    reference: NDArray[np.float64],
    predicted: NDArray[np.float64],
    atom_counts: NDArray[np.int_],
    compositions: Sequence[str],
) -> LabelStatistics:
    """Compare relative energies per atom; parameters as `relative_energies`.

    The standard error is heteroscedasticity-consistent of kind HC3 (MacKinnon and White 1985), which holds for few
    frames; Student's t has as many degrees of freedom as frames less the numbers fitted.

    Raises
    ------
    RefusalError
        No energies, fewer than four frames of one composition, or energies that do not differ.
    """
    known = int(np.count_nonzero(np.isfinite(reference) & np.isfinite(predicted)))
    if not known:
        raise RefusalError("The frames have no energies.", advice="Give them in the file to have energies compared.")
    frame, group = _energy_frames(reference, predicted, compositions)
    groups = len(np.unique(group))
    if len(frame) - groups < FEWEST_ENERGY_FRAMES - 1:
        raise RefusalError(
            f"{known} {'frame has' if known == 1 else 'frames have'} an energy, in {len(set(compositions))} "
            f"{'composition' if len(set(compositions)) == 1 else 'compositions'}: a slope of energies needs at least "
            f"{FEWEST_ENERGY_FRAMES} frames of one composition.",
            advice="Add frames of the same composition.",
        )
    points = relative_energies(reference, predicted, atom_counts, compositions)
    x, y = points.reference, points.predicted
    rms = _root_mean_square(x)
    if rms < SMALLEST_ENERGY_SPREAD:
        raise RefusalError(
            f"The reference energies differ by {rms:.1g} eV/atom only (root mean square), less than DFT resolves.",
            advice="Add frames that are farther from each other.",
        )
    slope = origin_slope(x, y)
    residual = y - slope * x
    leverage = 1 / np.bincount(group)[group] + x * x / np.sum(x * x)
    # A leverage of one means a residual of zero, whatever the frame says.
    influence = x * residual / np.maximum(1 - leverage, 1e-6) / np.sum(x * x)
    error = float(np.sqrt(np.sum(influence * influence)))
    per_atom = (predicted - reference)[frame] / atom_counts[frame]
    return LabelStatistics(
        quantity="energy",
        unit="eV/atom",
        frame_count=len(frame),
        frames_left_out=len(reference) - len(frame),
        value_count=len(frame),
        group_count=groups,
        slope=slope,
        slope_standard_error=error,
        slope_interval=_interval(slope, error, len(frame) - groups - 1),
        r_squared=_r_squared(x, y),
        mae=float(np.mean(np.abs(y - x))),
        rmse=_root_mean_square(y - x),
        offset=float(np.mean(per_atom)) if groups == 1 else None,
        reference_rms=rms,
    )


def stress_components(reference: NDArray[np.float64], predicted: NDArray[np.float64]) -> LabelPoints:
    """Return the six independent stress components of all frames with a finite stress on both sides.

    Parameters
    ----------
    reference, predicted : ndarray, shape (F, 3, 3)
        eV/Å³, ASE's sign; NaN where unknown.
    """
    known = np.flatnonzero(np.isfinite(reference).all(axis=(1, 2)) & np.isfinite(predicted).all(axis=(1, 2)))
    return LabelPoints(
        frame=np.repeat(known, len(_VOIGT)),
        component=np.tile(np.arange(len(_VOIGT)), len(known)),
        reference=_voigt(reference[known]),
        predicted=_voigt(predicted[known]),
    )


def stress_statistics(reference: NDArray[np.float64], predicted: NDArray[np.float64]) -> LabelStatistics:
    """Compare stresses: y = s·x on shear components, y = s·x + p on normal ones, with one offset p for all.

    The interval is cluster-robust with frames as clusters, as for forces. Parameters as `stress_components`.

    Raises
    ------
    RefusalError
        Fewer than two frames with a stress, or stresses that do not differ.
    """
    points = stress_components(reference, predicted)
    frames = len(np.unique(points.frame))
    if frames == 0:
        raise RefusalError("The frames have no stresses.", advice="Give them in the file to have stresses compared.")
    if frames < FEWEST_STRESS_FRAMES:
        raise RefusalError(
            f"One frame has a stress; a slope of stresses needs at least {FEWEST_STRESS_FRAMES}.",
            advice="Add frames with stresses.",
        )
    group = np.where(points.component < 3, 0, _NO_GROUP)
    x, y = _centred(points.reference, group), _centred(points.predicted, group)
    rms = _root_mean_square(x)
    if rms < SMALLEST_STRESS_SPREAD:
        raise RefusalError(
            f"The reference stresses differ by {rms:.1g} eV/Å³ only (root mean square), less than DFT resolves.",
            advice="Add strained or hotter frames.",
        )
    slope = origin_slope(x, y)
    residual = y - slope * x
    cluster = np.unique(points.frame, return_inverse=True)[1]
    influence = x * residual / np.sum(x * x)
    error = _clustered_error(influence, cluster)
    normal = group == 0
    mean_x, mean_y = float(points.reference[normal].mean()), float(points.predicted[normal].mean())
    # p = mean(y) − s·mean(x): what a component does to it goes through both.
    offset_error = _clustered_error(normal * residual / np.count_nonzero(normal) - mean_x * influence, cluster)
    return LabelStatistics(
        quantity="stress",
        unit="eV/Å³",
        frame_count=frames,
        frames_left_out=len(reference) - frames,
        value_count=len(x),
        group_count=1,
        slope=slope,
        slope_standard_error=error,
        slope_interval=_interval(slope, error, frames - 1),
        r_squared=_r_squared(x, y),
        mae=float(np.mean(np.abs(y - x))),
        rmse=_root_mean_square(y - x),
        offset=mean_y - slope * mean_x,
        reference_rms=rms,
        offset_interval=_interval(mean_y - slope * mean_x, offset_error, frames - 1),
    )


def _energy_frames(
    reference: NDArray[np.float64], predicted: NDArray[np.float64], compositions: Sequence[str]
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return the frames that have company in their composition, and the number of that composition."""
    known = np.flatnonzero(np.isfinite(reference) & np.isfinite(predicted))
    _, group = np.unique(np.array(compositions, dtype=np.str_)[known], return_inverse=True)
    in_company = np.bincount(group)[group] > 1 if len(known) else np.zeros(0, dtype=np.bool_)
    _, group = np.unique(group[in_company], return_inverse=True)
    return known[in_company], group


def _centred(values: NDArray[np.float64], group: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return `values` less the mean of their group; those of group −1 as they are."""
    inside = group != _NO_GROUP
    centred = values.copy()
    if inside.any():
        sums = np.bincount(group[inside], weights=values[inside])
        centred[inside] -= (sums / np.maximum(np.bincount(group[inside]), 1))[group[inside]]
    return centred


def _voigt(stress: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (F · 6,): xx, yy, zz, yz, xz, xy of the symmetric part of each."""
    symmetric = (stress + stress.transpose(0, 2, 1)) / 2
    return np.stack([symmetric[:, i, j] for i, j in _VOIGT], axis=1).ravel()


def _clustered_error(influence: NDArray[np.float64], cluster: NDArray[np.int_]) -> float:
    """Return the cluster-robust standard error, as in `softdash.softening.intervals`."""
    sums = np.bincount(cluster, weights=influence)
    return float(np.sqrt(np.sum(sums * sums) * len(sums) / (len(sums) - 1)))


def _interval(estimate: float, error: float, degrees_of_freedom: int) -> Interval:
    reach = student_two_sided_quantile(LEVEL, degrees_of_freedom) * error
    return Interval(low=estimate - reach, high=estimate + reach, level=LEVEL, method="cluster by frame")


def _r_squared(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    yy = float(np.sum(y * y))
    return min(1.0, float(np.sum(x * y)) ** 2 / (float(np.sum(x * x)) * yy)) if yy > 0 else 0.0


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values * values)))
