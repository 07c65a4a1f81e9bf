"""How far the digits of the coordinates decide the slope: the potential sees rounded positions, DFT saw the true ones.

The potential's own change of force for shifts as large as the rounding tells. Rounding errors of different atoms may be
independent, or, in a supercell whose cells are written alike, the same for all atoms of a kind: both are tried.
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

NEGLIGIBLE_SPREAD = 0.006
"""Spread of the slope by rounding (twice its standard deviation) that is not worth a word."""

LARGE_SPREAD = 0.01
"""Spread by rounding from which on there is no firm verdict."""

SMALLEST_SHIFT = 1e-4
"""Å; coordinates written more precisely than this are not tried."""

FRAMES_TRIED = 4
COHERENT_DRAWS = 2

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

    Three more predictions of at most four frames: one with each atom shifted by itself, two with all atoms of an
    element shifted together. With x the reference forces and d the change of the predicted ones, the slope moves by
    Σ x·d / Σ x². The larger of both effects counts.

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
    tried = [coarse[place] for place in np.unique(np.linspace(0, len(coarse) - 1, FRAMES_TRIED).astype(int))]
    generator = np.random.default_rng(0)
    moved = [
        _shifted(frames[place], generator, together=together)
        for place in tried
        for together in (False, *[True] * COHERENT_DRAWS)
    ]
    forces = iter(predict(moved))
    single = coherent = 0.0
    for place in tried:
        reference = frames[place].reference_forces
        changes = [np.asarray(next(forces)) - predicted[place] for _ in range(1 + COHERENT_DRAWS)]
        single += float((np.sum(reference * changes[0], axis=1) ** 2).sum())
        coherent += float(np.mean([np.vdot(reference, change) ** 2 for change in changes[1:]]))
    # Frames that were not tried are taken to be like those that were, and each rounded by itself.
    share = squares[coarse].sum() / squares[tried].sum()
    deviation = float(np.sqrt(max(single, coherent) * share) / squares.sum())
    return RoundingEffect(max(_largest_shift(frames[place].rounding) for place in coarse), deviation)


def _largest_shift(rounding: NDArray[np.float64] | None) -> float:
    return 0.0 if rounding is None else float(np.linalg.norm(rounding, axis=1).max())


def _shifted(frame: LabelledFrame, generator: np.random.Generator, *, together: bool) -> Atoms:
    """Return the structure with random shifts as large as its rounding, for each atom or for each element."""
    assert frame.rounding is not None  # noqa: S101 - only such frames are tried
    atoms: Atoms = frame.atoms.copy()
    shifts = generator.uniform(-1, 1, size=(len(atoms), 3))
    if together:
        _, first, kind = np.unique(atoms.numbers, return_index=True, return_inverse=True)
        shifts = shifts[first][kind]
    atoms.positions += shifts @ frame.rounding
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
