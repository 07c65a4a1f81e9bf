"""The softening scale taken apart: by element, by size of the reference force, by frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from softdash.softening.chi_squared import chi_squared_quantile
from softdash.softening.force_components import ForceComponents, sum_of_others
from softdash.softening.intervals import interval_through_origin, interval_with_intercept
from softdash.softening.refusals import SMALLEST_PREDICTED_RMS, SMALLEST_REFERENCE_RMS
from softdash.softening.slopes import origin_slope, slope_with_intercept
from softdash.softening.statistics import ElementSlope, FrameSlope, MagnitudeBin, SofteningStatistics

FEWEST_COMPONENTS_SHOWN = 30
"""Components below which the slope of an element or of a magnitude bin is not shown."""

_FIRST_EDGES = (0.0, 0.1)
_NORMAL_95 = 1.96
_AGREEMENT = 0.95
_SMALLEST_ERROR = 1e-6


def element_slopes(components: ForceComponents) -> tuple[ElementSlope, ...]:
    """Least squares with intercept over the components on each element, by atomic number.

    Elements with fewer than 30 components, or whose forces all vanish on either side, are left out.
    """
    found = []
    for number in np.unique(components.number):
        chosen = components.number == number
        x, y = components.x[chosen], components.y[chosen]
        if x.size < FEWEST_COMPONENTS_SHOWN or not _has_slope(x - x.mean(), y):
            continue
        slope, _ = slope_with_intercept(x, y)
        _, interval = interval_with_intercept(x, y, components.unit[chosen])
        found.append(ElementSlope(int(number), int(x.size), slope, interval, float(np.mean(np.abs(y - x)))))
    return tuple(found)


def magnitude_bins(components: ForceComponents) -> tuple[MagnitudeBin, ...]:
    """Slope through the origin in bins of the reference magnitude, never of the predicted one (it fakes softening).

    Edges follow 0, 0.1, 0.2, 0.5, 1, 2, 5, … eV/Å; a bin with fewer than 30 components, or with only vanishing
    forces, is joined with the next one. Empty where the material has fewer than 30 components.
    """
    magnitude = np.abs(components.x)
    if magnitude.size < FEWEST_COMPONENTS_SHOWN:
        return ()
    edges = _readable_edges(float(magnitude.max()))
    bin_of_component = np.searchsorted(edges, magnitude, side="right") - 1
    counts = np.bincount(bin_of_component, minlength=len(edges) - 1)
    squares = np.bincount(bin_of_component, weights=magnitude**2, minlength=len(edges) - 1).astype(np.float64)
    kept = _joined_edges(counts, squares)
    return tuple(
        _magnitude_bin(components, (bin_of_component >= low) & (bin_of_component < high), edges[low], edges[high])
        for low, high in pairwise(kept)
    )


def unlike_magnitudes(statistics: SofteningStatistics) -> tuple[MagnitudeBin, MagnitudeBin] | None:
    """Return the bins of lowest and highest slope, smaller forces first, where the slope changes with the force.

    It does where the bins together differ by more than their errors allow (Cochran's Q at 95 %), or where the
    curvature of the cloud is worth a warning. All bins count: the first and the last alone miss a hump between them,
    and a change that each bin shows but none proves.

    Parameters
    ----------
    statistics : SofteningStatistics
        With its notices.
    """
    bins = statistics.magnitude_bins
    if len(bins) < 2:
        return None
    is_curved = any(notice.code == "curvature" for notice in statistics.notices)
    if not is_curved and not _differ(bins):
        return None
    lowest, highest = sorted((min(bins, key=_slope), max(bins, key=_slope)), key=lambda item: item.lower)
    return lowest, highest


def _slope(item: MagnitudeBin) -> float:
    return item.slope


def _differ(bins: Sequence[MagnitudeBin]) -> bool:
    """Whether slopes differ by more than their errors: Cochran's Q over the bins that have an interval.

    The half width over 1.96 is the standard error or, where few frames widen the interval, more: on the safe side.
    """
    known = [(item.slope, item.interval.half_width / _NORMAL_95) for item in bins if item.interval is not None]
    if len(known) < 2:
        return False
    slopes = np.array([slope for slope, _ in known])
    weights = 1 / np.square(np.maximum([error for _, error in known], _SMALLEST_ERROR))
    mean = float(np.sum(weights * slopes) / np.sum(weights))
    heterogeneity = float(np.sum(weights * np.square(slopes - mean)))
    return heterogeneity > chi_squared_quantile(_AGREEMENT, len(known) - 1)


def frame_slopes(components: ForceComponents) -> tuple[FrameSlope, ...]:
    """Slope of each frame alone and of all others without it (leave one frame out), from sums over frames.

    A slope is None where the forces it would rest on have a root mean square below `SMALLEST_REFERENCE_RMS`.
    """
    x, y = components.x, components.y
    xx, xy = components.sum_by_frame(x * x), components.sum_by_frame(x * y)
    count = 3 * components.atoms_per_frame
    slopes = _slopes_or_none(xx, xy, count)
    slopes_of_others = _slopes_or_none(sum_of_others(xx), sum_of_others(xy), count.sum() - count)
    errors = components.sum_by_frame(np.abs(y - x)) / count
    net_forces = _net_force_per_atom(components)
    return tuple(
        FrameSlope(
            frame=frame,
            component_count=int(count[frame]),
            slope=slopes[frame],
            slope_of_others=slopes_of_others[frame],
            mae=float(errors[frame]),
            net_force_per_atom=float(net_forces[frame]),
        )
        for frame in range(components.frame_count)
    )


def _has_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    return bool(np.sqrt(np.mean(x * x)) >= SMALLEST_REFERENCE_RMS and np.sqrt(np.mean(y * y)) >= SMALLEST_PREDICTED_RMS)


def _readable_edges(largest: float) -> NDArray[np.float64]:
    """Edges 0, 0.1, 0.2, 0.5, 1, … up to the first one above `largest`."""
    edges = list(_FIRST_EDGES)
    steps = (2, 5, 10)
    while edges[-1] <= largest:
        position = len(edges) - len(_FIRST_EDGES)
        decade, step = divmod(position, len(steps))
        # Division of whole numbers keeps 0.2 and 0.5 free of rounding dust.
        edges.append(steps[step] * 10**decade / 10)
    return np.array(edges)


def _joined_edges(counts: NDArray[np.int_], squares: NDArray[np.float64]) -> list[int]:
    """Positions of the edges that stay when bins that are too small are joined with the next."""
    kept, count, square = [0], 0, 0.0
    for position, (more, more_square) in enumerate(zip(counts, squares, strict=True), start=1):
        count, square = count + int(more), square + float(more_square)
        if count >= FEWEST_COMPONENTS_SHOWN and square >= count * SMALLEST_REFERENCE_RMS**2:
            kept.append(position)
            count, square = 0, 0.0
    if kept[-1] != len(counts):
        # What is left at the top is too small for a bin of its own and joins the last one.
        kept[1 if len(kept) == 1 else -1 :] = [len(counts)]
    return kept


def _magnitude_bin(components: ForceComponents, chosen: NDArray[np.bool_], lower: float, upper: float) -> MagnitudeBin:
    x, y = components.x[chosen], components.y[chosen]
    slope = origin_slope(x, y)
    _, interval = interval_through_origin(x, y, components.unit[chosen])
    return MagnitudeBin(float(lower), float(upper), int(x.size), slope, interval, float(np.mean(np.abs(y - x))))


def _slopes_or_none(xx: NDArray[np.float64], xy: NDArray[np.float64], count: NDArray[np.int_]) -> list[float | None]:
    return [
        float(product / square) if n and square >= n * SMALLEST_REFERENCE_RMS**2 else None
        for square, product, n in zip(xx, xy, count, strict=True)
    ]


def _net_force_per_atom(components: ForceComponents) -> NDArray[np.float64]:
    """|Σ F|/N of the reference forces of each frame, eV/Å, shape (frames,)."""
    vectors = components.x.reshape(-1, 3)
    frame_of_atom = components.frame[::3]
    totals = np.stack([np.bincount(frame_of_atom, weights=vectors[:, axis]) for axis in range(3)], axis=1)
    norms: NDArray[np.float64] = np.linalg.norm(totals, axis=1)
    return norms / components.atoms_per_frame
