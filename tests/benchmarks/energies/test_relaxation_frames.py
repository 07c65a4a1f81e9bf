"""Frames of relaxations as a data set: what is chosen, and that it stays what it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.io import read

from softdash.benchmarks.energies.reference_run import FrameRecorder
from softdash.benchmarks.energies.relaxation_frames import FRAMES_FILE, unrelaxed_frames, write_relaxation_frames
from softdash.errors import ReferenceDataError
from softdash.settings import Settings


def displaced(by: float) -> Atoms:
    atoms = bulk("Al", a=4.0, cubic=True)
    atoms.positions[0, 0] += by
    atoms.calc = EMT()
    return atoms


def recorded(folder: Path) -> Path:
    recorder = FrameRecorder(folder / "frames.extxyz")
    for step, moves in (("slab", (0.3, 0.2, 0.001)), ("image", (0.4,)), ("slab", (0.3,))):
        recorder.step = step
        for by in moves:
            recorder(displaced(by))
    return folder / "frames.extxyz"


def test_recorder_keeps_forces_on_held_atoms(tmp_path: Path) -> None:
    from ase.constraints import FixAtoms

    atoms = displaced(0.3)
    atoms.set_constraint(FixAtoms([0]))
    recorder = FrameRecorder(tmp_path / "frames.extxyz")
    recorder(atoms)
    np.testing.assert_allclose(read(tmp_path / "frames.extxyz").get_forces(), displaced(0.3).get_forces(), atol=1e-7)
    assert np.abs(atoms.get_forces()[0]).max() == 0


def test_small_forces_and_repeats_are_left_out(tmp_path: Path) -> None:
    frames = unrelaxed_frames(read(recorded(tmp_path), ":"))
    assert [frame.info["material_id"] for frame in frames] == ["slab", "slab", "image"]
    assert all(np.abs(frame.get_forces()).max() >= 0.3 for frame in frames)


def test_a_second_collection_adds_and_repeats_nothing(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path / "out")
    assert write_relaxation_frames(settings, [recorded(tmp_path)]) == 3
    first = (tmp_path / "out" / FRAMES_FILE).read_bytes()
    assert write_relaxation_frames(settings, [recorded(tmp_path)]) == 3
    assert (tmp_path / "out" / FRAMES_FILE).read_bytes() == first


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match="recorded"):
        write_relaxation_frames(Settings(state_dir=tmp_path, precomputed_dir=tmp_path))
