"""Which frames count as one for an interval: copies of each other, and neighbours in time that are alike.

An interval compares units that say something of their own. Two copies of one frame say it once; frames in a row of one
dynamics say it less often than their number; the steps of one relaxation are no sample, and together one unit at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.softening.force_components import ForceComponents
from softdash.softening.frame_series import are_relaxation_steps, block_length, blocks
from softdash.softening.refusals import SMALLEST_REFERENCE_RMS
from softdash.softening.statistics import IntervalMethod

SAME_FORCES = 1e-3
"""Root mean square difference, eV/Å, of reference and of predicted forces up to which two frames count as one."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameUnits:
    """Frames grouped into the units that an interval compares.

    Attributes
    ----------
    unit : ndarray of int, shape (frames,)
        Label of each frame's unit, from 0; all equal for the steps of one relaxation.
    distinct : int
        Frames with forces to speak of, copies counted once.
    worth : int or None
        How many independent frames they are worth about; None for the steps of a relaxation.
    method : str
        What the units are.
    """

    unit: NDArray[np.int_]
    distinct: int
    worth: int | None
    method: IntervalMethod


def first_copies(components: ForceComponents) -> NDArray[np.int_]:
    """Return for each frame the place of the first frame that it is a copy of; its own place where it is none.

    Two frames are copies where atoms, reference forces and predicted forces agree (`SAME_FORCES`): then the
    configurations do, too, but for a shift that moves all atoms alike.

    Returns
    -------
    ndarray of int, shape (frames,)
    """
    count = components.frame_count
    ends = np.concatenate(([0], np.cumsum(3 * components.atoms_per_frame)))
    sizes = 3.0 * components.atoms_per_frame
    # Frames whose root mean squares differ by more than the tolerance cannot be copies (triangle inequality).
    rms = np.sqrt(np.stack([components.sum_by_frame(side**2) for side in (components.x, components.y)], axis=1))
    rms /= np.sqrt(sizes)[:, None]
    order = np.argsort(rms[:, 0], kind="stable")
    sorted_rms = rms[order, 0]
    lasts = np.searchsorted(sorted_rms, sorted_rms + SAME_FORCES, side="right")
    first = np.arange(count)
    is_copy = np.zeros(count, dtype=np.bool_)
    for place in range(count):
        one = int(order[place])
        if is_copy[one]:  # its company has been found with the frame that it is a copy of
            continue
        others = order[place + 1 : lasts[place]]
        others = others[components.atoms_per_frame[others] == components.atoms_per_frame[one]]
        others = others[np.abs(rms[others, 1] - rms[one, 1]) <= SAME_FORCES]
        for other in others.tolist():
            if _are_copies(components, slice(*ends[one : one + 2]), slice(*ends[other : other + 2])):
                low, high = sorted((int(first[one]), int(first[other])))
                first[first == high] = low
                is_copy[other] = True
    return first


def _are_copies(components: ForceComponents, one: slice, other: slice) -> bool:
    if not np.array_equal(components.number[one], components.number[other]):
        return False
    return all(
        float(np.mean((side[one] - side[other]) ** 2)) <= SAME_FORCES**2 for side in (components.x, components.y)
    )


def frame_units(
    scores: NDArray[np.float64],
    informative: NDArray[np.bool_],
    copies: NDArray[np.int_],
    *,
    relaxation: bool,
) -> FrameUnits:
    """Group frames: copies together, and in blocks where neighbours are alike (`frame_series.block_length`).

    Parameters
    ----------
    scores : ndarray, shape (frames,)
        Σ x e of each frame, in the order of time.
    informative : ndarray of bool, shape (frames,)
        Frames that the estimate can rest on.
    copies : ndarray of int, shape (frames,)
        From `first_copies`.
    relaxation : bool
        Whether they are the steps of one relaxation.
    """
    originals = np.unique(copies[informative])
    distinct = int(originals.size)
    if relaxation:
        return FrameUnits(np.zeros(copies.size, dtype=np.int_), distinct, None, "jackknife by frame")
    together = np.bincount(copies, weights=scores, minlength=copies.size)[originals].astype(np.float64)
    length = block_length(together)
    if length <= 1:
        return FrameUnits(copies, distinct, max(1, distinct), "jackknife by frame")
    block = np.zeros(copies.size, dtype=np.int_)
    block[originals] = blocks(distinct, length)
    return FrameUnits(block[copies], distinct, max(1, round(distinct / length)), "jackknife by block of frames")


def informative_frames(components: ForceComponents) -> NDArray[np.bool_]:
    """Return whether each frame has reference forces that a slope can rest on, shape (frames,)."""
    squares = components.sum_by_frame(components.x**2)
    enough: NDArray[np.bool_] = squares >= 3 * components.atoms_per_frame * SMALLEST_REFERENCE_RMS**2
    return enough


def steps_of_relaxation(
    components: ForceComponents,
    positions: Sequence[NDArray[np.float64]] | None,
    known: bool | None = None,
) -> bool:
    """Whether the frames are the steps of one relaxation: as is known, or by what they look like.

    Parameters
    ----------
    components : ForceComponents
    positions : sequence of ndarray, shape (N_g, 3), or None
        Å, of each frame.
    known : bool or None
        What is known of them; None to look.
    """
    if known is not None:
        return known
    squares = components.sum_by_frame(components.x**2)
    return are_relaxation_steps(np.sqrt(squares / (3 * components.atoms_per_frame)), positions)
