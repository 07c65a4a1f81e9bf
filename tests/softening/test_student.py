from __future__ import annotations

from math import nan

import pytest
from scipy import stats

from softdash.softening.student import student_two_sided_probability, student_two_sided_quantile


@pytest.mark.parametrize("level", [0.5, 0.683, 0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize(
    "degrees_of_freedom", [*range(1, 31), 99, 100, 170, 171, 299, 300, 399, 400, 401, 500, 5000, 10**6]
)
def test_quantile_equals_scipy(level, degrees_of_freedom):
    expected = stats.t.ppf((1 + level) / 2, degrees_of_freedom)
    assert student_two_sided_quantile(level, degrees_of_freedom) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("degrees_of_freedom", [1.0001, 1.3, 1.99, 2.5, 7.7, 55.5, 399.9, 400.5, 1234.5])
def test_quantile_of_broken_degrees_of_freedom_equals_scipy(level, degrees_of_freedom):
    expected = stats.t.ppf((1 + level) / 2, degrees_of_freedom)
    assert student_two_sided_quantile(level, degrees_of_freedom) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("t", [0.0, 0.1, 1.0, 2.5, 12.7])
@pytest.mark.parametrize("degrees_of_freedom", [1, 2, 3, 4, 9, 50, 301])
def test_probability_equals_scipy(t, degrees_of_freedom):
    expected = 1 - 2 * stats.t.sf(t, degrees_of_freedom)
    assert student_two_sided_probability(t, degrees_of_freedom) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("level", "degrees_of_freedom"), [(0.0, 5), (1.0, 5), (nan, 5), (0.95, 0)])
def test_impossible_arguments(level, degrees_of_freedom):
    with pytest.raises(ValueError, match="no Student quantile"):
        student_two_sided_quantile(level, degrees_of_freedom)
