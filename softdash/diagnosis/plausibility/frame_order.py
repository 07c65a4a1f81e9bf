"""Whether each frame of an upload has its own forces: not those of another frame, nor another unit than the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.plausibility.evidence import Evidence, agreement, agreement_of_sums
from softdash.diagnosis.records import ReadingDoubt
from softdash.softening import three_digits

WORST_AS_LISTED, BEST_EXCHANGED = 0.6, 0.9
"""Forces of other frames are named only where R² rises from below the first to above the second."""

FRAME_R_SQUARED = 0.8
"""R² of a frame from which on its slope tells the unit of its forces."""

OTHER_UNIT = 5.0
"""A frame whose slope is this many times that of the others, or its inverse, is in another unit."""

_MOST_FRAMES = 200
_NAMED = 5


def doubt_about_frames(evidence: Evidence) -> ReadingDoubt | None:
    """Return the doubt that frames have each other's forces, or forces in different units; or None."""
    if not 1 < len(evidence.frames) <= _MOST_FRAMES:
        return None
    return _other_units(evidence) or _exchanged(evidence)


def _other_units(evidence: Evidence) -> ReadingDoubt | None:
    found = [agreement(frame.reference, frame.predicted) for frame in evidence.frames]
    telling = [place for place, one in enumerate(found) if one.r_squared >= FRAME_R_SQUARED]
    if len(telling) < 2:
        return None
    slopes = np.array([found[place].slope for place in telling])
    usual = _usual(slopes)
    ratios = slopes / usual
    odd = [place for place, ratio in zip(telling, ratios, strict=True) if not 1 / OTHER_UNIT < ratio < OTHER_UNIT]
    if not odd:
        return None
    first = found[odd[0]].slope
    return ReadingDoubt(
        code="unit",
        headline="The frames seem to have their forces in different units.",
        text=(
            f"The potential's forces follow those of each frame, but with the slope {three_digits(first)} in frame "
            f"{_listed(odd)} and {three_digits(usual)} in the others. Bring all frames to one unit, or state the unit "
            "in each file."
        ),
        numbers={"slope": usual, "other_slope": first, "frames": float(len(odd))},
    )


def _usual(slopes: NDArray[np.float64]) -> float:
    """Return the slope of most frames: the one that most others are near, the first of equals nearest to one."""
    nearness = np.abs(np.log(slopes[:, None] / slopes[None, :])) < np.log(OTHER_UNIT)
    counts = nearness.sum(axis=1)
    best = min(range(len(slopes)), key=lambda place: (-counts[place], abs(np.log(slopes[place]))))
    return float(np.median(slopes[nearness[best]]))


def _exchanged(evidence: Evidence) -> ReadingDoubt | None:
    """Return the doubt about frames of the same atoms that have each other's forces."""
    from scipy.optimize import linear_sum_assignment

    numbers = evidence.frames[0].numbers
    if evidence.as_read.r_squared > WORST_AS_LISTED or not all(
        np.array_equal(frame.numbers, numbers) for frame in evidence.frames
    ):
        return None
    predicted = np.array([frame.predicted.ravel() for frame in evidence.frames])
    reference = np.array([frame.reference.ravel() for frame in evidence.frames])
    products = predicted @ reference.T
    order = linear_sum_assignment(-products)[1]
    moved = [place for place, other in enumerate(order) if other != place]
    crossed = float(products[np.arange(len(order)), order].sum())
    best = agreement_of_sums(crossed, float(np.vdot(reference, reference)), float(np.vdot(predicted, predicted)))
    if not moved or best.r_squared < BEST_EXCHANGED:
        return None
    pairs = ", ".join(f"{order[place] + 1} to structure {place + 1}" for place in moved[:_NAMED])
    more = f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
    return ReadingDoubt(
        code="equilibrium_structure",
        headline="The frames seem to have each other's forces.",
        text=(
            f"As read, R² is {three_digits(evidence.as_read.r_squared)}; with the forces of frame {pairs}{more} it is "
            f"{three_digits(best.r_squared)} (slope {three_digits(best.slope)}). Bring structures and forces into one "
            "order, or call the files that belong together alike."
        ),
        numbers={
            "slope": evidence.as_read.slope,
            "r_squared": evidence.as_read.r_squared,
            "other_slope": best.slope,
            "other_r_squared": best.r_squared,
        },
    )


def _listed(frames: list[int]) -> str:
    shown = ", ".join(str(place + 1) for place in frames[:_NAMED])
    return f"{shown} and {len(frames) - _NAMED} more" if len(frames) > _NAMED else shown
