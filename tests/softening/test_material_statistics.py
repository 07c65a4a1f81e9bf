from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.transform import Rotation

from softdash import softening
from softdash.softening import analyse_forces
from softdash.softening.sample_size import labels_needed, reference_noise_bias


def analyse(material, **kwargs):
    return analyse_forces(material.reference, material.predicted, material.numbers, **kwargs)


def test_every_number_is_that_of_the_function_of_its_name(material):
    statistics = analyse(material)
    x, y = material.x, material.y
    assert statistics.slope == softening.softening_scale(x, y)
    for name in (
        "r_squared",
        "rmse",
        "mae",
        "corrected_mae",
        "error_reduction",
        "linear_correction",
        "mae_at_linear_correction",
        "huber_slope",
    ):
        assert getattr(statistics, name) == getattr(softening, name)(x, y), name
    assert (statistics.slope_with_intercept, statistics.intercept) == softening.slope_with_intercept(x, y)
    assert (statistics.curvature_linear, statistics.curvature_quadratic) == softening.curvature(x, y)
    assert statistics.inverse_slope == 1 / statistics.slope
    error, interval = softening.cluster_interval(x, y, material.frame)
    assert statistics.slope_standard_error == pytest.approx(error, rel=1e-12)
    assert statistics.slope_interval.low == pytest.approx(interval.low, rel=1e-12)
    assert (statistics.frame_count, statistics.atom_count, statistics.component_count) == (10, 200, 600)
    assert statistics.reference_rms == pytest.approx(np.sqrt(np.mean(x**2)))
    assert statistics.reference_max == np.abs(x).max()


def test_the_known_slope_lies_in_the_interval(material):
    interval = analyse(material).slope_interval
    assert interval.low < 0.85 < interval.high
    assert interval.half_width < 0.02


def test_leverage_is_placed_in_frames_of_unequal_size():
    generator = np.random.default_rng(0)
    reference = [generator.normal(0, 0.1, (atoms, 3)) for atoms in (4, 7, 5)]
    reference[1][6, 1] = -8.0
    predicted = [0.9 * forces for forces in reference]
    leverage = analyse_forces(reference, predicted, [np.full(len(f), 14) for f in reference]).largest_leverage
    assert (leverage.frame, leverage.atom, leverage.axis) == (1, 6, "y")
    assert (leverage.reference, leverage.predicted) == (-8.0, pytest.approx(-7.2))
    assert leverage.share > 0.9


def test_one_frame_has_the_spread_that_other_materials_show(make_material):
    material = make_material(frames=1)
    statistics = analyse(material, frame_spread=0.1, label_noise=0.0)
    within = statistics.slope_standard_error**2 - 0.1**2
    assert statistics.slope_interval.method == "spread between frames"
    assert statistics.slope_interval.half_width == pytest.approx(1.96 * statistics.slope_standard_error, rel=1e-4)
    assert np.sqrt(within) == pytest.approx(0.1 / np.sqrt(np.sum(material.x**2)), rel=0.5)
    assert (statistics.effective_frames, statistics.no_interval_reason) == (1, None)
    assert statistics.labels_needed.frames is None


def test_one_frame_of_a_potential_of_unknown_spread_has_no_interval(make_material):
    statistics = analyse(make_material(frames=1))
    assert (statistics.slope_interval, statistics.slope_standard_error) == (None, None)
    assert (statistics.effective_frames, statistics.no_interval_reason) == (1, "single_frame")
    assert all(element.interval is None for element in statistics.elements)
    assert all(one.interval is None for one in statistics.magnitude_bins)


def test_an_inversion_symmetric_cell_of_two_atoms_has_an_interval_of_finite_width():
    force = np.array([0.4, -0.3, 0.2])
    reference, predicted = [np.stack([force, -force])], [0.76 * np.stack([force, -force])]
    statistics = analyse_forces(reference, predicted, [np.array([14, 14])], frame_spread=0.1, label_noise=0.0)
    assert statistics.slope == pytest.approx(0.76)
    assert statistics.slope_interval.half_width == pytest.approx(0.196, rel=1e-3)


def test_labels_needed_by_its_formula():
    needed = labels_needed(0.8, 0.9, 0.03, 10)
    assert needed.components == int(np.ceil((1.96 / 0.02) ** 2 * 0.8**2 * 0.1 / 0.9))
    # The fewest N whose t(N − 1) τ/√(N − 1) is 0.02 at most, with τ = 0.03 √9.
    half_widths = [stats.t.ppf(0.975, n - 1) * 0.03 * np.sqrt(9 / (n - 1)) for n in (needed.frames - 1, needed.frames)]
    assert half_widths[0] > 0.02 >= half_widths[1]
    fewer = labels_needed(0.8, 0.9, 0.03, 10, degrees_of_freedom=3.0)
    assert fewer.frames > needed.frames
    assert labels_needed(0.8, 1.0, 0.0, 10).frames == 2


def test_labels_needed_bring_the_wanted_half_width(make_material):
    small = analyse(make_material(frames=40, noise=0.4, seed=3))
    enough = analyse(make_material(frames=small.labels_needed.frames, noise=0.4, seed=4))
    assert enough.slope_standard_error * 1.96 == pytest.approx(0.02, rel=0.35)


def test_spread_between_frames_of_equal_weight_is_the_standard_deviation_of_their_slopes():
    generator = np.random.default_rng(5)
    slopes = generator.normal(0.85, 0.05, 8)
    # Other configurations of equal weight: the same sizes of forces would be one configuration again.
    shapes = [one / np.linalg.norm(one) for one in generator.normal(0, 1, (8, 20, 3))]
    shapes = [8 * one for one in shapes]
    predicted = [slope * one for slope, one in zip(slopes, shapes, strict=True)]
    statistics = analyse_forces(shapes, predicted, [np.full(20, 14)] * 8)
    assert statistics.slope_standard_error == pytest.approx(slopes.std(ddof=1) / np.sqrt(7))
    others = statistics.labels_needed.frames - 1
    assert stats.t.ppf(0.975, others) * slopes.std(ddof=1) / np.sqrt(others) <= 0.02


@pytest.mark.parametrize(("noise", "percent"), [(0.05, 0.2), (0.30, 7.0)])
def test_reference_noise_bias_is_what_the_noise_does(noise, percent):
    generator = np.random.default_rng(1)
    truth = generator.normal(0, 1.1, 400_000)
    noisy = truth + generator.normal(0, noise, truth.size)
    expected = reference_noise_bias(noise, float(np.sqrt(np.mean(noisy**2))))
    assert 100 * expected == pytest.approx(percent, abs=0.3)
    assert 1 - softening.softening_scale(noisy, truth) == pytest.approx(expected, abs=2e-3)


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0.05, 20), sign=st.sampled_from([1, -1]), seed=st.integers(0, 2**32 - 1))
def test_scaling_the_prediction_scales_the_slopes(factor, sign, seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(0, 1, 90)
    y = 0.9 * x + generator.normal(0, 0.3, 90)
    k = factor * sign
    assert softening.softening_scale(x, k * y) == pytest.approx(k * softening.softening_scale(x, y), rel=1e-10)
    assert softening.huber_slope(x, k * y) == pytest.approx(k * softening.huber_slope(x, y), rel=1e-8)
    assert softening.r_squared(x, k * y) == pytest.approx(softening.r_squared(x, y), rel=1e-10)
    assert softening.corrected_mae(x, k * y) == pytest.approx(softening.corrected_mae(x, y), rel=1e-10)
    product = softening.linear_correction(x, k * y) * softening.softening_scale(x, k * y)
    assert product == pytest.approx(softening.r_squared(x, y), rel=1e-10)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_of_frames_and_atoms_does_not_matter(make_material, seed):
    material = make_material(frames=4, atoms=12, seed=seed)
    generator = np.random.default_rng(seed)
    frames = generator.permutation(4)
    atoms = [generator.permutation(12) for _ in range(4)]
    shuffled = analyse_forces(
        [material.reference[g][atoms[g]] for g in frames],
        [material.predicted[g][atoms[g]] for g in frames],
        [material.numbers[g][atoms[g]] for g in frames],
    )
    straight = analyse(material)
    for name in ("slope", "slope_standard_error", "r_squared", "rmse", "mae", "huber_slope", "slope_with_intercept"):
        assert getattr(shuffled, name) == pytest.approx(getattr(straight, name), rel=1e-9), name
    assert [(e.atomic_number, e.component_count) for e in shuffled.elements] == [
        (e.atomic_number, e.component_count) for e in straight.elements
    ]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_rotating_both_sets_of_forces_changes_nothing_that_has_no_axes(make_material, seed):
    material = make_material(frames=4, atoms=12, seed=seed)
    matrix = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    turned = analyse_forces(
        [forces @ matrix.T for forces in material.reference],
        [forces @ matrix.T for forces in material.predicted],
        material.numbers,
    )
    straight = analyse(material)
    for name in ("slope", "slope_standard_error", "r_squared", "rmse", "linear_correction", "reference_rms"):
        assert getattr(turned, name) == pytest.approx(getattr(straight, name), rel=1e-9), name
    assert turned.leave_one_frame_out == pytest.approx(straight.leave_one_frame_out, rel=1e-9)
