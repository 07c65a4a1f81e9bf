"""A doubt of one potential holds for all potentials of a report; that of a demonstration for none but itself."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.records import PotentialResult, ReadingDoubt, ReadingProposal
from softdash.diagnosis.shared_doubts import with_shared_doubts
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.softening.statistics import Notice
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames


@pytest.fixture(scope="module")
def sure() -> PotentialResult:
    """A result with a verdict: hot copper by EMT against its own forces, softened."""
    generator = np.random.default_rng(0)
    frames = []
    for number in range(4):
        atoms = Atoms("Cu4", generator.uniform(0, 0.3, (4, 3)), cell=[3.61] * 3, pbc=True)
        atoms.positions += [[0, 0, 0], [0, 1.8, 1.8], [1.8, 0, 1.8], [1.8, 1.8, 0]]
        frames.append(LabelledFrame(atoms, np.zeros((4, 3)), f"a.extxyz, frame {number + 1}"))
    predicted = card("emt").load().predict([frame.atoms for frame in frames])
    labelled = tuple(
        LabelledFrame(frame.atoms, prediction.forces / 0.8, frame.origin)
        for frame, prediction in zip(frames, predicted, strict=True)
    )
    result = analyse(
        LabelledFrames(labelled, (), "extended XYZ"), card("emt"), Catalog(Settings().precomputed_dir)
    ).result
    assert result.verdict is not None
    assert result.verdict.level == "softened"
    return result.model_copy(update={"notices": ()})


DOUBT = ReadingDoubt(
    code="unit",
    headline="These forces look as if they were in Ha/bohr.",
    text="The slope is 44.8.",
    numbers={"slope": 44.8},
    proposals=(ReadingProposal(label="Read", options={"force_unit": "Ha/bohr"}, slope=0.87, r_squared=0.98),),
)


def test_all_verdicts_are_withheld(sure: PotentialResult) -> None:
    doubtful = sure.model_copy(
        update={"potential": sure.potential.model_copy(update={"name": "other"}), "doubts": (DOUBT,)}
    )
    shared = with_shared_doubts([sure, doubtful])
    assert shared[1] is doubtful
    assert shared[0].doubts[0].code == "unit"
    assert shared[0].doubts[0].proposals == DOUBT.proposals
    assert shared[0].verdict is not None
    assert (shared[0].verdict.level, shared[0].verdict.headline) == ("inconclusive", DOUBT.headline)
    assert shared[0].advice is not None
    assert (shared[0].advice.code, shared[0].advice.is_recommended) == ("doubtful_reading", False)
    assert shared[0].statistics == sure.statistics


def test_demonstration_and_failure_of_one_potential_are_its_own(sure: PotentialResult) -> None:
    name = sure.potential.model_copy(update={"name": "other"})
    toy = sure.model_copy(
        update={"potential": name, "doubts": (DOUBT,), "notices": (Notice("demonstration_potential", "A toy."),)}
    )
    unrelated = sure.model_copy(update={"potential": name, "doubts": (DOUBT.model_copy(update={"code": "unrelated"}),)})
    for other in (toy, unrelated):
        assert with_shared_doubts([sure, other])[0] is sure
