from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from softdash.errors import RefusalError
from softdash.softening import (
    corrected_mae,
    error_reduction,
    linear_correction,
    mae,
    mae_at_linear_correction,
    r_squared,
    rmse,
    softening_scale,
)


@pytest.fixture
def cloud():
    generator = np.random.default_rng(11)
    x = generator.normal(0, 1, 900)
    return x, 0.8 * x + generator.normal(0, 0.3, 900)


def test_r_squared_is_one_minus_the_unexplained_share_of_the_origin_fit(cloud):
    x, y = cloud
    (_,), residual, *_ = np.linalg.lstsq(x[:, None], y, rcond=None)
    assert r_squared(x, y) == pytest.approx(1 - residual[0] / np.sum(y**2), abs=1e-12)


def test_r_squared_says_scatter_not_slope(cloud):
    x, _ = cloud
    assert r_squared(x, 0.3 * x) == pytest.approx(1.0, abs=1e-14)


def test_rmse_and_mae_are_over_components():
    x = np.zeros((2, 3)) + 1.0
    y = x + np.array([[3.0, 0, 0], [0, -4.0, 0]])
    assert mae(x, y) == pytest.approx(7 / 6)
    assert rmse(x, y) == pytest.approx(np.sqrt(25 / 6))


def test_corrected_mae_turns_the_cloud_back(cloud):
    x, y = cloud
    assert corrected_mae(x, 0.7 * x) == pytest.approx(0, abs=1e-14)
    assert error_reduction(x, 0.7 * x) == pytest.approx(1)
    assert corrected_mae(x, y) == pytest.approx(np.mean(np.abs(y / softening_scale(x, y) - x)))
    assert error_reduction(x, y) == pytest.approx(1 - corrected_mae(x, y) / mae(x, y))


def test_error_reduction_of_a_perfect_potential_is_zero(cloud):
    assert error_reduction(cloud[0], cloud[0]) == 0.0


def test_linear_correction_minimises_the_squared_error(cloud):
    x, y = cloud
    best = optimize.minimize_scalar(lambda c: np.sum((c * y - x) ** 2), tol=1e-12).x
    assert linear_correction(x, y) == pytest.approx(best, abs=1e-7)
    assert mae_at_linear_correction(x, y) == pytest.approx(np.mean(np.abs(linear_correction(x, y) * y - x)))


def test_slope_after_the_linear_correction_is_r_squared_not_one(cloud):
    x, y = cloud
    after = softening_scale(x, linear_correction(x, y) * y)
    assert after == pytest.approx(r_squared(x, y), abs=1e-14)
    assert after < 0.95
    assert linear_correction(x, y) < 1 / softening_scale(x, y)


def test_no_correction_for_unrelated_forces():
    with pytest.raises(RefusalError, match="unrelated"):
        corrected_mae([1.0, 0.0, -1.0], [0.0, 1.0, 0.0])
