"""Correlation and falling medians over materials: against scipy, known coverage, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softdash.errors import RefusalError
from softdash.softening import correlate, reduction_of_medians


@pytest.fixture
def pairs() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    x = generator.normal(0.9, 0.1, 120).round(2)  # rounding makes ties
    return x, 0.5 * x + generator.normal(0, 0.05, 120).round(2)


def test_both_coefficients_are_scipy_s(pairs: tuple[np.ndarray, np.ndarray]) -> None:
    found = correlate(*pairs)
    assert found.count == 120
    assert found.pearson == pytest.approx(stats.pearsonr(*pairs).statistic, abs=1e-12)
    assert found.rank == pytest.approx(stats.spearmanr(*pairs).statistic, abs=1e-12)
    fisher = stats.pearsonr(*pairs).confidence_interval(0.95)
    assert found.pearson_interval.low == pytest.approx(fisher.low, abs=0.05)
    assert found.pearson_interval.high == pytest.approx(fisher.high, abs=0.05)
    assert found.rank_interval.low < found.rank < found.rank_interval.high


def test_equal_input_gives_equal_output(pairs: tuple[np.ndarray, np.ndarray]) -> None:
    assert correlate(*pairs) == correlate(*pairs)


def test_one_outlier_moves_r_and_not_the_ranks(pairs: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = (np.append(values, outlier) for values, outlier in zip(pairs, (9.0, -9.0), strict=True))
    assert correlate(x, y).pearson < 0 < correlate(x, y).rank


def test_perfect_and_opposite_order() -> None:
    x = np.arange(1.0, 8)
    assert correlate(x, x**3).rank == pytest.approx(1)
    assert correlate(x, -x).pearson == pytest.approx(-1)
    assert correlate(x, x).rank_interval.high <= 1


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_intervals_hold_the_truth(correlation: float) -> None:
    generator = np.random.default_rng(11)
    truth_of_ranks = 6 / np.pi * np.arcsin(correlation / 2)
    held = np.zeros(2)
    for _ in range(300):
        x, noise = generator.normal(size=(2, 80))
        found = correlate(x, correlation * x + np.sqrt(1 - correlation**2) * noise, draws=400)
        held += [
            found.pearson_interval.low <= correlation <= found.pearson_interval.high,
            found.rank_interval.low <= truth_of_ranks <= found.rank_interval.high,
        ]
    assert np.all(held / 300 > 0.90)


def test_a_falling_median() -> None:
    before = np.array([0.1, 0.2, 0.4, 0.3, 0.5])
    value, interval = reduction_of_medians(before, 0.8 * before)
    assert value == pytest.approx(0.2)
    assert (interval.low, interval.high) == pytest.approx((0.2, 0.2))
    noisy = before * np.array([0.7, 1.1, 0.9, 0.8, 0.95])
    value, interval = reduction_of_medians(before, noisy)
    assert value == pytest.approx(1 - np.median(noisy) / 0.3)
    assert interval.low < value < interval.high


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1, 2, 3], [1, 2, 3], "at least 4"),
        ([1, 2, 3, 4], [1, 2, 3], "other"),
        ([1, 2, 3, np.nan], [1, 2, 3, 4], "NaN"),
        ([1, 1, 1, 1], [1, 2, 3, 4], "equal"),
    ],
)
def test_what_cannot_be_correlated(x: list[float], y: list[float], words: str) -> None:
    with pytest.raises(RefusalError, match=words):
        correlate(x, y)


def test_what_cannot_be_reduced() -> None:
    with pytest.raises(RefusalError, match="one material"):
        reduction_of_medians([1], [1])
    with pytest.raises(RefusalError, match="zero"):
        reduction_of_medians([1, 0], [1, 1])
