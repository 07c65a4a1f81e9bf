"""The fitted factor, its interval, and when the advice is no."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from click.testing import CliRunner

from softdash.catalog import Catalog
from softdash.cli import main
from softdash.diagnosis import correction
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.correction import factor_interval, fit_correction, held_out_or_reason
from softdash.errors import PredictionError, RefusalError
from softdash.potentials.correction_recipe import CorrectionRecipe, read_recipe
from softdash.potentials.registry import card
from softdash.potentials.scaled_calculator import ScaledCalculator
from softdash.softening import cluster_interval
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames


def frames(count: int = 6, *, hardness: float = 1.25, noise: float = 0.0, seed: int = 0) -> LabelledFrames:
    """Copper whose reference is `hardness` times EMT, with Gaussian noise."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(1, count + 1):
        atoms = bulk("Cu", cubic=True)
        atoms.positions += random.normal(0, 0.12, (4, 3))
        computed = atoms.copy()
        computed.calc = EMT()
        forces = hardness * computed.get_forces()
        forces += random.normal(0, noise, (4, 3)) if noise else 0.0
        made.append(LabelledFrame(atoms, forces, f"run.extxyz, frame {number}"))
    return LabelledFrames(tuple(made), (), "extended XYZ")


def fitted(labelled: LabelledFrames) -> CorrectionRecipe:
    return fit_correction(labelled, card("emt"), ()).recipe


@pytest.fixture
def as_universal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Effective medium theory in the place of a universal potential, without the warning that it is none."""
    monkeypatch.setattr(correction, "notices_about", lambda *_: ())


@pytest.mark.usefixtures("as_universal")
def test_factor_of_a_softened_copy_is_found_and_recommended() -> None:
    recipe = fitted(frames(noise=0.05))
    assert recipe.factor == pytest.approx(1.25, abs=0.02)
    assert recipe.interval is not None
    assert recipe.interval.method == "jackknife by frame"
    assert recipe.interval.low < recipe.factor < recipe.interval.high
    assert recipe.is_recommended
    assert recipe.held_out is not None
    assert recipe.held_out.after < 0.5 * recipe.held_out.before


def test_slope_after_the_factor_is_r_squared_not_one() -> None:
    recipe = fitted(frames(noise=0.4))
    assert recipe.factor * recipe.slope == pytest.approx(recipe.r_squared, rel=1e-12)
    assert recipe.factor < recipe.inverse_slope


def test_recipe_used_as_a_calculator_gives_the_error_it_promises(tmp_path: Path) -> None:
    labelled = frames(noise=0.1)
    path = tmp_path / "recipe.json"
    fitted(labelled).write(path)
    errors = []
    for frame in labelled.frames:
        atoms = frame.atoms.copy()
        atoms.calc = ScaledCalculator.from_recipe(path)
        errors.append(np.abs(atoms.get_forces() - frame.reference_forces))
    assert np.mean(errors) == pytest.approx(read_recipe(path).mae_after, rel=1e-12)


def test_lowest_frame_is_the_reference_state() -> None:
    labelled = frames()
    energies = []
    for frame in labelled.frames:
        atoms = frame.atoms.copy()
        atoms.calc = EMT()
        energies.append(atoms.get_potential_energy() / 4)
    (state,) = fitted(labelled).references
    assert state.formula == "Cu"
    assert state.energy_per_atom == pytest.approx(min(energies), abs=1e-12)
    assert state.origin == labelled.frames[int(np.argmin(energies))].origin


@pytest.mark.parametrize(
    ("labelled", "reason"),
    [
        (frames(noise=3.0, count=12), "Not by a factor alone. The slope stands for .* of the squared error"),
        (frames(hardness=1.0, noise=0.2), "Not yet known: these labels do not tell .* differs from 1"),
        (frames(hardness=1.03, noise=0.3, count=40), "No: in frames left out of the fit .* no gain"),
    ],
)
def test_advice_is_no_where_a_factor_does_not_help(labelled: LabelledFrames, reason: str) -> None:
    recipe = fitted(labelled)
    assert not recipe.is_recommended
    assert re.match(reason, recipe.advice)


def test_a_single_frame_gives_a_factor_that_is_not_recommended() -> None:
    recipe = fitted(frames(1, noise=0.02))
    assert recipe.held_out is None
    assert not recipe.is_recommended
    assert "single frame" in recipe.advice


def test_recipe_and_diagnosis_give_the_same_advice(tmp_path: Path) -> None:
    """Also where the reason is the potential, which the fit alone does not know."""
    for labelled in (frames(noise=0.05), frames(noise=0.4), frames(1), frames(hardness=1.0, noise=0.2)):
        diagnosed = analyse(labelled, card("emt"), Catalog(tmp_path)).result.advice
        assert diagnosed is not None
        recipe = fitted(labelled)
        assert (recipe.advice, recipe.is_recommended) == (diagnosed.text, diagnosed.is_recommended)


def test_interval_is_that_of_the_slope_with_exchanged_sides() -> None:
    random = np.random.default_rng(5)
    x = [random.normal(0, 1, (7, 3)) for _ in range(4)]
    y = [0.8 * one + random.normal(0, 0.2, one.shape) for one in x]
    groups = np.repeat(range(4), 21)
    _, expected = cluster_interval(np.concatenate(y), np.concatenate(x), groups)
    assert factor_interval(x, y) == expected


def test_factor_is_known_no_better_than_the_slope() -> None:
    random = np.random.default_rng(5)
    x = [random.normal(0, 1, (7, 3)) for _ in range(4)]
    y = [0.8 * one + random.normal(0, 0.2, one.shape) for one in x]
    own = factor_interval(x, y)
    assert own is not None
    centre = (own.low + own.high) / 2
    for half, expected in ((1e-4, own.half_width), (0.4, 0.5 * centre)):
        slope_interval = replace(own, low=0.8 - half, high=0.8 + half)
        found = factor_interval(x, y, slope=0.8, slope_interval=slope_interval)
        assert found is not None
        assert found.half_width == pytest.approx(expected)
        assert (found.low + found.high) / 2 == pytest.approx(centre)


def test_one_frame_has_no_error_in_others_and_the_reason_is_given() -> None:
    one = [np.random.default_rng(6).normal(0, 1, (5, 3))]
    found, reason = held_out_or_reason(one, [0.8 * forces for forces in one])
    assert found is None
    assert reason is not None
    assert "not independent" in reason


def test_reversed_forces_are_refused() -> None:
    with pytest.raises(RefusalError) as caught:
        fitted(frames(hardness=-1.0))
    assert [choice.options for choice in caught.value.choices] == [{"force_factor": -1.0}]


def test_frames_that_cannot_be_computed_are_left_out_with_their_reason() -> None:
    good = frames(3, noise=0.02)
    foreign = LabelledFrame(bulk("NaCl", "rocksalt", a=5.64), np.ones((2, 3)), "run.extxyz, frame 4")
    mixed = LabelledFrames((*good.frames, foreign), (), "extended XYZ")
    result = fit_correction(mixed, card("emt"), ())
    assert result.recipe.frame_count == 3
    assert [one.origin for one in result.refused] == ["run.extxyz, frame 4"]
    with pytest.raises(PredictionError, match="No frame could be computed"):
        fit_correction(LabelledFrames((foreign,), (), "extended XYZ"), card("emt"), ())


def labelled_file(folder: Path) -> Path:
    path = folder / "run.extxyz"
    atoms = []
    for frame in frames(4, noise=0.05).frames:
        one = frame.atoms.copy()
        one.calc = SinglePointCalculator(one, forces=frame.reference_forces, energy=0.0)
        atoms.append(one)
    write(path, atoms)
    return path


def test_command_writes_a_recipe_and_says_what_it_means(tmp_path: Path) -> None:
    output = tmp_path / "recipe.json"
    done = CliRunner().invoke(
        main, ["correct", str(labelled_file(tmp_path)), "--potential", "emt", "-o", str(output)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    recipe = read_recipe(output)
    assert recipe.inputs[0].name == "run.extxyz"
    for text in ("c* = 1.2", "for demonstrations", "ScaledCalculator.from_recipe", "1/s"):
        assert text in done.output


def test_command_prints_the_recipe_as_json_and_errors_too(tmp_path: Path) -> None:
    file = str(labelled_file(tmp_path))
    done = CliRunner().invoke(main, ["correct", file, "--potential", "emt", "--json"])
    assert CorrectionRecipe.model_validate_json(done.stdout).frame_count == 4
    wrong = CliRunner().invoke(main, ["correct", file, "--potential", "unheard-of", "--json"])
    assert wrong.exit_code == 4
    assert json.loads(wrong.stdout)["error"]["code"] == "potential_unavailable"
