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
    """Slope over the components on atoms of one element.

    Attributes
    ----------
    atomic_number : int
    component_count : int
        Force components on these atoms.
    slope : float
        Least squares with intercept.
    interval : Interval or None
        Of that slope; None for a single frame or the steps of one relaxation.
    mae : float
        Mean absolute error of these components, in eV/Å.
    """

    atomic_number: int
    component_count: int
    slope: float
    interval: Interval | None
    mae: float


@dataclass(frozen=True, slots=True)
class MagnitudeBin:
    """Slope over the components of one size.

    Attributes
    ----------
    lower, upper : float
        The reference magnitude lies in [lower, upper), in eV/Å.
    component_count : int
        Force components of this size.
    slope : float
        Through the origin.
    interval : Interval or None
        Of that slope; None for a single frame or the steps of one relaxation.
    mae : float
        Mean absolute error of these components, in eV/Å.
    """

    lower: float
    upper: float
    component_count: int
    slope: float
    interval: Interval | None
    mae: float


@dataclass(frozen=True, slots=True)
class FrameSlope:
    """One frame beside all others.

    Attributes
    ----------
    frame : int
        Its position in the given sequence of frames, 0-based.
    component_count : int
        Its force components.
    slope : float or None
        Its own slope through the origin; None where its reference forces are all but zero.
    slope_of_others : float or None
        The slope of all other frames together; None for a single frame.
    mae : float
        Mean absolute error of its components, in eV/Å.
    net_force_per_atom : float
        Length of the sum of its reference forces, divided by its atoms, in eV/Å.
    """

    frame: int
    component_count: int
    slope: float | None
    slope_of_others: float | None
    mae: float
    net_force_per_atom: float


@dataclass(frozen=True, slots=True)
class LabelsNeeded:
    """How many labels bring the interval of the slope to a certain width.

    Attributes
    ----------
    half_width : float
        Half of that width.
    components : int
        Force components needed at least.
    frames : int or None
        Frames needed; None for a single frame, where the spread between frames is unknown.
    """

    half_width: float
    components: int
    frames: int | None


@dataclass(frozen=True, slots=True)
class SofteningStatistics:
    """Everything softdash says about the forces of one material. See `analyse_forces`.

    Fields with a default came later than the first version of reports, and are None in those.

    Attributes
    ----------
    frame_count : int
        Frames with forces that entered.
    atom_count : int
        Atoms in all frames used, together.
    component_count : int
        Three per atom and frame.
    slope : float
        Slope of predicted on DFT force components, least squares through the origin: Σxy/Σx². Below 1 the potential's
        forces are too small.
    slope_standard_error : float or None
        Standard error of the softening scale; None where nothing tells it.
    slope_interval : Interval or None
        Interval of the softening scale; None for the reason in `no_interval_reason`.
    slope_with_intercept : float
        Ordinary least squares of predicted on DFT forces; a difference from the softening scale tells of a constant
        offset.
    intercept : float
        a of the line y = a + b x: the constant offset of the predicted forces. In eV/Å.
    r_squared : float
        (Σxy)² / (Σx² Σy²): share of the predicted forces that is proportional to DFT; 1 means no scatter.
    rmse : float
        Root mean square of y − x over components; large errors count more than in the MAE. In eV/Å.
    mae : float
        Mean absolute error, ⟨|y − x|⟩: of forces, over their x, y and z components. In eV/Å.
    corrected_mae : float
        Corrected MAE, ⟨|y/s − x|⟩: the error left when the cloud is turned back onto the diagonal. In eV/Å.
    error_reduction : float
        1 − cMAE/MAE: by how much the mean error falls when the cloud is turned back onto the diagonal; negative where
        that enlarges the scatter too much. As a fraction.
    linear_correction : float
        Σxy / Σy²: the one factor on energies and forces that makes the squared force error smallest.
    mae_at_linear_correction : float
        ⟨|c* y − x|⟩: the error left after the factor c*. In eV/Å.
    inverse_slope : float
        Factor that turns the cloud back onto the diagonal: the slope after it is 1.
    huber_slope : float
        Robust slope through the origin: few odd components count little.
    largest_leverage : Leverage
        max x² / Σx²: share of the slope that hangs on one force component. As a fraction.
    curvature_linear : float
        Slope in the limit of small forces: a of y = a x + b x |x|.
    curvature_quadratic : float
        Its change with the size of the force: b of that fit. In Å/eV.
    leave_one_frame_out : tuple of float, or None
        Smallest and largest softening scale with one frame left out; None for a single frame.
    labels_needed : LabelsNeeded
        How many labels bring the interval of the softening scale to ±0.02.
    reference_rms : float
        Root mean square of the DFT force components: how far from equilibrium. In eV/Å.
    reference_max : float
        Largest absolute value of a DFT force component. In eV/Å.
    elements : tuple of ElementSlope
        Slopes per element, by atomic number; elements of fewer than 30 components are left out.
    magnitude_bins : tuple of MagnitudeBin
        Slopes by size of the reference force; empty below 30 components.
    frames : tuple of FrameSlope
        Each frame used, beside all others.
    notices : tuple of Notice
        Warnings about the data or the fit.
    softening_share : float or None
        (1 − s)² Σx² / Σ(y − x)²: of the squared force error, what comes with the slope; the rest is scatter. As a
        fraction.
    scatter_share : float or None
        Σ(y − s x)² / Σ(y − x)²: of the squared force error, what no factor repairs. As a fraction.
    label_noise : float or None
        Noise of the reference forces that was assumed. In eV/Å.
    effective_frames : int or None
        How many independent frames those at hand are worth about; None for the steps of a relaxation.
    no_interval_reason : str or None
        Why there is no interval of the softening scale; None where there is one.
    distinct_frames : int or None
        Frames with forces to speak of, copies counted once.
    degrees_of_freedom : float or None
        Of the standard error; None where frames were not compared.
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
    """Distribution of a per-material quantity (softening scale, frequency ratio) over many materials.

    Attributes
    ----------
    material_count : int
    median, mean : float
        Of the materials' values, in their unit.
    median_interval, mean_interval : Interval
        By a bootstrap over materials.
    quartile_low, quartile_high : float
        A quarter of the values lies below the first, a quarter above the second.
    share_below_one : float
        Fraction of materials below 1.
    share_below_one_interval : Interval
        By Wilson's formula.
    share_surely_below_one, share_surely_above_one : float or None
        Fraction of the materials with an interval of their own that lies wholly on that side of 1; None without any.
    single_frame_count : int or None
        Materials of one frame, which that fraction leaves out; None where it is not known.
    """

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
