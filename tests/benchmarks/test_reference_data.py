"""Reading reference sets: grouping, selection, messages; and the shipped set."""

from __future__ import annotations

import lzma
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from softdash.benchmarks.data.datasets import DATASETS, DatasetKind, ReferenceDataset, dataset
from softdash.benchmarks.data.reference_data import read_materials
from softdash.errors import ReferenceDataError
from softdash.potentials.functionals import functional_differs
from softdash.settings import Settings

SET = ReferenceDataset(
    name="set",
    label="Set",
    kind=DatasetKind.MIXED,
    level_of_theory="PBE",
    files=("set.extxyz",),
    sources=(),
    note="",
)


def _frame(material_id: str | None, scale: float = 1.0, **info: object) -> Atoms:
    atoms = bulk("NaCl", "rocksalt", a=5.6)
    atoms.calc = SinglePointCalculator(atoms, energy=-3.0, forces=np.full((2, 3), scale))
    atoms.info = {"material_id": material_id, **info} if material_id else dict(info)
    return atoms


def _settings(tmp_path: Path, frames: list[Atoms], name: str = "set.extxyz") -> Settings:
    text = StringIO()
    write(text, frames, format="extxyz")
    content = text.getvalue().encode()
    (tmp_path / name).write_bytes(lzma.compress(content) if name.endswith(".xz") else content)
    return Settings(data_dir=tmp_path)


def test_frames_of_one_material_need_not_stand_together(tmp_path: Path) -> None:
    settings = _settings(tmp_path, [_frame("a", 1.0), _frame("b", 2.0), _frame("a", 3.0)])
    materials = {material.material_id: material for material in read_materials(SET, settings)}
    assert [frame.reference_forces[0, 0] for frame in materials["a"].frames] == [1.0, 3.0]
    assert materials["a"].frames[1].origin == "a, frame 2"
    assert materials["b"].formula == "NaCl"
    assert materials["b"].frames[0].reference_energy == -3.0
    assert materials["b"].frames[0].atoms.calc is None


def test_compressed_files_read_the_same(tmp_path: Path) -> None:
    settings = _settings(tmp_path, [_frame("a"), _frame("b")], "set.extxyz.xz")
    assert len(read_materials(replace(SET, files=("set.extxyz.xz",)), settings)) == 2


def test_two_functionals_never_share_a_slope(tmp_path: Path) -> None:
    frames = [_frame("a", functional="PBE"), _frame("a", functional="PBEsol"), _frame("b", functional="PBE")]
    materials = read_materials(SET, _settings(tmp_path, frames))
    assert {(m.material_id, m.functional) for m in materials} == {
        ("a@PBE", "PBE"),
        ("a@PBEsol", "PBEsol"),
        ("b", "PBE"),
    }


def test_selection_of_materials(tmp_path: Path) -> None:
    settings = _settings(tmp_path, [_frame("a"), _frame("b"), _frame("c")])
    assert [m.material_id for m in read_materials(replace(SET, material_ids=("b",)), settings)] == ["b"]
    assert [m.material_id for m in read_materials(replace(SET, excluded_ids=("b",)), settings)] == ["a", "c"]
    with pytest.raises(ReferenceDataError, match="no material"):
        read_materials(replace(SET, material_ids=("z",)), settings)


def test_a_limit_takes_frames_evenly(tmp_path: Path) -> None:
    settings = _settings(tmp_path, [_frame("a", float(number)) for number in range(1, 12)])
    (material,) = read_materials(replace(SET, frames_per_material=3), settings)
    assert [frame.reference_forces[0, 0] for frame in material.frames] == [1.0, 6.0, 11.0]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([_frame("a"), _frame(None)], r"set\.extxyz, frame 2.*no material_id"),
        ([bulk("Cu")], "no material_id"),
    ],
)
def test_frames_without_what_is_needed_are_named(tmp_path: Path, frames: list[Atoms], message: str) -> None:
    with pytest.raises(ReferenceDataError, match=message):
        read_materials(SET, _settings(tmp_path, frames))


def test_frames_without_forces_are_named(tmp_path: Path) -> None:
    bare = bulk("Cu")
    bare.info["material_id"] = "a"
    with pytest.raises(ReferenceDataError, match="frame 1: The frame has no forces"):
        read_materials(SET, _settings(tmp_path, [bare]))


def test_damaged_and_missing_files(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(ReferenceDataError, match="no such file"):
        read_materials(SET, settings)
    (tmp_path / "set.extxyz").write_text("2\nProperties=species:S:1:pos:R:3\nNa 0 0\n")
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        read_materials(SET, settings)
    (tmp_path / "set.extxyz.xz").write_bytes(b"not compressed")
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        read_materials(replace(SET, files=("set.extxyz.xz",)), settings)


def test_a_set_that_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(ReferenceDataError, match="SOFTDASH_DATA_DIR"):
        read_materials(SET, Settings(data_dir=None))


def test_the_shipped_set() -> None:
    """Softdash's own DFT: 19 compounds of 10 frames, forces that nearly add up to zero, energies and labels there."""
    materials = read_materials(dataset("gpaw_pbe"), Settings(data_dir=None))
    assert len(materials) == 19
    assert {len(material.frames) for material in materials} == {10}
    assert "NaCl" in {material.formula for material in materials}
    for material in materials:
        assert not functional_differs(material.functional, "PBE")
        for frame in material.frames:
            assert frame.reference_energy is not None
            assert np.abs(frame.reference_forces.sum(axis=0)).max() < 0.09
            assert np.abs(frame.reference_forces).max() > 0.1


def test_names_are_fit_for_addresses_and_files() -> None:
    names = [known.name for known in DATASETS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").replace("_", "").isalnum() and "--" not in name for name in names)
    with pytest.raises(ReferenceDataError, match="random-TP"):
        dataset("nothing")
