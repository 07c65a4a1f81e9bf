"""Rows in another order are proposed where the forces say it more clearly than chance would."""

from __future__ import annotations

import numpy as np
import pytest
from made_evidence import evidence_of, made_frame, with_reference

from softdash.diagnosis.plausibility.evidence import Evidence
from softdash.diagnosis.plausibility.lattice_orientation import settings_for
from softdash.diagnosis.plausibility.row_order import doubt_about_order
from softdash.diagnosis.records import ReadingDoubt

RUTILE = (22, 22, 8, 8, 8, 8)


def doubt_of(evidence: Evidence) -> ReadingDoubt | None:
    return doubt_about_order(evidence, settings_for(evidence))


def rows_of(doubt: ReadingDoubt | None) -> list[int]:
    assert doubt is not None
    rows: list[int] = doubt.proposals[0].options["row_order"]
    return [row - 1 for row in rows]


def test_rows_grouped_by_another_order_of_the_elements_are_named() -> None:
    frame = made_frame(numbers=RUTILE)
    written = [2, 3, 4, 5, 0, 1]  # oxygen first
    doubt = doubt_of(evidence_of(with_reference(frame, frame.reference[written])))
    assert doubt is not None
    assert doubt.code == "order"
    assert rows_of(doubt) == list(np.argsort(written))


@pytest.mark.parametrize("seed", range(4))
def test_exchanged_oxygens_are_found(seed: int) -> None:
    frame = made_frame(numbers=RUTILE, seed=seed, scatter=0.05)
    written = [0, 1, 3, 4, 5, 2]
    doubt = doubt_of(evidence_of(with_reference(frame, frame.reference[written])))
    assert rows_of(doubt) == list(np.argsort(written))


def test_two_exchanged_rows_of_a_large_cell_are_named() -> None:
    frame = made_frame(numbers=(12,) * 16 + (8,) * 16)
    written = np.arange(32)
    written[[17, 22]] = written[[22, 17]]
    doubt = doubt_of(evidence_of(with_reference(frame, frame.reference[written])))
    assert doubt is not None
    assert doubt.code == "some_rows"
    assert doubt.numbers["rows"] == 2
    assert "18 (O)" in doubt.text
    assert "23 (O)" in doubt.text
    assert rows_of(doubt) == written.tolist()


@pytest.mark.parametrize("count", [6, 32, 120])
def test_random_numbers_get_no_order(count: int) -> None:
    frame = made_frame(numbers=(12,) * (count // 2) + (8,) * (count // 2))
    random = np.random.default_rng(5).normal(size=frame.reference.shape)
    doubt = doubt_of(evidence_of(with_reference(frame, random)))
    assert doubt is None


def test_scatter_raises_no_doubt_about_the_order() -> None:
    for seed in range(40):
        for scatter in (0.1, 0.4, 0.8):
            assert doubt_of(evidence_of(made_frame(numbers=(12,) * 8 + (8,) * 8, seed=seed, scatter=scatter))) is None


def test_one_order_for_all_frames_of_a_run() -> None:
    written = [0, 1, 3, 4, 5, 2]
    frames = [made_frame(numbers=RUTILE, seed=seed, scatter=0.3) for seed in range(5)]
    doubt = doubt_of(evidence_of(*(with_reference(frame, frame.reference[written]) for frame in frames)))
    assert rows_of(doubt) == list(np.argsort(written))


def test_frames_of_different_atoms_have_no_common_order() -> None:
    one, other = made_frame(numbers=RUTILE), made_frame(numbers=(11, 17, 11, 17), seed=2)
    assert doubt_of(evidence_of(with_reference(one, one.reference[::-1]), other)) is None
