from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from softdash.errors import RefusalError
from softdash.softening import curvature, huber_slope, largest_leverage, slope_with_intercept, softening_scale
from softdash.softening.slopes import HUBER_TUNING, MAD_TO_STANDARD_DEVIATION


def noisy_cloud(seed=1, n=400, slope=0.8, noise=0.2):
    generator = np.random.default_rng(seed)
    x = generator.normal(0, 1.3, n)
    return x, slope * x + generator.normal(0, noise, n)


@pytest.mark.parametrize("seed", range(5))
def test_softening_scale_is_the_origin_fit_of_lstsq_and_matcalc(seed):
    x, y = noisy_cloud(seed)
    (expected,), *_ = np.linalg.lstsq(x[:, None], y, rcond=None)
    assert softening_scale(x, y) == pytest.approx(expected, rel=0, abs=1e-10)


def test_softening_scale_recovers_an_exact_slope():
    x, _ = noisy_cloud()
    assert softening_scale(x, 0.731 * x) == pytest.approx(0.731, abs=1e-14)


def test_softening_scale_ignores_the_shape_and_the_float_width_of_the_arrays():
    x, y = noisy_cloud(n=300)
    assert softening_scale(x.reshape(-1, 3), y.reshape(-1, 3)) == softening_scale(x, y)
    single = softening_scale(x.astype(np.float32), y.astype(np.float32))
    assert single == pytest.approx(softening_scale(x, y), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_slope_with_intercept_equals_linregress(seed):
    x, y = noisy_cloud(seed)
    expected = stats.linregress(x, y + 0.3)
    assert slope_with_intercept(x, y + 0.3) == pytest.approx((expected.slope, expected.intercept), abs=1e-12)


def test_slope_with_intercept_refuses_equal_components():
    with pytest.raises(RefusalError, match="equal"):
        slope_with_intercept(np.full(9, 0.7), np.arange(9.0))


def total_least_squares(x, y):
    xx, yy, xy = x @ x, y @ y, x @ y
    return (yy - xx + np.hypot(yy - xx, 2 * xy)) / (2 * xy)


def test_a_noisy_soft_potential_still_reads_soft_where_symmetric_fits_are_fooled():
    x, y = noisy_cloud(seed=3, n=20_000, slope=0.85, noise=0.8)
    assert softening_scale(x, y) == pytest.approx(0.85, abs=0.02)
    assert total_least_squares(x, y) > 0.97
    assert np.linalg.norm(y) / np.linalg.norm(x) > 0.97


@pytest.mark.parametrize("seed", range(5))
def test_huber_slope_equals_scipy_least_squares_at_the_documented_scale(seed):
    x, y = noisy_cloud(seed)
    y[:20] += 5.0
    absolute = optimize.minimize_scalar(lambda s: np.abs(y - s * x).sum(), bracket=(0.5, 1.0), tol=1e-12).x
    sigma = MAD_TO_STANDARD_DEVIATION * np.median(np.abs(y - absolute * x))
    expected = optimize.least_squares(
        lambda s: y - s * x, [1.0], loss="huber", f_scale=HUBER_TUNING * sigma, xtol=1e-15, ftol=1e-15, gtol=1e-15
    ).x[0]
    assert huber_slope(x, y) == pytest.approx(expected, abs=1e-6)


def test_huber_slope_resists_large_residuals():
    x, y = noisy_cloud(n=1000, noise=0.05)
    wrong = np.argsort(np.abs(x))[450:470]
    y[wrong] = -50 * np.sign(x[wrong])
    assert abs(softening_scale(x, y) - 0.8) > 0.1
    assert huber_slope(x, y) == pytest.approx(0.8, abs=0.02)


def test_huber_slope_of_a_perfect_line_and_among_zeros_of_symmetry():
    x, y = noisy_cloud(n=200)
    assert huber_slope(x, 0.9 * x) == pytest.approx(0.9, abs=1e-12)
    padded = huber_slope(np.concatenate((x, np.zeros(1000))), np.concatenate((y, np.zeros(1000))))
    assert padded == pytest.approx(huber_slope(x, y), abs=1e-12)


def test_curvature_equals_least_squares_on_two_columns_and_finds_planted_values():
    x, _ = noisy_cloud(n=2000)
    y = 0.95 * x - 0.06 * x * np.abs(x) + np.random.default_rng(0).normal(0, 0.05, x.size)
    expected = optimize.curve_fit(lambda x, a, b: a * x + b * x * np.abs(x), x, y)[0]
    assert curvature(x, y) == pytest.approx(tuple(expected), abs=1e-7)
    assert curvature(x, y) == pytest.approx((0.95, -0.06), abs=0.01)


def test_curvature_of_forces_of_one_size_is_a_plain_slope():
    x = np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
    linear, quadratic = curvature(x, 0.8 * x)
    assert (linear, quadratic) == (pytest.approx(0.8), 0.0)


def test_one_force_of_50_among_360_has_leverage_086_and_moves_the_slope_to_038():
    generator = np.random.default_rng(7)
    x = generator.normal(0, 1, 360)
    x *= np.sqrt(2500 * (1 - 0.86) / 0.86 / np.sum(x[1:] ** 2))
    x[0] = 50.0
    y = 0.85 * x
    y[0] = 15.0
    index, share, slope_without = largest_leverage(x, y)
    assert (index, round(share, 3)) == (0, 0.86)
    assert softening_scale(x, y) == pytest.approx(0.38, abs=0.005)
    assert slope_without == pytest.approx(0.85, abs=1e-12)


def test_leverage_of_the_only_force():
    assert largest_leverage([0.0, 2.0, 0.0], [0.1, 1.5, 0.0]) == (1, 1.0, None)
