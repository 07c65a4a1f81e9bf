"""frame_store: bit-exact, deterministic, and clear about damage."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from softdash.errors import ReferenceDataError
from softdash.structures.frames.frame_store import load_frames, save_frames
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame


def _frames() -> LabelledFrames:
    random = np.random.default_rng(7)
    crystal = Atoms("NaCl", positions=random.normal(size=(2, 3)), cell=random.normal(size=(3, 3)), pbc=True)
    molecule = Atoms("H2O", positions=random.normal(size=(3, 3)))
    return LabelledFrames(
        frames=(
            LabelledFrame(crystal, random.normal(size=(2, 3)), "a.extxyz, frame 1", -1.25, random.normal(size=(3, 3))),
            LabelledFrame(molecule, random.normal(size=(3, 3)), "a.extxyz, frame 2"),
        ),
        refused=(RefusedFrame("a.extxyz, frame 3", "1 atom short"),),
        file_format="extended XYZ",
        functional="PBE",
        code=None,
        force_unit="eV/Å (assumed)",
        warnings=("Größe",),
    )


def test_everything_comes_back_bit_for_bit(tmp_path: Path) -> None:
    saved = _frames()
    save_frames(tmp_path / "frames.npz", saved)
    loaded = load_frames(tmp_path / "frames.npz")
    assert (loaded.refused, loaded.file_format, loaded.functional, loaded.code, loaded.force_unit, loaded.warnings) == (
        saved.refused,
        saved.file_format,
        saved.functional,
        saved.code,
        saved.force_unit,
        saved.warnings,
    )
    for before, after in zip(saved.frames, loaded.frames, strict=True):
        assert after.atoms.positions.tobytes() == before.atoms.positions.tobytes()
        assert after.atoms.cell.array.tobytes() == before.atoms.cell.array.tobytes()
        assert after.reference_forces.tobytes() == before.reference_forces.tobytes()
        assert after.reference_energy == before.reference_energy
        assert (after.origin, after.atoms.get_chemical_symbols()) == (
            before.origin,
            before.atoms.get_chemical_symbols(),
        )
        assert list(after.atoms.pbc) == list(before.atoms.pbc)
        if before.reference_stress is None:
            assert after.reference_stress is None
        else:
            assert after.reference_stress is not None
            assert after.reference_stress.tobytes() == before.reference_stress.tobytes()


def test_equal_content_has_equal_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_frames(tmp_path / "first.npz", _frames())
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 6, 7, 8, 9, 0, 0, 0))
    save_frames(tmp_path / "second.npz", _frames())
    first, second = ((tmp_path / name).read_bytes() for name in ("first.npz", "second.npz"))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_other_content_has_other_bytes(tmp_path: Path) -> None:
    save_frames(tmp_path / "first.npz", _frames())
    changed = _frames()
    changed.frames[0].reference_forces[0, 0] = np.nextafter(changed.frames[0].reference_forces[0, 0], 9)
    save_frames(tmp_path / "second.npz", changed)
    assert (tmp_path / "first.npz").read_bytes() != (tmp_path / "second.npz").read_bytes()


def test_no_partial_file_stays(tmp_path: Path) -> None:
    save_frames(tmp_path / "frames.npz", _frames())
    assert [path.name for path in tmp_path.iterdir()] == ["frames.npz"]


def test_no_frames_at_all(tmp_path: Path) -> None:
    save_frames(tmp_path / "none.npz", LabelledFrames((), (), "extended XYZ"))
    assert load_frames(tmp_path / "none.npz").frames == ()


@pytest.mark.parametrize("damage", ["cut", "text", "missing", "pickle"])
def test_damage_is_told(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "frames.npz"
    save_frames(path, _frames())
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:700])
    elif damage == "text":
        path.write_text("nothing of the kind")
    elif damage == "pickle":
        np.savez(path, metadata=np.array([{"format_version": 1}], dtype=object))
    else:
        path.unlink()
    with pytest.raises(ReferenceDataError, match=r"frames\.npz"):
        load_frames(path)
