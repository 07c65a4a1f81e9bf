"""Forces of another frame, of a relaxed structure, or of nothing are told apart, each with its own code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from made_evidence import evidence_of, made_frame, with_reference

from softdash.diagnosis.plausibility.belonging import doubt_about_belonging

MANY = (12,) * 8 + (8,) * 8


def test_relaxed_structure_beside_forces_of_a_hot_frame() -> None:
    frame = made_frame(numbers=MANY)
    near_zero = np.random.default_rng(1).normal(scale=0.02, size=frame.predicted.shape)
    relaxed = replace(frame, predicted=near_zero)
    evidence = evidence_of(relaxed)
    doubt = doubt_about_belonging(evidence, evidence.as_read)
    assert doubt is not None
    assert doubt.code == "equilibrium_structure"


def test_random_numbers_do_not_sum_to_zero() -> None:
    frame = made_frame(numbers=MANY)
    random = np.random.default_rng(5).normal(size=frame.reference.shape) + 0.5
    evidence = evidence_of(with_reference(frame, random))
    doubt = doubt_about_belonging(evidence, evidence.as_read)
    assert doubt is not None
    assert doubt.code == "unrelated"
    assert doubt.numbers["net_force_share"] > 0.5


def test_forces_of_another_frame_sum_to_zero_and_are_unrelated() -> None:
    frame = made_frame(numbers=MANY)
    evidence = evidence_of(with_reference(frame, made_frame(numbers=MANY, seed=9).reference))
    doubt = doubt_about_belonging(evidence, evidence.as_read)
    assert doubt is not None
    assert doubt.code == "unrelated"
    assert doubt.numbers["net_force_share"] < 1e-9


def test_very_soft_or_scattered_forces_belong_to_their_structure() -> None:
    for slope, scatter in ((0.1, 0.1), (0.3, 0.8), (1.2, 1.0)):
        evidence = evidence_of(made_frame(numbers=MANY, slope=slope, scatter=scatter))
        assert doubt_about_belonging(evidence, evidence.as_read) is None


def test_zeros_in_place_of_the_largest_forces() -> None:
    frame = made_frame(numbers=MANY)
    reference = frame.reference.copy()
    largest = np.argsort(-(reference**2).sum(axis=1))[:12]
    reference[largest] = 0
    evidence = evidence_of(with_reference(frame, reference))
    doubt = doubt_about_belonging(evidence, evidence.as_read)
    assert doubt is not None
    assert doubt.numbers["zeros"] == 12
    assert doubt.numbers["r_squared"] > 0.8
