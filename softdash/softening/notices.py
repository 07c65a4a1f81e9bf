"""Warnings worth a sentence, from the forces alone. Each is a function that returns a `Notice` or None."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import numpy as np

from softdash.softening.force_components import ForceComponents
from softdash.softening.independent_frames import first_copies, informative_frames
from softdash.softening.intervals import curvature_interval
from softdash.softening.sample_size import LEAST_NOISE_BIAS, reference_noise_bias
from softdash.softening.statistics import Notice, SofteningStatistics

NET_FORCE_PER_ATOM = 0.05
"""Net reference force of a frame, eV/Å per atom, above which it is named."""
INTERCEPT_SLOPE_DIFFERENCE = 0.01
"""Difference of the slopes with and without intercept above which it is said."""
HUBER_SLOPE_DIFFERENCE = 0.03
"""Difference of the softening scale and the Huber slope above which it is said."""
LABEL_NOISE = 0.03
"""Noise of reference forces, eV/Å, that is assumed where the settings do not say otherwise."""
NEAR_EQUILIBRIUM_BIAS = 0.02
"""Share by which that noise could lower the slope above which the frames count as near equilibrium."""
HIGH_LEVERAGE = 0.25
"""Share of Σx² in one component above which it is named."""
DOMINANT_FRAME = 0.5
"""Share of Σx² in one frame, of three or more, above which it is named."""
LOW_R_SQUARED = 0.5
"""R² below which the predicted forces follow the reference too loosely for a scale to mean much."""
FEW_FRAMES = 4
"""Frames below which an interval between frames is called rough."""
REFERENCE_NOISE_BIAS = LEAST_NOISE_BIAS
"""Share by which the assumed noise must be able to lower the slope before it is said."""
MOSTLY_ALIKE = 0.8
"""Share of independent frames in the different ones up to which their number is said."""
CURVATURE_EFFECT = 0.05
"""Change of the slope from small forces to the 95th percentile above which a significant curvature is said."""
ELEMENT_DIFFERENCE = 0.1
"""Difference between the slopes of two elements above which it is said, when their intervals are apart too."""

_FEWEST_FRAMES_FOR_CURVATURE = 4
_NAMES_SHOWN = 3


def find_notices(
    statistics: SofteningStatistics, components: ForceComponents, frame_names: Sequence[str]
) -> tuple[Notice, ...]:
    """Return all notices that apply, those about the trust in the number first.

    Parameters
    ----------
    statistics : SofteningStatistics
        Complete but for its notices.
    components : ForceComponents
    frame_names : sequence of str
    """
    found = (
        _unreliable_interval(statistics),
        _negative_slope(statistics),
        _low_r_squared(statistics),
        _near_equilibrium(statistics),
        _reference_noise(statistics),
        _high_leverage(statistics, frame_names),
        _dominant_frame(components, frame_names),
        _repeated_frames(components, frame_names),
        _alike_frames(statistics),
        _net_force(statistics, frame_names),
        _intercept_differs(statistics),
        _huber_differs(statistics),
        _curvature(statistics, components),
        _elements_differ(statistics),
    )
    return tuple(notice for notice in found if notice is not None)


def three_digits(value: float) -> str:
    """Return `value` with three significant digits and a true minus sign: 0.917, 26.7, −0.0500."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    magnitude = floor(log10(abs(float(f"{value:.2e}"))))
    text = f"{value:.{2 - magnitude}f}" if -4 <= magnitude <= 2 else f"{float(f'{value:.2e}'):g}"
    return text.replace("-", "−")


def noise_assumed(statistics: SofteningStatistics) -> float:
    """Return the noise of the reference forces that is reckoned with, eV/Å."""
    return LABEL_NOISE if statistics.label_noise is None else statistics.label_noise


def near_equilibrium_rms(label_noise: float = LABEL_NOISE) -> float:
    """Return the root mean square of reference forces below which frames count as near equilibrium, eV/Å."""
    return float(label_noise / np.sqrt(NEAR_EQUILIBRIUM_BIAS))


def is_near_equilibrium(statistics: SofteningStatistics) -> bool:
    """Whether noise of the labels could shift the slope as much as a bias worth the name.

    The root mean square decides: one large force among many small ones makes no slope.
    """
    return statistics.reference_rms < near_equilibrium_rms(noise_assumed(statistics))


def is_single_frame(statistics: SofteningStatistics) -> bool:
    """Whether the slope rests on one frame, or on frames that count as one: its spread between frames is unknown."""
    return statistics.informative_frame_count < 2 or statistics.effective_frames == 1


def why_no_interval(statistics: SofteningStatistics) -> str:
    """Say why there is no interval of the softening scale."""
    if statistics.no_interval_reason == "relaxation_steps":
        return (
            "The frames are steps of one relaxation. Each follows from the one before, so that they are no sample of "
            "this material, and no interval can be given. Use frames of a hot dynamics, or random displacements."
        )
    if statistics.no_interval_reason == "one_frame_decides":
        return (
            "One frame has almost all the weight in the slope, so that no interval can be given. Use frames with "
            "forces of like size."
        )
    return "No interval of the softening scale can be given for these frames. Add independent ones."


def scatter_is_larger(statistics: SofteningStatistics) -> bool:
    """Whether scatter has the larger share of the squared error, and softening the smaller one."""
    shares = statistics.error_shares
    return shares is not None and shares[1] > shares[0]


def _noise_bias(statistics: SofteningStatistics) -> float:
    return reference_noise_bias(noise_assumed(statistics), statistics.reference_rms)


def _effect_of_noise(statistics: SofteningStatistics) -> str:
    bias = _noise_bias(statistics)
    return f"lower the slope by {three_digits(100 * bias)} %" if bias < 1 else "account for all of them"


def _unreliable_interval(statistics: SofteningStatistics) -> Notice | None:
    interval, count = statistics.slope_interval, statistics.frame_count
    if is_single_frame(statistics):
        with_forces = sum(frame.slope is not None for frame in statistics.frames)
        if count == 1:
            which = "There is one frame only"
        elif statistics.informative_frame_count > 1:
            which = (
                f"The {with_forces} frames count as one, because they are one configuration again, or steps near in "
                "time, or small distortions of one structure"
            )
        elif with_forces > 1:
            which = f"The {count} frames have the same forces, and count as one"
        else:
            which = f"Only one of the {count} frames has reference forces to speak of"
        borrowed = interval is not None and interval.method == "spread between frames"
        source = ", and the interval takes it from other materials with this potential" if borrowed else ""
        return Notice(
            "single_frame",
            f"{which}: the spread of the slope between configurations of this material is not known{source}.",
        )
    if interval is None:
        return Notice("no_interval", why_no_interval(statistics))
    different = statistics.informative_frame_count
    worth = different if statistics.effective_frames is None else statistics.effective_frames
    if worth < FEW_FRAMES:
        which = (
            f"There are {different} {'frames' if different == count else 'different frames with forces'} only"
            if worth == different
            else f"The {different} frames are worth about {worth} independent {'one' if worth == 1 else 'ones'}"
        )
        return Notice(
            "few_frames",
            f"{which}, so the interval ±{three_digits(interval.half_width)} is rough; ten frames give a dependable "
            "one.",
        )
    return None


def _negative_slope(statistics: SofteningStatistics) -> Notice | None:
    if statistics.slope >= 0:
        return None
    return Notice(
        "negative_slope",
        f"The softening scale is negative ({three_digits(statistics.slope)}): predicted and reference forces point in "
        "opposite directions. Check the sign of the forces and the order of the atoms.",
    )


def _low_r_squared(statistics: SofteningStatistics) -> Notice | None:
    if statistics.r_squared >= LOW_R_SQUARED:
        return None
    meaning = (
        "scatter is the larger part of the squared force error, and no factor repairs that"
        if scatter_is_larger(statistics)
        else "the predicted forces follow the reference so loosely that one slope says little about them"
    )
    return Notice(
        "low_r_squared",
        f"R² is {three_digits(statistics.r_squared)}: {meaning} (MAE {three_digits(statistics.mae)} eV/Å).",
    )


def _near_equilibrium(statistics: SofteningStatistics) -> Notice | None:
    if not is_near_equilibrium(statistics):
        return None
    return Notice(
        "near_equilibrium",
        f"The reference forces are small (root mean square {three_digits(statistics.reference_rms)} eV/Å): the frames "
        f"are near equilibrium, where noise of {noise_assumed(statistics):g} eV/Å in the labels alone would "
        f"{_effect_of_noise(statistics)}. Use hotter or more strongly displaced structures.",
    )


def _reference_noise(statistics: SofteningStatistics) -> Notice | None:
    # Near equilibrium that warning says it already.
    if _noise_bias(statistics) <= REFERENCE_NOISE_BIAS or is_near_equilibrium(statistics):
        return None
    return Notice(
        "reference_noise",
        f"The reference forces are small (root mean square {three_digits(statistics.reference_rms)} eV/Å): noise of "
        f"{noise_assumed(statistics):g} eV/Å in them would {_effect_of_noise(statistics)}. Make sure that they are "
        "well converged.",
    )


def _high_leverage(statistics: SofteningStatistics, frame_names: Sequence[str]) -> Notice | None:
    leverage = statistics.largest_leverage
    if leverage.share <= HIGH_LEVERAGE:
        return None
    without = (
        "all other components are zero"
        if leverage.slope_without is None
        else f"without it the slope is {three_digits(leverage.slope_without)}"
    )
    return Notice(
        "high_leverage",
        f"One force component ({three_digits(leverage.reference)} eV/Å along {leverage.axis} on atom "
        f"{leverage.atom + 1} of {frame_names[leverage.frame]}) has {three_digits(100 * leverage.share)} % of the "
        f"weight in the slope of {three_digits(statistics.slope)}; {without}.",
    )


def _dominant_frame(components: ForceComponents, frame_names: Sequence[str]) -> Notice | None:
    if components.frame_count <= 2:
        return None
    weights = components.sum_by_frame(components.x**2)
    share = float(weights.max() / weights.sum())
    if share <= DOMINANT_FRAME:
        return None
    return Notice(
        "dominant_frame",
        f"{frame_names[int(weights.argmax())]} has {three_digits(100 * share)} % of the weight in the slope, because "
        "its forces are the largest; the slope is known little better than from that frame alone.",
    )


def _repeated_frames(components: ForceComponents, frame_names: Sequence[str]) -> Notice | None:
    with_forces = informative_frames(components)
    different = int(np.unique(first_copies(components)[with_forces]).size)
    extra = int(np.count_nonzero(with_forces)) - different
    if not extra:
        return None
    return Notice(
        "repeated_frames",
        f"{len(frame_names)} frames, {different} of them different: {extra} "
        f"{'repeats' if extra == 1 else 'repeat'} the forces of another one. Repeated frames count once for the "
        "interval.",
    )


def _alike_frames(statistics: SofteningStatistics) -> Notice | None:
    """Say how many independent frames there are, where they are fewer than they seem."""
    worth, different = statistics.effective_frames, statistics.informative_frame_count
    if worth is None or not FEW_FRAMES <= worth <= MOSTLY_ALIKE * different:
        return None
    return Notice(
        "alike_frames",
        f"The {different} different frames are worth about {worth} independent ones: the others are steps near in time "
        "or of a relaxation, one configuration again, or small distortions of one structure.",
    )


def _net_force(statistics: SofteningStatistics, frame_names: Sequence[str]) -> Notice | None:
    drifting = [frame for frame in statistics.frames if frame.net_force_per_atom > NET_FORCE_PER_ATOM]
    if not drifting:
        return None
    drifting.sort(key=lambda frame: -frame.net_force_per_atom)
    names = ", ".join(frame_names[frame.frame] for frame in drifting[:_NAMES_SHOWN])
    more = f" and {len(drifting) - _NAMES_SHOWN} more" if len(drifting) > _NAMES_SHOWN else ""
    return Notice(
        "net_force",
        f"The reference forces do not add up to zero in {names}{more} (up to "
        f"{three_digits(drifting[0].net_force_per_atom)} eV/Å per atom): drift, a constraint or missing atoms.",
    )


def _intercept_differs(statistics: SofteningStatistics) -> Notice | None:
    if abs(statistics.slope_with_intercept - statistics.slope) <= INTERCEPT_SLOPE_DIFFERENCE:
        return None
    return Notice(
        "intercept_differs",
        f"A constant offset of {three_digits(statistics.intercept)} eV/Å changes the slope from "
        f"{three_digits(statistics.slope)} to {three_digits(statistics.slope_with_intercept)}: one side carries a net "
        "force.",
    )


def _huber_differs(statistics: SofteningStatistics) -> Notice | None:
    if abs(statistics.huber_slope - statistics.slope) <= HUBER_SLOPE_DIFFERENCE:
        return None
    return Notice(
        "huber_differs",
        f"The robust (Huber) slope is {three_digits(statistics.huber_slope)}, the softening scale "
        f"{three_digits(statistics.slope)}: a few large errors decide the latter.",
    )


def _curvature(statistics: SofteningStatistics, components: ForceComponents) -> Notice | None:
    if statistics.frame_count < _FEWEST_FRAMES_FOR_CURVATURE:
        return None
    linear, quadratic = statistics.curvature_linear, statistics.curvature_quadratic
    _, interval = curvature_interval(components.x, components.y, linear, quadratic, components.unit)
    high = float(np.quantile(np.abs(components.x), 0.95))
    if interval is None or interval.low <= 0 <= interval.high or abs(quadratic) * high <= CURVATURE_EFFECT:
        return None
    return Notice(
        "curvature",
        f"The slope changes with the size of the force: {three_digits(linear)} for small forces, "
        f"{three_digits(linear + quadratic * high)} at {three_digits(high)} eV/Å.",
    )


def _elements_differ(statistics: SofteningStatistics) -> Notice | None:
    from ase.data import chemical_symbols  # only the symbols; kept out of the import of this floor

    known = [(element, element.interval) for element in statistics.elements if element.interval is not None]
    if len(known) < 2:
        return None
    lowest, lowest_interval = min(known, key=lambda pair: pair[0].slope)
    highest, highest_interval = max(known, key=lambda pair: pair[0].slope)
    if highest.slope - lowest.slope <= ELEMENT_DIFFERENCE or lowest_interval.high >= highest_interval.low:
        return None
    return Notice(
        "elements_differ",
        f"The elements are not equally softened: slope {three_digits(lowest.slope)} on "
        f"{chemical_symbols[lowest.atomic_number]}, {three_digits(highest.slope)} on "
        f"{chemical_symbols[highest.atomic_number]}. One factor brings at most one of them to 1.",
    )
