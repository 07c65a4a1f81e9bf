"""closest_pair against ASE's neighbour list, in skewed, thin and mixed-periodic cells."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list

from softdash.structures.upload.shortest_distance import closest_pair


@pytest.mark.parametrize("seed", range(60))
def test_same_as_ase(seed: int) -> None:
    random = np.random.default_rng(seed)
    cell = np.diag(random.uniform(0.9, 9, size=3)) + random.normal(scale=0.9, size=(3, 3)) * random.integers(0, 2)
    if abs(np.linalg.det(cell)) < 1:
        cell = np.diag([1.0, 2.0, 7.0])
    atoms = Atoms(
        numbers=random.integers(1, 90, size=random.integers(1, 40)), cell=cell, pbc=random.integers(0, 2, size=3)
    )
    atoms.set_scaled_positions(random.uniform(-2, 3, size=(len(atoms), 3)))
    cutoff = random.uniform(0.2, 2.0)
    distances = neighbor_list("d", atoms, cutoff)
    found = closest_pair(atoms, cutoff)
    if len(distances) == 0:
        assert found is None
    else:
        assert found is not None
        assert found.distance == pytest.approx(distances.min(), abs=1e-9)


def test_own_image() -> None:
    pair = closest_pair(Atoms("Na", cell=[0.6, 5, 5], pbc=True), 0.7)
    assert pair is not None
    assert (pair.first, pair.second, round(pair.distance, 9)) == (0, 0, 0.6)


def test_many_atoms_in_one_window_stay_within_memory() -> None:
    random = np.random.default_rng(0)
    atoms = Atoms(
        numbers=np.ones(2000, int), positions=random.uniform(0, 0.5, size=(2000, 3)), cell=np.eye(3) * 4, pbc=True
    )
    pair = closest_pair(atoms, 0.7)
    assert pair is not None
    assert pair.distance < 0.05
