"""Coarse coordinates widen the interval, or withhold the verdict, by as much as they move the slope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from ase import Atoms
from numpy.typing import NDArray

from softdash.diagnosis.plausibility.rounding import (
    LARGE_SPREAD,
    doubt_about_rounding,
    rounding_effect,
    with_rounding,
)
from softdash.softening import analyse_forces
from softdash.structures.frames.labelled_frame import LabelledFrame

STIFFNESS = 10.0  # eV/Å², a harmonic crystal: each atom in its own well, so that the effect is known
CELL = np.diag([8.0, 8.0, 8.0])


def wells(count: int) -> NDArray[np.float64]:
    return np.random.default_rng(7).uniform(0, 8, size=(count, 3))


def harmonic(atoms: Sequence[Atoms]) -> list[NDArray[np.float64]]:
    return [-0.8 * STIFFNESS * (one.positions - wells(len(one))) for one in atoms]


def frame_of(count: int, decimals: int | None, *, seed: int) -> LabelledFrame:
    """Return a frame whose forces are of the true positions, and whose positions are rounded."""
    generator = np.random.default_rng(seed)
    positions = wells(count) + generator.normal(scale=0.05, size=(count, 3))
    forces = -STIFFNESS * (positions - wells(count))
    if decimals is None:
        return LabelledFrame(Atoms(f"H{count}", positions, cell=CELL, pbc=True), forces, "a.cif")
    rounded = np.round(positions / 8.0, decimals) * 8.0
    rounding = 0.5 * 10.0**-decimals * CELL
    return LabelledFrame(Atoms(f"H{count}", rounded, cell=CELL, pbc=True), forces, "a.cif", rounding=rounding)


@pytest.mark.parametrize("decimals", [2, 3])
def test_effect_is_that_of_many_roundings(decimals: int) -> None:
    slopes, deviations = [], []
    for seed in range(150):
        frame = frame_of(16, decimals, seed=seed)
        (predicted,) = harmonic([frame.atoms])
        slopes.append(float(np.vdot(frame.reference_forces, predicted) / np.vdot(*[frame.reference_forces] * 2)))
        effect = rounding_effect([frame], [predicted], harmonic)
        assert effect is not None
        deviations.append(effect.deviation)
    assert np.sqrt(np.mean(np.square(deviations))) == pytest.approx(np.std(slopes), rel=0.15)


def test_frames_that_are_not_tried_count_like_those_that_are() -> None:
    frames = [frame_of(16, 2, seed=seed) for seed in range(12)]
    one = rounding_effect(frames[:1], harmonic([frames[0].atoms]), harmonic)
    twelve = rounding_effect(frames, harmonic([frame.atoms for frame in frames]), harmonic)
    assert one is not None
    assert twelve is not None
    assert twelve.deviation == pytest.approx(one.deviation / np.sqrt(12), rel=0.5)


def test_precise_coordinates_cost_no_prediction() -> None:
    def never(_atoms: Sequence[Atoms]) -> list[NDArray[np.float64]]:
        raise AssertionError

    for decimals in (None, 8):
        frame = frame_of(16, decimals, seed=0)
        assert rounding_effect([frame], harmonic([frame.atoms]), never) is None


def test_interval_widens_and_a_large_effect_withholds_the_verdict() -> None:
    frames = [frame_of(16, 2, seed=seed) for seed in range(4)]
    predicted = harmonic([frame.atoms for frame in frames])
    statistics = analyse_forces([frame.reference_forces for frame in frames], predicted, [[1] * 16] * 4)
    effect = rounding_effect(frames, predicted, harmonic)
    assert effect is not None
    assert effect.shift == pytest.approx(0.04)
    wider = with_rounding(statistics, effect)
    assert wider.slope == statistics.slope
    assert statistics.slope_interval is not None
    assert wider.slope_interval is not None
    assert wider.slope_interval.half_width == pytest.approx(
        np.hypot(statistics.slope_interval.half_width, effect.spread)
    )
    assert wider.notices[-1].code == "coarse_coordinates"
    doubt = doubt_about_rounding(statistics, effect)
    assert (doubt is not None) is (effect.spread >= LARGE_SPREAD)
    assert with_rounding(statistics, None) is statistics
