"""Each installed potential keeps the contract."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from softdash.errors import PotentialUnavailableError
from softdash.potentials.interface import Potential, Prediction
from softdash.potentials.mace_local import PREFIX as LOCAL_MODELS
from softdash.potentials.registry import card, installed_cards, load_potential
from softdash.potentials.testing import PotentialContract, checks

# As SevenNet-0 but for the weights, and near three times slower; test_sevennet_potential.py checks it lightly.
_SLOW = {"7net-l3i5"}


def _contracts() -> list[object]:
    """Return the potentials of this installation; an operator's own models have no known energy to be held to."""
    names = [found.name for found in installed_cards() if not found.name.startswith(LOCAL_MODELS)]
    return [pytest.param(name, marks=[pytest.mark.slow] if name in _SLOW else []) for name in names]


@pytest.fixture(params=_contracts(), scope="module")
def contract(request: pytest.FixtureRequest) -> PotentialContract:
    return PotentialContract(card(request.param), load_potential(request.param))


@pytest.mark.parametrize("check", checks())
def test_contract(contract: PotentialContract, check: str) -> None:
    getattr(contract, check)()


class Distorted:
    """A potential with one fault, to show that the contract notices it."""

    def __init__(self, potential: Potential, fault: str) -> None:
        self.potential = potential
        self.fault = fault

    def predict(self, frames, *, stress=False, progress=None):
        frames_given, frames = frames, [_as_seen_by(self.fault, frame) for frame in frames]
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
                frames_given[len(predictions)].positions[0] += 0.01
            elif self.fault == "feels its batch" and len({len(other) for other in frames}) > 1:
                forces += 1e-3 * len(frame)
            elif self.fault == "feels energies of its batch":
                energy += 1e-2 * (len({len(other) for other in frames}) - 1)
            tensor = right.stress
            if tensor is not None and self.fault == "stress by handedness":
                tensor = tensor * np.sign(np.linalg.det(frame.cell.array))
            predictions.append(Prediction(forces, energy, tensor))
        return predictions


def _as_seen_by(fault: str, frame: Atoms) -> Atoms:
    """Return what a library with this fault computes in place of a frame."""
    seen = frame.copy()
    if fault == "drops partly periodic cells" and not frame.pbc.all():
        seen.pbc = False
    elif fault == "always periodic":
        seen.pbc = frame.cell.rank == 3
    elif fault == "loses atoms outside":
        seen.pbc = bool((np.abs(frame.get_scaled_positions(wrap=False)) < 1.5).all())
    elif fault == "takes cells for right-angled":
        seen.set_cell(np.diag(np.linalg.norm(frame.cell.array, axis=1)))
    elif fault == "needs two atoms" and len(frame) == 1:
        seen.pbc = False
    elif fault == "takes any element":
        seen.symbols[[symbol in {"Po", "Lr", "Og"} for symbol in seen.symbols]] = seen.symbols[0]
    return seen


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
        ("feels its batch", "check_batch_of_unlike_frames"),
        ("feels energies of its batch", "check_batch_of_unlike_frames"),
        ("drops partly periodic cells", "check_partly_periodic_cells"),
        ("always periodic", "check_partly_periodic_cells"),
        ("stress by handedness", "check_left_handed_cell"),
        ("takes cells for right-angled", "check_skewed_cell"),
        ("loses atoms outside", "check_atoms_outside_the_cell"),
        ("needs two atoms", "check_one_atom_cell"),
        ("takes any element", "check_unknown_elements"),
    ],
)
def test_contract_notices_faults(fault: str, check: str) -> None:
    contract = PotentialContract(card("emt"), Distorted(load_potential("emt"), fault))
    with pytest.raises((AssertionError, PotentialUnavailableError)):
        getattr(contract, check)()
