"""No report makes two statements that exclude each other."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from softdash.catalog import Catalog
from softdash.diagnosis.analysis import identify
from softdash.diagnosis.answer import reach_answer
from softdash.diagnosis.exclusions import EXCLUSIVE, contradictions, statements
from softdash.diagnosis.records import PopulationComparison, PotentialResult, ReadingDoubt, VerdictSentence
from softdash.diagnosis.verdict import Answers, reach_verdict
from softdash.potentials.registry import card
from softdash.settings import Settings
from tests.diagnosis.test_verdict import CASES, Case

_SCRIPT = Path(__file__).parents[2] / "benchmarks" / "contradictions.py"
_EVERY = 150
EMPTY = Catalog(Path(__file__).parent / "no such folder")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contradictions", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["contradictions"] = module
    spec.loader.exec_module(module)
    return module


def made_up(case: Case, doubts: tuple[ReadingDoubt, ...] = ()) -> PotentialResult:
    populations = (
        PopulationComparison(
            dataset="x", dataset_label="set", material_count=90, softer_than=40, median=0.9, sentence="Some."
        ),
    )
    verdict, numbers, answers = case.verdict()
    case_advice = answers.advice
    if verdict.level == "inconclusive" or doubts:
        populations = ()
    if doubts:
        answers = Answers(doubts=doubts)
    assert case_advice is not None
    answer = reach_answer(EMPTY, card("chgnet-0.3.0"), numbers, case.notices, case_advice, doubts)
    return PotentialResult(
        potential=identify(card("emt")),
        seconds=0.0,
        statistics=numbers,
        notices=case.notices,
        populations=populations,
        verdict=reach_verdict("CHGNet", numbers, case.notices, populations, answers),
        advice=answers.advice,
        doubts=doubts,
        answer=answer,
    )


def test_the_list_is_long_and_names_each_pair_once() -> None:
    assert len(EXCLUSIVE) >= 25
    assert len({frozenset(pair) for pair in EXCLUSIVE}) == len(EXCLUSIVE)
    assert all(len(set(pair)) == 2 for pair in EXCLUSIVE)


@pytest.mark.parametrize("name", CASES)
def test_made_up_materials_do_not_contradict_themselves(name: str) -> None:
    assert contradictions(made_up(CASES[name][0])) == []


@pytest.mark.parametrize("frames", [1, 2, 3, 10])
@pytest.mark.parametrize("noise", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("slope", [0.2, 0.6, 0.9, 0.99, 1.15, -0.5])
def test_nor_do_many_others(frames: int, noise: float, slope: float) -> None:
    for size in (0.1, 1.0):
        for labels in ({}, {"with_labels": True, "energy_slope": 0.8}, {"chlorine_slope": 1.02}):
            case = Case(slope, frames=frames, noise=noise * size, size=size, frame_spread=0.05, **labels)
            assert contradictions(made_up(case)) == []


def test_nor_does_one_whose_reading_is_in_doubt() -> None:
    doubt = ReadingDoubt(code="order", headline="The order is in doubt.", text="Rows.", numbers={})
    found = made_up(Case(0.8), (doubt,))
    assert "says:doubt" in statements(found)
    assert contradictions(found) == []


def test_shipped_points_do_not_contradict_themselves(script: ModuleType) -> None:
    """Every 150th row of all sets and potentials; ``benchmarks/contradictions.py`` runs all of them."""
    looked_at = 0
    for name, result in script.results(Catalog(Settings().precomputed_dir), every=_EVERY):
        looked_at += 1
        assert contradictions(result) == [], name
    assert looked_at > 20


def test_a_contradiction_is_found() -> None:
    result = made_up(Case(0.8))
    assert "advice:multiply" in statements(result)
    assert result.verdict is not None
    sentence = VerdictSentence(code="disagreement", text="They differ.", numbers={})
    worse = result.verdict.model_copy(update={"sentences": (*result.verdict.sentences, sentence)})
    found = contradictions(result.model_copy(update={"verdict": worse}))
    assert found == [("advice:multiply", "says:disagreement"), ("answer:one_factor", "says:disagreement")]


def test_an_answer_against_the_advice_is_found() -> None:
    result = made_up(Case(0.8))
    assert result.answer is not None
    assert "answer:one_factor" in statements(result)
    advice = result.advice and result.advice.model_copy(update={"code": "no_gain"})
    assert contradictions(result.model_copy(update={"advice": advice})) == [("answer:one_factor", "advice:no_gain")]


def test_every_code_of_an_answer_occurs_in_the_list() -> None:
    told = {one for pair in EXCLUSIVE for one in pair if one.startswith("answer:")}
    assert told == {"answer:good_enough", "answer:one_factor", "answer:fine_tune"}
