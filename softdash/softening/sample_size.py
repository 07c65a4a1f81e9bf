"""How many labels bring the interval of the softening scale down to a wanted half width, and what label noise does."""

from __future__ import annotations

from math import ceil, sqrt

from softdash.errors import RefusalError
from softdash.softening.answers import FramesNeeded
from softdash.softening.chi_squared import chi_squared_quantile
from softdash.softening.intervals import LEVEL
from softdash.softening.refusals import FEWEST_COMPONENTS
from softdash.softening.statistics import LabelsNeeded
from softdash.softening.student import student_two_sided_quantile

HALF_WIDTH = 0.02
"""Half width of the 95 % interval for which softdash says how many labels are needed."""

FEWEST_FOR_SPREAD = 4
"""Frames from which on their own differences give the interval."""

LEAST_NOISE_BIAS = 0.01
"""Share by which the assumed noise must be able to lower the slope before it is said, and enters the interval."""

_NORMAL_95 = 1.96
_NORMAL_FROM = 1e6  # degrees of freedom
_ROUNDING = 1e-6
_FRAMES_MAX = 10**9  # two frames of very different slope know almost nothing of their spread


def labels_needed(
    slope: float,
    r_squared: float,
    standard_error: float | None,
    frame_count: int,
    *,
    degrees_of_freedom: float | None = None,
    half_width: float = HALF_WIDTH,
) -> LabelsNeeded:
    """Labels that bring the 95 % interval of the softening scale to ± `half_width`.

    Components: n = (1.96/h)² s² (1−R²)/R², from the variance s²(1−R²)/(R² n) of the slope through the origin with
    independent errors; a lower bound, since components of one frame are not independent. Frames: as `frames_needed`.

    Parameters
    ----------
    slope, r_squared : float
        Softening scale and its uncentred R².
    standard_error : float or None
        Of the slope, by the jackknife over frames; None where frames were not compared.
    frame_count : int
        Number of independent frames G that the standard error rests on.
    degrees_of_freedom : float or None
        Of the standard error; None for G − 1.
    half_width : float
    """
    components = (_NORMAL_95 / half_width) ** 2 * slope**2 * (1 - r_squared) / r_squared
    frames = None
    if standard_error is not None and frame_count >= 2:
        degrees = degrees_of_freedom or float(frame_count - 1)
        frames = _frames_for(standard_error**2 * (frame_count - 1), degrees / (frame_count - 1), half_width)
    return LabelsNeeded(half_width=half_width, components=max(FEWEST_COMPONENTS, ceil(components)), frames=frames)


def frames_needed(
    standard_error: float | None,
    frame_count: int,
    *,
    degrees_of_freedom: float | None = None,
    half_width: float = HALF_WIDTH,
) -> FramesNeeded:
    """Frames that bring the 95 % interval of the softening scale to ± `half_width`, with an interval of their number.

    The jackknife's error of G frames is τ/√(G−1), with the spread τ of the slope between frames. N frames like these
    have τ/√(N−1) and ν(N−1)/(G−1) degrees of freedom, where ν are those of the G frames: N is the smallest number whose
    interval by Student's t is narrow enough, so that it is G for the half width that G frames have. ν times the
    estimate of τ² over τ² is about χ² distributed with ν degrees of freedom (Satterthwaite), which gives the interval;
    few or unlike frames know their spread badly, and it is wide.

    Parameters
    ----------
    standard_error : float or None
        Of the softening scale, by the jackknife over frames; None where there is no such.
    frame_count : int
        Independent frames with reference forces (`SlopeUncertainty.effective_frames`).
    degrees_of_freedom : float or None
        ν; None for G − 1, which holds for frames of equal weight.
    half_width : float

    Raises
    ------
    RefusalError
        For a single frame, or where the frames were not compared with each other.
    """
    if frame_count < 2:
        raise RefusalError(
            "Only one frame carries forces, so the spread of the slope between frames is unknown.",
            advice="Label a second frame of another configuration, better three more.",
        )
    if standard_error is None:
        raise RefusalError(
            "These frames do not tell the spread of the slope between frames: they are too few, or not independent.",
            advice=f"Label at least {FEWEST_FOR_SPREAD} frames of unlike configurations.",
        )
    spread_squared = standard_error**2 * (frame_count - 1)
    degrees = degrees_of_freedom or float(frame_count - 1)
    per_frame = degrees / (frame_count - 1)
    low, high = (chi_squared_quantile(probability, degrees) for probability in (0.025, 0.975))
    estimate = _frames_for(spread_squared, per_frame, half_width)
    return FramesNeeded(
        half_width=half_width,
        frames=estimate,
        frames_low=_frames_for(spread_squared * degrees / high, per_frame, half_width),
        frames_high=_frames_for(spread_squared * degrees / low, per_frame, half_width),
        frames_present=frame_count,
        further_frames=max(0, estimate - frame_count),
        frame_spread=sqrt(spread_squared),
    )


def _frames_for(spread_squared: float, degrees_per_frame: float, half_width: float) -> int:
    """Return the fewest frames N >= 2 with t(ν) τ/√(N−1) <= `half_width`, by bisection on N − 1."""

    def is_enough(others: int) -> bool:
        # More than some thousand degrees are normal; one is the fewest that Student's t has.
        degrees = min(max(1.0, degrees_per_frame * others), _NORMAL_FROM)
        quantile = student_two_sided_quantile(LEVEL, round(degrees, 3))
        return quantile * sqrt(spread_squared / others) <= half_width * (1 + _ROUNDING)

    low, high = 0, 1
    while not is_enough(high):
        low, high = high, 2 * high
        if high >= _FRAMES_MAX:
            return _FRAMES_MAX
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high + 1


def reference_noise_bias(noise: float, reference_rms: float) -> float:
    """Share by which noise of the reference forces lowers the slope: σ²/⟨x²⟩ (attenuation, Fuller 1987).

    Parameters
    ----------
    noise : float
        Standard deviation of the error of the reference forces, eV/Å.
    reference_rms : float
        Root mean square of the reference forces, noise included, eV/Å.
    """
    return (noise / reference_rms) ** 2
