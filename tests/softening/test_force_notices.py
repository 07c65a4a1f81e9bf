from __future__ import annotations

import numpy as np
import pytest

from softdash.softening import analyse_forces, slope_with_intercept, softening_scale, three_digits


def notices(material, **kwargs):
    found = analyse_forces(material.reference, material.predicted, material.numbers, **kwargs).notices
    return {notice.code: notice.message for notice in found}


def test_a_healthy_material_needs_no_warning(material):
    assert notices(material) == {}


def test_net_force_names_the_frames(material):
    material.reference[2] += [0.1, 0.0, 0.0]
    material.predicted[2] += [0.085, 0.0, 0.0]
    found = notices(material, frame_names=[f"run.xyz, frame {g}" for g in range(1, 11)])
    assert list(found) == ["net_force"]
    assert "in run.xyz, frame 3 (up to 0.100 eV/Å per atom)" in found["net_force"]


def test_many_drifting_frames_are_counted_not_listed(material):
    for forces in material.reference:
        forces += 0.1
    assert " and 7 more (" in notices(material)["net_force"]


def test_intercept_differs(material):
    for reference, predicted in zip(material.reference, material.predicted, strict=True):
        reference += 0.4
        predicted += 0.1
    x, y = material.x, material.y
    message = notices(material)["intercept_differs"]
    assert f"from {softening_scale(x, y):.3f} to {slope_with_intercept(x, y)[0]:.3f}: one side" in message


def test_huber_differs(material):
    largest = np.argsort(np.abs(material.predicted[0]).ravel())[-12:]
    material.predicted[0].ravel()[largest] *= -4
    message = notices(material)["huber_differs"]
    assert "robust (Huber) slope is 0.8" in message


def test_near_equilibrium_and_reference_noise(material):
    for reference, predicted in zip(material.reference, material.predicted, strict=True):
        reference *= 0.05
        predicted *= 0.05
    found = notices(material)
    assert set(found) == {"near_equilibrium"}
    assert "0.03 eV/Å" in found["near_equilibrium"]


def test_reference_noise_is_said_where_forces_are_small_but_not_near_equilibrium(material):
    scale = 0.25 / np.sqrt(np.mean(material.x**2))
    for reference, predicted in zip(material.reference, material.predicted, strict=True):
        reference *= scale
        predicted *= scale
    assert set(notices(material)) == {"reference_noise"}
    assert set(notices(material, label_noise=0.01)) == set()
    assert set(notices(material, label_noise=0.06)) == {"near_equilibrium"}


def test_one_large_force_does_not_lift_frames_from_equilibrium(make_material):
    material = make_material(frames=40)
    for reference, predicted in zip(material.reference, material.predicted, strict=True):
        reference *= 0.05
        predicted *= 0.05
    material.reference[0][0, 0], material.predicted[0][0, 0] = 0.6, 0.5
    assert "near_equilibrium" in notices(material)


def test_high_leverage_tells_the_slope_without(material):
    material.reference[3][7, 2] = 30.0
    material.predicted[3][7, 2] = 10.0
    found = notices(material)
    assert "30.0 eV/Å along z on atom 8 of frame 4" in found["high_leverage"]
    assert "without it the slope is 0.846" in found["high_leverage"]
    assert "frame 4 has" in found["dominant_frame"]


def test_low_r_squared(make_material):
    assert "scatter is the larger part" in notices(make_material(noise=2.0))["low_r_squared"]
    loose = notices(make_material(slope=0.3, noise=0.4))["low_r_squared"]
    assert "larger part" not in loose
    assert "no factor" not in loose


def test_negative_slope(make_material):
    assert "opposite directions" in notices(make_material(slope=-0.9))["negative_slope"]


@pytest.mark.parametrize(("frames", "code"), [(1, "single_frame"), (2, "few_frames"), (3, "few_frames")])
def test_how_many_frames(make_material, frames, code):
    assert list(notices(make_material(frames=frames))) == [code]


def test_one_frame_with_forces_among_frames_at_rest(material):
    for forces in material.reference[1:]:
        forces[:] = 0.0
    assert "Only one of the 10 frames" in notices(material)["single_frame"]


def test_repeated_frames(material):
    material.reference[6] = material.reference[1].copy()
    material.predicted[6] = material.predicted[1].copy()
    assert notices(material)["repeated_frames"].startswith("10 frames, 9 of them different")


def test_curvature(material):
    for reference, predicted in zip(material.reference, material.predicted, strict=True):
        predicted -= 0.08 * reference * np.abs(reference)
    message = notices(material)["curvature"]
    assert "0.8" in message
    assert "for small forces" in message


def test_elements_differ_by_symbol(material):
    for predicted, numbers in zip(material.predicted, material.numbers, strict=True):
        predicted[numbers == 17] *= 0.7
    message = notices(material)["elements_differ"]
    assert "on Cl, 0.8" in message
    assert "on Na" in message


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.9174, "0.917"), (26.71, "26.7"), (1.0, "1.00"), (-0.05, "−0.0500"), (0.9996, "1.00"), (123.4, "123"), (0, "0")],
)
def test_three_digits(value, text):
    assert three_digits(value) == text
