"""What a factor brings to frames it was not fitted to, and how many frames are wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from softdash.errors import RefusalError
from softdash.softening import analyse_forces, mae
from softdash.softening.chi_squared import chi_squared_quantile, chi_squared_tail
from softdash.softening.held_out import held_out_gain
from softdash.softening.sample_size import frames_needed

SEEDS = st.integers(0, 10_000)


def test_each_frame_is_corrected_with_the_factor_of_all_others(make_material):
    material = make_material(frames=5, noise=0.3)
    x, y = material.reference, material.predicted
    after, inverse = 0.0, 0.0
    for left in range(5):
        others = [place for place in range(5) if place != left]
        a, b = np.concatenate([x[i] for i in others]), np.concatenate([y[i] for i in others])
        after += np.abs(np.sum(a * b) / np.sum(b * b) * y[left] - x[left]).sum()
        inverse += np.abs(np.sum(a * a) / np.sum(a * b) * y[left] - x[left]).sum()
    found = held_out_gain(x, y)
    assert found.mae_before == pytest.approx(mae(material.x, material.y), rel=1e-12)
    assert found.mae_after == pytest.approx(after / material.x.size, rel=1e-12)
    assert found.mae_after_inverse_slope == pytest.approx(inverse / material.x.size, rel=1e-12)
    assert found.gain == pytest.approx(1 - found.mae_after / found.mae_before, rel=1e-12)
    assert found.mae_after_interval.low < found.mae_after < found.mae_after_interval.high
    assert found.gain_interval.low < found.gain < found.gain_interval.high


def test_interval_of_the_gain_is_that_of_the_jackknife(make_material):
    """The linearised ratio against leaving out each frame altogether: from the sums and from the fits."""
    material = make_material(frames=30, noise=0.3)
    found = held_out_gain(material.reference, material.predicted)
    dropped = []
    for left in range(30):
        x, y = (forces[:left] + forces[left + 1 :] for forces in (material.reference, material.predicted))
        dropped.append(held_out_gain(x, y).gain)
    jackknife = np.sqrt(29 / 30 * np.sum((np.array(dropped) - np.mean(dropped)) ** 2))
    assert found.gain_interval.half_width == pytest.approx(stats.t.ppf(0.975, 29) * jackknife, rel=0.1)


def test_interval_of_the_gain_covers_what_other_frames_gain():
    """Slopes that differ between frames, errors of heavy tails that grow with the force."""
    generator = np.random.default_rng(4)

    def draw(frames):
        x, y = [], []
        for _ in range(frames):
            forces = generator.normal(size=(20, 3)) * generator.lognormal(0, 0.3)
            noise = 0.08 * np.linalg.norm(forces, axis=1, keepdims=True) * generator.standard_t(4, size=(20, 3))
            x.append(forces)
            y.append(generator.normal(0.85, 0.05) * forces + noise)
        return x, y

    x, y = (np.concatenate(forces) for forces in draw(20_000))
    after, before = np.abs(np.sum(x * y) / np.sum(y * y) * y - x).mean(), np.abs(y - x).mean()
    truth, covered = 1 - after / before, 0
    for _ in range(400):
        interval = held_out_gain(*draw(15)).gain_interval
        covered += interval.low <= truth <= interval.high
    assert 0.92 < covered / 400 < 0.99


def test_a_factor_of_one_brings_nothing_and_noise_even_harms(make_material):
    found = held_out_gain(*(lambda m: (m.reference, m.predicted))(make_material(slope=1.0, noise=0.2, frames=8)))
    assert found.gain < 0.02
    assert found.gain_interval.low < 0


def test_a_pure_factor_is_repaired_completely(make_material):
    material = make_material(slope=0.7, noise=0.0)
    found = held_out_gain(material.reference, material.predicted)
    assert found.gain == pytest.approx(1, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, unit=st.floats(0.01, 100), factor=st.floats(0.1, 10))
def test_scaling_laws(make_material, seed, unit, factor):
    """Another unit scales the errors; a factor on the prediction alone does not change what is left after c*."""
    material = make_material(seed=seed, frames=4, noise=0.2)
    one = held_out_gain(material.reference, material.predicted)
    in_unit = held_out_gain([unit * f for f in material.reference], [unit * f for f in material.predicted])
    assert in_unit.mae_after == pytest.approx(unit * one.mae_after, rel=1e-9)
    assert in_unit.gain == pytest.approx(one.gain, rel=1e-6, abs=1e-9)
    scaled = held_out_gain(material.reference, [factor * f for f in material.predicted])
    assert scaled.mae_after == pytest.approx(one.mae_after, rel=1e-9)


def test_what_cannot_be_held_out_is_refused(make_material):
    material = make_material(frames=1)
    with pytest.raises(RefusalError, match="not independent"):
        held_out_gain(material.reference, material.predicted)
    material = make_material(frames=2)
    with pytest.raises(RefusalError, match="but those of one frame vanish"):
        held_out_gain(material.reference, [material.predicted[0], 0 * material.predicted[1]])
    with pytest.raises(RefusalError, match="no error to reduce"):
        held_out_gain(material.reference, material.reference)


def test_frames_needed_follow_the_documented_formula(make_material):
    material = make_material(frames=10, noise=0.5)
    statistics = analyse_forces(material.reference, material.predicted, material.numbers)
    degrees = statistics.degrees_of_freedom
    needed = frames_needed(statistics.slope_standard_error, 10, degrees_of_freedom=degrees)
    spread = statistics.slope_standard_error * np.sqrt(9)
    assert needed.frame_spread == pytest.approx(spread, rel=1e-12)

    def fewest(variance):
        half_width = [stats.t.ppf(0.975, max(1, degrees / 9 * n)) * np.sqrt(variance / n) for n in range(1, 2000)]
        return 2 + int(np.argmax(np.array(half_width) <= 0.02))

    low, high = degrees * spread**2 / stats.chi2.ppf([0.975, 0.025], degrees)
    assert needed.frames == statistics.labels_needed.frames == fewest(spread**2)
    assert (needed.frames_low, needed.frames_high) == (fewest(low), fewest(high))
    assert needed.further_frames == max(0, needed.frames - 10)
    with pytest.raises(RefusalError, match="Only one frame"):
        frames_needed(None, 1)


@pytest.mark.parametrize("frames", [2, 5, 30])
def test_the_half_width_at_hand_needs_the_frames_at_hand(make_material, frames):
    material = make_material(frames=frames, noise=0.5)
    statistics = analyse_forces(material.reference, material.predicted, material.numbers)
    needed = frames_needed(
        statistics.slope_standard_error,
        frames,
        degrees_of_freedom=statistics.degrees_of_freedom,
        half_width=statistics.slope_interval.half_width,
    )
    assert (needed.frames, needed.further_frames) == (frames, 0)


def test_interval_of_the_frames_needed_covers_the_truth():
    """Frames of equal Σx², whose slopes are normal with the spread 0.05: 27 frames give ± 0.02."""
    generator = np.random.default_rng(2)
    covered = 0
    for _ in range(1000):
        needed = frames_needed(float(np.std(generator.normal(0.8, 0.05, 8), ddof=1) / np.sqrt(7)), 8)
        covered += needed.frames_low <= 27 <= needed.frames_high
    assert 0.93 < covered / 1000 < 0.98


def test_as_many_frames_as_are_needed_give_the_half_width(make_material):
    few = make_material(frames=30, noise=1.5, seed=1)
    statistics = analyse_forces(few.reference, few.predicted, few.numbers)
    needed = frames_needed(statistics.slope_standard_error, 30, degrees_of_freedom=statistics.degrees_of_freedom)
    assert needed.further_frames > 0
    many = make_material(frames=needed.frames, noise=1.5, seed=2)
    again = analyse_forces(many.reference, many.predicted, many.numbers)
    assert again.slope_interval.half_width == pytest.approx(0.02, rel=0.35)


@pytest.mark.parametrize("degrees", [1, 1.2, 2, 2.7, 3, 8, 9, 41.6, 100, 999, 999.4])
def test_chi_squared_agrees_with_scipy(degrees):
    for probability in (0.001, 0.025, 0.5, 0.975, 0.999):
        value = chi_squared_quantile(probability, degrees)
        assert value == pytest.approx(stats.chi2.ppf(probability, degrees), rel=1e-9)
        assert chi_squared_tail(value, degrees) == pytest.approx(1 - probability, rel=1e-8)
    with pytest.raises(ValueError, match="no chi-squared quantile"):
        chi_squared_quantile(1.0, degrees)
