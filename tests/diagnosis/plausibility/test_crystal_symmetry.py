"""Forces of a symmetric structure have its symmetry; those of a displaced frame do not."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from made_evidence import evidence_of

from softdash.diagnosis.plausibility.crystal_symmetry import doubt_about_symmetry
from softdash.diagnosis.plausibility.evidence import Evidence, FrameForces

A, C, U = 4.6, 2.95, 0.33  # rutile, oxygen moved along its free coordinate


def rutile(forces: np.ndarray) -> Evidence:
    places = [[0, 0, 0], [0.5, 0.5, 0.5], [U, U, 0], [-U, -U, 0], [0.5 + U, 0.5 - U, 0.5], [0.5 - U, 0.5 + U, 0.5]]
    atoms = Atoms("Ti2O4", scaled_positions=places, cell=[A, A, C], pbc=True)
    frame = FrameForces(forces, 0.8 * forces, atoms.numbers, atoms.cell.array, atoms.positions)
    return evidence_of(frame)


SYMMETRIC = np.array([[0, 0, 0], [0, 0, 0], [1, 1, 0], [-1, -1, 0], [1, -1, 0], [-1, 1, 0]], dtype=float)


def test_symmetric_forces_raise_no_doubt() -> None:
    assert doubt_about_symmetry(rutile(SYMMETRIC)) is None
    noisy = SYMMETRIC + np.random.default_rng(0).normal(scale=0.01, size=SYMMETRIC.shape)
    assert doubt_about_symmetry(rutile(noisy)) is None


def test_forces_of_a_displaced_frame_break_the_symmetry() -> None:
    displaced = SYMMETRIC + np.random.default_rng(0).normal(scale=0.3, size=SYMMETRIC.shape)
    doubt = doubt_about_symmetry(rutile(displaced))
    assert doubt is not None
    assert doubt.code == "equilibrium_structure"
    assert doubt.numbers["breaking"] == pytest.approx(0.3, rel=0.3)


def test_rows_in_another_order_break_it_until_they_are_given_back() -> None:
    written = [0, 1, 4, 5, 2, 3]
    evidence = rutile(SYMMETRIC[written])
    assert doubt_about_symmetry(evidence) is not None
    assert doubt_about_symmetry(evidence, np.argsort(written)) is None
