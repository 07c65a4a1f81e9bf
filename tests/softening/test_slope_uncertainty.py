from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from softdash.softening.force_components import flatten
from softdash.softening.slope_uncertainty import slope_uncertainty, within_frame_variance
from softdash.softening.slopes import softening_scale


def components_of(slopes, *, seed=0, atoms=12, noise=0.0):
    generator = np.random.default_rng(seed)
    x = [generator.normal(0, 1, (atoms, 3)) for _ in slopes]
    y = [slope * forces + generator.normal(0, noise, forces.shape) for slope, forces in zip(slopes, x, strict=True)]
    return flatten(x, y, [np.full(atoms, 14)] * len(x))


def uncertainty_of(components, **kwargs):
    return slope_uncertainty(components, softening_scale(components.x, components.y), **kwargs)


def test_two_alike_frames_are_not_known_worse_than_one():
    one = uncertainty_of(components_of([0.85]), frame_spread=0.1)
    two = uncertainty_of(components_of([0.83, 0.87]), frame_spread=0.1)
    assert two.interval.method == "spread between frames"
    assert two.interval.half_width == pytest.approx(one.interval.half_width / np.sqrt(2), rel=0.1)
    assert two.effective_frames == 2


def test_two_frames_that_differ_more_than_other_materials_are_compared():
    found = uncertainty_of(components_of([0.6, 1.1]), frame_spread=0.05)
    assert found.interval.method == "jackknife by frame"
    assert found.interval.half_width > 1


def test_without_a_known_spread_two_frames_are_compared():
    assert uncertainty_of(components_of([0.83, 0.87])).interval.method == "jackknife by frame"


def test_four_frames_are_compared_whatever_other_materials_show():
    found = uncertainty_of(components_of([0.83, 0.87, 0.84, 0.86]), frame_spread=0.001)
    assert found.interval.method == "jackknife by frame"


def test_frames_near_in_time_are_worth_fewer_independent_ones():
    generator = np.random.default_rng(3)
    steps = np.empty(60)
    steps[0] = generator.normal()
    for place in range(1, 60):
        steps[place] = 0.85 * steps[place - 1] + np.sqrt(1 - 0.85**2) * generator.normal()
    in_time = uncertainty_of(components_of(0.85 + 0.05 * steps, atoms=40))
    mixed = uncertainty_of(components_of(0.85 + 0.05 * generator.permutation(steps), atoms=40))
    assert in_time.interval.method == "jackknife by block of frames"
    assert 3 <= in_time.effective_frames <= 12
    assert (mixed.interval.method, mixed.effective_frames) == ("jackknife by frame", 60)
    assert in_time.interval.half_width > 2 * mixed.interval.half_width


def test_blocks_cover_the_truth_where_single_frames_do_not():
    generator = np.random.default_rng(11)
    held = held_by_frame = 0
    for seed in range(150):
        steps = np.empty(30)
        steps[0] = generator.normal()
        for place in range(1, 30):
            steps[place] = 0.8 * steps[place - 1] + 0.6 * generator.normal()
        in_time = components_of(0.85 + 0.04 * steps, seed=seed)
        interval = uncertainty_of(in_time).interval
        held += interval.low <= 0.85 <= interval.high
        order = generator.permutation(30)
        mixed = components_of(0.85 + 0.04 * steps[order], seed=seed)
        interval = uncertainty_of(mixed).interval
        held_by_frame += interval.low <= 0.85 <= interval.high
    assert held / 150 > 0.80
    assert held_by_frame / 150 < 0.65


def descent(count, *, atoms=12, seed=0):
    """Forces and positions of a relaxation: both decay along one way."""
    generator = np.random.default_rng(seed)
    way, shape = generator.normal(0, 0.1, (atoms, 3)), generator.normal(0, 1, (atoms, 3))
    sizes = 0.7 ** np.arange(count)
    forces = [size * shape + generator.normal(0, 0.02 * size, shape.shape) for size in sizes]
    return forces, [size * way for size in sizes]


@pytest.mark.parametrize(("count", "with_positions"), [(5, True), (12, True), (12, False)])
def test_steps_of_a_relaxation_have_no_interval(count, with_positions):
    forces, positions = descent(count)
    components = flatten(forces, [0.9 * one for one in forces], [np.full(12, 14)] * count)
    found = uncertainty_of(components, positions=positions if with_positions else None)
    assert (found.interval, found.standard_error, found.effective_frames) == (None, None, None)
    assert found.reason == "relaxation_steps"
    assert uncertainty_of(components, positions=positions, relaxation=False).reason != "relaxation_steps"


def test_displacements_of_falling_size_are_no_relaxation():
    generator = np.random.default_rng(0)
    sizes = [0.3, 0.2, 0.12, 0.07, 0.04, 0.02]
    shifts = [size * generator.normal(0, 1, (12, 3)) for size in sizes]
    components = flatten([-5 * one for one in shifts], [-4.5 * one for one in shifts], [np.full(12, 14)] * 6)
    assert uncertainty_of(components, positions=shifts).reason is None


def test_several_relaxations_behind_one_another_are_seen():
    forces = [one for seed in range(3) for one in descent(10, seed=seed)[0]]
    positions = [one for seed in range(3) for one in descent(10, seed=seed)[1]]
    components = flatten(forces, [0.9 * one for one in forces], [np.full(12, 14)] * 30)
    assert uncertainty_of(components, positions=positions).reason == "relaxation_steps"


def test_hot_frames_are_no_relaxation():
    for seed in range(200):
        generator = np.random.default_rng(seed)
        sizes = np.exp(generator.normal(0, 0.25, 10))
        forces = [size * generator.normal(0, 1, (12, 3)) for size in sizes]
        components = flatten(forces, [0.9 * one for one in forces], [np.full(12, 14)] * 10)
        assert uncertainty_of(components).reason is None


def test_variance_within_a_frame_does_not_depend_on_the_axes():
    generator = np.random.default_rng(4)
    x = generator.normal(0, 1, (10, 3))
    y = 0.85 * x + generator.normal(0, 0.1, x.shape)
    turn = Rotation.random(rng=generator).as_matrix()
    assert within_frame_variance(x @ turn.T, y @ turn.T, 0.85) == pytest.approx(within_frame_variance(x, y, 0.85))


def test_atoms_alike_by_symmetry_are_one_observation():
    generator = np.random.default_rng(4)
    x = generator.normal(0, 1, (10, 3))
    y = 0.85 * x + generator.normal(0, 0.1, x.shape)
    slope = softening_scale(x, y)
    with_images = within_frame_variance(np.concatenate([x, -x]), np.concatenate([y, -y]), slope)
    assert with_images == pytest.approx(within_frame_variance(x, y, slope))


def test_small_forces_of_one_frame_have_the_noise_of_labels_in_their_interval():
    forces = 0.1 * np.random.default_rng(0).normal(0, 1, (12, 3))
    components = flatten([forces], [0.8 * forces], [np.full(12, 14)])
    found = uncertainty_of(components, frame_spread=0.1, label_noise=0.03)
    rms = np.sqrt(np.mean(forces**2))
    assert found.standard_error == pytest.approx(np.hypot(0.1, 0.03 / rms), rel=1e-6)
