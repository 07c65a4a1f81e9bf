from __future__ import annotations

import numpy as np
import pytest

from softdash.errors import RefusalError
from softdash.softening import analyse_forces, check_frame, cluster_interval, softening_scale


@pytest.mark.parametrize("scale", [0.0, 1e-12, 5e-4])
def test_no_slope_from_vanishing_reference_forces(material, scale):
    tiny = [scale * forces for forces in material.reference]
    with pytest.raises(RefusalError, match=r"all zero|almost zero") as caught:
        analyse_forces(tiny, tiny, material.numbers)
    assert "high-temperature" in caught.value.advice
    with pytest.raises(RefusalError, match=r"all zero|almost zero"):
        softening_scale(tiny[0], tiny[0])


def test_forces_just_above_the_limit_are_used(material):
    small = [2e-3 * forces for forces in material.reference]
    assert analyse_forces(small, small, material.numbers).slope == pytest.approx(1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e9])
@pytest.mark.parametrize("side", ["reference", "predicted"])
def test_a_component_that_is_no_force_names_frame_and_atom(material, bad, side):
    getattr(material, side)[2][4, 1] = bad
    with pytest.raises(RefusalError) as caught:
        analyse_forces(material.reference, material.predicted, material.numbers)
    assert caught.value.where == "frame 3"
    assert f"The {side} force on atom 5 is" in caught.value.what


def test_nan_in_flat_arrays():
    with pytest.raises(RefusalError, match="1 of 4 predicted force components are NaN"):
        softening_scale([1.0, 2, 3, 4], [1.0, np.nan, 3, 4])


def test_an_atom_short_is_said_in_words(material):
    with pytest.raises(RefusalError, match=r"predicted forces are 1 atom short \(19 instead of 20\)"):
        check_frame(material.reference[0], material.predicted[0][:-1], where="run.xyz, frame 3")
    with pytest.raises(RefusalError, match=r"run\.xyz, frame 3: The reference forces are 2 atoms too many"):
        check_frame(material.reference[0], numbers=material.numbers[0][:-2], where="run.xyz, frame 3")


def test_numbers_must_be_elements(material):
    material.numbers[1][3] = 0
    with pytest.raises(RefusalError, match="frame 2: 0 is not an atomic number"):
        analyse_forces(material.reference, material.predicted, material.numbers)


@pytest.mark.parametrize("forces", [np.zeros((4, 2)), np.zeros(12), "forces", [[1, 2, 3], [4]], np.zeros((0, 3))])
def test_forces_must_be_a_table_of_three_columns(forces):
    with pytest.raises(RefusalError):
        check_frame(forces)


def test_a_good_frame_passes(material):
    check_frame(material.reference[0], material.predicted[0], numbers=material.numbers[0])


def test_lists_of_unequal_length_and_empty_ones(material):
    with pytest.raises(RefusalError, match="10 frames of reference forces, 9 of predicted"):
        analyse_forces(material.reference, material.predicted[:-1], material.numbers)
    with pytest.raises(RefusalError, match="no frame"):
        analyse_forces([], [], [])


def test_fewer_than_three_components():
    with pytest.raises(RefusalError, match="only 2 force components"):
        softening_scale([1.0, 2.0], [0.9, 1.8])


def test_shapes_of_flat_arrays_must_agree():
    with pytest.raises(RefusalError, match="shape"):
        cluster_interval(np.ones(6), np.ones(5), np.ones(6))


def test_a_potential_that_predicts_no_force(material):
    nothing = [np.zeros_like(forces) for forces in material.reference]
    with pytest.raises(RefusalError, match="predicts no force"):
        analyse_forces(material.reference, nothing, material.numbers)
