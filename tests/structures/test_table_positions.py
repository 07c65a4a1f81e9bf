"""Positions of atoms recognised in any order, unit, origin, orientation and wrapping."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.geometry import cellpar_to_cell
from ase.io import read as read_atoms
from ase.units import Bohr
from hypothesis import assume, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from softdash.structures.matching.atom_order import AtomsByPlace, order_by_groups, order_by_positions
from softdash.structures.matching.cell_orientation import find_turn, same_lattice
from softdash.structures.matching.orientation import settings_of
from softdash.structures.matching.table_positions import FRACTIONAL, comparison_tolerance, half_step, match_positions

REFERENCES = Path(__file__).resolve().parents[2] / "precomputed" / "references" / "gpaw_pbe"
TOLERANCE = 0.01
SKEWED = ("Al2O3", "BN", "Cu3Au", "TiO2", "ZnS", "Li3OCl")


def structure(name: str) -> Atoms:
    """A frame of softdash's own DFT states, in ASE's setting as a CIF would give it."""
    atoms = read_atoms(REFERENCES / f"{name}.extxyz", index=2)
    standard = Atoms(
        atoms.symbols,
        cell=cellpar_to_cell(atoms.cell.cellpar()),
        scaled_positions=atoms.get_scaled_positions(wrap=False),
    )
    standard.pbc = True
    return standard


def triclinic(seed: int, count: int) -> Atoms:
    """A random skewed cell in ASE's setting, no two atoms closer than 0.8 Å."""
    random = np.random.default_rng(seed)
    cell = cellpar_to_cell([*random.uniform(4, 9, 3), *random.uniform(65, 115, 3)])
    atoms = Atoms(numbers=random.choice([3, 8, 22], size=count), cell=cell, pbc=True)
    atoms.set_scaled_positions(random.random((count, 3)))
    return atoms


def table_of(
    atoms: Atoms,
    rotation: NDArray | None = None,
    order: NDArray | None = None,
    *,
    shift: tuple[float, float, float] = (0, 0, 0),
    wrapped: bool = False,
    decimals: int = 8,
) -> NDArray:
    """Positions as a table would have them."""
    rotation = np.eye(3) if rotation is None else rotation
    turned = Atoms(atoms.symbols, positions=atoms.positions @ rotation.T, cell=atoms.cell.array @ rotation.T, pbc=True)
    turned.positions += np.array(shift)
    if wrapped:
        turned.wrap()
    return np.round(turned.positions[np.arange(len(atoms)) if order is None else order], decimals)


@pytest.mark.parametrize("name", SKEWED)
@pytest.mark.parametrize("wrapped", [False, True])
def test_every_setting_is_recognised(name: str, wrapped: bool) -> None:
    atoms = structure(name)
    order = np.random.default_rng(1).permutation(len(atoms))
    for setting in settings_of(atoms.cell.array):
        rows = table_of(atoms, setting.rotation, order, wrapped=wrapped)
        match = match_positions(AtomsByPlace(atoms), rows, "unknown", atoms.numbers[order], TOLERANCE)
        assert match is not None
        assert np.array_equal(order[match.order], np.arange(len(atoms)))
        assert match.tells_orientation
        rotation = np.eye(3) if match.rotation is None else match.rotation
        np.testing.assert_allclose(rotation, setting.rotation, atol=1e-6)
        assert (match.rotation is None) == (setting.name == "given")


@effort(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(4, 24),
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    decimals=st.integers(4, 9),
    wrapped=st.booleans(),
    with_elements=st.booleans(),
    shifted=st.booleans(),
)
def test_any_rotation_and_order_is_found(
    seed: int,
    count: int,
    angles: tuple[float, float, float],
    decimals: int,
    wrapped: bool,
    with_elements: bool,
    shifted: bool,
) -> None:
    atoms = triclinic(seed, count)
    assume(atoms.get_all_distances(mic=True)[np.triu_indices(count, 1)].min() > 0.8)
    rotation = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    order = np.random.default_rng(seed).permutation(count)
    shift = (0.3, -1.7, 2.2) if shifted else (0, 0, 0)
    rows = table_of(atoms, rotation, order, shift=shift, wrapped=wrapped, decimals=decimals)
    numbers = atoms.numbers[order] if with_elements else None
    match = match_positions(AtomsByPlace(atoms), rows, "unknown", numbers, TOLERANCE)
    assert match is not None
    assert np.array_equal(order[match.order], np.arange(count))
    found = np.eye(3) if match.rotation is None else match.rotation
    assert same_lattice(atoms.cell.array, found, rotation)
    np.testing.assert_allclose(found, rotation, atol=0.01)
    apart = match.positions[match.order] - atoms.positions
    apart -= np.rint(apart @ np.linalg.inv(atoms.cell.array)) @ atoms.cell.array
    assert np.abs(apart).max() < TOLERANCE


def test_a_mirror_image_is_told() -> None:
    atoms = triclinic(5, 12)
    match = match_positions(AtomsByPlace(atoms), table_of(atoms, np.diag([1, -1, 1])), "unknown", None, TOLERANCE)
    assert match is not None
    assert match.is_mirror
    rotation = Rotation.from_euler("z", 40, degrees=True).as_matrix() @ np.diag([1, 1, -1])
    turn = find_turn(AtomsByPlace(atoms), table_of(atoms, rotation), None, TOLERANCE)
    assert turn is not None
    assert turn.is_mirror
    np.testing.assert_allclose(turn.rotation, rotation, atol=1e-4)


@pytest.mark.parametrize(("unit", "factor"), [("bohr", 1 / Bohr), ("nm", 0.1), ("pm", 100.0)])
def test_other_lengths(unit: str, factor: float) -> None:
    atoms = triclinic(7, 9)
    rotation = settings_of(atoms.cell.array)[-1].rotation
    for rows in (table_of(atoms), table_of(atoms, rotation), table_of(atoms, shift=(1, 2, 3))):
        match = match_positions(AtomsByPlace(atoms), rows * factor, "unknown", None, TOLERANCE)
        assert match is not None
        assert match.unit == unit


def test_fractions_tell_the_order_and_no_orientation() -> None:
    atoms = triclinic(8, 9)
    order = np.random.default_rng(3).permutation(9)
    for kind in ("unknown", "fractional"):
        for moved in (0.0, 0.25):
            rows = (np.round(atoms.get_scaled_positions(), 6) + np.array([0, moved, 0]))[order]
            match = match_positions(AtomsByPlace(atoms), rows, kind, None, TOLERANCE)
            assert match is not None
            assert match.unit == FRACTIONAL
            assert np.array_equal(order[match.order], np.arange(9))
            assert not match.tells_orientation
            assert (match.shift is None) == (moved == 0)


def test_the_plainest_reading_comes_first() -> None:
    atoms = bulk("NaCl", "rocksalt", a=5.6, cubic=True)  # many rotations and shifts fit
    match = match_positions(AtomsByPlace(atoms), atoms.positions, "cartesian", atoms.numbers, TOLERANCE)
    assert match is not None
    assert (match.unit, match.rotation, match.shift) == ("Å", None, None)
    assert np.array_equal(match.order, np.arange(8))


def test_a_single_atom_leaves_the_orientation_open() -> None:
    atoms = Atoms("Na", cell=cellpar_to_cell([3.2, 3.2, 5.1, 60, 60, 60]), pbc=True)
    match = match_positions(AtomsByPlace(atoms), atoms.positions, "unknown", None, TOLERANCE)
    assert match is not None
    assert not match.tells_orientation


def test_other_structures_are_not_recognised() -> None:
    atoms = triclinic(9, 14)
    sites = AtomsByPlace(atoms)
    moved = table_of(atoms)
    moved[3] += [0, 0, 0.2]
    other = atoms.numbers.copy()
    other[0] = 25 - other[0]
    assert match_positions(sites, moved, "unknown", None, TOLERANCE) is None
    assert match_positions(sites, table_of(atoms), "unknown", other, TOLERANCE) is None
    assert match_positions(sites, table_of(triclinic(10, 14)), "unknown", None, TOLERANCE) is None
    for far in (1e300, 1e12):
        assert match_positions(sites, table_of(atoms) + far, "unknown", None, TOLERANCE) is None
    heap = Atoms("O14", positions=np.zeros((14, 3)), cell=atoms.cell, pbc=True)
    assert match_positions(AtomsByPlace(heap), np.zeros((14, 3)), "unknown", None, TOLERANCE) is not None  # as listed
    assert match_positions(AtomsByPlace(heap), moved, "unknown", None, TOLERANCE) is None


def test_a_large_cell_in_another_orientation() -> None:
    atoms = bulk("Si", cubic=True) * (4, 4, 3)
    atoms.rattle(0.1, seed=2)
    rotation = Rotation.random(random_state=4).as_matrix()
    order = np.random.default_rng(4).permutation(len(atoms))
    rows = table_of(atoms, rotation, order, shift=(3, 1, 2), wrapped=True, decimals=6)
    match = match_positions(AtomsByPlace(atoms), rows, "unknown", None, TOLERANCE)
    assert match is not None
    assert np.array_equal(order[match.order], np.arange(len(atoms)))
    np.testing.assert_allclose(match.rotation, rotation, atol=1e-5)


def test_rounding_widens_the_tolerance_within_bounds() -> None:
    plain = comparison_tolerance(0.01, None, np.array([[0.123456789, 0, 0]]))
    assert plain == pytest.approx(0.01, abs=1e-8)
    assert comparison_tolerance(0.01, np.eye(3) * 0.005, np.array([[0.123456789, 0, 0]])) == pytest.approx(0.025)
    assert comparison_tolerance(0.01, np.eye(3) * 9, np.array([[0.0, 0, 0]])) == pytest.approx(0.12)


@pytest.mark.parametrize(("value", "step"), [(0.25, 0.005), (3.0, 0.5), (1.23456789, 5e-9), (1 / 3, None)])
def test_half_a_unit_in_the_last_place(value: float, step: float | None) -> None:
    assert half_step(np.array([[value, 0.0, 0.0]])) == (None if step is None else pytest.approx(step))


def test_order_by_positions_needs_one_row_for_each_atom() -> None:
    atoms = triclinic(11, 6)
    order = np.array([3, 1, 5, 0, 2, 4])
    rows = atoms.positions[order] + atoms.cell.array[1]
    found = order_by_positions(atoms, rows, atoms.numbers[order], TOLERANCE)
    assert found is not None
    assert np.array_equal(order[found], np.arange(6))
    rows[0] = rows[1]
    assert order_by_positions(atoms, rows, None, TOLERANCE) is None
    assert order_by_positions(atoms, rows[:5], None, TOLERANCE) is None


def test_groups_keep_their_own_order() -> None:
    assert order_by_groups("OTOT", "TTOO").tolist() == [2, 0, 3, 1]
    assert order_by_groups("OTOT", "TTTO") is None
    assert order_by_groups("OT", "OTO") is None
