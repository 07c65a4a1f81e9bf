from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softdash.errors import RefusalError
from softdash.softening import cluster_interval, curvature, slope_with_intercept, softening_scale
from softdash.softening.intervals import (
    clustered,
    curvature_interval,
    degrees_of_freedom,
    interval_with_intercept,
    jackknifed,
    origin_influence,
    wilson_interval,
)


def jackknife_by_loops(x, residual, groups):
    """Leave each group out and see what its scores do; covariance of the scaled scores as whole matrices."""
    labels = np.unique(groups)
    squares = np.array([np.sum(x[groups == label] ** 2) for label in labels])
    share = squares / squares.sum()
    scores = np.array([np.sum((x * residual)[groups == label]) for label in labels])
    variance = np.sum((scores / (1 - share)) ** 2) / squares.sum() ** 2
    return np.sqrt(variance), degrees_by_matrices(share, 1 / (1 - share))


def degrees_by_matrices(share, factor):
    hat = np.eye(share.size) - np.outer(share, np.ones(share.size))
    covariance = np.diag(factor) @ hat @ np.diag(share**2) @ hat.T @ np.diag(factor)
    return np.trace(covariance) ** 2 / np.sum(covariance**2)


def test_jackknife_error_is_the_spread_of_the_slopes_with_one_frame_left_out(material):
    error, interval = cluster_interval(material.x, material.y, material.frame)
    slope = softening_scale(material.x, material.y)
    kept = [material.frame != frame for frame in range(10)]
    others = np.array([softening_scale(material.x[rows], material.y[rows]) for rows in kept])
    assert error == pytest.approx(np.sqrt(np.sum((others - slope) ** 2)), rel=1e-10)
    _, degrees = jackknife_by_loops(material.x, material.y - slope * material.x, material.frame)
    reach = stats.t.ppf(0.975, degrees) * error
    assert (interval.low, interval.high) == pytest.approx((slope - reach, slope + reach), rel=1e-9)
    assert (interval.level, interval.method) == (0.95, "jackknife by frame")
    assert 8 < degrees < 9


@pytest.mark.parametrize("count", [2, 3, 10, 200])
def test_equal_clusters_have_one_degree_of_freedom_less_than_their_number(count):
    share = np.full(count, 1 / count)
    assert degrees_of_freedom(share, 1 / (1 - share)) == pytest.approx(count - 1, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_degrees_of_freedom_equal_those_of_whole_matrices(seed):
    share = np.random.default_rng(seed).dirichlet(np.full(2 + 3 * seed, 0.7))
    for factor in (1 / (1 - share), 1 / np.sqrt(1 - share)):
        expected = max(degrees_by_matrices(share, factor), 1)
        assert degrees_of_freedom(share, factor) == pytest.approx(expected, rel=1e-8)


def test_one_heavy_frame_leaves_one_degree_of_freedom():
    share = np.array([0.97, 0.01, 0.01, 0.01])
    assert 1 <= degrees_of_freedom(share, 1 / (1 - share)) < 1.1


def test_interval_with_intercept_equals_the_jackknife(material):
    y = material.y + 0.2
    slope, intercept = slope_with_intercept(material.x, y)
    error, _ = interval_with_intercept(material.x, y, material.frame)
    expected, _ = jackknife_by_loops(material.x - material.x.mean(), y - slope * material.x - intercept, material.frame)
    assert error == pytest.approx(expected, rel=1e-10)


def test_curvature_interval_equals_the_jackknife(material):
    x, y = material.x, material.y
    linear, quadratic = curvature(x, y)
    curved = x * np.abs(x)
    rest = curved - x * (x @ curved) / (x @ x)
    expected, _ = jackknife_by_loops(rest, y - linear * x - quadratic * curved, material.frame)
    assert curvature_interval(x, y, linear, quadratic, material.frame)[0] == pytest.approx(expected, rel=1e-8)


def test_labels_of_groups_may_be_anything(material):
    names = np.array([f"frame {9 - frame}" for frame in material.frame])
    by_number = cluster_interval(material.x, material.y, material.frame)
    by_name = cluster_interval(material.x, material.y, names)
    assert by_name[0] == pytest.approx(by_number[0], rel=1e-12)


def naive_interval(x, y):
    slope = x @ y / (x @ x)
    error = np.sqrt(np.sum((y - slope * x) ** 2) / (x.size - 1) / (x @ x))
    reach = stats.t.ppf(0.975, x.size - 1) * error
    return slope - reach, slope + reach


def test_interval_covers_the_truth_at_ten_frames_where_the_naive_one_does_not():
    generator = np.random.default_rng(2025)
    draws, frames, components, truth = 2000, 10, 60, 0.85
    groups = np.repeat(np.arange(frames), components)
    covered = naively_covered = 0
    for _ in range(draws):
        heat = generator.uniform(0.8, 1.2, frames)[groups]
        own_slope = generator.normal(truth, 0.03, frames)[groups]
        x = generator.normal(0, heat)
        y = own_slope * x + generator.normal(0, 0.1, x.size)
        interval = cluster_interval(x, y, groups)[1]
        covered += interval.low <= truth <= interval.high
        low, high = naive_interval(x, y)
        naively_covered += low <= truth <= high
    assert 0.93 <= covered / draws <= 0.98
    assert naively_covered / draws < 0.80


def test_one_group_has_no_interval(material):
    assert cluster_interval(material.x, material.y, np.zeros(material.x.size, int)) == (None, None)


def test_frames_without_forces_do_not_count_as_clusters(material):
    x = np.concatenate((material.x, np.zeros(60)))
    y = np.concatenate((material.y, np.full(60, 0.01)))
    frame = np.concatenate((material.frame, np.full(60, 10)))
    assert cluster_interval(x, y, frame)[0] == pytest.approx(
        cluster_interval(material.x, material.y, material.frame)[0], rel=1e-12
    )


def test_few_unlike_frames_are_covered_where_the_plain_cluster_interval_fails():
    generator = np.random.default_rng(7)
    draws, frames, components, truth = 1500, 5, 60, 0.85
    groups = np.repeat(np.arange(frames), components)
    covered = plainly_covered = 0
    for _ in range(draws):
        heat = np.exp(generator.normal(0, 0.65, frames))[groups]
        x = generator.normal(0, heat)
        y = generator.normal(truth, 0.03, frames)[groups] * x + generator.normal(0, 0.1, x.size)
        slope = softening_scale(x, y)
        interval = cluster_interval(x, y, groups)[1]
        covered += interval.low <= truth <= interval.high
        influence = origin_influence(x, y, slope)
        plain = clustered(slope, influence, x != 0, groups, method="cluster by frame")[1]
        plainly_covered += plain.low <= truth <= plain.high
    assert covered / draws >= 0.93
    assert plainly_covered / draws < 0.90


def test_no_interval_where_all_but_one_cluster_weigh_nothing():
    x = np.concatenate((np.ones(6), np.full(6, 1e-9)))
    groups = np.repeat([0, 1], 6)
    assert jackknifed(0.9, x, np.linspace(-0.1, 0.1, 12), groups) == (None, None)


def test_number_of_labels_must_fit(material):
    with pytest.raises(RefusalError, match="cluster labels"):
        cluster_interval(material.x, material.y, material.frame[:-1])


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (10, 10), (3, 10), (170, 216), (1, 1)])
def test_wilson_interval_equals_scipy(successes, trials):
    expected = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    interval = wilson_interval(successes, trials)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert interval.method == "wilson"


def test_wilson_interval_of_impossible_counts():
    with pytest.raises(ValueError, match="no share"):
        wilson_interval(3, 2)
