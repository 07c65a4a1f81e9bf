"""One structure and one table: order, orientation, sign and coordinates of the frame, and what is said about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.geometry import cellpar_to_cell
from ase.units import Bohr
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from upload_contents import Case

from softdash.errors import RefusalError
from softdash.settings import Settings
from softdash.structures.frames.force_units import StatedUnit
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.frames.readings import Reading
from softdash.structures.matching.orientation import settings_of
from softdash.structures.readers.bare_structure import BareStructure
from softdash.structures.readers.tables.forces_table import ForcesTable
from softdash.structures.upload.paired_frame import PairedFrame, pair_up

NAMES = ("a.cif", "f.csv")
ORDER = np.array([5, 2, 7, 0, 1, 6, 3, 4])
ASSUMED = Reading("orientation", "a along x, b in the xy plane", "assumed", "")


def paired(atoms: Atoms, table: ForcesTable, options: ReadOptions | None = None, **about: Any) -> PairedFrame:
    sites = about.pop("site_count", len(atoms))
    structure = BareStructure(atoms, "CIF", sites, **about)
    return pair_up(structure, table, NAMES, Settings(), options or ReadOptions())


def reading(pair: PairedFrame, topic: str) -> Reading:
    (found,) = (one for one in pair.readings if one.topic == topic)
    return found


def skewed() -> tuple[Atoms, NDArray]:
    """A triclinic cell in ASE's setting, no two atoms alike, with made-up forces."""
    random = np.random.default_rng(12)
    scaled = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5], [0.25] * 3, [0.75] * 3])
    scaled = np.round(scaled + random.uniform(-0.06, 0.06, size=scaled.shape), 8)
    atoms = Atoms("TiTiO4", cell=cellpar_to_cell([5, 5.5, 6.1, 77, 66, 81]), scaled_positions=scaled, pbc=True)
    return atoms, np.round(random.normal(size=(6, 3)), 8)


# Order


def test_nothing_tells_the_order(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    for numbering in (None, np.arange(8)):
        pair = paired(atoms, ForcesTable(forces, numbering=numbering))
        assert np.array_equal(pair.frame.reference_forces, forces)
        assert (reading(pair, "order").value, reading(pair, "order").ground) == ("as listed", "assumed")
        assert not pair.order_is_known
        assert not pair.was_reordered
        assert pair.warnings == ()


def test_positions_tell_the_order(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    for numbers in (None, atoms.numbers[ORDER]):
        pair = paired(atoms, ForcesTable(forces[ORDER], numbers=numbers, positions=atoms.positions[ORDER]))
        assert np.array_equal(pair.frame.reference_forces, forces)
        assert (reading(pair, "order").value, reading(pair, "order").ground) == ("by positions", "stated")
        assert pair.order_is_known
        assert pair.was_reordered
        assert pair.frame.atoms is atoms


def test_labels_tell_the_order(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    own = tuple(f"{symbol}{number}" for number, symbol in enumerate(atoms.symbols))
    table = ForcesTable(forces[ORDER], atoms.numbers[ORDER], labels=tuple(own[row].upper() for row in ORDER))
    for labels, is_known in ((own, True), (None, False)):
        pair = paired(atoms, table, labels=labels)
        assert np.array_equal(pair.frame.reference_forces, forces)
        assert (reading(pair, "order").value, reading(pair, "order").ground) == ("by labels", "stated")
        assert pair.order_is_known == is_known
        assert pair.was_reordered


def test_atom_numbers_tell_the_order(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    for numbers in (None, atoms.numbers[ORDER]):
        pair = paired(atoms, ForcesTable(forces[ORDER], numbers, numbering=ORDER))
        assert np.array_equal(pair.frame.reference_forces, forces)
        assert (reading(pair, "order").value, reading(pair, "order").ground) == ("by atom numbers", "stated")
        assert not pair.order_is_known  # the numbers may be those of another file
        assert pair.was_reordered


def test_atom_numbers_that_contradict_the_elements_are_those_of_another_file(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    pair = paired(atoms, ForcesTable(forces, atoms.numbers, numbering=ORDER))
    assert np.array_equal(pair.frame.reference_forces, forces)
    assert reading(pair, "order").value == "by elements"


def test_elements_alone_need_consent(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    order = np.array([4, 5, 0, 1, 6, 7, 2, 3])
    table = ForcesTable(forces[order], atoms.numbers[order])
    with pytest.raises(RefusalError) as caught:
        paired(atoms, table)
    assert caught.value.offer == "reorder"
    pair = paired(atoms, table, ReadOptions(reorder=True))
    assert np.array_equal(pair.frame.reference_forces, forces)
    assert (reading(pair, "order").ground, pair.order_is_known, pair.was_reordered) == ("chosen", False, True)
    as_listed = paired(atoms, table, ReadOptions(row_order=(1, 2, 3, 4, 5, 6, 7, 8)))
    assert np.array_equal(as_listed.frame.reference_forces, forces[order])
    assert reading(as_listed, "order").ground == "chosen"
    with pytest.raises(RefusalError) as caught:
        paired(atoms, ForcesTable(forces, atoms.numbers[::-1] + 1), ReadOptions(row_order=tuple(range(1, 9))))
    assert caught.value.offer is None


def test_elements_that_occur_once_tell_the_order() -> None:
    atoms = Atoms("NaClK", scaled_positions=np.diag([0.1, 0.4, 0.7]), cell=[5, 6, 7], pbc=True)
    forces = np.arange(9.0).reshape(3, 3)
    pair = paired(atoms, ForcesTable(forces[[2, 0, 1]], atoms.numbers[[2, 0, 1]]))
    assert np.array_equal(pair.frame.reference_forces, forces)
    assert pair.order_is_known
    assert pair.was_reordered
    in_order = paired(atoms, ForcesTable(forces, atoms.numbers))
    assert (reading(in_order, "order").ground, in_order.order_is_known) == ("stated", True)


def test_atoms_made_by_symmetry_are_read_in_an_order_of_nobodys(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    listed = paired(atoms, ForcesTable(forces), site_count=2)
    assert (reading(listed, "order").ground, listed.order_is_known) == ("assumed", False)
    order = np.array([4, 5, 0, 1, 6, 7, 2, 3])
    grouped = paired(atoms, ForcesTable(forces[order], atoms.numbers[order]), site_count=2)
    assert np.array_equal(grouped.frame.reference_forces, forces)
    assert (reading(grouped, "order").ground, grouped.order_is_known) == ("assumed", False)
    placed = paired(atoms, ForcesTable(forces[ORDER], positions=atoms.positions[ORDER]), site_count=2)
    assert np.array_equal(placed.frame.reference_forces, forces)
    assert placed.order_is_known
    with pytest.raises(RefusalError):
        paired(atoms, ForcesTable(forces[:7]), site_count=2)


# Orientation


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("which", ["given", "pymatgen", "axes", "any", "mirror"])
def test_the_cell_is_turned_into_the_axes_of_the_table(which: str, wrapped: bool) -> None:
    atoms, forces = skewed()
    rotations = {
        "given": np.eye(3),
        "pymatgen": next(s.rotation for s in settings_of(atoms.cell.array) if s.name == "pymatgen"),
        "axes": np.eye(3)[[1, 2, 0]],
        "any": Rotation.from_euler("xyz", [20, 130, -50], degrees=True).as_matrix(),
        "mirror": np.diag([1.0, 1.0, -1.0]),
    }
    rotation = rotations[which]
    order = np.array([3, 0, 5, 1, 4, 2])
    there = Atoms(atoms.symbols, cell=atoms.cell.array @ rotation.T, positions=atoms.positions @ rotation.T, pbc=True)
    if wrapped:
        there.wrap()
    table = ForcesTable(forces[order], positions=np.round(there.positions[order], 8))
    rounding = np.diag([1e-6, 2e-6, 3e-6])
    pair = paired(atoms, table, orientation_is_known=False, readings=(ASSUMED,), rounding=rounding)
    assert np.array_equal(pair.frame.reference_forces, forces)
    np.testing.assert_allclose(pair.frame.atoms.cell.array, there.cell.array, atol=1e-5)
    np.testing.assert_allclose(pair.frame.atoms.positions, atoms.positions @ rotation.T, atol=1e-5)
    np.testing.assert_allclose(pair.frame.rounding, rounding @ rotation.T, atol=1e-9)
    assert pair.orientation_is_known
    assert reading(pair, "orientation").ground == "stated"
    chosen = paired(atoms, table, ReadOptions(orientation="pymatgen"), orientation_is_known=False)
    assert chosen.frame.atoms is atoms
    assert np.array_equal(chosen.frame.reference_forces, forces)


def test_fractions_of_the_cell_leave_the_orientation_open() -> None:
    atoms, forces = skewed()
    table = ForcesTable(forces, positions=atoms.get_scaled_positions(wrap=False), positions_kind="fractional")
    pair = paired(atoms, table, orientation_is_known=False, readings=(ASSUMED,))
    assert not pair.orientation_is_known
    assert reading(pair, "orientation") == ASSUMED
    assert pair.order_is_known


def test_bohr_and_another_origin_are_tested_and_said() -> None:
    atoms, forces = skewed()
    for positions in (atoms.positions / Bohr, atoms.positions + np.array([1, 2, 3])):
        pair = paired(atoms, ForcesTable(forces, positions=positions))
        assert reading(pair, "order").ground == "tested"
        assert pair.frame.atoms is atoms


def test_positions_of_another_structure(rocksalt: Case) -> None:
    atoms, forces = rocksalt
    moved = atoms.positions.copy()
    moved[3] += [0.3, 0, 0]
    with pytest.raises(RefusalError, match=r"atom 4 \(Na\) lies 0\.30 Å") as caught:
        paired(atoms, ForcesTable(forces, positions=moved))
    assert caught.value.offer is None
    for bad in (np.nan, np.inf):
        moved[0, 0] = bad
        with pytest.raises(RefusalError):
            paired(atoms, ForcesTable(forces, positions=moved))
    for broken in (Atoms("Na4Cl4", positions=atoms.positions, cell=[[1, 0, 0], [1, 0, 0], [0, 0, 1]], pbc=True),):
        with pytest.raises(RefusalError):
            paired(broken, ForcesTable(forces, positions=moved))


# Columns


def test_six_columns_are_told_apart_by_the_structure() -> None:
    atoms, forces = skewed()
    for positions in (atoms.positions, atoms.get_scaled_positions(), atoms.positions[::-1]):
        for halves in ((positions, forces), (forces, positions)):
            pair = paired(atoms, ForcesTable(halves[1], positions=halves[0], six_columns=halves))
            expected = forces if positions[0, 0] != atoms.positions[-1, 0] else forces[::-1]
            assert np.array_equal(pair.frame.reference_forces, expected)
            assert reading(pair, "columns").ground == "tested"
            value = reading(pair, "columns").value
            assert ("last" in value, "first" in value) == (halves[0] is positions, halves[1] is positions)
    with pytest.raises(RefusalError, match="six columns"):
        paired(atoms, ForcesTable(forces, positions=forces + 1, six_columns=(forces + 1, forces)))


def test_forces_that_are_positions_are_refused() -> None:
    atoms, _ = skewed()
    with pytest.raises(RefusalError, match="no forces"):
        paired(atoms, ForcesTable(atoms.positions))
    with pytest.raises(RefusalError, match="no forces"):
        paired(atoms, ForcesTable(atoms.positions, positions=atoms.positions))


def test_gradients_units_and_energy() -> None:
    atoms, forces = skewed()
    hartree = StatedUnit("Ha/bohr", 51.422, "from the header")
    pair = paired(atoms, ForcesTable(forces, energy=-3.0, stated_unit=hartree, is_gradient=True))
    np.testing.assert_allclose(pair.frame.reference_forces, -51.422 * forces, rtol=1e-12)
    assert pair.frame.reference_energy is None
    assert (pair.unit.is_stated, reading(pair, "unit").ground) == (True, "stated")
    assert reading(pair, "sign").ground == "stated"
    plain = paired(atoms, ForcesTable(forces, energy=-3.0))
    assert (plain.frame.reference_energy, reading(plain, "unit").ground) == (-3.0, "assumed")
    told = Reading("sign", "gradients", "stated", "from the header")
    assert reading(paired(atoms, ForcesTable(forces, is_gradient=True, readings=(told,))), "sign") == told


@pytest.mark.parametrize("layout", ["columns", "flat"])
def test_a_table_that_lies_otherwise_is_an_assumption(layout: Any) -> None:
    atoms, forces = skewed()
    pair = paired(atoms, ForcesTable(forces, layout=layout))
    assert (reading(pair, "columns").ground, pair.order_is_known) == ("assumed", False)


# Coordinates


def test_finer_positions_of_the_table_are_taken() -> None:
    atoms, forces = skewed()
    coarse = atoms.copy()
    coarse.set_scaled_positions(np.round(atoms.get_scaled_positions(wrap=False), 3))
    rounding = np.diag([5e-4] * 3) @ atoms.cell.array
    moved = atoms.positions + atoms.cell.array[1]
    pair = paired(coarse, ForcesTable(forces, positions=np.round(moved, 7)), rounding=rounding)
    np.testing.assert_allclose(pair.frame.atoms.positions, atoms.positions, atol=1e-6)
    assert reading(pair, "coordinates").ground == "stated"
    np.testing.assert_allclose(pair.frame.rounding, np.eye(3) * 5e-8, atol=1e-12)
    in_bohr = ForcesTable(
        forces, positions=np.round(moved / Bohr, 7) * Bohr, positions_kind="cartesian", position_unit_factor=Bohr
    )
    np.testing.assert_allclose(
        paired(coarse, in_bohr, rounding=rounding).frame.atoms.positions, atoms.positions, atol=1e-6
    )


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_positions_no_finer_than_the_structure_are_left(decimals: int) -> None:
    atoms, forces = skewed()
    rounding = np.diag([5e-5] * 3) @ atoms.cell.array
    pair = paired(atoms, ForcesTable(forces, positions=np.round(atoms.positions, decimals)), rounding=rounding)
    assert pair.frame.atoms is atoms
    assert pair.frame.rounding is rounding


def test_rounded_coordinates_are_recognised() -> None:
    atoms, forces = skewed()
    coarse = atoms.copy()
    coarse.set_scaled_positions(np.round(atoms.get_scaled_positions(wrap=False), 2))
    table = ForcesTable(forces, positions=atoms.positions)
    with pytest.raises(RefusalError):
        paired(coarse, table)
    pair = paired(coarse, table, rounding=np.diag([5e-3] * 3) @ atoms.cell.array)
    assert pair.order_is_known


@pytest.mark.parametrize(
    "cell",
    [
        np.diag([1e-3, 5.0, 5.0]),
        np.diag([1e200, 5.0, 5.0]),
        np.diag([1e6, 1e-6, 5.0]),
        np.array([[5, 0, 0], [5, 1e-5, 0], [0, 0, 5]]),
        np.diag([np.nan, 5.0, 5.0]),
    ],
)
def test_cells_of_no_crystal_end_in_a_frame_or_in_a_refusal(cell: NDArray) -> None:
    random = np.random.default_rng(6)
    atoms = Atoms("O5", positions=random.normal(size=(5, 3)), cell=cell, pbc=True)
    turned = atoms.positions @ Rotation.random(random_state=1).as_matrix()
    for positions in (None, atoms.positions, turned, turned * 1e30):
        table = ForcesTable(random.normal(size=(5, 3)), positions=positions)
        try:
            pair = paired(atoms, table)
        except RefusalError:
            assert positions is not None
        else:
            assert pair.frame.reference_forces.shape == (5, 3)
