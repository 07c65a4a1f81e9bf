"""softdash's contract for potentials, on this one; the package must be installed."""

# ruff: noqa: D103, S101

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk
from softdash_stillinger_weber import EPSILON, POTENTIALS

from softdash.potentials.testing import PotentialContract, checks

CARD = POTENTIALS[0]


@pytest.mark.parametrize("check", checks())
def test_contract(check: str) -> None:
    getattr(PotentialContract(CARD, CARD.load()), check)()


def test_the_crystal_is_as_the_paper_made_it() -> None:
    """Cohesive energy 2 ε, no force, and no stress at the lattice constant that gave σ."""
    (crystal,) = CARD.load().predict([bulk("Si", "diamond", a=5.431, cubic=True)], stress=True)
    assert crystal.energy / 8 == pytest.approx(-2 * EPSILON, abs=1e-5)
    assert np.abs(crystal.forces).max() < 1e-10
    assert np.abs(crystal.stress).max() < 1e-4
