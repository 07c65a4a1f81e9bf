"""Relative force errors: their values, and how often their intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from softdash.softening.relative_error import relative_errors

Frames = list[NDArray[np.float64]]


def made_up(
    count: int, *, slope: float = 0.8, noise: float = 0.1, spread: float = 0.0, seed: int = 0
) -> tuple[Frames, Frames, list[NDArray[np.int_]]]:
    generator = np.random.default_rng(seed)
    x = [generator.normal(size=(20, 3)) for _ in range(count)]
    y = [(slope + spread * generator.normal()) * a + noise * generator.normal(size=a.shape) for a in x]
    return x, y, [np.full(20, 14) for _ in range(count)]


def test_values_are_those_of_the_formulas() -> None:
    x, y, numbers = made_up(4)
    found = relative_errors(x, y, numbers)
    all_x, all_y = np.concatenate(x), np.concatenate(y)
    assert found.uncorrected.value == pytest.approx(np.sqrt(np.sum((all_y - all_x) ** 2) / np.sum(all_x**2)), rel=1e-12)
    left = 0.0
    for place in range(4):
        other_x, other_y = (np.concatenate(side[:place] + side[place + 1 :]) for side in (x, y))
        factor = np.sum(other_x * other_y) / np.sum(other_y**2)
        left += float(np.sum((factor * y[place] - x[place]) ** 2))
    assert found.corrected is not None
    assert found.corrected.value == pytest.approx(np.sqrt(left / np.sum(all_x**2)), rel=1e-12)


def test_a_factor_leaves_about_the_root_of_one_minus_r_squared() -> None:
    x, y, numbers = made_up(30)
    all_x, all_y = np.concatenate(x), np.concatenate(y)
    r_squared = np.sum(all_x * all_y) ** 2 / (np.sum(all_x**2) * np.sum(all_y**2))
    found = relative_errors(x, y, numbers)
    assert found.corrected is not None
    assert found.corrected.value == pytest.approx(np.sqrt(1 - r_squared), rel=0.01)


def test_one_frame_has_no_interval_and_no_held_out_error() -> None:
    found = relative_errors(*made_up(1))
    assert found.uncorrected.interval is None
    assert found.corrected is None


def test_nor_have_copies_of_one_frame_or_steps_of_a_relaxation() -> None:
    x, y, numbers = made_up(1)
    copies = relative_errors(x * 5, y * 5, numbers * 5)
    assert copies.uncorrected.interval is None
    assert copies.corrected is None
    assert relative_errors(*made_up(5), relaxation=True).uncorrected.interval is None


def test_intervals_are_never_negative_and_hold_their_value() -> None:
    for count in (2, 3, 10):
        for error in (relative_errors(*made_up(count, spread=0.1)).uncorrected,):
            assert error.interval is not None
            assert 0 < error.interval.low < error.value < error.interval.high


@pytest.mark.parametrize("count", [3, 5, 10])
def test_intervals_hold(count: int) -> None:
    """Frames whose slopes differ: y = (s + τ z) x + noise, so that E² = (1−s)² + τ² + noise²."""
    truth = np.sqrt(0.2**2 + 0.05**2 + 0.1**2)
    held = 0
    for seed in range(200):
        error = relative_errors(*made_up(count, spread=0.05, seed=seed)).uncorrected
        assert error.interval is not None
        held += error.interval.low <= truth <= error.interval.high
    assert held / 200 > 0.9
