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
from softdash.softening.fixed_effects import NO_GROUP, LeftOut, centred, leave_units_out
from softdash.softening.independent_frames import FrameUnits, frame_units
from softdash.softening.intervals import student_interval
from softdash.softening.slopes import origin_slope
from softdash.softening.statistics import Interval

FEWEST_ENERGY_FRAMES = 4
"""Frames of one composition below which no slope of energies is given: two numbers are fitted to them."""

SMALLEST_ENERGY_SPREAD = 1e-4
"""Root mean square of relative reference energies, eV/atom, below which they are equal within DFT's convergence."""

FEWEST_STRESS_FRAMES = 2
"""Frames below which no slope of stresses is given: its interval compares frames."""

SMALLEST_STRESS_SPREAD = 1e-5
"""Root mean square of reference stresses about their common pressure, eV/Å³ (0.0016 GPa), below which none is seen."""

ENERGY_RESOLUTION = 1e-5
"""Noise of a relative energy, eV/atom, below which no DFT is converged: no interval is narrower than it allows."""

STRESS_RESOLUTION = 1e-5
"""The same of a stress component, eV/Å³."""

_VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))


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
        reference=centred(reference[frame] / counts, group),
        predicted=centred(predicted[frame] / counts, group),
    )


def energy_statistics(
    reference: NDArray[np.float64],
    predicted: NDArray[np.float64],
    atom_counts: NDArray[np.int_],
    compositions: Sequence[str],
    *,
    copies: NDArray[np.int_] | None = None,
    alike: NDArray[np.int_] | None = None,
    relaxation: bool = False,
) -> LabelStatistics:
    """Compare relative energies per atom.

    The standard error is that of the jackknife over frames, or over blocks of those near in time; where each is left
    out alone it is HC3 (MacKinnon and White 1985). Student's t has Satterthwaite's degrees of freedom, as for forces,
    and no more than frames less the numbers fitted. Copies of a frame count once for the interval.

    Parameters
    ----------
    reference, predicted, atom_counts, compositions
        As `relative_energies`.
    copies : ndarray of int, shape (F,), optional
        From `softdash.softening.independent_frames.first_copies`.
    alike : ndarray of int, shape (F,), optional
        From `softdash.softening.independent_frames.observations`: frames that count as one for the interval; those of
        `copies` where it is not given.
    relaxation : bool
        Whether the frames are the steps of one relaxation, which have no interval.

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
    different = len(frame) if copies is None else len(np.unique(copies[frame]))
    if different - groups < FEWEST_ENERGY_FRAMES - 1:
        raise RefusalError(
            f"{known} {'frame has' if known == 1 else 'frames have'} an energy, in {len(set(compositions))} "
            f"{'composition' if len(set(compositions)) == 1 else 'compositions'}: a slope of energies needs at least "
            f"{FEWEST_ENERGY_FRAMES} {'' if different == len(frame) else 'different '}frames of one composition.",
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
    units = _units(x * residual, frame, copies if alike is None else alike, relaxation=relaxation)
    left = leave_units_out(x, y, group, units.unit)
    error = None if left is None else max(left.slope_error(slope), ENERGY_RESOLUTION / float(np.sqrt(np.sum(x * x))))
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
        slope_interval=_interval(slope, error, left, groups + 1, units),
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


def stress_statistics(
    reference: NDArray[np.float64],
    predicted: NDArray[np.float64],
    *,
    copies: NDArray[np.int_] | None = None,
    alike: NDArray[np.int_] | None = None,
    relaxation: bool = False,
) -> LabelStatistics:
    """Compare stresses: y = s·x on shear components, y = s·x + p on normal ones, with one offset p for all.

    The intervals are those of the jackknife over frames, as for forces.

    Parameters
    ----------
    reference, predicted
        As `stress_components`.
    copies, alike, relaxation
        As `energy_statistics`.

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
    group = np.where(points.component < 3, 0, NO_GROUP)
    x, y = centred(points.reference, group), centred(points.predicted, group)
    rms = _root_mean_square(x)
    if rms < SMALLEST_STRESS_SPREAD:
        raise RefusalError(
            f"The reference stresses differ by {rms:.1g} eV/Å³ only (root mean square), less than DFT resolves.",
            advice="Add strained or hotter frames.",
        )
    slope = origin_slope(x, y)
    residual = y - slope * x
    frame, place = np.unique(points.frame, return_inverse=True)
    units = _units(
        np.bincount(place, weights=x * residual).astype(np.float64),
        frame,
        copies if alike is None else alike,
        relaxation=relaxation,
    )
    left = leave_units_out(points.reference, points.predicted, group, units.unit[place])
    normal = group == 0
    offset = float(points.predicted[normal].mean()) - slope * float(points.reference[normal].mean())
    error = offset_error = None
    if left is not None:
        error = max(left.slope_error(slope), STRESS_RESOLUTION / float(np.sqrt(np.sum(x * x))))
        offset_error = left.offset_error(offset)
    return LabelStatistics(
        quantity="stress",
        unit="eV/Å³",
        frame_count=frames,
        frames_left_out=len(reference) - frames,
        value_count=len(x),
        group_count=1,
        slope=slope,
        slope_standard_error=error,
        slope_interval=_interval(slope, error, left, 2, units, less=1.0),
        r_squared=_r_squared(x, y),
        mae=float(np.mean(np.abs(y - x))),
        rmse=_root_mean_square(y - x),
        offset=offset,
        reference_rms=rms,
        offset_interval=_interval(offset, offset_error, left, 2, units, less=1.0),
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


def _voigt(stress: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (F · 6,): xx, yy, zz, yz, xz, xy of the symmetric part of each."""
    symmetric = (stress + stress.transpose(0, 2, 1)) / 2
    return np.stack([symmetric[:, i, j] for i, j in _VOIGT], axis=1).ravel()


def _units(
    scores: NDArray[np.float64], frame: NDArray[np.int_], copies: NDArray[np.int_] | None, *, relaxation: bool
) -> FrameUnits:
    """Return the units of the frames that have the label, in their order; `scores` are those of these frames."""
    of_all = np.arange(int(frame.max()) + 1) if copies is None else copies
    _, originals = np.unique(of_all[frame], return_inverse=True)
    _, first = np.unique(originals, return_index=True)
    return frame_units(scores, np.ones(frame.size, dtype=np.bool_), first[originals], relaxation=relaxation)


def _interval(
    estimate: float, error: float | None, left: LeftOut | None, fitted: int, units: FrameUnits, *, less: float = 0.0
) -> Interval | None:
    """Return the interval; Student's t has no more degrees of freedom than units less the numbers fitted.

    Pressure and shear may want other slopes, and pull and compression, too: with few strained frames the jackknife
    sees it badly. `less` degrees of freedom make up for it (`checks/label_coverage.py`).
    """
    if error is None or left is None:
        return None
    degrees = max(1.0, min(left.degrees_of_freedom - less, float(left.slopes.size - fitted)))
    return student_interval(estimate, error, degrees, method=units.method)


def _r_squared(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    yy = float(np.sum(y * y))
    return min(1.0, float(np.sum(x * y)) ** 2 / (float(np.sum(x * x)) * yy)) if yy > 0 else 0.0


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values * values)))
