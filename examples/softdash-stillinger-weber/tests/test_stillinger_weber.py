"""softdash's contract for potentials, on this one; the package must be installed."""

# ruff: noqa: D103, S101

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

# In a repository of your own: the tests/contracts of a checkout of softdash.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests" / "contracts"))

from potential_contract import PotentialContract
from softdash_stillinger_weber import EPSILON, POTENTIALS

CARD = POTENTIALS[0]
CHECKS = sorted(name for name in dir(PotentialContract) if name.startswith("check_"))


@pytest.mark.parametrize("check", CHECKS)
def test_contract(check: str) -> None:
    getattr(PotentialContract(CARD, CARD.load()), check)()


def test_the_crystal_is_as_the_paper_made_it() -> None:
    """Cohesive energy 2 ε, no force, and no stress at the lattice constant that gave σ."""
    (crystal,) = CARD.load().predict([bulk("Si", "diamond", a=5.431, cubic=True)], stress=True)
    assert crystal.energy / 8 == pytest.approx(-2 * EPSILON, abs=1e-5)
    assert np.abs(crystal.forces).max() < 1e-10
    assert np.abs(crystal.stress).max() < 1e-4
