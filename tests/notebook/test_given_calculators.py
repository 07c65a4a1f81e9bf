"""`softdash.diagnose` with an ASE calculator in the place of a potential's name."""

from __future__ import annotations

from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones

import softdash
from softdash.errors import InputError, PotentialUnavailableError
from softdash.potentials import registry


@pytest.fixture(scope="module")
def frames() -> list[Atoms]:
    """Copper in one cell, moved by little: ASE would keep its neighbour lists, which changes the last digits."""
    generator = np.random.default_rng(3)
    made = []
    for _ in range(5):
        atoms = bulk("Cu", a=3.6, cubic=True) * (2, 1, 1)
        displacements = generator.normal(scale=0.05, size=(len(atoms), 3))
        atoms.positions += displacements
        forces = -6.0 * displacements
        atoms.arrays["forces"] = forces - forces.mean(axis=0)
        made.append(atoms)
    return made


def test_its_numbers_are_those_of_the_registry_s_potential(frames: list[Atoms]) -> None:
    named = softdash.diagnose(frames, "emt")
    given = softdash.diagnose(frames, EMT())
    by_class = softdash.diagnose(frames, EMT)
    (shipped,), (ours,), (third,) = (one.report.results for one in (named, given, by_class))
    assert ours.statistics == shipped.statistics == third.statistics
    assert given.slope == named.slope
    predicted = [table.filter(like="emt").to_numpy() for table in (given.forces(), named.forces())]
    np.testing.assert_array_equal(*predicted)


def test_the_report_says_who_it_was(frames: list[Atoms]) -> None:
    (result,) = softdash.diagnose(frames, EMT()).report.results
    who = result.potential
    assert (who.name, who.label, who.package) == ("calculator-emt", "EMT (ase)", "ase")
    assert who.package_version == registry.package_version(registry.card("emt"))
    assert who.weights_sha256 == ""
    assert any("not known" in note for note in who.notes)
    assert "functional_unknown" in [notice.code for notice in result.notices]
    assert "demonstration_potential" not in [notice.code for notice in result.notices]


def test_names_and_calculators_stand_side_by_side(frames: list[Atoms]) -> None:
    diagnosis = softdash.diagnose(frames, ["emt", EMT(), lambda: LennardJones(sigma=2.3, epsilon=0.4), EMT()])
    names = [result.potential.name for result in diagnosis.report.results]
    assert names == ["emt", "calculator-emt", "calculator-lennardjones", "calculator-emt-2"]
    assert len({result.potential.label for result in diagnosis.report.results}) == 4
    assert diagnosis["calculator-emt-2"].statistics.slope == diagnosis["emt"].statistics.slope
    assert [card.name for card in registry.cards() if card.name.startswith("calculator-")] == []


class OwnCalculator(EMT):  # type: ignore[misc]
    name = "My own: 2/3"


def test_the_calculator_s_own_name_is_taken(frames: list[Atoms]) -> None:
    (result,) = softdash.diagnose(frames, OwnCalculator()).report.results
    assert result.potential.name == "calculator-my-own-2-3"
    assert "My own: 2/3" in result.potential.label


@pytest.mark.parametrize("form", ["html", "json", "csv", "extxyz"])
def test_every_form_of_its_report_is_written(frames: list[Atoms], tmp_path: Path, form: str) -> None:
    file = tmp_path / f"report.{form}"
    softdash.diagnose(frames, EMT()).save(file)
    assert "calculator-emt" in file.read_text(encoding="utf-8").replace("_", "-")


def test_its_recipe_wants_the_calculator_again(frames: list[Atoms], tmp_path: Path) -> None:
    recipe = tmp_path / "copper.recipe.json"
    softdash.diagnose(frames, EMT()).save(recipe)
    with pytest.raises(PotentialUnavailableError, match="calculator-emt"):
        softdash.ScaledCalculator.from_recipe(recipe)
    atoms = frames[0].copy()
    atoms.calc = EMT()
    plain = atoms.get_forces()
    atoms.calc = scaled = softdash.ScaledCalculator.from_recipe(recipe, calculator=EMT())
    np.testing.assert_allclose(atoms.get_forces(), scaled.factor * plain)


def _fails() -> None:
    raise ValueError("words of a library")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (3, InputError),
        (["emt", None], InputError),
        (lambda: "text", InputError),
        (_fails, PotentialUnavailableError),
        ([], InputError),
    ],
)
def test_what_is_no_calculator_is_told(frames: list[Atoms], given: object, error: type[Exception]) -> None:
    with pytest.raises(error) as told:
        softdash.diagnose(frames, given)
    assert "words of a library" not in str(told.value)


def test_a_server_never_runs_one(frames: list[Atoms]) -> None:
    with pytest.raises(InputError, match="server"):
        softdash.diagnose(frames, EMT(), url="http://127.0.0.1:9")


def test_a_file_may_be_diagnosed_too(frames: list[Atoms], tmp_path: Path) -> None:
    file = tmp_path / "copper.extxyz"
    ase.io.write(file, frames)
    assert softdash.diagnose(file, EMT()).slope == softdash.diagnose(file, "emt").slope
