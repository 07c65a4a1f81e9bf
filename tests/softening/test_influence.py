"""What decides the slope, and what is worst, is named by its place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from softdash.softening import analyse_forces, softening_scale
from softdash.softening.influence import analyse_influence

SEEDS = st.integers(0, 10_000)


def influence(material, **options):
    statistics = analyse_forces(material.reference, material.predicted, material.numbers)
    return analyse_influence(material.reference, material.predicted, material.numbers, statistics, **options)


def test_most_influential_frame_is_that_of_the_largest_change(make_material):
    material = make_material(frames=6)
    material.predicted[4] = 0.3 * material.reference[4]
    found = influence(material, positions=[10, 11, 12, 13, 14, 15]).most_influential_frame
    slope = softening_scale(material.x, material.y)
    without = [softening_scale(material.x[material.frame != g], material.y[material.frame != g]) for g in range(6)]
    assert found.frame == 14
    assert found.slope_without == pytest.approx(without[4], rel=1e-12)
    assert found.change == pytest.approx(without[4] - slope, rel=1e-9)
    assert found.weight == pytest.approx(np.sum(material.reference[4] ** 2) / np.sum(material.x**2), rel=1e-12)
    assert influence(make_material(frames=1)).most_influential_frame is None


def test_weights_say_on_how_few_forces_the_slope_rests(make_material):
    material = make_material(frames=5, atoms=40)
    weights = influence(material).weights
    squares = np.sort(material.x**2)
    assert weights.top_component_count == 6
    assert weights.top_component_share == pytest.approx(squares[-6:].sum() / squares.sum(), rel=1e-12)
    assert weights.top_atom_count == 2
    # Of normal forces, (Σx²)²/Σx⁴ is a third of their number.
    assert weights.effective_component_count == pytest.approx(200, rel=0.2)


def test_equal_forces_all_count(make_material):
    material = make_material(frames=2)
    material.reference = [np.sign(forces) for forces in material.reference]
    assert influence(material).weights.effective_component_count == pytest.approx(material.x.size, rel=1e-12)


def test_outlier_and_worst_atoms_and_frames_are_named(make_material):
    material = make_material(frames=4, noise=0.02)
    material.predicted[2][7] += [0.0, 3.0, 4.0]
    found = influence(material, listed=3)
    assert found.outlier_count == len(found.outliers) == 1
    outlier = found.outliers[0]
    assert (outlier.frame, outlier.atom, outlier.atomic_number) == (2, 7, material.numbers[2][7])
    assert outlier.reference == tuple(material.reference[2][7])
    assert outlier.error == pytest.approx(np.linalg.norm(material.predicted[2][7] - material.reference[2][7]))
    assert outlier.deviation > found.outlier_limit
    assert found.residual_scale == pytest.approx(0.02, rel=0.2)
    errors = [atom.error for atom in found.worst_atoms]
    assert errors == sorted(errors, reverse=True)
    assert len(errors) == 3
    assert found.worst_atoms[0] == outlier
    assert found.worst_frames[0].frame == 2
    everything = influence(material, listed=100)
    assert sum(frame.error_share for frame in everything.worst_frames) == pytest.approx(1)
    assert len(everything.worst_atoms) == 80


def test_an_exact_fit_has_no_outliers(make_material):
    material = make_material(noise=0.0)
    assert influence(material).outlier_count == 0


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, factor=st.floats(0.1, 10))
def test_factors_on_both_sides_change_errors_alone(make_material, seed, factor):
    before = make_material(seed=seed, frames=4, noise=0.3)
    after = make_material(seed=seed, frames=4, noise=0.3)
    after.reference = [factor * forces for forces in before.reference]
    after.predicted = [factor * forces for forces in before.predicted]
    one, other = influence(before), influence(after)
    assert [(a.frame, a.atom) for a in one.worst_atoms] == [(a.frame, a.atom) for a in other.worst_atoms]
    assert other.worst_atoms[0].error == pytest.approx(factor * one.worst_atoms[0].error, rel=1e-9)
    assert other.weights.top_atom_share == pytest.approx(one.weights.top_atom_share, rel=1e-9)
    assert other.outlier_count == one.outlier_count


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_order_of_frames_and_atoms_changes_places_alone(make_material, seed):
    before = make_material(seed=seed, frames=4, noise=0.3)
    after = make_material(seed=seed, frames=4, noise=0.3)
    generator = np.random.default_rng(seed)
    frames, atoms = generator.permutation(4), generator.permutation(20)
    after.reference = [before.reference[g][atoms] for g in frames]
    after.predicted = [before.predicted[g][atoms] for g in frames]
    after.numbers = [before.numbers[g][atoms] for g in frames]
    one, other = influence(before), influence(after)
    moved = [(int(frames[a.frame]), int(atoms[a.atom]), a.atomic_number) for a in other.worst_atoms]
    assert moved == [(a.frame, a.atom, a.atomic_number) for a in one.worst_atoms]
    assert int(frames[other.most_influential_frame.frame]) == one.most_influential_frame.frame


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_rotation_changes_neither_errors_nor_their_order(make_material, seed):
    before = make_material(seed=seed, frames=3, noise=0.3)
    after = make_material(seed=seed, frames=3, noise=0.3)
    rotation = Rotation.random(rng=seed).as_matrix()
    after.reference = [forces @ rotation.T for forces in before.reference]
    after.predicted = [forces @ rotation.T for forces in before.predicted]
    one, other = influence(before), influence(after)
    assert [(a.frame, a.atom) for a in one.worst_atoms] == [(a.frame, a.atom) for a in other.worst_atoms]
    assert [a.error for a in other.worst_atoms] == pytest.approx([a.error for a in one.worst_atoms], rel=1e-9)
    assert other.weights.top_atom_share == pytest.approx(one.weights.top_atom_share, rel=1e-9)
    assert other.most_influential_frame.slope_without == pytest.approx(
        one.most_influential_frame.slope_without, rel=1e-9
    )
