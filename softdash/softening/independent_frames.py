"""Which frames count as one for an interval: copies, frames that are alike, and neighbours in time.

An interval compares units that say something of their own. Two copies of one frame say it once, and so do frames that
are one configuration again or point the same way (`softdash.softening.alike_frames`); frames in a row of one dynamics
say it less often than their number; the steps of one relaxation are no sample, and together one unit at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.softening.alike_frames import alike_frames
from softdash.softening.force_components import ForceComponents
from softdash.softening.frame_series import block_length, blocks, relaxation_run_of_frames
from softdash.softening.refusals import SMALLEST_REFERENCE_RMS
from softdash.softening.statistics import IntervalMethod

SAME_FORCES = 1e-3
"""Root mean square difference, eV/Å, of reference and of predicted forces up to which two frames count as one."""

_FEWEST_STEPS, _MOST_FRAMES = 3, 0.7  # steps and their share in the frames, from which on these are a relaxation
_FEWEST_OTHERS = 3  # frames beside a relaxation that are a sample
_FEWEST_STEPS_AMONG_OTHERS = 8  # shorter ones fall by chance too often


@dataclass(frozen=True, slots=True, eq=False)
class FrameUnits:
    """Frames grouped into the units that an interval compares.

    Attributes
    ----------
    unit : ndarray of int, shape (frames,)
        Label of each frame's unit, from 0; all equal for the steps of one relaxation.
    distinct : int
        Frames with forces to speak of, those that count as one counted once.
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


def observations(components: ForceComponents) -> NDArray[np.int_]:
    """Return for each frame the first frame that it is one observation with: copies, and frames that are alike."""
    return alike_frames(components, first_copies(components))


def frame_units(
    scores: NDArray[np.float64],
    informative: NDArray[np.bool_],
    copies: NDArray[np.int_],
    *,
    relaxation: bool,
) -> FrameUnits:
    """Group frames: those alike together, and in blocks where neighbours are alike (`frame_series.block_length`).

    Parameters
    ----------
    scores : ndarray, shape (frames,)
        Σ x e of each frame, in the order of time.
    informative : ndarray of bool, shape (frames,)
        Frames that the estimate can rest on.
    copies : ndarray of int, shape (frames,)
        From `observations`, or `first_copies`.
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


@dataclass(frozen=True, slots=True, eq=False)
class RelaxationRuns:
    """Frames that are the steps of relaxations.

    Attributes
    ----------
    run : ndarray of int, shape (frames,)
        The relaxation that each frame is a step of; −1 for none.
    is_all : bool
        Whether the frames are nothing else.
    """

    run: NDArray[np.int_]
    is_all: bool

    def together(self, label: NDArray[np.int_]) -> NDArray[np.int_]:
        """Return labels of frames with those of each relaxation joined, and what was one with a step of it."""
        joined = label.copy()
        for number in np.unique(self.run[self.run >= 0]):
            members = np.unique(joined[self.run == number])
            joined[np.isin(joined, members)] = members.min()
        return joined


def relaxation_runs(
    components: ForceComponents,
    positions: Sequence[NDArray[np.float64]] | None,
    known: bool | None = None,
) -> RelaxationRuns | None:
    """Return which frames are the steps of relaxations: as is known, or by what they look like; None for none.

    Where three or more frames are no such steps they are a sample, to which each relaxation of eight or more steps adds
    one observation.

    Parameters
    ----------
    components : ForceComponents
    positions : sequence of ndarray, shape (N_g, 3), or None
        Å, of each frame.
    known : bool or None
        What is known of them; None to look.
    """
    if known is not None:
        return RelaxationRuns(np.zeros(components.frame_count, dtype=np.int_), is_all=True) if known else None
    squares = components.sum_by_frame(components.x**2)
    rms = np.sqrt(squares / (3 * components.atoms_per_frame))
    run = np.full(components.frame_count, -1, dtype=np.int_)
    for frames in _of_equal_atoms(components):  # a relaxation keeps its atoms
        own = None if positions is None else [positions[frame] for frame in frames]
        found = relaxation_run_of_frames(rms[frames], own)
        run[frames] = np.where(found >= 0, found + run.max() + 1, -1)
    inside = int(np.count_nonzero(run >= 0))
    others = int(np.count_nonzero(informative_frames(components) & (run < 0)))
    if inside >= max(_FEWEST_STEPS, _MOST_FRAMES * run.size) and others < _FEWEST_OTHERS:
        return RelaxationRuns(run, is_all=True)
    counts = np.bincount(run + 1)
    long = np.where(counts[run + 1] >= _FEWEST_STEPS_AMONG_OTHERS, run, -1)
    return RelaxationRuns(long, is_all=False) if np.any(long >= 0) else None


def _of_equal_atoms(components: ForceComponents) -> list[NDArray[np.int_]]:
    """Return the frames that have the same elements in the same order, group by group."""
    ends = np.cumsum(components.atoms_per_frame)
    groups: dict[bytes, list[int]] = {}
    for frame, (end, count) in enumerate(zip(ends, components.atoms_per_frame, strict=True)):
        groups.setdefault(components.number[3 * (end - count) : 3 * end].tobytes(), []).append(frame)
    return [np.array(frames, dtype=np.int_) for frames in groups.values()]


def steps_of_relaxation(
    components: ForceComponents,
    positions: Sequence[NDArray[np.float64]] | None,
    known: bool | None = None,
) -> bool:
    """Whether the frames are the steps of relaxations and nothing else; see `relaxation_runs`."""
    found = relaxation_runs(components, positions, known)
    return found is not None and found.is_all
