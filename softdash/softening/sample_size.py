"""How many labels bring the interval of the softening scale down to a wanted half width, and what label noise does."""

from __future__ import annotations

from math import ceil, sqrt

from softdash.errors import RefusalError
from softdash.softening.answers import FramesNeeded
from softdash.softening.chi_squared import chi_squared_quantile
from softdash.softening.refusals import FEWEST_COMPONENTS
from softdash.softening.statistics import LabelsNeeded

HALF_WIDTH = 0.02
"""Half width of the 95 % interval for which softdash says how many labels are needed."""

FEWEST_FOR_SPREAD = 4
"""Frames from which on their own differences give the interval."""

_NORMAL_95 = 1.96
_FRAMES_MAX = 10**9  # two frames of very different slope know almost nothing of their spread


def labels_needed(
    slope: float,
    r_squared: float,
    standard_error: float | None,
    frame_count: int,
    *,
    half_width: float = HALF_WIDTH,
) -> LabelsNeeded:
    """Labels that bring the 95 % interval of the softening scale to ± `half_width`.

    Components: n = (1.96/h)² s² (1−R²)/R², from the variance s²(1−R²)/(R² n) of the slope through the origin with
    independent errors; a lower bound, since components of one frame are not independent. Frames: (1.96 τ/h)² with
    τ = standard error × √(G−1), the spread of the slope between frames (the jackknife's error is τ/√(G−1) for frames of
    equal weight). For frames of equal Σx² this τ is the standard
    deviation of the frames' own slopes; otherwise it weights frames by Σx², so that the noisy slope of a frame with
    small forces does not count like the others.

    Parameters
    ----------
    slope, r_squared : float
        Softening scale and its uncentred R².
    standard_error : float or None
        Of the slope, by the jackknife over frames; None where frames were not compared.
    frame_count : int
        Number of independent frames G that the standard error rests on.
    half_width : float
    """
    components = (_NORMAL_95 / half_width) ** 2 * slope**2 * (1 - r_squared) / r_squared
    frames = None
    if standard_error is not None and frame_count >= 2:
        spread_squared = standard_error**2 * (frame_count - 1)
        frames = max(1, ceil((_NORMAL_95 / half_width) ** 2 * spread_squared))
    return LabelsNeeded(half_width=half_width, components=max(FEWEST_COMPONENTS, ceil(components)), frames=frames)


def frames_needed(standard_error: float | None, frame_count: int, *, half_width: float = HALF_WIDTH) -> FramesNeeded:
    """Frames that bring the 95 % interval of the softening scale to ± `half_width`, with an interval of their number.

    (1.96 τ/h)² frames, where τ = standard error × √(G−1) is the spread of the slope between the G frames at hand (see
    `labels_needed`). For normally distributed slopes (G−1) times the estimate of τ² over τ² is χ² distributed with
    G−1 degrees of freedom, which gives the interval; few frames know their spread badly, and it is wide.

    Parameters
    ----------
    standard_error : float or None
        Of the softening scale, by the jackknife over frames; None where there is no such.
    frame_count : int
        Frames with nonzero reference forces.
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
    degrees = frame_count - 1
    low, high = (chi_squared_quantile(probability, degrees) for probability in (0.025, 0.975))

    def frames(variance: float) -> int:
        return min(_FRAMES_MAX, max(1, ceil((_NORMAL_95 / half_width) ** 2 * variance)))

    estimate = frames(spread_squared)
    return FramesNeeded(
        half_width=half_width,
        frames=estimate,
        frames_low=frames(spread_squared * degrees / high),
        frames_high=frames(spread_squared * degrees / low),
        frames_present=frame_count,
        further_frames=max(0, estimate - frame_count),
        frame_spread=sqrt(spread_squared),
    )


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
