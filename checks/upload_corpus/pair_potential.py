"""A potential of the simplest kind, in milliseconds: for the quick form of the corpus, in place of a network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from softdash.potentials.interface import Prediction, Progress

_DEPTH = 0.3  # eV
_STEEPNESS = 1.6  # 1/Å
_CUTOFF = 5.5  # Å


class PairPotential:
    """Morse springs between all atoms, their lengths from covalent radii.

    Parameters
    ----------
    noise : float
        eV/Å; of a smooth many-body part that a plain pair potential lacks, so that two of them do not agree wholly.
    scale : float
        All energies and forces are multiplied by it.
    """

    def __init__(self, noise: float = 0.0, scale: float = 1.0) -> None:
        self._noise = noise
        self._scale = scale

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Predict all frames, in their order; see `softdash.potentials.interface.Potential`."""
        del stress  # no case has one
        predictions = []
        for place, atoms in enumerate(frames):
            predictions.append(self._predict_one(atoms))
            if progress is not None:
                progress(place + 1, len(frames))
        return predictions

    def _predict_one(self, atoms: Atoms) -> Prediction:
        first, second, distance, vector = neighbor_list("ijdD", atoms, _CUTOFF)
        rest = 1.1 * (covalent_radii[atoms.numbers[first]] + covalent_radii[atoms.numbers[second]])
        strength = 1.0 + 0.1 * ((atoms.numbers[first] + atoms.numbers[second]) % 5)
        taper = (1.0 - (distance / _CUTOFF) ** 2) ** 2
        decay = np.exp(-_STEEPNESS * (distance - rest))
        slope = _DEPTH * strength * 2.0 * _STEEPNESS * (decay - decay**2) * taper
        slope += self._noise * np.sin(9.0 * distance) * taper
        along = slope[:, None] * vector / distance[:, None]
        forces = np.zeros((len(atoms), 3))
        np.add.at(forces, first, along)
        energy = 0.5 * float((_DEPTH * strength * (decay**2 - 2.0 * decay) * taper).sum())
        return Prediction(self._scale * forces, self._scale * energy)
