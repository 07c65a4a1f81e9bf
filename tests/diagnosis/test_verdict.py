"""The verdict's level follows the numbers, and every number in its sentences can be traced."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from softdash.diagnosis.records import PopulationComparison, Verdict
from softdash.diagnosis.verdict import reach_verdict
from softdash.softening import analyse_forces
from softdash.softening.statistics import Notice, SofteningStatistics

NUMBER = re.compile(r"−?\d+(?:\.\d+)?(?:e[+−]?\d+)?")


def statistics(
    slope: float,
    *,
    frames: int = 10,
    noise: float = 0.02,
    size: float = 1.0,
    frame_spread: float = 0.0,
    atoms: int = 8,
) -> SofteningStatistics:
    generator = np.random.default_rng(3)
    reference = [generator.normal(scale=size, size=(atoms, 3)) for _ in range(frames)]
    slopes = slope + frame_spread * generator.normal(size=frames)
    predicted = [s * x + generator.normal(scale=noise, size=x.shape) for s, x in zip(slopes, reference, strict=True)]
    return analyse_forces(reference, predicted, [np.full(atoms, 14)] * frames)


def codes(verdict: Verdict) -> set[str]:
    return {sentence.code for sentence in verdict.sentences}


@pytest.mark.parametrize(
    ("numbers", "level", "code"),
    [
        (statistics(0.8), "softened", "correction"),
        (statistics(1.2), "stiffened", "correction"),
        (statistics(1.0), "unbiased", "scale"),
        (statistics(0.995, noise=0.001), "unbiased", "scale"),  # surely below one, and negligibly so
        (statistics(0.8, noise=3.0), "inconclusive", "scatter"),
        (statistics(0.8, size=0.05), "inconclusive", "near_equilibrium"),
        (statistics(0.95, frames=3, frame_spread=0.2), "inconclusive", "wide_interval"),
        (statistics(0.8, frames=1), "softened", "single_frame"),
        (statistics(0.8, frames=1, atoms=1, noise=0.2), "inconclusive", "no_interval"),
    ],
)
def test_level_follows_the_numbers(numbers: SofteningStatistics, level: str, code: str) -> None:
    verdict = reach_verdict("CHGNet", numbers)
    assert verdict.level == level
    assert code in codes(verdict)
    assert "limits" in codes(verdict)


def test_forces_of_the_wrong_sign_are_called_so() -> None:
    verdict = reach_verdict("CHGNet", statistics(-0.9))
    assert verdict.level == "inconclusive"
    assert "wrong way" in verdict.headline


def test_a_soft_potential_s_headline_says_by_how_much() -> None:
    numbers = replace(statistics(0.8), slope=0.8)
    assert "20.0 % too small" in reach_verdict("CHGNet", numbers).headline


def test_with_another_functional_the_headline_says_so_and_nothing_is_recommended() -> None:
    mismatch = Notice("functional_mismatch", "The forces are PBEsol.")
    verdict = reach_verdict("CHGNet", statistics(0.8), [mismatch])
    assert "functional" in verdict.headline
    text = next(sentence.text for sentence in verdict.sentences if sentence.code == "correction")
    assert "What to do" not in text
    assert any(sentence.text == mismatch.message for sentence in verdict.sentences)


def test_a_correction_that_hardly_helps_is_not_recommended() -> None:
    verdict = reach_verdict("CHGNet", statistics(0.9, noise=0.5))
    text = next(sentence.text for sentence in verdict.sentences if sentence.code == "correction")
    assert "fine-tune" in text
    assert "multiply" not in text


@pytest.mark.parametrize(
    "numbers",
    [
        statistics(0.8),
        statistics(0.83, frames=3, frame_spread=0.05),
        statistics(1.3, noise=0.4),
        statistics(0.8, noise=3.0),
        statistics(0.7, frames=1),
        statistics(0.8, size=0.05),
    ],
)
def test_every_number_in_a_sentence_is_among_its_numbers(numbers: SofteningStatistics) -> None:
    comparison = PopulationComparison(
        dataset="x", dataset_label="set", material_count=214, softer_than=135, median=0.917,
        sentence="Softer than 135 of the 214 compounds (median 0.917).",
    )  # fmt: skip
    verdict = reach_verdict("CHGNet", numbers, (), [comparison])
    for sentence in verdict.sentences:
        text = sentence.text.replace("1 is unbiased", "")
        for shown in NUMBER.findall(text):
            value = float(shown.replace("−", "-"))
            assert any(value == pytest.approx(number, rel=6e-3, abs=1e-12) for number in sentence.numbers.values()), (
                f"{shown} in {sentence.text!r} is not in {sentence.numbers}"
            )


def test_numbers_named_as_in_the_statistics_are_those_of_the_statistics() -> None:
    numbers = statistics(0.8)
    for sentence in reach_verdict("CHGNet", numbers).sentences:
        for name, value in sentence.numbers.items():
            if hasattr(numbers, name) and isinstance(getattr(numbers, name), int | float):
                assert value == getattr(numbers, name)
