"""Frames that have each other's forces, or forces in another unit than the rest, are named."""

from __future__ import annotations

import pytest
from made_evidence import evidence_of, made_frame, with_reference

from softdash.diagnosis.plausibility.frame_order import doubt_about_frames
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM

FRAMES = [made_frame(seed=seed) for seed in range(4)]


def test_forces_of_other_frames() -> None:
    order = (2, 1, 0, 3)
    mixed = [with_reference(frame, FRAMES[other].reference) for frame, other in zip(FRAMES, order, strict=True)]
    doubt = doubt_about_frames(evidence_of(*mixed))
    assert doubt is not None
    assert doubt.code == "equilibrium_structure"
    assert doubt.numbers["other_slope"] == pytest.approx(0.85, abs=0.05)


@pytest.mark.parametrize("unit", ["Ha/bohr", "meV/Å", "kcal/mol/Å"])
def test_one_frame_in_another_unit(unit: str) -> None:
    odd = with_reference(FRAMES[1], FRAMES[1].reference / IN_EV_PER_ANGSTROM[unit])
    doubt = doubt_about_frames(evidence_of(FRAMES[0], odd, *FRAMES[2:]))
    assert doubt is not None
    assert (doubt.code, doubt.numbers["frames"]) == ("unit", 1.0)
    assert doubt.numbers["slope"] == pytest.approx(0.85, abs=0.05)


def test_frames_that_differ_as_frames_do() -> None:
    assert doubt_about_frames(evidence_of(*FRAMES)) is None
    assert doubt_about_frames(evidence_of(FRAMES[0])) is None
    several = [made_frame(seed=seed, slope=slope) for seed, slope in enumerate((0.5, 0.9, 1.4))]
    assert doubt_about_frames(evidence_of(*several)) is None
    scattered = [made_frame(seed=seed, scatter=2.0) for seed in range(4)]
    assert doubt_about_frames(evidence_of(*scattered)) is None
