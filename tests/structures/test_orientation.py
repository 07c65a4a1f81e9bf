"""Settings of a cell: the rotations between them, and forces that are turned from one into another."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.geometry import cell_to_cellpar, cellpar_to_cell
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice

from softdash.errors import InputError
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.matching.orientation import (
    axes_codes,
    axes_matrix,
    orientation_text,
    setting_rotation,
    settings_of,
    table_rotation,
    with_orientation,
)

SKEWED = (5.0, 6.0, 7.0, 80.0, 75.0, 100.0)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(*[st.floats(3, 9)] * 3),
    st.tuples(*[st.floats(65, 105)] * 3),
)
def test_rotation_leads_to_the_cell_that_pymatgen_builds(lengths: tuple[float, ...], angles: tuple[float, ...]) -> None:
    cell = cellpar_to_cell([*lengths, *angles])
    rotation = setting_rotation("pymatgen", cell)
    assert rotation is not None
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_allclose(cell @ rotation.T, Lattice.from_parameters(*lengths, *angles).matrix, atol=1e-7)


def test_setting_of_ase_is_found_again_from_any_orientation() -> None:
    cell = cellpar_to_cell(SKEWED)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    rotation = setting_rotation("ase", cell @ turn.T)
    assert rotation is not None
    np.testing.assert_allclose(rotation @ turn, np.eye(3), atol=1e-9)


@pytest.mark.parametrize(
    ("name", "structure"),
    [("MgO", bulk("MgO", "rocksalt", a=4.2)), ("Mo", bulk("Mo", "bcc", a=3.1)), ("Si", bulk("Si", "diamond", a=5.4))],
)
def test_primitive_cells_in_conventional_axes_are_among_the_settings(name: str, structure: Atoms) -> None:
    as_cif = cellpar_to_cell(structure.cell.cellpar())
    rotation = setting_rotation("conventional", as_cif)
    assert rotation is not None
    differences = [
        np.abs(as_cif @ (axes_matrix(axes) @ rotation).T - structure.cell.array).max() for axes in axes_codes()
    ]
    assert min(differences) < 1e-6, name


def test_hexagonal_and_rhombohedral_cells_as_pymatgen_standardises_them_are_among_the_settings() -> None:
    for cell, name in (
        (np.array([[1.6, -1.6 * 3**0.5, 0], [1.6, 1.6 * 3**0.5, 0], [0, 0, 5.2]]), "a_plus_b"),
        (np.array([[5.2, 0, 0], [0, 1.6, -1.6 * 3**0.5], [0, 1.6, 1.6 * 3**0.5]]), "hexagonal"),
    ):
        read = np.asarray(cellpar_to_cell(cell_to_cellpar(cell)))
        assert name in [one.name for one in settings_of(read)]
        rotation = setting_rotation(name, read)
        assert rotation is not None
        assert np.linalg.det(rotation) == pytest.approx(1)
        if name == "a_plus_b":
            np.testing.assert_allclose(read @ rotation.T, cell, atol=1e-6)


def test_rectangular_cell_has_one_setting_and_left_handed_none_but_its_own() -> None:
    assert [one.name for one in settings_of(np.diag([4.0, 5.0, 6.0]))] == ["given"]
    assert settings_of(np.diag([4.0, 5.0, -6.0]))[0].name == "given"
    assert setting_rotation("pymatgen", -cellpar_to_cell(SKEWED)) is None
    assert [one.name for one in settings_of(np.zeros((3, 3)))] == ["given"]


def test_axes_are_48_orthogonal_matrices() -> None:
    matrices = [axes_matrix(code) for code in axes_codes()]
    assert axes_codes()[0] == "xyz"
    assert len({matrix.tobytes() for matrix in matrices}) == 48
    assert all(np.array_equal(matrix @ matrix.T, np.eye(3)) for matrix in matrices)
    np.testing.assert_array_equal(axes_matrix("y-zx") @ [1.0, 2.0, 3.0], [2.0, -3.0, 1.0])


@pytest.mark.parametrize("orientation", ["pymatgen", "conventional", "given/yzx", "pymatgen/-xyz", "ase/z-yx"])
def test_forces_return_into_the_axes_of_the_cell(orientation: str) -> None:
    cell = cellpar_to_cell((4.0, 4.0, 4.0, 60.0, 60.0, 60.0))
    forces = np.random.default_rng(1).normal(size=(2, 3))
    stress = np.diag([0.1, 0.2, 0.3])
    matrix = table_rotation(orientation, cell)
    assert matrix is not None
    frame = LabelledFrame(
        Atoms("NaCl", [[0, 0, 0], [2, 0, 0]], cell=cell, pbc=True),
        forces @ matrix.T,
        "a.cif + f.csv",
        reference_stress=matrix @ stress @ matrix.T,
    )
    read = LabelledFrames((frame,), (), "CIF + forces table", orientation_is_known=False)
    (turned,) = with_orientation(read, orientation, "a.cif").frames
    np.testing.assert_allclose(turned.reference_forces, forces, atol=1e-12)
    np.testing.assert_allclose(turned.reference_stress, stress, atol=1e-12)


def test_chosen_orientation_is_known_and_stated_once() -> None:
    frame = LabelledFrame(Atoms("Na", cell=np.diag([3.0, 4.0, 5.0]), pbc=True), np.ones((1, 3)), "a.cif")
    read = LabelledFrames((frame,), (), "CIF + forces table", orientation_is_known=False)
    chosen = with_orientation(with_orientation(read, "given", "a.cif"), "given/yzx", "a.cif")
    assert chosen.orientation_is_known
    assert [(reading.topic, reading.ground) for reading in chosen.readings] == [("orientation", "chosen")]
    assert with_orientation(read, "auto", "a.cif") is read


def test_molecule_has_no_orientation_to_choose() -> None:
    frame = LabelledFrame(Atoms("N2", [[0, 0, 0], [0, 0, 1.1]]), np.ones((2, 3)), "a.xyz")
    with pytest.raises(InputError):
        with_orientation(LabelledFrames((frame,), (), "extended XYZ"), "pymatgen", "a.xyz")


def test_every_orientation_has_words() -> None:
    assert "−x, y, z" in orientation_text("pymatgen/-xyz")
    assert orientation_text("ase") == orientation_text("ase/xyz")
