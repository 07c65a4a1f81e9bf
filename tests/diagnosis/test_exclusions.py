"""No report makes two statements that exclude each other."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from softdash.catalog import Catalog
from softdash.diagnosis.analysis import identify
from softdash.diagnosis.answer import reach_answer, settled
from softdash.diagnosis.answer_records import AnswerCode, AnswerReason
from softdash.diagnosis.exclusions import EXCLUSIVE, contradictions, statements
from softdash.diagnosis.records import PopulationComparison, PotentialResult, ReadingDoubt, VerdictSentence
from softdash.diagnosis.verdict import HEADLINE_CLAUSES, Answers, reach_verdict
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.softening.statistics import Notice
from tests.diagnosis.test_verdict import CASES, Case

_SCRIPT = Path(__file__).parents[2] / "checks" / "contradictions.py"
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
    assert case_advice is not None
    answer = reach_answer(EMPTY, card("chgnet-0.3.0"), numbers, case.notices, case_advice, doubts)
    answers = replace(answers, advice=settled(case_advice, answer))
    if doubts:
        answers = Answers(doubts=doubts)
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
    assert len(EXCLUSIVE) >= 160
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


@pytest.mark.parametrize(
    ("every", "at_least"), [(_EVERY, 20), pytest.param(1, 5600, marks=pytest.mark.slow, id="all sets and potentials")]
)
def test_shipped_points_do_not_contradict_themselves(script: ModuleType, every: int, at_least: int) -> None:
    """Rows of all sets and potentials, as ``checks/contradictions.py`` runs them."""
    looked_at = 0
    for name, result in script.results(Catalog(Settings().precomputed_dir), every=every):
        looked_at += 1
        assert contradictions(result) == [], name
    assert looked_at > at_least


def test_a_contradiction_is_found() -> None:
    result = made_up(Case(0.8))
    assert "advice:multiply" in statements(result)
    assert result.verdict is not None
    sentence = VerdictSentence(code="disagreement", text="They differ.", numbers={})
    worse = result.verdict.model_copy(update={"sentences": (*result.verdict.sentences, sentence)})
    found = contradictions(result.model_copy(update={"verdict": worse}))
    assert set(found) == {
        ("advice:multiply", "says:disagreement"),
        ("answer:one_factor", "says:disagreement"),
        ("factor:for_energies", "says:disagreement"),
    }


def test_an_answer_against_the_advice_is_found() -> None:
    result = made_up(Case(0.8))
    assert result.answer is not None
    assert "answer:one_factor" in statements(result)
    advice = result.advice and result.advice.model_copy(update={"code": "no_gain"})
    assert contradictions(result.model_copy(update={"advice": advice})) == [("answer:one_factor", "advice:no_gain")]


def test_every_code_of_an_answer_occurs_in_the_list() -> None:
    told = {one for pair in EXCLUSIVE for one in pair if one.startswith("answer:")}
    assert told == {f"answer:{code}" for code in get_args(AnswerCode)}
    reasons = {one.removeprefix("reason:") for pair in EXCLUSIVE for one in pair if one.startswith("reason:")}
    known = {"better_with_factor", "factor_within_limits", "factor_not_enough", "factor_at_the_limit"}
    assert reasons == set(get_args(AnswerReason)) - known


@pytest.mark.parametrize("code", HEADLINE_CLAUSES)
@pytest.mark.parametrize("slope", [0.8, 1.0, 1.2])
def test_what_is_not_softening_alone_is_said_beside_firm_words(code: str, slope: float) -> None:
    result = made_up(Case(slope, noise=0.05, notices=(Notice(code, "Part of it."),)))
    said = statements(result)
    assert result.verdict is not None
    assert {"advice:unsuitable", "answer:do_not_conclude", f"reason:{code}"} <= said
    assert not said & {"says:population", "says:frequencies", f"headline:without_{code}"}
    assert contradictions(result) == []
    bare = result.verdict.model_copy(update={"headline": "The softening scale agrees with 1."})
    assert contradictions(result.model_copy(update={"verdict": bare})) == [
        (f"notice:{code}", f"headline:without_{code}")
    ]


def test_words_of_old_are_found() -> None:
    """A bare title beside a firm verdict, a factor that is wanted where it is optional or for stresses that differ."""
    result = made_up(Case(0.75, noise=0.15))
    assert result.answer is not None
    assert result.answer.reason == "factor_at_the_limit"
    bare = result.answer.model_copy(update={"title": "Do not conclude"})
    assert contradictions(result.model_copy(update={"answer": bare})) == [
        ("title:bare", "level:softened"),
        ("title:bare", "advice:multiply"),
    ]
    other = result.answer.model_copy(update={"reason": "at_the_limit"})
    assert contradictions(result.model_copy(update={"answer": other})) == [("advice:multiply", "reason:at_the_limit")]
    optional = made_up(Case(0.94, noise=0.05))
    assert "factor:optional" in statements(optional)
    wanted = optional.advice and optional.advice.model_copy(update={"is_optional": False})
    assert contradictions(optional.model_copy(update={"advice": wanted})) == [("answer:good_enough", "factor:needed")]
    stress = made_up(Case(0.92, with_labels=True, stress_slope=1.13, noise=0.02))
    assert "says:stress_disagreement" in statements(stress)
    assert contradictions(stress) == []
    whole = stress.advice and stress.advice.model_copy(update={"holds_for": ("energy", "forces", "stress")})
    assert contradictions(stress.model_copy(update={"advice": whole})) == [
        ("factor:for_stresses", "says:stress_disagreement")
    ]
