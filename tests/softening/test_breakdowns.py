from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softdash.softening import analyse_forces, softening_scale


def analyse(material, **kwargs):
    return analyse_forces(material.reference, material.predicted, material.numbers, **kwargs)


def test_element_slopes_equal_linregress_on_that_element(material):
    for forces, numbers in zip(material.predicted, material.numbers, strict=True):
        forces[numbers == 17] *= 0.7
    number = np.repeat(np.concatenate(material.numbers), 3)
    sodium, chlorine = analyse(material).elements
    assert (sodium.atomic_number, chlorine.atomic_number) == (11, 17)
    for element in (sodium, chlorine):
        chosen = number == element.atomic_number
        assert element.slope == pytest.approx(stats.linregress(material.x[chosen], material.y[chosen]).slope, abs=1e-12)
        assert element.mae == pytest.approx(np.abs(material.y - material.x)[chosen].mean())
        assert element.component_count == 300
        assert element.interval.low < element.slope < element.interval.high


def test_an_element_below_thirty_components_is_hidden(make_material):
    material = make_material(frames=3)
    for numbers in material.numbers:
        numbers[:3] = 8
    assert 8 not in [element.atomic_number for element in analyse(material).elements]
    material.numbers[0][3] = 8
    assert 8 in [element.atomic_number for element in analyse(material).elements]


def test_an_element_at_rest_is_hidden(material):
    for reference, numbers in zip(material.reference, material.numbers, strict=True):
        reference[numbers == 11] = 0.0
    assert [element.atomic_number for element in analyse(material).elements] == [17]


def test_magnitude_bins_partition_the_components_by_reference_size(make_material):
    material = make_material(atoms=100)
    bins = analyse(material).magnitude_bins
    assert len(bins) >= 5
    assert bins[0].lower == 0.0
    assert bins[-1].upper > np.abs(material.x).max()
    assert [edge.upper for edge in bins[:-1]] == [edge.lower for edge in bins[1:]]
    assert sum(edge.component_count for edge in bins) == material.x.size
    for one in bins:
        chosen = (np.abs(material.x) >= one.lower) & (np.abs(material.x) < one.upper)
        assert one.component_count == chosen.sum() >= 30
        assert one.slope == pytest.approx(softening_scale(material.x[chosen], material.y[chosen]))


def test_magnitude_bins_do_not_fake_softening_from_noise(make_material):
    material = make_material(atoms=2000, slope=1.0, noise=0.5)
    for one in analyse(material).magnitude_bins:
        assert one.interval.low - 0.15 < 1 < one.interval.high + 0.15
    # The trap: in bins of the predicted size the same unbiased cloud reads far too stiff or too soft.
    big = np.abs(material.y) > 2
    assert abs(softening_scale(material.x[big], material.y[big]) - 1) > 0.05


def test_edges_are_readable_and_sparse_bins_joined():
    generator = np.random.default_rng(0)
    x = np.concatenate((generator.uniform(0.5, 1, 57), [30.0, 40.0, 60.0]))
    forces = (x * np.where(np.arange(60) % 2, 1, -1)).reshape(1, 20, 3)
    bins = analyse_forces(list(forces), list(0.9 * forces), [np.full(20, 14)]).magnitude_bins
    assert [(one.lower, one.upper, one.component_count) for one in bins] == [(0.0, 100.0, 60)]


def test_no_magnitude_bins_below_thirty_components(make_material):
    assert analyse(make_material(frames=1, atoms=9)).magnitude_bins == ()


def test_leave_one_out_equals_brute_force(material):
    # Frames of very different weight: the sums must not lose digits.
    for frame, scale in enumerate(np.logspace(2, -2, 10)):
        material.reference[frame] *= scale
        material.predicted[frame] *= scale
    statistics = analyse(material)
    expected = [softening_scale(material.x[material.frame != g], material.y[material.frame != g]) for g in range(10)]
    assert [frame.slope_of_others for frame in statistics.frames] == pytest.approx(expected, rel=1e-13)
    assert statistics.leave_one_frame_out == pytest.approx((min(expected), max(expected)), rel=1e-13)


def test_frame_slopes(material):
    material.reference[4][:] = 0.0
    frames = analyse(material).frames
    assert frames[4].slope is None
    assert frames[0].slope == pytest.approx(softening_scale(material.reference[0], material.predicted[0]))
    assert frames[3].mae == pytest.approx(np.abs(material.predicted[3] - material.reference[3]).mean())


def test_net_force_per_atom(material):
    material.reference[5] += np.array([0.3, 0.0, 0.4])
    frames = analyse(material).frames
    assert frames[5].net_force_per_atom == pytest.approx(0.5)
    assert frames[0].net_force_per_atom == pytest.approx(0, abs=1e-12)


def test_a_single_frame_has_no_others(make_material):
    statistics = analyse(make_material(frames=1))
    assert statistics.frames[0].slope_of_others is None
    assert statistics.leave_one_frame_out is None
