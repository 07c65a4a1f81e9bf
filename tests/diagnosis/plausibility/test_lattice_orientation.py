"""A turned cell is noticed by the forces; a cell that lies right is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from made_evidence import ORTHORHOMBIC, TRICLINIC, evidence_of, made_frame, with_reference

from softdash.diagnosis.plausibility.lattice_orientation import doubt_about_orientation
from softdash.structures.matching.orientation import table_rotation


def turned(orientation: str, *, cell: np.ndarray, scatter: float = 0.1, seed: int = 0):
    """Return a frame whose reference forces stand in the axes of `orientation`."""
    frame = made_frame(cell=cell, scatter=scatter, seed=seed)
    matrix = table_rotation(orientation, cell)
    assert matrix is not None
    return with_reference(frame, frame.reference @ matrix.T)


@pytest.mark.parametrize("seed", range(5))
def test_cell_in_the_setting_of_pymatgen_is_proposed(seed: int) -> None:
    doubt, tested = doubt_about_orientation(evidence_of(turned("pymatgen", cell=TRICLINIC, seed=seed)), is_known=False)
    assert doubt is not None
    assert doubt.code == "orientation"
    assert tested is None
    assert doubt.proposals[0].options == {"orientation": "pymatgen"}
    assert doubt.proposals[0].slope == pytest.approx(0.85, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_skewed_cell_that_lies_right_is_confirmed(seed: int) -> None:
    doubt, tested = doubt_about_orientation(evidence_of(made_frame(cell=TRICLINIC, seed=seed)), is_known=False)
    assert doubt is None
    assert tested is not None
    assert (tested.topic, tested.ground) == ("orientation", "tested")


@pytest.mark.parametrize("axes", ["yzx", "-xyz", "zxy", "x-zy"])
def test_exchanged_axes_of_a_rectangular_cell_are_proposed(axes: str) -> None:
    doubt, _ = doubt_about_orientation(evidence_of(turned(f"given/{axes}", cell=ORTHORHOMBIC)), is_known=False)
    assert doubt is not None
    assert doubt.proposals[0].options == {"orientation": f"given/{axes}"}


def test_free_rotation_is_noticed_and_not_proposed() -> None:
    angle = np.radians(45)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    frame = made_frame(cell=ORTHORHOMBIC, numbers=(22, 22, 8, 8, 8, 8, 8, 8))
    doubt, _ = doubt_about_orientation(evidence_of(with_reference(frame, frame.reference @ turn.T)), is_known=False)
    assert doubt is not None
    assert doubt.numbers["angle"] == pytest.approx(45, abs=5)
    assert doubt.proposals == ()


def test_known_orientation_is_doubted_only_where_forces_are_unrelated_as_read() -> None:
    right = evidence_of(made_frame(cell=TRICLINIC))
    assert doubt_about_orientation(right, is_known=True) == (None, None)
    doubt, _ = doubt_about_orientation(evidence_of(turned("given/yzx", cell=TRICLINIC)), is_known=True)
    assert doubt is not None


def test_two_atoms_decide_nothing() -> None:
    frame = made_frame(numbers=(11, 17), cell=TRICLINIC, scatter=0.02)
    doubt, tested = doubt_about_orientation(evidence_of(frame), is_known=False)
    assert tested is None
    assert doubt is not None
    assert doubt.code == "orientation"
    with_many = [made_frame(numbers=(11, 17), cell=TRICLINIC, scatter=0.02, seed=seed) for seed in range(6)]
    assert doubt_about_orientation(evidence_of(*with_many), is_known=False)[0] is None


def test_scatter_alone_raises_no_doubt_about_a_rectangular_cell() -> None:
    for seed in range(40):
        for scatter in (0.1, 0.3, 0.6):
            frame = made_frame(cell=ORTHORHOMBIC, scatter=scatter, seed=seed)
            assert doubt_about_orientation(evidence_of(frame), is_known=False)[0] is None
