"""Files of every format with random damage: read, or refused with a message; never a reader that breaks down."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.read import read_upload

STRUCTURES = Path(__file__).resolve().parent.parent / "structures"
DAMAGES = 80
WORDS = (
    b"nan",
    b"inf",
    b"-",
    b"*****",
    b"99999999999",
    b"",
    b"0",
    b"\x00",
    b"\xff\xfe",
    b"{",
    b"]",
    b"(",
    b'"',
    b"\n",
    b"1e999",
)


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Good files of every format, as the tests of the readers make them."""
    sys.path.insert(0, str(STRUCTURES))
    try:
        from test_one_frame_every_format import WAYS, _real_frame
    finally:
        sys.path.remove(str(STRUCTURES))
    made = {}
    for name, way in WAYS.items():
        files = way.make(_real_frame(), tmp_path_factory.mktemp("made"))
        made[name] = {file: text.encode() if isinstance(text, str) else text for file, text in files.items()}
    return made


def _damaged(content: bytes, random: np.random.Generator) -> bytes:
    """Return the content with a word put in, a piece cut out, doubled or moved, or a byte changed."""
    start, end = sorted(int(place) for place in random.integers(0, len(content) + 1, size=2))
    end = min(end, start + 200)
    word = WORDS[int(random.integers(len(WORDS)))]
    kind = int(random.integers(6))
    if kind == 0:
        return content[:start] + word + content[start:]
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + content[start:]
    if kind == 3:
        return content[:start] + word + content[end:]
    if kind == 4:
        return content[:end]
    changed = bytearray(content)
    for place in random.integers(0, len(content), size=3):
        changed[place] = int(random.integers(256))
    return bytes(changed)


FORMATS = (
    "extended XYZ",
    "vasprun.xml",
    "OUTCAR",
    "OUTCAR.gz",
    "Quantum ESPRESSO",
    "GPAW",
    "GPAW, old",
    "FHI-aims",
    "CASTEP",
    "CASTEP's steps",
    "ASE database",
    "ASE JSON",
    "pymatgen with site property",
    "pymatgen with labels beside",
    "pymatgen trajectory",
    "CIF + csv",
    "POSCAR + npy",
    "POSCAR + npz",
    "POSCAR + json in Ha/bohr",
    "phonopy_params.yaml",
    "phonopy_disp.yaml + FORCE_SETS",
    "SPOSCAR + FORCE_SETS",
    "zip",
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", FORMATS)
def test_damage_ends_in_frames_or_in_a_message(uploads: dict[str, dict[str, bytes]], tmp_path: Path, name: str) -> None:
    random = np.random.default_rng(FORMATS.index(name))
    files = uploads[name]
    refused = 0
    for number in range(DAMAGES):
        chosen = list(files)[number % len(files)]
        paths = []
        for place, (file, content) in enumerate(files.items()):
            paths.append(tmp_path / str(place))
            paths[-1].write_bytes(_damaged(content, random) if file == chosen else content)
        options = ReadOptions(reorder=bool(number % 2), thin=bool(number % 3))
        try:
            frames = read_upload(paths, Settings(), list(files), options)
        except InputError:
            refused += 1
            continue
        for frame in frames.frames:
            assert np.isfinite(frame.reference_forces).all()
            assert np.isfinite(frame.atoms.positions).all()
    assert refused > 0
