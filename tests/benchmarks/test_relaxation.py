"""Relaxation by a potential behind the interface, through ASE."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.eos import EquationOfState

from softdash.benchmarks.relaxation import length_change_percent, relax_crystal
from softdash.errors import PredictionError
from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.potentials.registry import load_potential


def test_lattice_constant_is_that_of_the_equation_of_state() -> None:
    volumes, energies = [], []
    for constant in np.linspace(3.95, 4.05, 11):
        atoms = bulk("Al", "fcc", a=constant)
        atoms.calc = EMT()
        volumes.append(atoms.get_volume())
        energies.append(atoms.get_potential_energy())
    best, _, _ = EquationOfState(volumes, energies).fit()
    start = bulk("Al", "fcc", a=4.1, cubic=True)
    relaxation = relax_crystal(start, load_potential("emt"))
    assert relaxation.has_converged
    assert relaxation.atoms.get_volume() / 4 == pytest.approx(best, rel=1e-4)
    assert length_change_percent(start, relaxation.atoms) == pytest.approx(
        100 * (np.cbrt(4 * best) / 4.1 - 1), abs=5e-3
    )


def test_symmetry_is_kept_and_the_start_is_untouched() -> None:
    start = _cu3au(3.9)
    positions, cell = start.positions.copy(), start.cell.array.copy()
    relaxed = relax_crystal(start, load_potential("emt")).atoms
    np.testing.assert_allclose(relaxed.cell.lengths(), relaxed.cell.lengths()[0], rtol=1e-10)
    np.testing.assert_allclose(relaxed.get_scaled_positions(), start.get_scaled_positions(), atol=1e-8)
    np.testing.assert_array_equal(start.positions, positions)
    np.testing.assert_array_equal(start.cell.array, cell)
    assert not relaxed.constraints


def test_steps_are_capped_and_said() -> None:
    relaxation = relax_crystal(_cu3au(4.3), load_potential("emt"), steps_max=3)
    assert relaxation.steps == 3
    assert not relaxation.has_converged


def test_calculator_gives_what_ase_gives() -> None:
    atoms = _cu3au(3.8)
    atoms.rattle(0.1, seed=1)
    direct = atoms.copy()
    direct.calc = EMT()
    atoms.calc = PotentialCalculator(load_potential("emt"))
    assert atoms.get_potential_energy() == pytest.approx(direct.get_potential_energy(), abs=1e-12)
    np.testing.assert_allclose(atoms.get_forces(), direct.get_forces(), atol=1e-12)
    np.testing.assert_allclose(atoms.get_stress(), direct.get_stress(), atol=1e-12)
    atoms.positions[0] += 0.1
    assert atoms.get_potential_energy() != pytest.approx(direct.get_potential_energy(), abs=1e-6)


def test_potential_without_parameters_says_so() -> None:
    with pytest.raises(PredictionError, match="Fe"):
        relax_crystal(bulk("Fe", cubic=True), load_potential("emt"))


def _cu3au(constant: float) -> Atoms:
    scaled = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    return Atoms("AuCu3", scaled_positions=scaled, cell=[constant] * 3, pbc=True)
