"""How far the digits of the coordinates decide the slope: the potential sees rounded positions, DFT saw the true ones.

The potential's own change of force for random shifts as large as the rounding tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.diagnosis.records import ReadingDoubt
from softdash.softening import three_digits
from softdash.softening.statistics import Interval, Notice, SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrame

SPREAD = 3
"""Standard deviations of the slope that count as the spread by rounding. They are estimated for independent shifts of
the atoms; over random origins of GPAW's cells the true ones are up to 1.9 times as large, and in supercells whose cells
are written alike errors add up."""

NEGLIGIBLE_SPREAD = 0.004
"""Spread that is not worth a word."""

LARGE_SPREAD = 0.015
"""Spread from which on there is no firm verdict."""

SMALLEST_SHIFT = 1e-4
"""Å; coordinates written more precisely than this are not tried."""

FEWEST_TRIED, MOST_TRIED, FRAMES_PER_TRIED = 2, 4, 20
"""Predictions that this costs: two, or one for twenty frames, four at most."""

Predict = Callable[[Sequence[Atoms]], Sequence[NDArray[np.float64]]]


@dataclass(frozen=True, slots=True)
class RoundingEffect:
    """What rounding does to the slope.

    Attributes
    ----------
    shift : float
        Largest shift of an atom along one direction, Å.
    deviation : float
        Standard deviation of the slope of all frames.
    """

    shift: float
    deviation: float

    @property
    def spread(self) -> float:
        """By how much the slope may be off."""
        return SPREAD * self.deviation


def rounding_effect(
    frames: Sequence[LabelledFrame], predicted: Sequence[NDArray[np.float64]], predict: Predict
) -> RoundingEffect | None:
    """Return the effect of the rounding of the coordinates on the slope; None where it cannot matter.

    Two to four more predictions, with each atom shifted at random; a single frame is shifted twice. With x the
    reference forces and d the change of the predicted ones, the slope moves by Σ x·d / Σ x². Two draws of it are a poor
    guess of its variance: this is taken atom by atom, Σ (x·d)², or over all directions at once, Σ |x|²|d|² / 3,
    whichever is larger, for x and d both lie along stiff bonds.

    Parameters
    ----------
    frames : sequence of LabelledFrame
        Their `rounding` says how coarse the coordinates are.
    predicted : sequence of ndarray, shapes (N, 3)
        Forces at the positions as read, eV/Å.
    predict : callable
        Gives the forces of structures.
    """
    coarse = [
        place
        for place, frame in enumerate(frames)
        if frame.rounding is not None and _largest_shift(frame.rounding) > SMALLEST_SHIFT
    ]
    squares = np.array([float(np.vdot(frame.reference_forces, frame.reference_forces)) for frame in frames])
    if not coarse or squares[coarse].sum() == 0:
        return None
    wanted = min(MOST_TRIED, max(FEWEST_TRIED, -(-len(coarse) // FRAMES_PER_TRIED)))
    tried = [coarse[place] for place in np.linspace(0, len(coarse) - 1, wanted).astype(int)]
    generator = np.random.default_rng(0)
    moved = predict([_shifted(frames[place], generator) for place in tried])
    local, isotropic = 0.0, 0.0
    for place, forces in zip(tried, moved, strict=True):
        reference, change = frames[place].reference_forces, np.asarray(forces) - predicted[place]
        local += float(((reference * change).sum(axis=1) ** 2).sum())
        isotropic += float(((reference**2).sum(axis=1) * (change**2).sum(axis=1)).sum()) / 3
    # Frames that were not tried are taken to be like those that were, and each rounded by itself.
    share = squares[coarse].sum() / squares[tried].sum()
    deviation = float(np.sqrt(max(local, isotropic) * share) / squares.sum())
    return RoundingEffect(max(_largest_shift(frames[place].rounding) for place in coarse), deviation)


def _largest_shift(rounding: NDArray[np.float64] | None) -> float:
    return 0.0 if rounding is None else float(np.linalg.norm(rounding, axis=1).max())


def _shifted(frame: LabelledFrame, generator: np.random.Generator) -> Atoms:
    """Return the structure with random shifts as large as its rounding."""
    assert frame.rounding is not None  # noqa: S101 - only such frames are tried
    atoms: Atoms = frame.atoms.copy()
    atoms.positions += generator.uniform(-1, 1, size=(len(atoms), 3)) @ frame.rounding
    return atoms


def with_rounding(statistics: SofteningStatistics, effect: RoundingEffect | None) -> SofteningStatistics:
    """Return statistics with the interval widened by the rounding, and a notice; unchanged where it is negligible."""
    if effect is None or effect.spread < NEGLIGIBLE_SPREAD:
        return statistics
    interval = statistics.slope_interval
    message = (
        f"The coordinates are written to ±{three_digits(effect.shift)} Å. Shifts of that size move the slope by about "
        f"±{three_digits(effect.spread)}; the interval holds that too. Give more digits."
    )
    wider = None if interval is None else _widened(interval, effect.spread)
    return replace(
        statistics, slope_interval=wider, notices=(*statistics.notices, Notice("coarse_coordinates", message))
    )


def _widened(interval: Interval, spread: float) -> Interval:
    middle = (interval.low + interval.high) / 2
    half = float(np.hypot((interval.high - interval.low) / 2, spread))
    return replace(interval, low=middle - half, high=middle + half)


def doubt_about_rounding(statistics: SofteningStatistics, effect: RoundingEffect | None) -> ReadingDoubt | None:
    """Return the doubt that coarse coordinates decide the slope, or None."""
    if effect is None or effect.spread < LARGE_SPREAD:
        return None
    return ReadingDoubt(
        code="rounding",
        headline="The coordinates have too few digits for a verdict.",
        text=(
            f"They are written to ±{three_digits(effect.shift)} Å. Shifts of that size move the slope "
            f"({three_digits(statistics.slope)}) by about ±{three_digits(effect.spread)}. Write the structure with six "
            "decimals, or upload CONTCAR or vasprun.xml."
        ),
        numbers={"slope": statistics.slope, "shift": effect.shift, "spread": effect.spread},
    )
