"""Any ASE calculator as a potential."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones

from softdash.errors import PredictionError
from softdash.potentials.ase import AseCalculatorPotential
from softdash.potentials.contract_crystals import crystals_of

KNOWN = frozenset({"Cu", "Na", "Cl"})


def rattled() -> Atoms:
    copper = bulk("Cu", cubic=True)
    copper.rattle(0.1, seed=1)
    return copper


def test_its_numbers_are_those_of_the_calculator() -> None:
    made: list[EMT] = []
    potential = AseCalculatorPotential("Copper", KNOWN, lambda: made.append(EMT()) or made[-1])
    assert potential.predict([]) == []
    assert made == []
    copper, calls = rattled(), []
    ours, again = potential.predict([copper, copper], stress=True, progress=lambda *done: calls.append(done))
    copper.calc = EMT()
    np.testing.assert_allclose(ours.forces, copper.get_forces(), atol=1e-12)
    np.testing.assert_allclose(ours.stress, copper.get_stress(voigt=False), atol=1e-12)
    assert ours.energy == again.energy == pytest.approx(copper.get_potential_energy(), abs=1e-12)
    assert calls == [(1, 2), (2, 2)]
    assert len(made) == 1


def test_what_the_calculator_raises_is_told_in_our_words() -> None:
    potential = AseCalculatorPotential("Copper", KNOWN, EMT)
    with pytest.raises(PredictionError, match="Copper could not compute this frame") as told:
        potential.predict([rattled(), bulk("NaCl", "rocksalt", a=5.69)])
    assert told.value.where == "frame 2"
    assert "No EMT-potential" not in str(told.value)
    with pytest.raises(PredictionError, match="does not know Al"):
        potential.predict([bulk("Al")])


def test_a_slab_meets_no_images_of_itself() -> None:
    slab = fcc111("Cu", (1, 1, 3), vacuum=None, periodic=False)
    apart = slab.copy()
    apart.center(vacuum=15.0, axis=2)
    apart.pbc = True
    potential = AseCalculatorPotential("Pairs", KNOWN, lambda: LennardJones(sigma=2.3, rc=6.0))
    ours, right = potential.predict([slab, apart])
    np.testing.assert_allclose(ours.forces, right.forces, atol=1e-9)


@pytest.mark.parametrize("elements", [{"Fe"}, {"C"}, {"W", "Ta"}, {"Pb"}])
def test_the_contract_finds_crystals_of_any_simple_element(elements: set[str]) -> None:
    first, second = crystals_of(frozenset(elements))
    assert set(first.symbols) | set(second.symbols) <= elements
    assert len(first) != len(second)


def test_the_contract_says_where_it_finds_none() -> None:
    with pytest.raises(ValueError, match="Og"):
        crystals_of(frozenset({"Og"}))
