"""The corrected potential is c times the original about a reference state, and belongs to one set of weights."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.filters import FrechetCellFilter
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS

from softdash.errors import InputError, PotentialUnavailableError
from softdash.potentials.correction_recipe import CorrectedPotential, CorrectionRecipe, ReferenceState, read_recipe
from softdash.potentials.registry import card
from softdash.potentials.scaled_calculator import NotRecommendedWarning, ScaledCalculator, StressNotScaledWarning

FACTOR = 1.25
REFERENCE = -0.0066


def recipe(**changes: Any) -> CorrectionRecipe:
    emt = card("emt")
    values: dict[str, Any] = {
        "potential": CorrectedPotential(
            name="emt",
            label=emt.label,
            version=emt.version,
            package=emt.package,
            package_version="3",
            weights_sha256=emt.weights_sha256(),
        ),
        "factor": FACTOR,
        "interval": None,
        "frame_count": 1,
        "component_count": 12,
        "slope": 0.8,
        "inverse_slope": 1.25,
        "r_squared": 0.99,
        "mae": 0.2,
        "mae_after": 0.1,
        "held_out": None,
        "references": (ReferenceState(formula="Cu", energy_per_atom=REFERENCE, origin="frame 1"),),
        "is_recommended": True,
        "advice": "Yes.",
        "inputs": (),
        "softdash_version": "0",
        "created": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return CorrectionRecipe(**(values | changes))


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "recipe.json"
    recipe(**changes).write(path)
    return path


@pytest.fixture
def copper() -> Atoms:
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.15, seed=3)
    atoms.set_cell(atoms.cell.array * 1.03 + [[0, 0.1, 0], [0, 0, 0.05], [0, 0, 0]], scale_atoms=True)
    return atoms


@pytest.fixture
def corrected(copper: Atoms, tmp_path: Path) -> Atoms:
    atoms = copper.copy()
    atoms.calc = ScaledCalculator.from_recipe(written(tmp_path))
    return atoms


def test_forces_and_stress_are_multiplied_exactly(copper: Atoms, corrected: Atoms) -> None:
    copper.calc = EMT()
    np.testing.assert_array_equal(corrected.get_forces(), FACTOR * copper.get_forces())
    np.testing.assert_array_equal(corrected.get_stress(), FACTOR * copper.get_stress())


def test_energy_is_stretched_about_the_reference_state(copper: Atoms, corrected: Atoms) -> None:
    copper.calc = EMT()
    zero = 4 * REFERENCE
    expected = zero + FACTOR * (copper.get_potential_energy() - zero)
    assert corrected.get_potential_energy() == pytest.approx(expected, abs=1e-12)
    assert corrected.get_potential_energy(force_consistent=True) == pytest.approx(expected, abs=1e-12)


def test_reference_state_keeps_its_energy_in_every_supercell() -> None:
    atoms = bulk("Cu", cubic=True)
    atoms.calc = EMT()
    own = atoms.get_potential_energy() / 4
    for times in (1, 2):
        supercell = bulk("Cu", cubic=True).repeat(times)
        supercell.calc = ScaledCalculator(EMT(), 1.7, {"Cu": own})
        assert supercell.get_potential_energy() == pytest.approx(own * len(supercell), abs=1e-9)


def test_forces_are_the_derivative_of_the_energy(corrected: Atoms) -> None:
    step, place = 1e-5, (2, 1)
    energies = []
    for sign in (1, -1):
        moved = corrected.copy()
        moved.positions[place] += sign * step
        moved.calc = corrected.calc
        energies.append(moved.get_potential_energy())
    assert corrected.get_forces()[place] == pytest.approx(-(energies[0] - energies[1]) / (2 * step), abs=1e-6)


def test_stress_is_the_derivative_of_the_energy(corrected: Atoms) -> None:
    step = 1e-6
    energies = []
    for sign in (1, -1):
        strained = corrected.copy()
        strain = np.eye(3)
        strain[0, 0] += sign * step
        strained.set_cell(strained.cell.array @ strain, scale_atoms=True)
        strained.calc = corrected.calc
        energies.append(strained.get_potential_energy())
    derivative = (energies[0] - energies[1]) / (2 * step * corrected.get_volume())
    assert corrected.get_stress()[0] == pytest.approx(derivative, abs=1e-6)


def test_relaxation_ends_where_the_original_ends(copper: Atoms, corrected: Atoms) -> None:
    copper.calc = EMT()
    for atoms in (copper, corrected):
        assert BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=1e-4, steps=300)
    assert corrected.get_volume() == pytest.approx(copper.get_volume(), rel=1e-5)


def test_molecular_dynamics_keeps_the_total_energy(corrected: Atoms) -> None:
    atoms = corrected.repeat(2)
    atoms.calc = corrected.calc
    MaxwellBoltzmannDistribution(atoms, temperature_K=300, rng=np.random.default_rng(1))
    before = atoms.get_total_energy()
    VelocityVerlet(atoms, timestep=1 * units.fs).run(60)
    assert atoms.get_total_energy() == pytest.approx(before, abs=2e-3 * len(atoms))


def test_stress_stays_where_it_wants_another_factor(copper: Atoms, tmp_path: Path) -> None:
    path = written(tmp_path, holds_for=("energy", "forces"))
    with pytest.warns(StressNotScaledWarning, match="1.25"):
        calculator = ScaledCalculator.from_recipe(path)
    atoms, plain = copper.copy(), copper.copy()
    atoms.calc, plain.calc = calculator, EMT()
    np.testing.assert_allclose(atoms.get_stress(), plain.get_stress(), rtol=1e-12)
    np.testing.assert_allclose(atoms.get_forces(), FACTOR * plain.get_forces(), rtol=1e-12)


def test_recipes_of_form_1_scale_everything(copper: Atoms, tmp_path: Path) -> None:
    path = written(tmp_path)
    document = json.loads(path.read_text())
    assert document["schema_version"] == 2
    del document["holds_for"]
    path.write_text(json.dumps(document | {"schema_version": 1}))
    assert read_recipe(path).holds_for == ("energy", "forces", "stress")
    atoms, plain = copper.copy(), copper.copy()
    atoms.calc, plain.calc = ScaledCalculator.from_recipe(path), EMT()
    np.testing.assert_allclose(atoms.get_stress(), FACTOR * plain.get_stress(), rtol=1e-12)


def test_other_weights_are_refused_with_both_hashes(tmp_path: Path) -> None:
    present = card("emt").weights_sha256()
    other = recipe().potential.model_copy(update={"weights_sha256": "ab" * 32})
    with pytest.raises(PotentialUnavailableError, match=rf"abababababab….*{present[:12]}….*softdash correct"):
        ScaledCalculator.from_recipe(written(tmp_path, potential=other))


def test_other_composition_needs_its_own_reference(tmp_path: Path) -> None:
    path = written(tmp_path)
    alloy = bulk("Cu", cubic=True)
    alloy.symbols[0] = "Au"
    alloy.calc = ScaledCalculator.from_recipe(path)
    with pytest.raises(InputError, match=r"no reference energy for AuCu3; there is one for Cu.*references=\{'AuCu3'"):
        alloy.get_potential_energy()
    alloy.calc = ScaledCalculator.from_recipe(path, references={"AuCu3": 0.1})
    assert np.isfinite(alloy.get_potential_energy())


def test_correction_that_does_not_help_warns_at_each_use(tmp_path: Path) -> None:
    path = written(tmp_path, is_recommended=False, advice="No: scatter.")
    with pytest.warns(NotRecommendedWarning, match="No: scatter"):
        ScaledCalculator.from_recipe(path)


def test_recipe_survives_writing_to_the_last_digit(tmp_path: Path) -> None:
    assert read_recipe(written(tmp_path, factor=0.1 + 0.2)) == recipe(factor=0.1 + 0.2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"factor": -1.0}, "damaged.*factor"),
        ({"factor": "many"}, "damaged.*factor"),
        ({"references": []}, "damaged.*references"),
        ({"kind": "soup"}, "no recipe"),
        ({"schema_version": 3}, "form 3; this softdash reads forms 1 and 2"),
    ],
)
def test_spoilt_recipes_say_what_is_wrong(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = written(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=message):
        read_recipe(path)


@pytest.mark.parametrize("content", ["", "[1]", "{", "[" * 100_000])
def test_files_that_are_no_recipe(tmp_path: Path, content: str) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(content)
    with pytest.raises(InputError, match="softdash correct FILE"):
        read_recipe(path)
