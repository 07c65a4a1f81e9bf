"""The verdict's level follows the numbers, and every number in its sentences can be traced."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from ase import Atoms

from softdash.diagnosis.advice import advise
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.other_labels import compare_energies, compare_stresses
from softdash.diagnosis.records import PopulationComparison, Verdict
from softdash.diagnosis.verdict import Answers, reach_verdict
from softdash.potentials.interface import Prediction
from softdash.softening import analyse_forces
from softdash.softening.influence import analyse_influence
from softdash.softening.statistics import Notice, SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrame

NUMBER = re.compile(r"−?\d+(?:\.\d+)?(?:e[+−]?\d+)?")
MISMATCH = Notice("functional_mismatch", "The forces are PBEsol.")


@dataclass(frozen=True)
class Case:
    """Frames of sodium and chlorine; y = slope of the element · x + noise."""

    slope: float = 0.8
    chlorine_slope: float | None = None
    frames: int = 10
    atoms: int = 8
    noise: float = 0.02
    size: float = 1.0
    frame_spread: float = 0.0
    outlier: float = 0.0
    notices: tuple[Notice, ...] = ()
    with_labels: bool = False
    stress_slope: float | None = None
    energy_slope: float | None = None
    pressure: float = 0.0

    def pairs(self) -> ComparedFrames:
        generator = np.random.default_rng(3)
        numbers = np.resize([11, 17], self.atoms)
        frames, predictions = [], []
        for place in range(self.frames):
            x = generator.normal(scale=self.size, size=(self.atoms, 3))
            if self.outlier and place == 0:
                x[0, 0] = self.outlier
            chlorine = self.slope if self.chlorine_slope is None else self.chlorine_slope
            slopes = np.where(numbers == 11, self.slope, chlorine) + self.frame_spread * generator.normal()
            y = slopes[:, None] * x + generator.normal(scale=self.noise, size=x.shape)
            if self.outlier and place == 0:
                y[0, 0] = 0.3 * self.outlier
            atoms = Atoms(numbers, generator.uniform(0, 6, (self.atoms, 3)), cell=[6, 6, 6], pbc=True)
            energy, stress = generator.normal(scale=2.0), generator.normal(scale=0.02, size=(3, 3))
            frames.append(
                LabelledFrame(atoms, x, f"frame {place + 1}", energy, stress + stress.T)
                if self.with_labels
                else LabelledFrame(atoms, x, f"frame {place + 1}")
            )
            energy_factor = self.slope if self.energy_slope is None else self.energy_slope
            own = self.slope if self.stress_slope is None else self.stress_slope
            predicted_stress = own * (stress + stress.T) - self.pressure * np.eye(3)
            predictions.append(Prediction(y, energy_factor * energy - 40.0, predicted_stress))
        return ComparedFrames(tuple(range(self.frames)), tuple(frames), tuple(predictions))

    def verdict(self, populations: Sequence[PopulationComparison] = ()) -> tuple[Verdict, SofteningStatistics, Answers]:
        pairs = self.pairs()
        statistics = analyse_forces(pairs.reference, pairs.predicted, pairs.numbers)
        energies, stresses = compare_energies(pairs), compare_stresses(pairs)
        answers = Answers(
            advice=advise(pairs, statistics, self.notices, 5, (), energies, stresses),
            influence=analyse_influence(pairs.reference, pairs.predicted, pairs.numbers, statistics),
            energies=energies,
            stresses=stresses,
        )
        return reach_verdict("CHGNet", statistics, self.notices, populations, answers), statistics, answers


CASES: Mapping[str, tuple[Case, str, str, str, str]] = {
    # name: case, level, words of the headline, code of a sentence, code of the advice
    "softened": (Case(0.8), "softened", "softer than DFT", "correction", "multiply"),
    "stiff": (Case(1.2), "stiffened", "stiffer than DFT", "correction", "multiply"),
    "unbiased": (Case(1.0, noise=0.1), "unbiased", "neither soft nor stiff", "scale", "unbiased"),
    "negligible": (Case(0.995, noise=0.001), "unbiased", "neither soft nor stiff", "scale", "unbiased"),
    "noise-dominated": (Case(0.8, noise=3.0), "inconclusive", "scatters", "scatter", "scatter"),
    "softened and noisy": (Case(0.8, noise=0.6), "softened", "softer than DFT", "correction", "scatter"),
    "softened, and scatter takes the gain": (
        Case(0.93, noise=0.25, frames=30),
        "softened",
        "softer than DFT",
        "correction",
        "scatter",
    ),
    "wrong functional": (Case(0.8, notices=(MISMATCH,)), "softened", "functional", "functional_mismatch", "unsuitable"),
    "near equilibrium": (Case(0.8, size=0.05), "inconclusive", "equilibrium", "near_equilibrium", "inconclusive"),
    "one large force near equilibrium": (
        Case(0.8, size=0.05, outlier=1.5, frames=40),
        "inconclusive",
        "equilibrium",
        "near_equilibrium",
        "inconclusive",
    ),
    "loose relation": (Case(0.3, noise=0.4), "inconclusive", "too loosely", "weak_relation", "weak_relation"),
    "small forces": (Case(0.8, size=0.05, noise=1e-4), "inconclusive", "equilibrium", "limits", "inconclusive"),
    "two frames": (Case(0.9, frames=2, frame_spread=0.2), "inconclusive", "Too few", "wide_interval", "unsure_gain"),
    "one frame": (Case(0.8, frames=1), "inconclusive", "In this one frame", "single_frame", "single_frame"),
    "one atom": (
        Case(0.8, frames=1, atoms=1, noise=0.1),
        "inconclusive",
        "In this one frame",
        "single_frame",
        "single_frame",
    ),
    "one outlier": (Case(0.95, outlier=50.0), "inconclusive", "A single force", "one_component", "inconclusive"),
    "small outlier": (Case(0.8, outlier=4.0, frames=20), "softened", "softer than DFT", "outliers", "multiply"),
    "opposite elements": (
        Case(0.8, chlorine_slope=1.2),
        "inconclusive",
        "softer than DFT on Na and stiffer on Cl",
        "elements_opposite",
        "inconclusive",
    ),
    "wrong sign": (Case(-0.9), "inconclusive", "wrong way", "limits", "wrong_way"),
}


def codes(verdict: Verdict) -> set[str]:
    return {sentence.code for sentence in verdict.sentences}


def sentence_of(verdict: Verdict, code: str) -> Any:
    return next(sentence for sentence in verdict.sentences if sentence.code == code)


@pytest.mark.parametrize("name", CASES)
def test_verdict_and_advice_follow_the_numbers(name: str) -> None:
    case, level, headline, code, advice_code = CASES[name]
    verdict, _, answers = case.verdict()
    assert answers.advice is not None
    assert (verdict.level, answers.advice.code) == (level, advice_code)
    assert headline in verdict.headline
    assert {code, "limits"} <= codes(verdict)
    assert answers.advice.is_recommended is (advice_code == "multiply")
    recommended = any("multiply its energies and forces" in sentence.text for sentence in verdict.sentences)
    assert recommended is (level in ("softened", "stiffened") and advice_code == "multiply")


def test_a_soft_potential_s_headline_says_by_how_much() -> None:
    _, numbers, _ = Case(0.8).verdict()
    assert "20.0 % too small" in reach_verdict("CHGNet", replace(numbers, slope=0.8)).headline


def test_what_a_factor_brings_is_said_of_frames_it_was_not_fitted_to() -> None:
    verdict, _, answers = Case(0.8, noise=0.1).verdict()
    assert answers.advice is not None
    assert answers.advice.held_out is not None
    numbers = sentence_of(verdict, "correction").numbers
    assert numbers["mae_after"] == answers.advice.held_out.mae_after
    assert numbers["gain_percent"] == 100 * answers.advice.held_out.gain


def test_energies_and_stresses_have_their_own_sentences() -> None:
    verdict, _, _ = Case(0.8, with_labels=True).verdict()
    assert sentence_of(verdict, "energies").numbers["energy_slope"] == pytest.approx(0.8, abs=1e-12)
    assert sentence_of(verdict, "stresses").numbers["stress_slope"] == pytest.approx(0.8, abs=1e-12)
    assert not {"energies", "stresses"} & codes(Case(0.8).verdict()[0])


def test_stresses_on_the_other_side_of_one_are_said_to_disagree() -> None:
    verdict, _, answers = Case(0.8, with_labels=True, stress_slope=1.1).verdict()
    sentence = sentence_of(verdict, "stress_disagreement")
    assert sentence.numbers["stress_slope"] == pytest.approx(1.1)
    assert answers.advice is not None
    assert answers.advice.is_recommended  # at a fixed cell
    assert "stress_disagreement" not in codes(Case(0.8, with_labels=True).verdict()[0])


def test_a_large_pressure_offset_is_explained() -> None:
    """In softdash's own GPAW states of SrTiO3 two potentials agree on 13 GPa of it."""
    sentence = sentence_of(Case(0.8, with_labels=True, pressure=0.08).verdict()[0], "stresses")
    assert "Pulay" in sentence.text
    assert sentence.numbers["pressure_offset_gpa"] == pytest.approx(12.8, abs=0.1)  # 0.08 eV/Å³
    assert "Pulay" not in sentence_of(Case(0.8, with_labels=True).verdict()[0], "stresses").text


def test_only_the_comparison_with_all_compounds_is_a_sentence() -> None:
    everything = PopulationComparison(
        dataset="x", dataset_label="set", material_count=214, softer_than=135, median=0.917, sentence="All."
    )
    sodium = everything.model_copy(update={"element": "Na", "sentence": "Sodium."})
    verdict, _, _ = Case(0.8).verdict([everything, sodium])
    assert [sentence.text for sentence in verdict.sentences if sentence.code == "population"] == ["All."]


def test_the_parts_of_the_error_are_said_with_their_numbers() -> None:
    verdict, numbers, _ = Case(0.8, noise=0.1).verdict()
    said = sentence_of(verdict, "error_split").numbers
    assert said["softening_percent"] + said["scatter_percent"] == pytest.approx(100)
    assert said["softening_percent"] == 100 * (numbers.softening_share or 0)


def test_noise_of_labels_is_not_taken_for_softening_near_equilibrium() -> None:
    """Magnesia rattled by 0.012 Å: forces of 0.145 eV/Å, labels noisy by 0.06, a true slope of 0.95."""
    generator = np.random.default_rng(7)
    true = [generator.normal(scale=0.145, size=(64, 3)) for _ in range(10)]
    reference = [x + generator.normal(scale=0.06, size=x.shape) for x in true]
    statistics = analyse_forces(reference, [0.95 * x for x in true], [np.resize([12, 8], 64)] * 10)
    assert statistics.slope == pytest.approx(0.81, abs=0.02)
    assert statistics.reference_max > 0.3
    assert statistics.slope_interval is not None
    assert statistics.slope_interval.high < 1
    verdict = reach_verdict("CHGNet", statistics)
    assert verdict.level == "inconclusive"
    assert "near_equilibrium" in codes(verdict)
    assert "%" not in verdict.headline


def test_one_frame_gives_its_slope_and_no_verdict() -> None:
    verdict, numbers, answers = Case(0.8, frames=1).verdict()
    assert f"{100 * (1 - numbers.slope):.1f} %" in verdict.headline
    assert answers.advice is not None
    assert not answers.advice.is_recommended
    alike, _, _ = Case(1.0, frames=1, noise=0.001).verdict()
    assert "%" not in alike.headline


@pytest.mark.parametrize(
    ("energy_slope", "code"),
    [(0.8, "multiply"), (0.75, "multiply"), (0.55, "energies_disagree"), (1.1, "energies_disagree")],
)
def test_energies_that_want_another_factor_speak_against_one(energy_slope: float, code: str) -> None:
    case = Case(0.8, with_labels=True, energy_slope=energy_slope)
    verdict, _, answers = case.verdict()
    assert answers.advice is not None
    assert answers.advice.code == code
    assert ("disagreement" in codes(verdict)) is (code == "energies_disagree")


def test_a_factor_that_makes_an_element_worse_is_not_recommended() -> None:
    _, _, answers = Case(0.55, chlorine_slope=0.9).verdict()
    assert answers.advice is not None
    assert answers.advice.code == "unlike_forces"
    assert "Cl" in answers.advice.text


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("with_labels", [False, True])
def test_every_number_in_a_sentence_is_among_its_numbers(name: str, with_labels: bool) -> None:
    comparison = PopulationComparison(
        dataset="x", dataset_label="set", material_count=214, softer_than=135, median=0.917,
        sentence="Softer than 135 of the 214 compounds (median 0.917).",
    )  # fmt: skip
    verdict, _, _ = replace(CASES[name][0], with_labels=with_labels).verdict([comparison])
    for sentence in verdict.sentences:
        text = sentence.text.replace("1 is unbiased", "").replace("1/s", "").replace("factor from 1", "")
        for shown in NUMBER.findall(text):
            value = float(shown.replace("−", "-"))
            assert any(value == pytest.approx(number, rel=6e-3, abs=1e-12) for number in sentence.numbers.values()), (
                f"{shown} in {sentence.text!r} is not in {sentence.numbers}"
            )


@pytest.mark.parametrize("name", CASES)
def test_numbers_named_as_in_the_statistics_are_those_of_the_statistics(name: str) -> None:
    verdict, numbers, answers = CASES[name][0].verdict()
    held_out = None if answers.advice is None else answers.advice.held_out
    for sentence in verdict.sentences:
        for key, value in sentence.numbers.items():
            for record in (numbers, answers.advice, held_out):
                known = getattr(record, key, None)
                if isinstance(known, int | float):
                    assert value == known


def test_the_most_influential_frame_is_named_where_it_matters() -> None:
    verdict, _, answers = Case(0.8, frame_spread=0.1, frames=5).verdict()
    assert answers.influence is not None
    assert answers.influence.most_influential_frame is not None
    sentence = sentence_of(verdict, "stability")
    assert sentence.numbers["frame"] == answers.influence.most_influential_frame.frame + 1
    assert "frame" not in sentence_of(Case(0.8).verdict()[0], "stability").numbers
