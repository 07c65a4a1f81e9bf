from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softdash.errors import RefusalError
from softdash.softening import cluster_interval, curvature, softening_scale
from softdash.softening.intervals import (
    by_frame_or_atom,
    curvature_interval,
    interval_with_intercept,
    wilson_interval,
)


def sandwich_by_loops(design, y, groups):
    """Textbook cluster sandwich (X'X)⁻¹ Σ_g s_g s_gᵀ (X'X)⁻¹ · G/(G−1), one group at a time."""
    bread = np.linalg.inv(design.T @ design)
    residual = y - design @ (bread @ design.T @ y)
    meat = np.zeros_like(bread)
    labels = np.unique(groups)
    for label in labels:
        score = design[groups == label].T @ residual[groups == label]
        meat += np.outer(score, score)
    return bread @ meat @ bread * len(labels) / (len(labels) - 1)


def test_cluster_interval_equals_the_sandwich_and_student_t(material):
    error, interval = cluster_interval(material.x, material.y, material.frame)
    expected = np.sqrt(sandwich_by_loops(material.x[:, None], material.y, material.frame)[0, 0])
    assert error == pytest.approx(expected, rel=1e-12)
    reach = stats.t.ppf(0.975, 9) * expected
    slope = softening_scale(material.x, material.y)
    assert (interval.low, interval.high) == pytest.approx((slope - reach, slope + reach), rel=1e-10)
    assert (interval.level, interval.method) == (0.95, "cluster by frame")


def test_interval_with_intercept_equals_the_sandwich(material):
    design = np.column_stack((material.x, np.ones_like(material.x)))
    y = material.y + 0.2
    error, _ = interval_with_intercept(material.x, y, material.frame, np.arange(material.x.size))
    assert error == pytest.approx(np.sqrt(sandwich_by_loops(design, y, material.frame)[0, 0]), rel=1e-10)


def test_curvature_interval_equals_the_sandwich(material):
    design = np.column_stack((material.x, material.x * np.abs(material.x)))
    error, _ = curvature_interval(material.x, material.y, *curvature(material.x, material.y), material.frame)
    assert error == pytest.approx(np.sqrt(sandwich_by_loops(design, material.y, material.frame)[1, 1]), rel=1e-8)


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
    assert 0.91 <= covered / draws <= 0.97
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


def test_a_single_informative_frame_is_clustered_by_atom():
    generator = np.random.default_rng(0)
    x = np.concatenate((generator.normal(0, 1, 60), np.zeros(60)))
    y = 0.9 * x + generator.normal(0, 0.1, 120)
    slope = softening_scale(x, y)
    influence = x * (y - slope * x) / (x @ x)
    frames, atoms = np.repeat([0, 1], 60), np.repeat(np.arange(40), 3)
    error, interval = by_frame_or_atom(slope, influence, x != 0, frames, atoms)
    assert interval.method == "cluster by atom"
    assert error == pytest.approx(cluster_interval(x, y, atoms)[0])
    assert error > 0.001


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
