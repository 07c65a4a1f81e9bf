"""Energies of many cases: known answers, intervals that cover, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from softdash.errors import RefusalError
from softdash.softening.energies import compare_energies


def test_uniform_softening_has_its_factor_for_slope() -> None:
    energies = np.array([0.05, 0.08, 0.12, 0.2])
    found = compare_energies(energies, 0.8 * energies)
    assert found.count == 4
    assert found.slope == pytest.approx(0.8)
    assert found.slope_interval is not None
    assert found.slope_interval.half_width == pytest.approx(0, abs=1e-12)
    assert found.mae == pytest.approx(0.2 * energies.mean())
    assert found.mean_error == pytest.approx(-0.2 * energies.mean())
    assert found.share_underpredicted == 1.0
    assert found.share_interval is not None
    assert found.share_interval.low == pytest.approx(0.51, abs=0.01)
    assert found.largest_case == 3
    assert found.largest_leverage == pytest.approx(0.04 / np.sum(energies**2))


def test_signs_of_errors_decide_the_share() -> None:
    found = compare_energies([-1.0, 1.0, 2.0, 3.0], [-1.5, 1.5, 1.5, 3.0])
    assert found.share_underpredicted == 0.5
    assert found.mean_error == pytest.approx(-0.125)
    assert found.mae == pytest.approx(0.375)


def test_differences_within_the_error_of_the_reference_decide_nothing() -> None:
    found = compare_energies([1.0, 1.0, 1.0, 1.0], [0.95, 1.05, 0.8, 0.99], reference_errors=[0.1, 0.1, 0.1, np.nan])
    assert (found.below_count, found.decided_count) == (2, 2)
    assert found.share_underpredicted == 1.0
    assert found.count == 4
    undecided = compare_energies([1.0, 2.0], [1.0, 1.99], reference_errors=[0.1, 0.1])
    assert undecided.share_underpredicted is None
    assert undecided.share_interval is None


def test_one_large_case_is_named_as_the_slope() -> None:
    found = compare_energies([0.1, 0.2, 8.0], [0.05, 0.1, 8.0])
    assert found.slope == pytest.approx(1, abs=0.001)
    assert found.largest_leverage > 0.99
    assert found.slope_interval is not None


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    generator = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        x = generator.uniform(0.5, 3.0, 20)
        y = 0.8 * x + generator.normal(scale=0.1 * x)
        found = compare_energies(x, y)
        assert found.slope_interval is not None
        assert found.mean_error_interval is not None
        slope_covered = found.slope_interval.low < 0.8 < found.slope_interval.high
        mean_covered = found.mean_error_interval.low < -0.2 * 1.75 < found.mean_error_interval.high
        covered.append((slope_covered, mean_covered))
    shares = np.mean(covered, axis=0)
    assert (shares > 0.90).all()
    assert (shares < 0.98).all()


def test_a_single_case_has_no_interval() -> None:
    found = compare_energies([2.0], [1.5])
    assert found.slope == 0.75
    assert found.slope_interval is None
    assert found.mean_error_interval is None


@pytest.mark.parametrize(
    ("reference", "predicted", "words"),
    [
        ([], [], "0 reference energies"),
        ([1.0, 2.0], [1.0], "2 reference energies and 1"),
        ([1.0, np.nan], [1.0, 1.0], "not a finite number"),
        ([0.0, 0.0], [1.0, 1.0], "all zero|are zero"),
    ],
)
def test_what_means_nothing_is_refused(reference: list[float], predicted: list[float], words: str) -> None:
    with pytest.raises(RefusalError, match=words):
        compare_energies(reference, predicted)
