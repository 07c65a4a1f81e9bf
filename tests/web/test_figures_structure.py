from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from ase.build import bulk, molecule
from plotly.utils import PlotlyJSONEncoder

from softdash.errors import NotFoundError, ReferenceDataError
from softdash.reports.frame_lines import view_matrix
from softdash.structures.frames.frame_geometry import FrameGeometry, load_frame_geometry
from softdash.structures.frames.frame_store import save_frames
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.web.figures.structure import AtomErrors, ForceArrows, drawn_atoms, structure_figure
from softdash.web.parts.structure_view import structure_facts
from softdash.web.theme import INK


def frame(repeat: int = 1, *, seed: int = 5) -> FrameGeometry:
    atoms = bulk("NaCl", "rocksalt", a=5.64, cubic=True) * (repeat, 1, 1)
    forces = np.random.default_rng(seed).normal(size=(len(atoms), 3))
    return FrameGeometry(
        atoms.numbers, atoms.positions, atoms.cell.array, np.array(atoms.pbc), forces, "salt.extxyz, frame 1"
    )


def drawn(geometry: FrameGeometry, **more: object) -> go.Figure:
    arrows = [ForceArrows("DFT", geometry.forces)]
    return structure_figure(geometry, **({"theme": "light", "frame": 1, "max_atoms": 400, "arrows": arrows} | more))


def trace(figure: go.Figure, name: str) -> go.Scatter:
    return next(one for one in figure.data if one.name == name)


def test_view_is_a_rotation_with_z_upwards() -> None:
    view = view_matrix(25, 14)
    assert view @ view.T == pytest.approx(np.eye(3))
    assert np.linalg.det(view) == pytest.approx(1)
    assert view[1, 2] > 0.9
    assert view_matrix(0, 0) @ [1, 0, 0] == pytest.approx([1, 0, 0])


def test_atoms_stand_where_the_view_puts_them_far_ones_first() -> None:
    geometry = frame()
    figure = drawn(geometry)
    atoms = trace(figure, "atoms")
    view = np.array(figure.layout.meta["structure"]["view"])
    places = np.array(atoms.meta["xyz"])
    assert np.column_stack([atoms.x, atoms.y]) == pytest.approx((places @ view.T)[:, :2], abs=2e-3)
    assert (np.diff(places @ view[2]) >= -1e-6).all()
    rows = {row[1]: row for row in atoms.customdata}
    assert sorted(rows) == list(range(1, 9))
    for atom, row in rows.items():
        assert row[3:6] == pytest.approx(geometry.positions[atom - 1], abs=1e-4)
        assert row[6:9] == pytest.approx(geometry.forces[atom - 1], abs=1e-4)


def test_cell_has_twelve_edges_of_its_lengths() -> None:
    places = trace(drawn(frame()), "cell").meta["xyz"]
    edges = [np.linalg.norm(np.subtract(places[k], places[k + 1])) for k in range(0, len(places), 3)]
    assert edges == pytest.approx([5.64] * 12, abs=2e-3)


def test_arrows_are_along_the_forces_and_in_one_scale() -> None:
    geometry = frame()
    both = [ForceArrows("DFT", geometry.forces), ForceArrows("Soft", 0.5 * geometry.forces, "#E69F00")]
    figure = drawn(geometry, arrows=both)

    def shafts(name: str) -> np.ndarray:
        places = trace(figure, f"{name} force").meta["xyz"]
        return np.array([np.subtract(places[k + 1], places[k]) for k in range(0, len(places), 11)])

    scale = shafts("DFT") / geometry.forces
    assert scale == pytest.approx(np.full((8, 3), scale.mean()), rel=0.05)
    assert shafts("Soft") == pytest.approx(0.5 * shafts("DFT"), abs=3e-3)
    assert trace(figure, "DFT force").line.color == INK["light"].text


def test_only_so_many_atoms_are_drawn_those_with_the_largest_forces_or_errors() -> None:
    geometry = frame(4)
    chosen = drawn_atoms(geometry, 5)
    lengths = np.linalg.norm(geometry.forces, axis=1)
    assert set(chosen) == set(np.argsort(lengths)[-5:])
    errors = AtomErrors(lengths.max() - lengths, 1.0, "X")
    assert set(drawn_atoms(geometry, 5, errors)) == set(np.argsort(lengths)[:5])
    assert len(trace(drawn(geometry, max_atoms=5), "atoms").x) == 5


def test_legend_names_elements_unless_colours_are_errors() -> None:
    geometry = frame()
    names = {one.name for one in drawn(geometry).data if one.showlegend is not False}
    assert {"Na", "Cl", "DFT force"} == names
    errors = AtomErrors(np.linspace(0, 1, 8), 2.0, "CHGNet")
    figure = drawn(geometry, errors=errors)
    assert {one.name for one in figure.data if one.showlegend is not False} == {"DFT force"}
    atoms = trace(figure, "atoms")
    assert atoms.marker.cmax == 2.0
    assert [
        value for _, value in sorted(zip([row[1] for row in atoms.customdata], atoms.marker.color, strict=True))
    ] == (pytest.approx(list(errors.values), abs=1e-4))


def test_bonds_join_neighbours_only() -> None:
    places = trace(drawn(frame(), bonds=True), "bonds").meta["xyz"]
    lengths = [np.linalg.norm(np.subtract(places[k], places[k + 1])) for k in range(0, len(places), 3)]
    assert lengths == pytest.approx([2.82] * len(lengths), abs=1e-2)
    assert len(lengths) == 12


def test_molecule_has_no_cell() -> None:
    water = molecule("H2O")
    geometry = FrameGeometry(
        water.numbers, water.positions, np.zeros((3, 3)), np.zeros(3, bool), np.zeros((3, 3)), "water.xyz, frame 1"
    )
    figure = drawn(geometry)
    assert geometry.shape is None
    assert {one.name for one in figure.data} == {"atoms", "H", "O"}
    assert "none: a molecule" in json.dumps(structure_facts(geometry), cls=PlotlyJSONEncoder)


def test_payload_of_the_largest_picture_is_small() -> None:
    assert len(json.dumps(drawn(frame(50)).to_dict(), cls=PlotlyJSONEncoder)) < 300_000


def test_cell_shape_of_a_rhombohedral_cell() -> None:
    cell = bulk("Cu").cell.array
    shape = FrameGeometry(np.array([29]), np.zeros((1, 3)), cell, np.ones(3, bool), np.zeros((1, 3)), "x").shape
    assert shape is not None
    assert (shape.a, shape.alpha, shape.volume) == pytest.approx((3.61 / np.sqrt(2), 60.0, 3.61**3 / 4))


def test_stored_frames_are_read_one_by_one(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    frames = []
    for count in (1, 3, 2):
        atoms = bulk("Cu", cubic=True) * (count, 1, 1)
        atoms.rattle(0.1, rng=generator)
        frames.append(LabelledFrame(atoms, generator.normal(size=(len(atoms), 3)), f"cu.extxyz, frame {count}"))
    path = tmp_path / "frames.npz"
    save_frames(path, LabelledFrames(tuple(frames), (), "extended XYZ"))
    for position, wanted in enumerate(frames):
        found = load_frame_geometry(path, position)
        assert (found.positions == wanted.atoms.positions).all()
        assert (found.forces == wanted.reference_forces).all()
        assert (found.cell == wanted.atoms.cell.array).all()
        assert found.origin == wanted.origin
    for missing in (3, -1):
        with pytest.raises(NotFoundError):
            load_frame_geometry(path, missing)
    path.write_bytes(b"no archive")
    with pytest.raises(ReferenceDataError):
        load_frame_geometry(path, 0)
