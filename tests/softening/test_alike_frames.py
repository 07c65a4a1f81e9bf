"""Frames that are one configuration again, or steps near in time, count as one; few frames never narrow an interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from softdash.softening import analyse_forces
from softdash.softening.force_components import flatten
from softdash.softening.frame_series import relaxation_run_of_frames
from softdash.softening.independent_frames import observations, relaxation_runs
from softdash.softening.notices import is_single_frame

ATOMS = 8
NUMBERS = np.array([3] * 4 + [9] * 4)


def configuration(seed):
    """Return made-up reference and predicted forces of one configuration."""
    generator = np.random.default_rng(seed)
    x = generator.normal(0, 1, (ATOMS, 3))
    return x, 0.8 * x + generator.normal(0, 0.1, x.shape)


def again(kind, generator):
    x, y = configuration(0)
    if kind == "order":
        order = generator.permutation(ATOMS)
        return x[order], y[order], NUMBERS[order]
    if kind == "turned":
        turn = Rotation.random(rng=generator).as_matrix()
        return x @ turn.T, y @ turn.T, NUMBERS
    if kind == "supercell":
        return np.tile(x, (2, 1)), np.tile(y, (2, 1)), np.tile(NUMBERS, 2)
    if kind == "noise":
        return x + generator.normal(0, 0.005, x.shape), y, NUMBERS
    # A step near in time: both sides change a little.
    return x + generator.normal(0, 0.2, x.shape), y + generator.normal(0, 0.2, x.shape), NUMBERS


def analysed(frames, **kwargs):
    return analyse_forces(*(list(part) for part in zip(*frames, strict=True)), frame_spread=0.11, **kwargs)


@pytest.mark.parametrize("kind", ["order", "turned", "supercell", "noise", "step"])
@pytest.mark.parametrize("count", [2, 5])
def test_one_configuration_again_has_the_interval_of_one_frame(kind, count):
    generator = np.random.default_rng(1)
    one = (*configuration(0), NUMBERS)
    alone = analysed([one])
    found = analysed([one, *(again(kind, generator) for _ in range(count - 1))])
    assert found.effective_frames == 1
    assert is_single_frame(found)
    assert "single_frame" in {notice.code for notice in found.notices}
    assert found.slope_interval.half_width > 0.9 * alone.slope_interval.half_width
    assert all(element.interval is None for element in found.elements)


def test_other_configurations_are_not_alike():
    generator = np.random.default_rng(2)
    for _ in range(30):
        frames = [(*configuration(int(generator.integers(1 << 30))), NUMBERS) for _ in range(10)]
        found = observations(flatten(*(list(part) for part in zip(*frames, strict=True))))
        assert np.unique(found).size >= 9


def test_the_order_of_frames_does_not_decide_what_is_alike():
    generator = np.random.default_rng(3)
    frames = [(*configuration(seed), NUMBERS) for seed in range(4)] + [again("step", generator) for _ in range(4)]
    order = generator.permutation(8)
    found, moved = (
        observations(flatten(*(list(part) for part in zip(*chosen, strict=True))))
        for chosen in (frames, [frames[place] for place in order])
    )
    assert np.array_equal(found[order][:, None] == found[order], moved[:, None] == moved)


def test_frames_that_agree_by_chance_do_not_narrow_the_interval():
    frames = [(x, 0.8 * x, NUMBERS) for x, _ in map(configuration, range(1, 6))]
    three, five = analysed(frames[:3]), analysed(frames)
    assert three.slope_interval.method == "spread between frames"
    assert three.slope_interval.half_width >= 1.96 * 0.11 / np.sqrt(3)
    assert five.slope_standard_error >= 0.11 / 4 / np.sqrt(5)


def test_noise_of_the_labels_widens_the_interval_evenly():
    """Forces of 0.25 eV/Å with labels of twice the noise that is assumed: comparison of frames does not show it."""
    held = held_without = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        true = [generator.normal(0, 0.25, (ATOMS, 3)) for _ in range(10)]
        frames = [(x + generator.normal(0, 0.06, x.shape), 0.95 * x, NUMBERS) for x in true]
        found = analysed(frames, label_noise=0.03)
        interval = found.slope_interval
        held += interval.low <= 0.95 <= interval.high
        without = analysed(frames, label_noise=0.0).slope_interval
        held_without += without.low <= 0.95 <= without.high
        assert (interval.low + interval.high) / 2 == pytest.approx(found.slope)
    assert held >= 95
    assert held_without < 70


def descent(seed, count=14):
    generator = np.random.default_rng(seed)
    way = generator.normal(0, 0.1, (ATOMS, 3))
    sizes = 0.75 ** np.arange(count)
    positions = [size * (way + generator.normal(0, 0.02, way.shape)) for size in sizes]
    return sizes, positions


@pytest.mark.parametrize("order", ["given", "reversed", "shuffled", "every third"])
def test_a_relaxation_is_seen_in_any_order(order):
    rms, positions = descent(0)
    places = {
        "given": np.arange(14),
        "reversed": np.arange(14)[::-1],
        "shuffled": np.random.default_rng(0).permutation(14),
        "every third": np.arange(0, 14, 3),
    }[order]
    found = relaxation_run_of_frames(rms[places], [positions[place] for place in places])
    assert np.count_nonzero(found >= 0) >= 0.8 * places.size


def test_hot_frames_beside_a_relaxation_are_no_steps_of_it():
    generator = np.random.default_rng(1)
    rms, positions = descent(0)
    hot = [generator.normal(0, 0.15, (ATOMS, 3)) for _ in range(3)]
    found = relaxation_run_of_frames(np.concatenate([[1.2, 1.0, 1.1], rms]), [*hot, *positions])
    assert found[:3].tolist() == [-1, -1, -1]
    assert np.count_nonzero(found[3:] >= 0) >= 12


def test_hot_frames_in_no_order_are_no_relaxation():
    for seed in range(200):
        generator = np.random.default_rng(seed)
        rms = np.exp(generator.normal(0, 0.4, 10))
        positions = [size * generator.normal(0, 0.1, (ATOMS, 3)) for size in rms]
        inside = np.count_nonzero(relaxation_run_of_frames(rms, positions) >= 0)
        assert inside < 7  # seven in ten make a relaxation of all, and eight one among others


def test_frames_of_other_materials_make_no_relaxation_together():
    """Equal counts of atoms, other elements, and forces that fall from one material to the other."""
    generator = np.random.default_rng(4)
    places = {"one": generator.uniform(0, 5, (ATOMS, 3)), "other": generator.uniform(0, 5, (ATOMS, 3))}
    frames, positions = [], []
    for place, (name, size) in enumerate([("one", 2.0), ("other", 0.3)] * 5):
        x = generator.normal(0, size * 0.9**place, (ATOMS, 3))
        frames.append((x, 0.8 * x, NUMBERS if name == "one" else NUMBERS + 1))
        positions.append(places[name] + generator.normal(0, 0.1, (ATOMS, 3)))
    components = flatten(*(list(part) for part in zip(*frames, strict=True)))
    assert relaxation_runs(components, positions) is None
