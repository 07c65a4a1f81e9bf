"""No report with energies and stresses contradicts itself: real labels, and potentials wrong in every combination."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from softdash.benchmarks.data.datasets import dataset
from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.correction import fit_correction
from softdash.diagnosis.exclusions import EXCLUSIVE, contradictions
from softdash.potentials import registry
from softdash.potentials.interface import Prediction
from softdash.settings import Settings

_CHECKS = Path(__file__).parents[2] / "checks"
_COMBINATIONS = 150


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(_CHECKS)
        import contradictions_with_labels

        yield contradictions_with_labels
        sys.modules.pop("contradictions_with_labels", None)


class Wrong:
    """A potential that is wrong by a factor of its own in forces, energies and stresses of known frames."""

    def __init__(self, frames, forces: float, energies: float, stresses: float, scatter: float, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.known = {frame.atoms.positions.tobytes(): frame for frame in frames}
        self.factors = forces, energies, stresses
        self.scatter = scatter

    def predict(self, frames, *, stress=False, progress=None):
        found = []
        for atoms in frames:
            frame = self.known[atoms.positions.tobytes()]
            noise = self.generator.normal(scale=self.scatter, size=frame.reference_forces.shape)
            forces, energies, stresses = self.factors
            found.append(
                Prediction(
                    forces * frame.reference_forces + noise,
                    energies * frame.reference_energy + 0.01 * self.generator.normal(),
                    stresses * frame.reference_stress if stress else None,
                )
            )
        return found


def test_shipped_states_with_real_potentials(script: ModuleType, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(registry, "_loaded", {})
    sets = [dataset("gpaw_pbe")]
    names = [name for name in ("chgnet-0.3.0", "emt") if registry.card(name).is_installed()]
    for load in (None, lambda: pytest.fail("computed again")):  # the second time all is in the store
        if load is not None:
            known = registry.card
            monkeypatch.setattr(registry, "card", lambda name, known=known, load=load: replace(known(name), load=load))
        results = [found for found in script.diagnoses(sets, names, Settings(), tmp_path, every=6) if found.result]
        assert len(results) >= 4
        for found in results:
            assert found.result.energies.statistics is not None, found.name
            assert found.result.stresses.statistics is not None, found.name
            assert contradictions(found.result) == script.disagreements(found.result) == [], found.name


def test_every_combination_of_wrong_labels(script: ModuleType, monkeypatch) -> None:
    settings = Settings()
    catalog, card = Catalog(settings.precomputed_dir), registry.card("chgnet-0.3.0")
    materials = [frames for _, frames in script.labelled_materials(dataset("gpaw_pbe"), settings)]
    monkeypatch.setattr(registry, "_loaded", {})
    generator, advice, levels, answers = np.random.default_rng(5), Counter(), Counter(), Counter()
    for seed in range(_COMBINATIONS):
        whole = materials[generator.integers(len(materials))]
        frames = script.labelled(whole.frames[: int(generator.choice([1, 2, 3, 5, 10, 10]))], "PBE")
        factors = [float(value) for value in generator.choice([0.6, 0.8, 0.95, 1.0, 1.25], size=3)]
        if generator.random() < 0.5:
            factors[1] = factors[2] = factors[0]
        scatter = float(generator.choice([0.0, 0.05, 0.3, 1.5]))
        registry._loaded[card.name] = Wrong(frames.frames, *factors, scatter, seed)
        result = analyse(frames, card, catalog).result
        assert contradictions(result) == script.disagreements(result) == [], (frames.formula, factors, scatter)
        advice[result.advice.code] += 1
        levels[result.verdict.level] += 1
        answers[None if result.answer is None else result.answer.code] += 1
    assert {"multiply", "energies_disagree", "scatter", "unbiased", "single_frame"} <= set(advice), advice
    assert len(levels) == 4


def test_a_result_that_contradicts_its_energies_is_found(script: ModuleType, monkeypatch) -> None:
    settings = Settings()
    catalog, card = Catalog(settings.precomputed_dir), registry.card("chgnet-0.3.0")
    frames = script.labelled_materials(dataset("gpaw_pbe"), settings)[0][1]
    monkeypatch.setitem(registry._loaded, card.name, Wrong(frames.frames, 0.8, 1.3, 1.3, 0.01, 0))
    result = analyse(frames, card, catalog).result
    assert result.advice.code == "energies_disagree"
    assert script.disagreements(result) == []
    yes = result.advice.model_copy(update={"code": "multiply", "is_recommended": True})
    forged = result.model_copy(update={"advice": yes})
    assert ("advice:multiply", "energies want another factor") in script.disagreements(forged)
    assert contradictions(forged)


def test_stresses_that_want_another_factor_bound_it_on_every_way(script: ModuleType, monkeypatch) -> None:
    """MgO with forces and energies at 0.917 and stresses at 1.13: the factor is not for stresses, in all words."""
    settings = Settings()
    catalog, card = Catalog(settings.precomputed_dir), registry.card("chgnet-0.3.0")
    materials = script.labelled_materials(dataset("gpaw_pbe"), settings)
    frames = next(labelled for _, labelled in materials if labelled.formula == "MgO" and len(labelled.frames) == 10)
    monkeypatch.setitem(registry._loaded, card.name, Wrong(frames.frames, 0.917, 0.917, 1.13, 0.01, 0))
    result = analyse(frames, card, catalog).result
    recipe = fit_correction(frames, card, (), catalog=catalog).recipe
    assert result.advice.holds_for == recipe.holds_for == ("energy", "forces")
    assert result.advice.is_recommended
    assert result.advice.caveat
    for text in (result.advice.text, recipe.advice):
        assert result.advice.caveat in text
    assert contradictions(result) == script.disagreements(result) == []
    monkeypatch.setitem(registry._loaded, card.name, Wrong(frames.frames, 0.917, 0.917, 0.917, 0.01, 0))
    assert fit_correction(frames, card, (), catalog=catalog).recipe.holds_for == ("energy", "forces", "stress")


def test_the_list_of_pairs_is_long() -> None:
    assert len(set(EXCLUSIVE)) == len(EXCLUSIVE) >= 160
