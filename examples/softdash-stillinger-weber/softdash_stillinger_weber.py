"""The Stillinger-Weber potential for silicon as a plug-in of softdash.

F. H. Stillinger, T. A. Weber, Phys. Rev. B 31, 5262 (1985). A real potential without torch and without a file of
weights, so that what is left is the plug-in: a class with `predict`, and a card that describes it. A potential whose
library is heavy imports it in `load`, never at the top: the web process reads the card, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import PredictionError
from softdash.potentials.elements import refuse_unknown_elements
from softdash.potentials.interface import KnownEnergy, PotentialCard, Prediction, Progress
from softdash.potentials.periodic_box import in_periodic_box, stress_volume_ratio

NAME, LABEL = "stillinger-weber-silicon", "Stillinger-Weber silicon"
ELEMENTS = frozenset({"Si"})
# Of the paper; EPSILON in eV and SIGMA in Å such that the crystal has 4.336 eV/atom at 5.431 Å.
EPSILON, SIGMA = 2.1683, 2.0951
BIG_A, BIG_B, POWER, RANGE, LAMBDA, GAMMA, COSINE = 7.049556277, 0.6022245584, 4, 1.80, 21.0, 1.20, -1 / 3


class StillingerWeber:
    """The interface of potentials: see `softdash.potentials.interface.Potential`."""

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        """Return forces (eV/Å), energy (eV) and, if asked for, stress (eV/Å³) of all frames, in their order.

        Raises
        ------
        PredictionError
            If a frame has another element, or atoms on top of each other.
        """
        refuse_unknown_elements(LABEL, ELEMENTS, frames)
        predictions = []
        for position, frame in enumerate(frames, start=1):
            where = f"frame {position}"
            boxed = in_periodic_box(frame, where)  # any cell, as an ordinary one
            ratio = stress_volume_ratio(frame, boxed) if stress else None
            predictions.append(_predict(boxed, where, stress_factor=ratio))
            if progress is not None:  # may raise, to stop
                progress(position, len(frames))
        return predictions


def _predict(frame: Atoms, where: str, *, stress_factor: float | None) -> Prediction:
    from ase.neighborlist import neighbor_list  # brings scipy, which the web process does without

    first, second, vectors = neighbor_list("ijD", frame, RANGE * SIGMA)
    with np.errstate(all="ignore"):  # atoms on top of each other are told below
        energy, gradients = _bonds(vectors, np.searchsorted(first, np.arange(len(frame) + 1)))
    forces = np.zeros((len(frame), 3))
    np.add.at(forces, first, gradients)
    np.add.at(forces, second, -gradients)
    if not (np.isfinite(energy) and np.isfinite(forces).all()):
        raise PredictionError(
            f"{LABEL} returned a number that is not finite.",
            where=where,
            advice="Check for atoms that are very close to each other.",
        )
    tensor = None if stress_factor is None else vectors.T @ gradients / frame.get_volume() * stress_factor
    return Prediction(forces, energy, tensor)


def _bonds(vectors: NDArray[np.float64], starts: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
    """Return the energy, and its derivative with respect to each vector.

    Parameters
    ----------
    vectors : ndarray, shape (n, 3)
        From each atom to each neighbour within range, Å, atom by atom.
    starts : ndarray of int, shape (N + 1,)
        Where the neighbours of each atom begin and end.
    """
    lengths = np.linalg.norm(vectors, axis=1)
    units = vectors / lengths[:, None]
    reach = lengths - RANGE * SIGMA
    # Two-body part (the paper's eq. 2.3); each pair stands here twice.
    fade = np.exp(SIGMA / reach)
    repulsion = BIG_B * (SIGMA / lengths) ** POWER
    pairs = EPSILON * BIG_A * (repulsion - 1) * fade / 2
    slopes = -EPSILON * BIG_A * fade / 2 * (POWER * repulsion / lengths + (repulsion - 1) * SIGMA / reach**2)
    energy, gradients = float(pairs.sum()), slopes[:, None] * units
    # Three-body part (eq. 2.4-2.6): all pairs of neighbours of one atom.
    reached = np.exp(GAMMA * SIGMA / reach)
    fading = -GAMMA * SIGMA / reach**2
    for start, end in pairwise(starts):
        one, other = np.triu_indices(end - start, k=1) + start
        cosines = np.einsum("ij,ij->i", units[one], units[other])
        bend = cosines - COSINE
        weights = EPSILON * LAMBDA * reached[one] * reached[other] * bend
        energy += float((weights * bend).sum())
        for near, far in ((one, other), (other, one)):
            turn = (units[far] - cosines[:, None] * units[near]) / lengths[near, None]
            along = (bend * fading[near])[:, None] * units[near]
            np.add.at(gradients, near, weights[:, None] * (2 * turn + along))
    return energy, gradients


def _is_installed() -> bool:
    return True


def _weights_sha256() -> str:
    """Return the hash of what decides the numbers; for a network, that of its file of weights."""
    parameters = [EPSILON, SIGMA, BIG_A, BIG_B, POWER, RANGE, LAMBDA, GAMMA, COSINE]
    return hashlib.sha256(json.dumps(parameters).encode()).hexdigest()


POTENTIALS = (
    PotentialCard(
        name=NAME,
        label=LABEL,
        family="other",
        queue="classical",  # no library that could exclude those of softdash: the worker of this queue serves it, too
        version="1985",
        package="softdash-stillinger-weber",
        elements=ELEMENTS,
        functional="none (empirical)",
        training_set="Melting point and structure of liquid silicon, stability of the diamond structure",
        licence="BSD-3-Clause",
        citation="doi:10.1103/PhysRevB.31.5262",
        is_installed=_is_installed,
        weights_sha256=_weights_sha256,
        load=StillingerWeber,
        is_universal=False,
        notes=("An example of a plug-in; for silicon only.",),
        # By construction of the potential, the ideal diamond structure has −2 EPSILON per atom.
        known_energies=(KnownEnergy("Si diamond 5.431", -4.3366, 1e-4, "Phys. Rev. B 31, 5262"),),
    ),
)
