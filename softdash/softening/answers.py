"""What a diagnosis says beyond `SofteningStatistics`: other labels, extreme points, and what a correction would bring.

Result types only; the functions that fill them stand in the modules that they name. Everywhere "x" is a reference (DFT)
value and "y" a predicted one. Frames and atoms count from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from softdash.softening.statistics import Interval

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class LabelStatistics:
    """How predicted energies or stresses lie to the reference ones (`softdash.softening.other_labels`).

    Attributes
    ----------
    quantity : {"energy", "stress"}
        Energies are per atom and relative to the mean of the frames of equal composition, on either side. Stresses
        are the six independent components, in ASE's sign.
    unit : {"eV/atom", "eV/Å³"}
        Of all numbers below that are no slopes and no R².
    frame_count, frames_left_out : int
        Frames used; frames without this label, and for energies those that are alone in their composition.
    value_count : int
        Points of the parity plot: one per frame for energies, six for stresses.
    group_count : int
        Offsets that were removed: compositions for energies; 1 for stresses, the common offset of all pressures.
    slope : float
        Least squares of y on x after the removal of the offsets; below 1 is too soft, as for forces.
    slope_standard_error : float or None
    slope_interval : Interval or None
        Frames are the unit. None, as the error, for copies of one frame and for the steps of one relaxation.
    r_squared : float
        (Σxy)²/(Σx² Σy²) after the removal of the offsets.
    mae, rmse : float
        Of y − x after the removal of the offsets.
    offset : float or None
        The offset removed. Energies: mean of y − x per atom, None with several compositions. Stresses: the fitted p of
        y = s·x + p on the three normal components, minus a pressure.
    reference_rms : float
        Root mean square of x after the removal of the offsets.
    offset_interval : Interval or None
        Of the offset of stresses; frames are the unit. None for energies, whose zeros mean nothing.
    """

    quantity: Literal["energy", "stress"]
    unit: Literal["eV/atom", "eV/Å³"]
    frame_count: int
    frames_left_out: int
    value_count: int
    group_count: int
    slope: float
    slope_standard_error: float | None
    slope_interval: Interval | None
    r_squared: float
    mae: float
    rmse: float
    offset: float | None
    reference_rms: float
    offset_interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class FrameInfluence:
    """The frame without which the softening scale changes most.

    Attributes
    ----------
    frame : int
    slope_without : float
        Softening scale of all other frames.
    change : float
        `slope_without` minus the softening scale of all frames.
    weight : float
        Share of the frame in Σx², 0 to 1.
    """

    frame: int
    slope_without: float
    change: float
    weight: float


@dataclass(frozen=True, slots=True)
class WeightConcentration:
    """On how few forces the softening scale rests: shares of Σx², which is the weight of a force in it.

    Attributes
    ----------
    top_component_count, top_atom_count : int
        The hundredth part of all components, and of all atoms of all frames, at least one.
    top_component_share, top_atom_share : float
        Share of Σx² that these largest ones carry, 0 to 1.
    effective_component_count : float
        (Σx²)²/Σx⁴: so many components of equal size would carry the same weight.
    """

    top_component_count: int
    top_component_share: float
    top_atom_count: int
    top_atom_share: float
    effective_component_count: float


@dataclass(frozen=True, slots=True)
class AtomError:
    """One atom of one frame, and both its forces.

    Attributes
    ----------
    frame, atom, atomic_number : int
    reference, predicted : (float, float, float)
        eV/Å.
    error : float
        |F_predicted − F_reference|, eV/Å.
    deviation : float
        |F_predicted − h·F_reference| with the Huber slope h, in robust standard deviations of one component.
    """

    frame: int
    atom: int
    atomic_number: int
    reference: Vector
    predicted: Vector
    error: float
    deviation: float


@dataclass(frozen=True, slots=True)
class FrameError:
    """One frame's force error.

    Attributes
    ----------
    frame : int
    mae, rmse : float
        Over its components, eV/Å.
    error_share : float
        Its share in the squared force errors of all frames, 0 to 1.
    """

    frame: int
    mae: float
    rmse: float
    error_share: float


@dataclass(frozen=True, slots=True)
class Influence:
    """Which points decide the numbers, and which are worst (`softdash.softening.influence.analyse_influence`).

    Attributes
    ----------
    most_influential_frame : FrameInfluence or None
        None for a single frame. The range over all frames is ``SofteningStatistics.leave_one_frame_out``.
    weights : WeightConcentration
    residual_scale : float
        Robust standard deviation of a component about the Huber line, eV/Å.
    outlier_limit : float
        Atoms whose `AtomError.deviation` is above this are outliers.
    outlier_count : int
        All outliers.
    outliers : tuple of AtomError
        The outliers of largest deviation, largest first; as many as the setting ``ranked_items`` says.
    worst_atoms : tuple of AtomError
        The atoms of largest error, largest first.
    worst_frames : tuple of FrameError
        The frames of largest MAE, largest first.
    """

    most_influential_frame: FrameInfluence | None
    weights: WeightConcentration
    residual_scale: float
    outlier_limit: float
    outlier_count: int
    outliers: tuple[AtomError, ...]
    worst_atoms: tuple[AtomError, ...]
    worst_frames: tuple[FrameError, ...]


@dataclass(frozen=True, slots=True)
class HeldOutGain:
    """What a correction brings to frames it was not fitted to (`softdash.softening.held_out.held_out_gain`).

    Each frame is left out once, with its copies, and corrected with the factor c* of all others.

    Attributes
    ----------
    frame_count : int
    mae_before, mae_after : float
        Mean absolute error over all components, without and with the correction, eV/Å.
    mae_after_interval : Interval or None
        Frames are the unit. None for the steps of one relaxation, and where one frame decides.
    mae_after_inverse_slope : float or None
        The same with 1/s of all other frames in place of c*; None where a slope is zero.
    gain : float
        1 − after/before; negative where the correction harms.
    gain_interval : Interval or None
        As `mae_after_interval`.
    """

    frame_count: int
    mae_before: float
    mae_after: float
    mae_after_interval: Interval | None
    mae_after_inverse_slope: float | None
    gain: float
    gain_interval: Interval | None


@dataclass(frozen=True, slots=True)
class FramesNeeded:
    """Labelled frames that bring the 95 % interval of the softening scale to ± `half_width`.

    See `softdash.softening.sample_size.frames_needed`.

    Attributes
    ----------
    half_width : float
    frames, frames_low, frames_high : int
        Independent ones in all, with those that are here; low and high are its 95 % interval.
    frames_present : int
        Independent ones that are here.
    further_frames : int
        ``max(0, frames − frames_present)``.
    frame_spread : float
        τ, the spread of the slope between frames.
    """

    half_width: float
    frames: int
    frames_low: int
    frames_high: int
    frames_present: int
    further_frames: int
    frame_spread: float


@dataclass(frozen=True, slots=True)
class FrameToLabel:
    """A frame whose label tells much about the softening scale (`softdash.diagnosis.next_labels`).

    Attributes
    ----------
    frame : int
    predicted_rms : float
        Root mean square of its predicted force components, eV/Å.
    weight : float
        Its Σy² relative to the largest one of all frames, 0 to 1: the weight it would have in the slope.
    distance : float or None
        To the nearest frame listed before, in geometry and composition (no unit; 0 is equal); None for the first.
    """

    frame: int
    predicted_rms: float
    weight: float
    distance: float | None
