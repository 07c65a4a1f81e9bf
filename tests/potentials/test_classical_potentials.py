"""The classical potentials say exactly what ASE says."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.emt import parameters as emt_parameters

from softdash.errors import PredictionError
from softdash.potentials.registry import card, load_potential


@pytest.fixture
def copper() -> Atoms:
    atoms = bulk("Cu", cubic=True).repeat((2, 1, 1))
    atoms.rattle(0.1, seed=4)
    return atoms


def test_emt_equals_ase(copper: Atoms) -> None:
    (prediction,) = load_potential("emt").predict([copper], stress=True)
    copper.calc = EMT()
    np.testing.assert_array_equal(prediction.forces, copper.get_forces())
    assert prediction.energy == copper.get_potential_energy()
    assert prediction.stress is not None
    np.testing.assert_array_equal(prediction.stress, copper.get_stress(voigt=False))


def test_emt_covers_the_elements_of_ase() -> None:
    assert card("emt").elements == set(emt_parameters)


def test_unknown_elements_are_named_with_their_frame(copper: Atoms) -> None:
    with pytest.raises(PredictionError, match=r"frame 2: Effective medium theory does not know Na, Cl\."):
        load_potential("emt").predict([copper, bulk("NaCl", "rocksalt", a=5.64)])


def test_atoms_on_top_of_each_other_are_an_error() -> None:
    twin = Atoms("Ar2", positions=[[0, 0, 0], [0, 0, 0]], cell=[10, 10, 10], pbc=True)
    with np.errstate(all="ignore"), pytest.raises(PredictionError, match="frame 1"):
        load_potential("lennard-jones-argon").predict([twin])
