"""Copies of a frame count once, and no interval has the width zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softdash.softening import analyse_forces
from softdash.softening.force_components import flatten
from softdash.softening.held_out import held_out_gain
from softdash.softening.independent_frames import first_copies, frame_units, informative_frames
from softdash.softening.notices import is_single_frame
from softdash.softening.slope_uncertainty import factor_uncertainty

SEEDS = st.integers(0, 10_000)


def analysed(reference, predicted, **kwargs):
    return analyse_forces(reference, predicted, [np.full(len(one), 14) for one in reference], **kwargs)


def codes(statistics):
    return {notice.code for notice in statistics.notices}


def test_two_identical_frames_are_one(make_material):
    one = make_material(frames=1)
    single = analysed(one.reference, one.predicted, frame_spread=0.1)
    twice = analysed(2 * one.reference, 2 * one.predicted, frame_spread=0.1)
    assert (twice.frame_count, twice.distinct_frames, twice.effective_frames) == (2, 1, 1)
    assert twice.slope_interval.method == "spread between frames"
    assert twice.slope_interval.half_width == pytest.approx(single.slope_interval.half_width, rel=1e-12)
    assert is_single_frame(twice)
    assert {"single_frame", "repeated_frames"} <= codes(twice)


def test_two_identical_frames_without_a_known_spread_have_no_interval(make_material):
    one = make_material(frames=1)
    twice = analysed(2 * one.reference, 2 * one.predicted)
    assert (twice.slope_interval, twice.no_interval_reason) == (None, "single_frame")
    assert all(element.interval is None for element in twice.elements)
    assert twice.labels_needed.frames is None


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, times=st.integers(2, 4), noise=st.floats(0, 1e-4))
def test_copies_of_all_frames_change_no_interval(make_material, seed, times, noise):
    """A file given several times, with forces that differ by less than a DFT is converged."""
    material = make_material(frames=5, seed=seed, noise=0.2)
    generator = np.random.default_rng(seed)
    reference = [x + generator.normal(0, noise, x.shape) for x in times * material.reference]
    once = analysed(material.reference, material.predicted)
    more = analysed(reference, times * material.predicted)
    assert (more.frame_count, more.distinct_frames) == (5 * times, 5)
    assert more.slope_interval.half_width == pytest.approx(once.slope_interval.half_width, rel=0.05)
    assert more.degrees_of_freedom == pytest.approx(once.degrees_of_freedom, rel=0.01)
    gain, gain_of_more = (
        held_out_gain(x, y).gain_interval.half_width
        for x, y in ((material.reference, material.predicted), (reference, times * material.predicted))
    )
    assert gain_of_more == pytest.approx(gain, rel=0.05)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, frames=st.integers(1, 12), copies=st.integers(0, 3), noise=st.sampled_from([0.0, 1e-6, 0.1, 2.0]))
def test_no_interval_has_the_width_zero(make_material, seed, frames, copies, noise):
    material = make_material(frames=frames, seed=seed, noise=noise, atoms=12)
    x, y = material.reference + copies * material.reference[:1], material.predicted + copies * material.predicted[:1]
    found = analysed(x, y, frame_spread=0.05 if seed % 2 else None)
    assert found.distinct_frames == frames
    assert ("repeated_frames" in codes(found)) == (copies > 0)
    intervals = [found.slope_interval, *(part.interval for part in (*found.elements, *found.magnitude_bins))]
    components = flatten(x, y, [np.full(len(one), 14) for one in x])
    intervals.append(factor_uncertainty(components, found.linear_correction)[1])
    if frames > 1:
        gain = held_out_gain(x, y)
        intervals += [gain.gain_interval, gain.mae_after_interval]
    assert all(interval.half_width > 1e-9 for interval in intervals if interval is not None)


def test_copies_are_found_by_atoms_and_both_forces(make_material):
    material = make_material(frames=4)
    x, y = [*material.reference, material.reference[1]], [*material.predicted, material.predicted[1]]
    numbers = [*material.numbers, material.numbers[1]]
    assert first_copies(flatten(x, y, numbers)).tolist() == [0, 1, 2, 3, 1]
    numbers[4] = numbers[4][::-1]
    assert first_copies(flatten(x, y, numbers)).tolist() == [0, 1, 2, 3, 4]
    numbers[4] = numbers[1]
    y[4] = y[4] + 0.01
    assert first_copies(flatten(x, y, numbers)).tolist() == [0, 1, 2, 3, 4]


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_order_of_the_frames_does_not_decide_what_is_a_copy(make_material, seed):
    material = make_material(frames=6, seed=seed)
    generator = np.random.default_rng(seed)
    places = generator.integers(0, 6, 15)
    order = generator.permutation(15)

    def groups(chosen):
        found = first_copies(
            flatten(
                *([side[place] for place in chosen] for side in (material.reference, material.predicted)),
                [material.numbers[place] for place in chosen],
            )
        )
        return {frozenset(np.flatnonzero(found == label).tolist()) for label in np.unique(found)}

    shuffled = {frozenset(np.argsort(order)[list(members)].tolist()) for members in groups(places)}
    assert groups(places[order]) == shuffled


def test_steps_of_a_relaxation_are_one_unit():
    units = frame_units(np.ones(4), np.ones(4, dtype=bool), np.arange(4), relaxation=True)
    assert np.unique(units.unit).size == 1
    assert (units.distinct, units.worth) == (4, None)


def test_steps_of_a_relaxation_have_no_interval_of_any_kind(make_material):
    material = make_material(frames=12, noise=0.2)
    sizes = 0.7 ** np.arange(12)
    x, y = ([s * one for s, one in zip(sizes, side, strict=True)] for side in (material.reference, material.predicted))
    found = analysed(x, y, relaxation=True)
    assert found.no_interval_reason == "relaxation_steps"
    assert all(part.interval is None for part in (*found.elements, *found.magnitude_bins))
    gain = held_out_gain(x, y, relaxation=True)
    assert (gain.gain_interval, gain.mae_after_interval) == (None, None)
    components = flatten(x, y, material.numbers)
    assert factor_uncertainty(components, found.linear_correction, relaxation=True) == (None, None)


def test_frames_without_forces_are_not_counted(make_material):
    material = make_material(frames=3)
    components = flatten([*material.reference[:2], 0 * material.reference[2]], material.predicted, material.numbers)
    assert informative_frames(components).tolist() == [True, True, False]
