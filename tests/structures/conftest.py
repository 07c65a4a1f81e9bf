"""Frames and readings shared by the tests of the readers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from numpy.typing import NDArray
from upload_contents import Files, Reader

from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.read import read_upload

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


@pytest.fixture
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., LabelledFrames]:
    """Write files by name and content (text, bytes or a path) and read them as one upload."""

    def _read(files: dict[str, str | bytes | Path], **limits: object) -> LabelledFrames:
        paths = []
        for name, content in files.items():
            path = content if isinstance(content, Path) else tmp_path / name
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, str):
                path.write_text(content, encoding="utf-8")
            paths.append(path)
        return read_upload(paths, Settings(**limits), list(files))

    return _read


@pytest.fixture
def rocksalt() -> tuple[Atoms, NDArray[np.float64]]:
    """A displaced NaCl cell of 8 atoms and made-up forces; all with 8 decimals, so that every format can hold them."""
    random = np.random.default_rng(3)
    scaled = np.array(
        [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5], [0.5] * 3]
    )
    scaled = np.round(scaled + random.normal(scale=0.02, size=scaled.shape), 8)
    atoms = Atoms("Na4Cl4", scaled_positions=scaled, cell=np.diag([5.69, 5.7, 5.71]), pbc=True)
    return atoms, np.round(random.normal(size=(8, 3)), 8)


@pytest.fixture
def read_with(tmp_path: Path) -> Reader:
    """Write files and read them with options and limits."""

    def _read(files: Files, options: ReadOptions = ReadOptions(), **limits: object) -> LabelledFrames:  # noqa: B008
        paths = []
        for number, content in enumerate(files.values()):
            paths.append(tmp_path / f"{number}")
            paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
        return read_upload(paths, Settings(**limits), list(files), options)

    return _read
