"""The numbers that describe how soft a potential is for one material, and for a population of materials.

Everywhere, "x" is a reference (DFT) value and "y" a predicted one. Forces are in eV/Å.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from softdash.softening.agreement import error_split_of

NoIntervalReason = Literal["single_frame", "one_frame_decides", "relaxation_steps", "several_materials"]
"""Why there is no interval of the slope: one frame whose potential has no known spread, others without weight, the
steps of one relaxation, which are no sample of anything, or the points of several materials."""

IntervalMethod = Literal[
    "jackknife by frame",
    "jackknife by block of frames",
    "spread between frames",
    "cluster by frame",
    "cluster by atom",
    "cluster by case",
    "bootstrap over materials",
    "wilson",
    "student",
    "fisher z",
]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Attributes
    ----------
    low, high : float
        The two ends, in the unit of the quantity.
    level : float
        Nominal coverage.
    method : str
        How it was made.
    """

    low: float
    high: float
    level: float
    method: IntervalMethod

    @property
    def half_width(self) -> float:
        """Half the distance between the ends."""
        return (self.high - self.low) / 2

    @property
    def compares_frames(self) -> bool:
        """Whether it rests on how the frames at hand differ from each other."""
        return self.method in ("jackknife by frame", "jackknife by block of frames", "cluster by frame")


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning about the data or the fit: a stable `code` and a sentence for the reader."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Leverage:
    """The force component that pulls hardest on the slope, x²/Σx².

    Attributes
    ----------
    share : float
        Its leverage, 0 to 1.
    frame, atom : int
        Its place (position in the given sequence of frames, 0-based; atom index, 0-based).
    axis : {"x", "y", "z"}
    reference, predicted : float
        Its two values, eV/Å.
    slope_without : float or None
        The softening scale without that component.
    """

    share: float
    frame: int
    atom: int
    axis: Literal["x", "y", "z"]
    reference: float
    predicted: float
    slope_without: float | None


@dataclass(frozen=True, slots=True)
class ElementSlope:
    """Slope (least squares with intercept) over the components on atoms of one element."""

    atomic_number: int
    component_count: int
    slope: float
    interval: Interval | None
    mae: float


@dataclass(frozen=True, slots=True)
class MagnitudeBin:
    """Slope through the origin over components whose reference magnitude lies in [lower, upper), eV/Å."""

    lower: float
    upper: float
    component_count: int
    slope: float
    interval: Interval | None
    mae: float


@dataclass(frozen=True, slots=True)
class FrameSlope:
    """One frame's own slope through the origin, and the slope of all other frames together."""

    frame: int
    component_count: int
    slope: float | None
    slope_of_others: float | None
    mae: float
    net_force_per_atom: float


@dataclass(frozen=True, slots=True)
class LabelsNeeded:
    """Size that brings the half width of the interval to `half_width` (docs: size needed).

    `frames` is None for a single frame, where the spread between frames is unknown.
    """

    half_width: float
    components: int
    frames: int | None


@dataclass(frozen=True, slots=True)
class SofteningStatistics:
    """Everything softdash says about the forces of one material. See `analyse_forces`.

    Later than the first versions, and None in their reports: `softening_share` and `scatter_share`, the two parts of
    the squared error (`softdash.softening.agreement.error_split`); `label_noise`, the noise of reference forces that
    was assumed, eV/Å; `effective_frames`, how many independent frames those at hand are worth about;
    `no_interval_reason`; `distinct_frames`, the frames with forces to speak of, copies counted once; and
    `degrees_of_freedom` of the standard error, where frames were compared.
    """

    frame_count: int
    atom_count: int
    component_count: int
    slope: float
    slope_standard_error: float | None
    slope_interval: Interval | None
    slope_with_intercept: float
    intercept: float
    r_squared: float
    rmse: float
    mae: float
    corrected_mae: float
    error_reduction: float
    linear_correction: float
    mae_at_linear_correction: float
    inverse_slope: float
    huber_slope: float
    largest_leverage: Leverage
    curvature_linear: float
    curvature_quadratic: float
    leave_one_frame_out: tuple[float, float] | None
    labels_needed: LabelsNeeded
    reference_rms: float
    reference_max: float
    elements: tuple[ElementSlope, ...]
    magnitude_bins: tuple[MagnitudeBin, ...]
    frames: tuple[FrameSlope, ...]
    notices: tuple[Notice, ...]
    softening_share: float | None = None
    scatter_share: float | None = None
    label_noise: float | None = None
    effective_frames: int | None = None
    no_interval_reason: NoIntervalReason | None = None
    distinct_frames: int | None = None
    degrees_of_freedom: float | None = None

    @property
    def informative_frame_count(self) -> int:
        """Frames with reference forces that a slope can rest on; copies count once, where they were looked for."""
        if self.distinct_frames is not None:
            return self.distinct_frames
        return sum(frame.slope is not None for frame in self.frames)

    @property
    def error_shares(self) -> tuple[float, float] | None:
        """Softening's and scatter's share of the squared error, also of reports that did not keep them."""
        if self.softening_share is not None and self.scatter_share is not None:
            return self.softening_share, self.scatter_share
        return error_split_of(self.slope, self.reference_rms, self.rmse)


@dataclass(frozen=True, slots=True)
class PopulationSummary:
    """Distribution of a per-material quantity (softening scale, frequency ratio) over many materials."""

    material_count: int
    median: float
    median_interval: Interval
    mean: float
    mean_interval: Interval
    quartile_low: float
    quartile_high: float
    share_below_one: float
    share_below_one_interval: Interval
    share_surely_below_one: float | None
    share_surely_above_one: float | None
    single_frame_count: int | None = None
