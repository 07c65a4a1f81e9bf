"""A column that is missing, there twice, or written too coarsely withholds the verdict; symmetry does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_evidence import evidence_of, made_frame, with_reference

from softdash.diagnosis.plausibility.force_columns import doubt_about_coarse_forces, doubt_about_columns
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM


@pytest.mark.parametrize("columns", [(0, 0, 0), (0, 1, 1), (0, 1, 0), (1, 1, 2)])
def test_a_column_there_twice(columns: tuple[int, ...]) -> None:
    frame = made_frame()
    doubt = doubt_about_columns(evidence_of(with_reference(frame, frame.reference[:, list(columns)])))
    assert doubt is not None
    assert doubt.code == "columns"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_column_of_zeros(axis: int) -> None:
    frame = made_frame()
    reference = frame.reference.copy()
    reference[:, axis] = 0
    doubt = doubt_about_columns(evidence_of(with_reference(frame, reference)))
    assert doubt is not None
    assert doubt.code == "columns"
    assert doubt.numbers["missed"] > 0.3


def test_symmetry_makes_columns_equal_or_zero_on_both_sides() -> None:
    frame = made_frame()
    for columns in ((0, 0, 2), (0, 1, 1)):
        both = replace(frame, reference=frame.reference[:, columns], predicted=frame.predicted[:, columns])
        assert doubt_about_columns(evidence_of(both)) is None
    flat = np.array([1.0, 1.0, 0.0])
    planar = replace(frame, reference=frame.reference * flat, predicted=frame.predicted * flat)
    assert doubt_about_columns(evidence_of(planar)) is None
    assert doubt_about_columns(evidence_of(frame)) is None


@pytest.mark.parametrize(("unit", "decimals"), [("eV/Å", 0), ("Ha/bohr", 2)])
def test_forces_with_too_few_digits(unit: str, decimals: int) -> None:
    frame = made_frame()
    factor = IN_EV_PER_ANGSTROM[unit]
    coarse = np.round(1.5 * frame.reference / factor, decimals) * factor
    doubt = doubt_about_coarse_forces(evidence_of(with_reference(frame, coarse)))
    assert doubt is not None
    assert doubt.code == "rounding"
    assert doubt.numbers["step"] == pytest.approx(factor * 10.0**-decimals)


@pytest.mark.parametrize("decimals", [1, 2, 4, 8])
def test_enough_digits(decimals: int) -> None:
    frame = made_frame()
    rounded = with_reference(frame, np.round(2 * frame.reference, decimals))
    assert doubt_about_coarse_forces(evidence_of(rounded)) is None
