"""How far the digits of the coordinates decide the slope: the potential sees rounded positions, DFT saw the true ones.

The potential's own change of force for shifts as large as the rounding tells: it enters the slope like noise.
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
from softdash.structures.labelled_frame import LabelledFrame

NEGLIGIBLE_SPREAD = 0.004
"""Spread of the slope by rounding (twice its standard deviation) that is not worth a word."""

LARGE_SPREAD = 0.03
"""Spread by rounding from which on there is no firm verdict."""

SMALLEST_SHIFT = 1e-4
"""Å; coordinates written more precisely than this are not tried."""

DRAWS = 2
FRAMES_TRIED = 4

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
        """Twice the standard deviation."""
        return 2 * self.deviation


def rounding_effect(
    frames: Sequence[LabelledFrame], predicted: Sequence[NDArray[np.float64]], predict: Predict
) -> RoundingEffect | None:
    """Return the effect of the rounding of the coordinates on the slope; None where it cannot matter.

    Two more predictions with random shifts, of at most four frames. With x the reference forces and d the change of the
    predicted ones, the slope moves by Σ x·d / Σ x²; atoms are taken as independent.

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
    if not coarse:
        return None
    tried = [coarse[place] for place in np.unique(np.linspace(0, len(coarse) - 1, FRAMES_TRIED).astype(int))]
    generator = np.random.default_rng(0)
    moved = [_shifted(frames[place], generator) for place in tried for _ in range(DRAWS)]
    forces = predict(moved)
    noise = signal = 0.0
    for index, place in enumerate(tried):
        reference = frames[place].reference_forces
        signal += float(np.vdot(reference, reference))
        for draw in range(DRAWS):
            change = np.asarray(forces[DRAWS * index + draw]) - predicted[place]
            noise += float((np.sum(reference * change, axis=1) ** 2).sum()) / DRAWS
    whole = sum(float(np.vdot(f.reference_forces, f.reference_forces)) for f in frames)
    if signal == 0 or whole == 0:
        return None
    # Frames that were not tried are taken to be like those that were.
    share = sum(float(np.vdot(frames[p].reference_forces, frames[p].reference_forces)) for p in coarse) / signal
    shift = max(_largest_shift(frames[place].rounding) for place in coarse)
    return RoundingEffect(shift, float(np.sqrt(noise * share)) / whole)


def _largest_shift(rounding: NDArray[np.float64] | None) -> float:
    return 0.0 if rounding is None else float(np.linalg.norm(rounding, axis=1).max())


def _shifted(frame: LabelledFrame, generator: np.random.Generator) -> Atoms:
    atoms = frame.atoms.copy()
    assert frame.rounding is not None  # noqa: S101 - only such frames are tried
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
