"""Each installed potential keeps the contract."""

from __future__ import annotations

import numpy as np
import pytest
from potential_contract import PotentialContract

from softdash.errors import PotentialUnavailableError
from softdash.potentials.interface import Potential, Prediction
from softdash.potentials.mace_local import PREFIX as LOCAL_MODELS
from softdash.potentials.registry import card, installed_cards, load_potential

CHECKS = sorted(name for name in dir(PotentialContract) if name.startswith("check_"))


# As SevenNet-0 but for the weights, and near three times slower; test_sevennet_potential.py checks it lightly.
_SLOW = {"7net-l3i5"}


def _contracts() -> list[object]:
    """Return the potentials of this installation; an operator's own models have no known energy to be held to."""
    names = [found.name for found in installed_cards() if not found.name.startswith(LOCAL_MODELS)]
    return [pytest.param(name, marks=[pytest.mark.slow] if name in _SLOW else []) for name in names]


@pytest.fixture(params=_contracts(), scope="module")
def contract(request: pytest.FixtureRequest) -> PotentialContract:
    return PotentialContract(card(request.param), load_potential(request.param))


@pytest.mark.parametrize("check", CHECKS)
def test_contract(contract: PotentialContract, check: str) -> None:
    getattr(contract, check)()


class Distorted:
    """A potential with one fault, to show that the contract notices it."""

    def __init__(self, potential: Potential, fault: str) -> None:
        self.potential = potential
        self.fault = fault

    def predict(self, frames, *, stress=False, progress=None):
        predictions = []
        for frame, right in zip(frames, self.potential.predict(frames, stress=stress), strict=True):
            forces, energy = right.forces.copy(), right.energy
            if self.fault == "drift":
                forces += 1e-3
            elif self.fault == "scaled forces":
                forces *= 0.85
            elif self.fault == "first atom":
                forces[0] *= 1.01
            elif self.fault == "not extensive":
                energy += 0.01
            elif self.fault == "float32":
                forces = forces.astype(np.float32)
            elif self.fault == "moves atoms":
                frame.positions[0] += 0.01
            predictions.append(Prediction(forces, energy, right.stress))
        return predictions


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("drift", "check_newtons_third_law"),
        ("drift", "check_rotation"),
        ("scaled forces", "check_forces_are_the_derivative_of_the_energy"),
        ("first atom", "check_permutation"),
        ("not extensive", "check_supercell"),
        ("not extensive", "check_known_energies"),
        ("float32", "check_shapes_and_types"),
        ("moves atoms", "check_input_is_left_as_it_was"),
        ("no progress", "check_progress"),
        ("no progress", "check_cancellation_by_progress"),
    ],
)
def test_contract_notices_faults(fault: str, check: str) -> None:
    contract = PotentialContract(card("emt"), Distorted(load_potential("emt"), fault))
    with pytest.raises((AssertionError, PotentialUnavailableError)):
        getattr(contract, check)()
