"""All force statistics of one material."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softdash.softening.agreement import error_split, mae, r_squared, rmse
from softdash.softening.breakdowns import element_slopes, frame_slopes, magnitude_bins
from softdash.softening.corrections import (
    check_correctable,
    corrected_mae,
    error_reduction,
    linear_correction,
    mae_at_linear_correction,
)
from softdash.softening.force_components import ForceComponents, flatten
from softdash.softening.notices import LABEL_NOISE, find_notices
from softdash.softening.refusals import check_frames
from softdash.softening.sample_size import labels_needed
from softdash.softening.slope_uncertainty import SlopeUncertainty, slope_uncertainty
from softdash.softening.slopes import curvature, huber_slope, largest_leverage, slope_with_intercept, softening_scale
from softdash.softening.statistics import FrameSlope, Leverage, SofteningStatistics

_AXES: tuple[Literal["x"], Literal["y"], Literal["z"]] = ("x", "y", "z")


def analyse_forces(
    reference: Sequence[NDArray[np.float64]],
    predicted: Sequence[NDArray[np.float64]],
    numbers: Sequence[NDArray[np.int_]],
    frame_names: Sequence[str] | None = None,
    *,
    label_noise: float = LABEL_NOISE,
    frame_spread: float | None = None,
    positions: Sequence[NDArray[np.float64]] | None = None,
    relaxation: bool | None = None,
) -> SofteningStatistics:
    """Say everything about the forces of one material: slopes, intervals, corrections, breakdowns, notices.

    The definitions follow Deng et al., npj Comput. Mater. 11, 9 (2025); each number is documented at the function
    of the same name in `softdash.softening`. All Cartesian components of all frames count alike.

    Parameters
    ----------
    reference, predicted : sequence of ndarray, shape (N_g, 3)
        DFT and predicted forces of each frame, eV/Å.
    numbers : sequence of ndarray, shape (N_g,)
        Atomic numbers of each frame.
    frame_names : sequence of str, optional
        Names for messages; default "frame 1", "frame 2", …
    label_noise : float
        Noise of the reference forces that is reckoned with, eV/Å: it decides what is too near equilibrium.
    frame_spread : float or None
        Spread of the slope between frames of one material that this potential shows elsewhere: the interval of a single
        frame rests on it; None gives it no interval.
    positions : sequence of ndarray, shape (N_g, 3), optional
        Å, of each frame: to tell the steps of a relaxation from other frames.
    relaxation : bool or None
        Whether the frames are known to be the steps of one relaxation, or known not to be; None to look.

    Returns
    -------
    SofteningStatistics

    Raises
    ------
    RefusalError
        Any frame that `check_frame` refuses (leave such frames out before), or forces from which no slope can be
        made: no frames, (nearly) zero reference forces, zero predicted forces, or a slope of zero.
    """
    names = [f"frame {position}" for position in range(1, len(reference) + 1)] if frame_names is None else frame_names
    check_frames(reference, predicted, numbers, names)
    components = flatten(reference, predicted, numbers)
    uncertainty = slope_uncertainty(
        components,
        softening_scale(components.x, components.y),
        frame_spread=frame_spread,
        label_noise=label_noise,
        positions=positions,
        relaxation=relaxation,
    )
    components = replace(components, unit_of_frame=uncertainty.units.unit)
    statistics = _statistics_without_notices(components, uncertainty, label_noise)
    return replace(statistics, notices=find_notices(statistics, components, names))


def _statistics_without_notices(
    components: ForceComponents, uncertainty: SlopeUncertainty, label_noise: float
) -> SofteningStatistics:
    x, y = components.x, components.y
    slope = softening_scale(x, y)
    check_correctable(slope)
    error, interval = uncertainty.standard_error, uncertainty.interval
    between_frames = error if interval is not None and interval.compares_frames else None
    slope_ols, intercept = slope_with_intercept(x, y)
    determination = r_squared(x, y)
    curvature_linear, curvature_quadratic = curvature(x, y)
    frames = frame_slopes(components)
    shares = error_split(x, y)
    return SofteningStatistics(
        frame_count=components.frame_count,
        atom_count=int(components.atoms_per_frame.sum()),
        component_count=int(x.size),
        slope=slope,
        slope_standard_error=error,
        slope_interval=interval,
        slope_with_intercept=slope_ols,
        intercept=intercept,
        r_squared=determination,
        rmse=rmse(x, y),
        mae=mae(x, y),
        corrected_mae=corrected_mae(x, y),
        error_reduction=error_reduction(x, y),
        linear_correction=linear_correction(x, y),
        mae_at_linear_correction=mae_at_linear_correction(x, y),
        inverse_slope=1 / slope,
        huber_slope=huber_slope(x, y),
        largest_leverage=_leverage(components),
        curvature_linear=curvature_linear,
        curvature_quadratic=curvature_quadratic,
        leave_one_frame_out=_leave_one_frame_out(frames),
        labels_needed=labels_needed(
            slope,
            determination,
            between_frames,
            uncertainty.effective_frames or 0,
            degrees_of_freedom=uncertainty.degrees_of_freedom,
        ),
        reference_rms=float(np.sqrt(np.mean(x * x))),
        reference_max=float(np.abs(x).max()),
        elements=element_slopes(components),
        magnitude_bins=magnitude_bins(components),
        frames=frames,
        notices=(),
        softening_share=None if shares is None else shares[0],
        scatter_share=None if shares is None else shares[1],
        label_noise=label_noise,
        effective_frames=uncertainty.effective_frames,
        no_interval_reason=uncertainty.reason,
        distinct_frames=uncertainty.units.distinct,
        degrees_of_freedom=uncertainty.degrees_of_freedom,
    )


def _leverage(components: ForceComponents) -> Leverage:
    index, share, slope_without = largest_leverage(components.x, components.y)
    frame, atom, axis = components.place(index)
    return Leverage(
        share=share,
        frame=frame,
        atom=atom,
        axis=_AXES[axis],
        reference=float(components.x[index]),
        predicted=float(components.y[index]),
        slope_without=slope_without,
    )


def _leave_one_frame_out(frames: Sequence[FrameSlope]) -> tuple[float, float] | None:
    """Smallest and largest slope when one frame is left out; None for a single frame."""
    slopes = [frame.slope_of_others for frame in frames if frame.slope_of_others is not None]
    return (min(slopes), max(slopes)) if slopes else None
