"""Which points decide the softening scale, and which are worst."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from softdash.softening.answers import AtomError, FrameError, FrameInfluence, Influence, Vector, WeightConcentration
from softdash.softening.force_components import ForceComponents, flatten
from softdash.softening.slopes import MAD_TO_STANDARD_DEVIATION
from softdash.softening.statistics import SofteningStatistics

OUTLIER_DEVIATIONS = 10.0
"""Robust standard deviations of a component beyond which the force on an atom is an outlier.

Force errors have heavy tails: of 11,000 atoms in 216 hot crystals (set mpf-TP, three potentials) one in a hundred is
beyond 6, but only one or two in a thousand beyond 10, in at most 11 of the crystals.
"""

SMALLEST_RESIDUAL_SCALE = 1e-3
"""Scale of residuals, eV/Å, below which the fit counts as exact: DFT forces are not converged further."""

_TOP_SHARE = 0.01


def analyse_influence(
    reference: Sequence[NDArray[np.float64]],
    predicted: Sequence[NDArray[np.float64]],
    numbers: Sequence[NDArray[np.int_]],
    statistics: SofteningStatistics,
    *,
    positions: Sequence[int] | None = None,
    listed: int = 10,
) -> Influence:
    """Name the frame, the components and the atoms that decide the slope, and the worst errors.

    Parameters
    ----------
    reference, predicted : sequence of ndarray, shape (N_g, 3)
        Forces of each frame as given to `softdash.softening.analyse_forces`, eV/Å.
    numbers : sequence of ndarray, shape (N_g,)
    statistics : SofteningStatistics
        What that function returned.
    positions : sequence of int, optional
        By which numbers the result names the frames; default 0, 1, 2, …
    listed : int
        Length of each list at most.
    """
    components = flatten(reference, predicted, numbers)
    names = np.arange(components.frame_count) if positions is None else np.asarray(positions, dtype=np.int_)
    scale = _residual_scale(components, statistics.huber_slope)
    errors = np.linalg.norm((components.y - components.x).reshape(-1, 3), axis=1)
    residuals = np.linalg.norm((components.y - statistics.huber_slope * components.x).reshape(-1, 3), axis=1)
    deviations = residuals / max(scale, SMALLEST_RESIDUAL_SCALE)
    outliers = deviations > OUTLIER_DEVIATIONS
    count = int(np.count_nonzero(outliers))

    def described(atoms: NDArray[np.int_]) -> tuple[AtomError, ...]:
        return tuple(_atom_error(components, int(atom), names, errors, deviations) for atom in atoms)

    return Influence(
        most_influential_frame=_most_influential_frame(components, statistics, names),
        weights=_weights(components),
        residual_scale=scale,
        outlier_limit=OUTLIER_DEVIATIONS,
        outlier_count=count,
        outliers=described(_largest(deviations, min(count, listed))),
        worst_atoms=described(_largest(errors, listed)),
        worst_frames=_worst_frames(components, names, listed),
    )


def _residual_scale(components: ForceComponents, slope: float) -> float:
    # As for the Huber slope, components that symmetry keeps at zero on both sides say nothing.
    alive = (components.x != 0) | (components.y != 0)
    residuals = np.abs(components.y[alive] - slope * components.x[alive])
    return MAD_TO_STANDARD_DEVIATION * float(np.median(residuals))


def _most_influential_frame(
    components: ForceComponents, statistics: SofteningStatistics, names: NDArray[np.int_]
) -> FrameInfluence | None:
    without = [
        (place, frame.slope_of_others)
        for place, frame in enumerate(statistics.frames)
        if frame.slope_of_others is not None
    ]
    if not without:
        return None
    place, slope = max(without, key=lambda pair: abs(pair[1] - statistics.slope))
    squares = components.sum_by_frame(components.x**2)
    return FrameInfluence(
        frame=int(names[place]),
        slope_without=slope,
        change=slope - statistics.slope,
        weight=float(squares[place] / squares.sum()),
    )


def _weights(components: ForceComponents) -> WeightConcentration:
    squares = components.x**2
    atoms = squares.reshape(-1, 3).sum(axis=1)
    component_count, component_share = _top_share(squares)
    atom_count, atom_share = _top_share(atoms)
    # Scaled, because fourth powers of very small forces vanish.
    relative = squares / squares.max()
    return WeightConcentration(
        top_component_count=component_count,
        top_component_share=component_share,
        top_atom_count=atom_count,
        top_atom_share=atom_share,
        effective_component_count=float(relative.sum() ** 2 / np.sum(relative * relative)),
    )


def _top_share(weights: NDArray[np.float64]) -> tuple[int, float]:
    count = ceil(_TOP_SHARE * weights.size)
    top = np.partition(weights, weights.size - count)[weights.size - count :]
    return count, min(1.0, float(top.sum() / weights.sum()))


def _largest(values: NDArray[np.float64], count: int) -> NDArray[np.int_]:
    """Return the places of the largest values, largest first, equal ones in their order."""
    return np.argsort(-values, kind="stable")[:count]


def _atom_error(
    components: ForceComponents,
    atom: int,
    names: NDArray[np.int_],
    errors: NDArray[np.float64],
    deviations: NDArray[np.float64],
) -> AtomError:
    first = 3 * atom
    frame, index, _ = components.place(first)
    return AtomError(
        frame=int(names[frame]),
        atom=index,
        atomic_number=int(components.number[first]),
        reference=_vector(components.x[first : first + 3]),
        predicted=_vector(components.y[first : first + 3]),
        error=float(errors[atom]),
        deviation=float(deviations[atom]),
    )


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = values.tolist()
    return x, y, z


def _worst_frames(components: ForceComponents, names: NDArray[np.int_], listed: int) -> tuple[FrameError, ...]:
    difference = components.y - components.x
    counts = 3 * components.atoms_per_frame
    absolute = components.sum_by_frame(np.abs(difference)) / counts
    squares = components.sum_by_frame(difference**2)
    total = float(squares.sum())
    return tuple(
        FrameError(
            frame=int(names[frame]),
            mae=float(absolute[frame]),
            rmse=float(np.sqrt(squares[frame] / counts[frame])),
            error_share=float(squares[frame] / total) if total > 0 else 0.0,
        )
        for frame in _largest(absolute, listed)
    )
