"""Frames worth labelling: large predicted forces, and far from those chosen before."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from softdash.diagnosis.next_labels import frames_worth_labelling

Frames = tuple[list[Atoms], list[NDArray[np.float64]]]


def rattled(count: int = 5, seed: int = 0) -> Frames:
    generator = np.random.default_rng(seed)
    frames, forces = [], []
    for number in range(count):
        atoms = bulk("NaCl", "rocksalt", a=5.6 + 0.1 * number, cubic=True)
        atoms.positions += generator.normal(0, 0.1, (8, 3))
        frames.append(atoms)
        forces.append(generator.normal(0, 1 + number, (8, 3)))
    return frames, forces


def test_first_is_the_frame_of_the_largest_forces() -> None:
    frames, forces = rattled()
    first, *others = frames_worth_labelling(frames, forces, 3, positions=[10, 11, 12, 13, 14])
    squares = [float(np.sum(f * f)) for f in forces]
    assert first.frame == 10 + int(np.argmax(squares))
    assert (first.weight, first.distance) == (1.0, None)
    assert first.predicted_rms == pytest.approx(np.sqrt(max(squares) / 24))
    assert len(others) == 2
    assert all(one.distance is not None and one.distance > 0 for one in others)


def test_a_repeated_frame_is_not_wanted_twice() -> None:
    frames, forces = rattled(1)
    names = [one.frame for one in frames_worth_labelling(frames * 3, forces * 3, 3)]
    assert names == [0]


def test_of_equal_forces_the_one_of_another_kind_comes_first() -> None:
    frames, forces = rattled(2)
    other = frames[0].copy()
    other.numbers[:4] = 19
    nearly = frames[0].copy()
    nearly.positions[0] += 0.01
    chosen = frames_worth_labelling([frames[0], nearly, other], [forces[0]] * 3, 3)
    assert [one.frame for one in chosen] == [0, 2, 1]


def test_molecules_have_distances_too_and_frames_without_force_are_not_wanted() -> None:
    frames = [molecule("H2O"), molecule("CH4"), molecule("CO2")]
    forces = [np.ones((len(atoms), 3)) for atoms in frames]
    assert {one.frame for one in frames_worth_labelling(frames, forces, 5)} == {0, 1, 2}
    assert {one.frame for one in frames_worth_labelling(frames, [*forces[:2], 0 * forces[2]], 5)} == {0, 1}
    assert frames_worth_labelling(frames, [0 * f for f in forces], 5) == ()
    assert frames_worth_labelling([], [], 5) == ()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_neither_rotation_nor_the_order_of_atoms_nor_a_shift_matters(seed: int) -> None:
    frames, forces = rattled(5, seed)
    before = frames_worth_labelling(frames, forces, 5)
    generator = np.random.default_rng(seed)
    rotation = Rotation.random(rng=seed).as_matrix()
    moved, turned = [], []
    for atoms, force in zip(frames, forces, strict=True):
        order = generator.permutation(len(atoms))
        other = Atoms(
            atoms.numbers[order], (atoms.positions @ rotation.T)[order], cell=atoms.cell.array @ rotation.T, pbc=True
        )
        other.positions += generator.normal(0, 3, 3)
        other.wrap()
        moved.append(other)
        turned.append((force @ rotation.T)[order])
    after = frames_worth_labelling(moved, turned, 5)
    assert [one.frame for one in after] == [one.frame for one in before]
    for one, other in zip(before[1:], after[1:], strict=True):
        assert other.distance == pytest.approx(one.distance, rel=1e-6)
