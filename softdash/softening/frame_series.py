"""What the order of frames tells: neighbours in time that are alike, and steps of one relaxation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FEWEST_IN_SERIES = 8
"""Frames below which an autocorrelation is not looked for: it would be chance."""

_ONE_SIDED_95 = 1.645
_LARGEST_CORRELATION = 0.95

_JUMP = 2.5  # a rise of the forces by which a new run begins: several relaxations in one file
_FALL, _STEEP_FALL = 0.4, 0.25  # last over first root mean square of a run, at most; of a short one
_LONG_RUN, _SHORT_RUN = 5, 3
_RUN_WITHOUT_POSITIONS = 8  # forces alone: shorter runs fall by chance too often
_RANK_CORRELATION = -0.6
_DEVIATIONS = 3.5  # of that correlation, in a long run
_MOST_FRAMES = 0.7
_SAME_WAY = 0.7
_SURELY_SAME_WAY, _MANY_COSINES = 0.85, 24  # median cosine of fewer than so many, in another order than given
_STRAIGHT = 0.999  # a scan along one line
_OTHER_WAY, _ON_THE_WAY = 0.3, 0.5  # median cosine of one step, below which it is none, and from which on it is one
_SMALLEST_MOVE, _LONG_MOVE = 1e-3, 0.02  # Å
_FRAMES_COMPARED = 400  # frames of a run that are compared in pairs


def block_length(scores: NDArray[np.float64]) -> float:
    """Return how many frames in a row are worth one independent frame; 1 where neighbours are not alike.

    (1+ρ)/(1−ρ), which is Σ_k ρ^|k|, with the autocorrelation ρ of neighbours, corrected for its bias in short series
    (Kendall 1954: −(1+3ρ)/N). ρ counts only above its one-sided 5 % limit for independent frames.

    Parameters
    ----------
    scores : ndarray, shape (frames,)
        u_g = Σ x e of each frame, in the order of time.
    """
    count = scores.size
    spread = float(np.sum(scores * scores))
    if count < FEWEST_IN_SERIES or spread <= 0:
        return 1.0
    found = float(np.sum(scores[1:] * scores[:-1])) / spread
    if found <= _ONE_SIDED_95 / np.sqrt(count):
        return 1.0
    correlation = min(found + (1 + 3 * found) / count, _LARGEST_CORRELATION)
    return (1 + correlation) / (1 - correlation)


def blocks(count: int, length: float) -> NDArray[np.int_]:
    """Return the block of each of `count` frames: runs of `length` or more frames of about equal size, at least two."""
    number = max(2, int(count / length))
    return np.arange(count) * number // count


def are_relaxation_steps(
    force_rms: NDArray[np.float64], positions: Sequence[NDArray[np.float64]] | None = None
) -> bool:
    """Whether seven frames in ten are the steps of a relaxation, or of several; see `relaxation_run_of_frames`."""
    inside = int(np.count_nonzero(relaxation_run_of_frames(force_rms, positions) >= 0))
    return inside >= max(_SHORT_RUN, _MOST_FRAMES * force_rms.size)


def relaxation_run_of_frames(
    force_rms: NDArray[np.float64], positions: Sequence[NDArray[np.float64]] | None = None
) -> NDArray[np.int_]:
    """Return which relaxation each frame looks like a step of, shape (frames,); −1 for none.

    A run begins where the forces rise by more than a factor of 2.5, and where the atoms do not come on along the same
    way. It is a descent where the root mean square of the forces ends at 0.4 of its largest or less and falls with a
    rank correlation (Kendall) of −0.6 or stronger, or 3.5 of its standard deviations; of three or four frames each must
    be lower than the one before, and the last at a quarter of the first. Where positions are given, the atoms must also
    come to their final places from one side; where they are not, runs of fewer than eight frames do not count, nor does
    a correlation within its 3.5 deviations. With positions, the frames are also looked at from the last to the first,
    and from the largest forces to the smallest: then the way of the atoms alone says that they are a relaxation, and it
    must not be one straight line, which is a scan.

    Parameters
    ----------
    force_rms : ndarray, shape (frames,)
        Root mean square of the reference forces of each frame, eV/Å, in the order of the file.
    positions : sequence of ndarray, shape (N, 3), optional
        Å.
    """
    found = _runs_in_order(force_rms, positions)
    if positions is None or np.count_nonzero(found >= 0) >= _MOST_FRAMES * force_rms.size:
        return found
    backwards = _runs_in_order(force_rms[::-1], positions[::-1], other_order=True)[::-1]
    found = max((found, backwards), key=lambda runs: int(np.count_nonzero(runs >= 0)))
    return found if np.any(found >= 0) else _run_by_force(force_rms, positions)


def _run_by_force(force_rms: NDArray[np.float64], positions: Sequence[NDArray[np.float64]]) -> NDArray[np.int_]:
    """Return 0 for the frames that make one relaxation in the order of falling forces, −1 for the others."""
    run = np.full(force_rms.size, -1)
    if force_rms.size < _SHORT_RUN:
        return run
    falling = np.argsort(-force_rms, kind="stable")
    ordered = [positions[place] for place in falling]
    if not _is_descent(force_rms[falling], ordered, other_order=True):
        return run
    # Of each frame but the last two, whether the next one goes on along the same way; the last is where it ends.
    on_the_way = np.array([not one.size or float(np.median(one)) >= _ON_THE_WAY for one in _cosines(ordered)])
    steps = np.zeros(force_rms.size, dtype=np.bool_)
    steps[:-2] |= on_the_way
    steps[1:-1] |= on_the_way
    steps[-1] = True
    run[falling[steps]] = 0
    return run


def _runs_in_order(
    force_rms: NDArray[np.float64], positions: Sequence[NDArray[np.float64]] | None, *, other_order: bool = False
) -> NDArray[np.int_]:
    starts = [0, *(np.flatnonzero(force_rms[1:] > _JUMP * force_rms[:-1]) + 1).tolist(), force_rms.size]
    if positions is not None:
        breaks = [first + place for first, last in pairwise(starts) for place in _breaks(positions[first:last])]
        starts = sorted({*starts, *breaks})
    runs = np.full(force_rms.size, -1)
    for number, (first, last) in enumerate(pairwise(starts)):
        own = None if positions is None else positions[first:last]
        if _is_descent(force_rms[first:last], own, other_order=other_order):
            runs[first:last] = number
    return runs


def _is_descent(
    run: NDArray[np.float64], positions: Sequence[NDArray[np.float64]] | None, *, other_order: bool
) -> bool:
    if run.size < (_SHORT_RUN if positions is not None else _RUN_WITHOUT_POSITIONS):
        return False
    if not _falls(run, surely=positions is None):
        return False
    return positions is None or _come_from_one_side(positions, other_order=other_order)


def _falls(run: NDArray[np.float64], *, surely: bool) -> bool:
    if run[0] <= 0:
        return False
    if run.size < _LONG_RUN:
        return bool(np.all(np.diff(run) < 0) and run[-1] <= _STEEP_FALL * run[0])
    if run[-1] > _FALL * run.max():
        return False
    thinned = run[np.unique(np.linspace(0, run.size - 1, min(run.size, _FRAMES_COMPARED)).astype(int))]
    count = thinned.size
    signs = np.sign(thinned[None, :] - thinned[:, None])
    correlation = float(np.triu(signs, 1).sum()) / (count * (count - 1) / 2)
    by_chance = np.sqrt(2 * (2 * count + 5) / (9 * count * (count - 1)))
    is_significant = correlation <= -_DEVIATIONS * by_chance
    return bool(is_significant or (correlation <= _RANK_CORRELATION and not surely))


def _come_from_one_side(positions: Sequence[NDArray[np.float64]], *, other_order: bool) -> bool:
    """Whether what is left to the final places keeps its direction from step to step, for most atoms that move."""
    if len({one.shape for one in positions}) > 1:
        return False
    cosines = np.concatenate(_cosines(positions) or [np.zeros(0)])
    if not cosines.size:
        return not other_order  # nothing moves: the positions say nothing against it
    middle = float(np.median(cosines))
    if not other_order:
        return middle >= _SAME_WAY
    return (_SAME_WAY if cosines.size >= _MANY_COSINES else _SURELY_SAME_WAY) <= middle <= _STRAIGHT


def _breaks(positions: Sequence[NDArray[np.float64]]) -> list[int]:
    """Return the places where the atoms do not come on along the way of the frame before."""
    if len(positions) < _SHORT_RUN or len({one.shape for one in positions}) > 1:
        return []
    found = _cosines(positions, at_least=_LONG_MOVE)
    return [place + 1 for place, one in enumerate(found) if one.size and float(np.median(one)) < _OTHER_WAY]


def _cosines(positions: Sequence[NDArray[np.float64]], at_least: float = _SMALLEST_MOVE) -> list[NDArray[np.float64]]:
    """Return the cosines between what is left to the final places in each frame and in the next, of moving atoms."""
    left = np.stack([one - positions[-1] for one in positions[:-1]])
    lengths = np.linalg.norm(left, axis=2)
    both = (lengths[1:] > at_least) & (lengths[:-1] > at_least)
    products = np.sum(left[1:] * left[:-1], axis=2) / np.where(both, lengths[1:] * lengths[:-1], 1.0)
    return [one[chosen] for one, chosen in zip(products, both, strict=True)]
