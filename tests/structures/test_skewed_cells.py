"""A lattice decides whether a cell is too thin, not the vectors that someone chose for it."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc100

from softdash.errors import RefusalError
from softdash.settings import Settings
from softdash.structures.upload.checks import FLAT_CELL, check_structure
from softdash.structures.upload.shortest_distance import closest_pair, compact_cell, face_distances


def skewed(atoms: Atoms, count: int) -> Atoms:
    other = atoms.copy()
    vectors = atoms.cell.array.copy()
    vectors[2] += count * (vectors[0] - vectors[1])
    other.set_cell(vectors)
    return other


@pytest.mark.parametrize("count", [1, 40, -500])
def test_strongly_skewed_vectors_of_a_crystal_are_taken(count: int) -> None:
    crystal = bulk("NaCl", "rocksalt", a=5.69, cubic=True)
    other = skewed(crystal, count)
    assert abs(count) == 1 or face_distances(other.cell.array).min() < FLAT_CELL
    check_structure(other, Settings(), "frame 1")
    assert face_distances(compact_cell(other)).min() > 4.0
    assert abs(np.linalg.det(compact_cell(other))) == pytest.approx(crystal.get_volume())
    coefficients = np.linalg.solve(crystal.cell.array.T, compact_cell(other).T)
    np.testing.assert_allclose(coefficients, np.round(coefficients), atol=1e-6)


def test_a_third_vector_that_leans_over_a_slab() -> None:
    slab = fcc100("Al", (1, 1, 4), vacuum=6.0)
    slab.pbc = (True, True, False)
    vectors = slab.cell.array.copy()
    vectors[2] += 300 * vectors[0]
    slab.set_cell(vectors)
    check_structure(slab, Settings(), "frame 1")
    np.testing.assert_allclose(compact_cell(slab)[:2], vectors[:2], atol=1e-9)


def test_the_same_closest_pair() -> None:
    crystal = bulk("Si", cubic=True)
    crystal.positions[3] += [0.9, -0.8, 0.7]
    pair, other = closest_pair(crystal, 2.2), closest_pair(skewed(crystal, 60), 2.2)
    assert pair is not None
    assert other is not None
    assert {pair.first, pair.second} == {other.first, other.second}
    assert other.distance == pytest.approx(pair.distance, abs=1e-9)


def test_a_lattice_that_is_thin_is_refused() -> None:
    thin = Atoms("Al", cell=[4.0, 4.0, 0.2], pbc=True)
    for frame in (thin, skewed(thin, 7)):
        with pytest.raises(RefusalError, match=r"0\.2 Å thick"):
            check_structure(frame, Settings(), "frame 1")
