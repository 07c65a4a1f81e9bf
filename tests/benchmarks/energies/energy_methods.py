"""Potentials for the tests of the energy tasks: instant, and with known answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list

from softdash.errors import PredictionError
from softdash.potentials.interface import Potential, PotentialCard, Prediction, Progress
from softdash.potentials.registry import card


class ScaledPotential:
    """Another potential with its whole energy surface multiplied by a factor, and a list of what it was asked."""

    def __init__(self, potential: Potential, factor: float = 1.0) -> None:
        self.potential = potential
        self.factor = factor
        self.asked: list[str] = []

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        self.asked += [str(frame.symbols) for frame in frames]
        return [
            Prediction(
                self.factor * one.forces,
                self.factor * one.energy,
                None if one.stress is None else self.factor * one.stress,
            )
            for one in self.potential.predict(frames, stress=stress, progress=progress)
        ]


_ANIONS = (8, 9, 17)
_RADII = {3: 1.52, 12: 1.60, 13: 1.43, 20: 1.97}
"""Å, of metal atoms."""


class PairwiseIons:
    """Born-Mayer and Coulomb between ions, Morse between metal atoms, smooth to the end: any crystal of the tasks."""

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        return [self._one(frame) for frame in frames]

    def _one(self, atoms: Atoms) -> Prediction:
        if "Ni" in atoms.get_chemical_symbols():
            raise PredictionError("Nickel is more than this potential can take.")
        first, second, distances, vectors = neighbor_list("ijdD", atoms, 6.0)
        energies, slopes = self._pairs(atoms.numbers[first], atoms.numbers[second], distances)
        pair_forces = slopes[:, None] * vectors / distances[:, None]
        forces = np.zeros((len(atoms), 3))
        np.add.at(forces, first, pair_forces)
        virial = 0.5 * np.einsum("pi,pj->ij", pair_forces, vectors) / atoms.get_volume()
        return Prediction(forces, 0.5 * float(np.sum(energies)), virial)

    def _pairs(self, first: np.ndarray, second: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        window = (1 - (distances / 6.0) ** 2) ** 2
        window_slope = -4 * distances / 36.0 * (1 - (distances / 6.0) ** 2)
        negative = np.isin(first, _ANIONS).astype(int) + np.isin(second, _ANIONS)
        sign = np.where(negative == 1, -1.0, 1.0)
        shift = np.where((first == 20) | (second == 20), 0.15, 0.0)
        repulsion = 600.0 * np.exp(-(distances - shift) / 0.32)
        ionic = repulsion + 6.0 * sign / distances
        ionic_slope = -repulsion / 0.32 - 6.0 * sign / distances**2
        wells = np.array([_RADII.get(int(number), 1.5) for number in first])
        wells = wells + np.array([_RADII.get(int(number), 1.5) for number in second])
        decay = np.exp(-1.2 * (distances - wells))
        metallic = 0.4 * (decay**2 - 2 * decay)
        metallic_slope = 0.4 * -2.4 * (decay**2 - decay)
        energies = np.where(negative == 0, metallic, ionic)
        slopes = np.where(negative == 0, metallic_slope, ionic_slope)
        return energies * window, slopes * window + energies * window_slope


def card_of(name: str) -> PotentialCard:
    """A card under another name, for a potential that the test makes."""
    return replace(card("emt"), name=name, label=name)
