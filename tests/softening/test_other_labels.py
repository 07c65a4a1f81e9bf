"""Energies and stresses: offsets of codes drop out, slopes agree with regressions elsewhere, refusals are sentences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from softdash.errors import RefusalError
from softdash.softening.intervals import degrees_of_freedom
from softdash.softening.other_labels import (
    energy_statistics,
    relative_energies,
    stress_components,
    stress_statistics,
)

SEEDS = st.integers(0, 10_000)


def energies(seed=0, frames=12, slope=0.8, noise=0.01, offset=-7.0):
    """Return reference and predicted energies of cells of 2 to 8 atoms, and the atom counts."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(2, 9, frames)
    x = generator.normal(-5, 0.1, frames)
    y = slope * x + offset + generator.normal(0, noise, frames)
    return x * counts, y * counts, counts


def stresses(seed=0, frames=8, slope=0.8, noise=1e-3, pressure=0.0):
    generator = np.random.default_rng(seed)
    x = generator.normal(0, 0.02, (frames, 3, 3))
    x = (x + x.transpose(0, 2, 1)) / 2
    e = generator.normal(0, noise, (frames, 3, 3))
    return x, slope * x + (e + e.transpose(0, 2, 1)) / 2 + pressure * np.eye(3)


def test_energies_of_one_composition_give_the_ordinary_regression():
    x, y, counts = energies()
    found = energy_statistics(x, y, counts, ["NaCl"] * 12)
    expected = stats.linregress(x / counts, y / counts)
    assert found.slope == pytest.approx(expected.slope, rel=1e-10)
    assert found.r_squared == pytest.approx(expected.rvalue**2, rel=1e-10)
    assert found.offset == pytest.approx(np.mean((y - x) / counts), rel=1e-12)
    assert (found.frame_count, found.group_count, found.frames_left_out) == (12, 1, 0)
    difference = y / counts - x / counts
    assert found.mae == pytest.approx(np.mean(np.abs(difference - difference.mean())), rel=1e-10)


def test_error_of_the_energy_slope_is_hc3():
    x, y, counts = energies(noise=0.05)
    found = energy_statistics(x, y, counts, ["NaCl"] * 12)
    design = np.column_stack([x / counts, np.ones(12)])
    bread = np.linalg.inv(design.T @ design)
    residual = y / counts - design @ (bread @ design.T @ (y / counts))
    leverage = np.einsum("ij,jk,ik->i", design, bread, design)
    covariance = bread @ (design.T * (residual / (1 - leverage)) ** 2) @ design @ bread
    assert found.slope_standard_error == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-8)
    deviation = x / counts - np.mean(x / counts)
    share = deviation**2 / np.sum(deviation**2)
    degrees = degrees_of_freedom(share, 1 / (1 - leverage))
    assert 1 < degrees < 10
    assert found.slope_interval.half_width == pytest.approx(
        stats.t.ppf(0.975, degrees) * found.slope_standard_error, rel=1e-8
    )


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, shift_x=st.floats(-50, 50), shift_y=st.floats(-50, 50), factor=st.floats(0.2, 3))
def test_zero_of_the_energies_does_not_matter_and_a_factor_scales_the_slope(seed, shift_x, shift_y, factor):
    x, y, counts = energies(seed)
    names = ["NaCl", "Na2Cl"] * 6
    before = energy_statistics(x, y, counts, names)
    in_second = np.array([name == "Na2Cl" for name in names])
    shifted_x = x + counts * np.where(in_second, shift_x, 0)
    shifted_y = factor * (y + counts * np.where(in_second, 0, shift_y))
    after = energy_statistics(shifted_x, shifted_y, counts, names)
    assert after.slope == pytest.approx(factor * before.slope, rel=1e-7)
    assert after.r_squared == pytest.approx(before.r_squared, rel=1e-6)
    assert after.offset is None


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_order_of_the_frames_does_not_matter(seed):
    x, y, counts = energies(seed)
    names = np.array(["A", "B", "A"] * 4)
    order = np.random.default_rng(seed).permutation(12)
    before, after = (energy_statistics(x[o], y[o], counts[o], list(names[o])) for o in (np.arange(12), order))
    assert after.slope == pytest.approx(before.slope, rel=1e-9)
    # Neighbours that are alike by chance in one of both orders are taken in blocks.
    assume(all(one.slope_interval.method == "jackknife by frame" for one in (before, after)))
    assert after.slope_standard_error == pytest.approx(before.slope_standard_error, rel=1e-7)


def test_points_are_those_behind_the_numbers_and_lonely_compositions_are_left_out():
    x, y, counts = energies(frames=6)
    x[1] = np.nan
    names = ["A", "A", "A", "A", "A", "B"]
    points = relative_energies(x, y, counts, names)
    assert points.frame.tolist() == [0, 2, 3, 4]
    assert points.reference.sum() == pytest.approx(0, abs=1e-12)
    found = energy_statistics(x, y, counts, names)
    assert (found.frame_count, found.frames_left_out) == (4, 2)
    assert found.slope == pytest.approx(
        np.sum(points.reference * points.predicted) / np.sum(points.reference**2), rel=1e-12
    )


@pytest.mark.parametrize(
    ("reference", "names", "words"),
    [
        ([np.nan] * 5, ["A"] * 5, "no energies"),
        ([-1.0, -2.0, -3.0, np.nan, np.nan], ["A"] * 5, "3 frames have an energy, in 1 composition"),
        ([-1.0, -2.0, -3.0, -4.0, -5.0], list("ABCDE"), "5 frames have an energy, in 5 compositions"),
        ([-1.0, -1.0, -1.0, -1.00001, -1.0], ["A"] * 5, "less than DFT resolves"),
    ],
)
def test_energies_that_tell_nothing_are_refused(reference, names, words):
    predicted = np.linspace(-1, -2, 5)
    with pytest.raises(RefusalError, match=words):
        energy_statistics(np.array(reference), predicted, np.ones(5, dtype=int), names)


def test_stress_slope_with_pressure_offset_is_the_least_squares_solution():
    x, y = stresses(pressure=0.03)
    found = stress_statistics(x, y)
    points = stress_components(x, y)
    design = np.column_stack([points.reference, points.component < 3])
    slope, offset = np.linalg.lstsq(design, points.predicted, rcond=None)[0]
    assert found.slope == pytest.approx(slope, rel=1e-9)
    assert found.offset == pytest.approx(offset, rel=1e-9)
    without = np.array(
        [
            np.linalg.lstsq(design[points.frame != left], points.predicted[points.frame != left], rcond=None)[0]
            for left in range(8)
        ]
    )
    errors = np.sqrt(np.sum((without - [slope, offset]) ** 2, axis=0))
    assert found.slope_standard_error == pytest.approx(errors[0], rel=1e-8)
    # One Student quantile for both.
    quantile = found.slope_interval.half_width / errors[0]
    assert stats.t.ppf(0.975, 6) <= quantile < stats.t.ppf(0.975, 3)
    assert found.offset_interval.half_width == pytest.approx(quantile * errors[1], rel=1e-8)
    assert (found.frame_count, found.value_count) == (8, 48)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, pressure=st.floats(-1, 1), factor=st.floats(0.2, 3))
def test_a_pressure_offset_does_not_matter_and_a_factor_scales_the_slope(seed, pressure, factor):
    x, y = stresses(seed)
    before, after = stress_statistics(x, y), stress_statistics(x, factor * y + pressure * np.eye(3))
    assert after.slope == pytest.approx(factor * before.slope, rel=1e-7)
    assert after.slope_standard_error == pytest.approx(factor * before.slope_standard_error, rel=1e-6)


def test_components_stand_in_voigt_s_order():
    stress = np.array([[[1.0, 6.0, 5.0], [6.0, 2.0, 4.0], [5.0, 4.0, 3.0]]])
    assert stress_components(stress, stress).reference.tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.full((3, 3, 3), np.nan), "no stresses"),
        (np.concatenate([np.eye(3)[None], np.full((2, 3, 3), np.nan)]), "One frame has a stress"),
        (np.tile(0.3 * np.eye(3), (3, 1, 1)), "less than DFT resolves"),
    ],
)
def test_stresses_that_tell_nothing_are_refused(x, words):
    with pytest.raises(RefusalError, match=words):
        stress_statistics(x, np.ones((3, 3, 3)))


@pytest.mark.parametrize(("frames", "lowest"), [(5, 0.90), (20, 0.92)])
def test_intervals_of_energy_slopes_cover_the_truth(frames, lowest):
    generator = np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        x = generator.normal(0, 0.1, frames)
        # Errors that grow with the energy, as those of a potential do.
        y = 0.8 * x + generator.normal(0, 0.01 + 0.2 * np.abs(x))
        interval = energy_statistics(x, y, np.ones(frames, dtype=int), ["A"] * frames).slope_interval
        covered += interval.low <= 0.8 <= interval.high
    assert covered / 400 > lowest


def test_several_compositions_are_left_out_with_their_means():
    """The jackknife from sums against fits without each frame."""
    x, y, counts = energies(frames=14, noise=0.05)
    names = np.array(["A", "B"] * 7)
    found = energy_statistics(x, y, counts, list(names))
    slopes = []
    for left in range(14):
        kept = np.arange(14) != left
        slopes.append(energy_statistics(x[kept], y[kept], counts[kept], list(names[kept])).slope)
    error = np.sqrt(np.sum((np.array(slopes) - found.slope) ** 2))
    assert found.slope_standard_error == pytest.approx(error, rel=1e-8)


def test_copies_count_once_and_relaxations_have_no_interval():
    x, y, counts = energies(frames=6, noise=0.05)
    names = ["A"] * 6
    once = energy_statistics(x, y, counts, names)
    twice = energy_statistics(
        np.tile(x, 2), np.tile(y, 2), np.tile(counts, 2), 2 * names, copies=np.tile(np.arange(6), 2)
    )
    assert twice.slope_interval.half_width == pytest.approx(once.slope_interval.half_width, rel=1e-9)
    with pytest.raises(RefusalError, match="4 different frames"):
        energy_statistics(x, y, counts, names, copies=np.array([0, 0, 0, 3, 3, 5]))
    steps = energy_statistics(x, y, counts, names, relaxation=True)
    assert (steps.slope_interval, steps.slope_standard_error) == (None, None)
    s, t = stresses()
    assert stress_statistics(s, t, relaxation=True).offset_interval is None
    assert stress_statistics(s, t, copies=np.zeros(8, dtype=int)).slope_interval is None
    one = stress_statistics(s, t)
    two = stress_statistics(np.tile(s, (2, 1, 1)), np.tile(t, (2, 1, 1)), copies=np.tile(np.arange(8), 2))
    assert two.slope_interval.half_width == pytest.approx(one.slope_interval.half_width, rel=1e-9)


def test_exact_energies_and_stresses_have_an_interval_of_some_width():
    x, y, counts = energies(noise=0.0)
    assert energy_statistics(x, y, counts, ["A"] * 12).slope_interval.half_width > 1e-6
    s, t = stresses(noise=0.0)
    assert stress_statistics(s, t).slope_interval.half_width > 1e-6


def test_energies_of_frames_near_in_time_are_taken_in_blocks():
    generator = np.random.default_rng(5)
    steps = np.cumsum(generator.normal(0, 1, 60)) * 0.02
    x = np.sin(np.arange(60) / 5) * 0.1
    y = 0.8 * x + steps * x
    found = energy_statistics(x, y, np.ones(60, dtype=int), ["A"] * 60)
    assert found.slope_interval.method == "jackknife by block of frames"
