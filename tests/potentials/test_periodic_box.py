"""One structure in other cells is one structure: what networks are given is right-handed, periodic and bounded."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from hypothesis import given
from hypothesis import strategies as st

from softdash.errors import PredictionError
from softdash.potentials.periodic_box import VACUUM, in_periodic_box, stress_volume_ratio

CUTOFF = 3.5
vectors = st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=3, max_size=3)


def bond_lengths(atoms: Atoms) -> np.ndarray:
    """Return all distances below the cutoff, by trying every image in the periodic directions."""
    cell = atoms.cell.array[atoms.pbc]
    differences = (atoms.positions[:, None] - atoms.positions).reshape(-1, 3)
    reach = CUTOFF + np.linalg.norm(differences, axis=1).max()
    heights = 1 / np.linalg.norm(np.linalg.pinv(cell), axis=0) if len(cell) else np.array([])
    counts = [np.arange(-count, count + 1) for count in np.ceil(reach / heights).astype(int)]
    images = np.array(list(itertools.product(*counts))) @ cell if len(cell) else np.zeros((1, 3))
    lengths = np.sort(np.linalg.norm(differences[:, None] + images, axis=2), axis=None)
    return lengths[(lengths > 0) & (lengths < CUTOFF)]


def assert_same_structure(boxed: Atoms, frame: Atoms) -> None:
    assert boxed.pbc.all()
    assert np.linalg.det(boxed.cell.array) > 0
    np.testing.assert_array_equal(boxed.numbers, frame.numbers)
    np.testing.assert_allclose(bond_lengths(boxed), bond_lengths(frame), atol=1e-6)


def test_an_ordinary_frame_is_handed_on_as_it_is() -> None:
    crystal = bulk("NaCl", "rocksalt", a=5.69, cubic=True)
    crystal.positions[0] -= 0.9 * crystal.cell.array[0]  # a little outside
    assert in_periodic_box(crystal) is crystal
    assert stress_volume_ratio(crystal, crystal) == 1.0


@given(vectors, st.lists(st.booleans(), min_size=3, max_size=3), st.integers(0, 10_000))
def test_any_cell(cell: list[list[float]], pbc: list[bool], seed: int) -> None:
    frame = Atoms("Na3", np.random.default_rng(seed).uniform(-2, 2, (3, 3)), cell=cell, pbc=pbc)
    periodic = frame.cell.array[frame.pbc]
    # Flat cells are refused; in nearly flat ones there are too many images to try.
    if len(periodic) and np.linalg.svd(periodic, compute_uv=False).min() < 1.0:
        return
    before = frame.copy()
    assert_same_structure(in_periodic_box(frame, "frame 1"), frame)
    assert frame == before


@pytest.mark.parametrize("pbc", ["TTF", "TFT", "FTT", "TFF", "FFT", "FFF"])
def test_directions_without_periods_get_vacuum(pbc: str) -> None:
    slab = fcc111("Cu", (2, 2, 3), a=3.6, vacuum=2.0, orthogonal=False)
    slab.pbc = [letter == "T" for letter in pbc]
    boxed = in_periodic_box(slab)
    assert_same_structure(boxed, slab)
    kept = [any(np.array_equal(vector, old) for old in slab.cell.array[slab.pbc]) for vector in boxed.cell.array]
    assert sum(kept) == slab.pbc.sum()
    fractions = boxed.get_scaled_positions(wrap=False)
    rooms = boxed.cell.lengths() * (1 - np.ptp(fractions, axis=0))
    np.testing.assert_allclose(rooms[~np.array(kept)], 2 * VACUUM)
    assert stress_volume_ratio(slab, boxed) == pytest.approx(boxed.get_volume() / slab.get_volume())


def test_a_cell_without_volume_has_no_stress() -> None:
    water = molecule("H2O")
    assert stress_volume_ratio(water, in_periodic_box(water)) is None


def test_left_handed_skewed_and_scattered() -> None:
    crystal = bulk("Si", cubic=True)
    crystal.rattle(0.1, seed=1)
    mirrored, skewed, scattered = crystal.copy(), crystal.copy(), crystal.copy()
    mirrored.set_cell(crystal.cell.array[[0, 2, 1]])
    a, b, c = crystal.cell.array
    skewed.set_cell([a, b, c + 200 * a])
    scattered.positions[2] += 70_000 * crystal.cell.array[1]
    for frame in (mirrored, skewed, scattered):
        boxed = in_periodic_box(frame)
        assert boxed is not frame
        assert_same_structure(boxed, crystal)
        assert boxed.get_volume() == pytest.approx(crystal.get_volume())
        assert stress_volume_ratio(frame, boxed) == pytest.approx(1.0)
    np.testing.assert_allclose(in_periodic_box(skewed).cell.lengths(), crystal.cell.lengths())
    np.testing.assert_array_equal(in_periodic_box(mirrored).positions, crystal.positions)
    assert np.abs(in_periodic_box(scattered).positions).max() < 6


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Atoms("Na", cell=[4, 4, 0], pbc=True), "no extent"),
        (Atoms("Na", cell=[[4, 0, 0], [4, 0, 0], [0, 0, 4]], pbc=True), "no extent"),
        (Atoms("Na2", positions=[[0, 0, 0], [1e9, 0, 0]], cell=[4, 4, 4], pbc=[False, True, True]), "1.6e\\+10"),
        (Atoms("Na2", positions=[[0, 0, 0], [0, np.inf, 0]]), "finite"),
        (Atoms("Na", cell=[np.nan, 4, 4], pbc=True), "finite"),
        (Atoms("Na", cell=3 * [0.05], pbc=True), "denser"),
    ],
)
def test_what_no_search_for_neighbours_could_cope_with(frame: Atoms, words: str) -> None:
    with pytest.raises(PredictionError, match=words) as refusal:
        in_periodic_box(frame, "frame 7")
    assert refusal.value.where == "frame 7"
    assert refusal.value.advice
