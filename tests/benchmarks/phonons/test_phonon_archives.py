"""The reader of PhononDB archives: what it gives, and what it refuses in words."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from aluminium_archive import LATTICE_CONSTANT, MATERIAL, PRIMITIVE, SUPERCELL, archive_members, write_archive

from softdash.benchmarks.phonons.forces import to_ase
from softdash.benchmarks.phonons.phonondb import PhononDBEntry, archive_path, parse_configuration, read_entry
from softdash.errors import NotFoundError, ReferenceDataError


def test_reader_gives_what_was_written(entry: PhononDBEntry) -> None:
    assert entry.material_id == MATERIAL
    np.testing.assert_array_equal(entry.supercell_matrix, SUPERCELL)
    np.testing.assert_allclose(entry.primitive_matrix, PRIMITIVE)
    np.testing.assert_allclose(to_ase(entry.unit_cell).cell.lengths(), LATTICE_CONSTANT)
    assert entry.displacements["natom"] == 32


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"FORCE_SETS": None}, "lacks FORCE_SETS"),
        ({"phonopy.conf": "DIM = 3 3 3"}, "32 atoms, the supercell has 108"),
        ({"phonopy.conf": "PRIMITIVE_AXIS = 1 1 1"}, "no DIM"),
        ({"phonopy.conf": "DIM = 2 2"}, "2 numbers"),
        ({"FORCE_SETS": "32\n1\n\n1\n0.01 0 0\n0 0"}, "cannot be understood"),
        ({"POSCAR-unitcell": "nonsense"}, "cannot be understood"),
    ],
)
def test_damaged_entry_is_refused_in_words(tmp_path: Path, change: dict[str, str | None], words: str) -> None:
    members = {name: text for name, text in (archive_members() | change).items() if text is not None}
    with pytest.raises(ReferenceDataError, match=words):
        read_entry(write_archive(tmp_path / "mp-1.tar.xz", members))


def test_truncated_archive_is_refused(data_dir: Path, tmp_path: Path) -> None:
    content = archive_path(data_dir, MATERIAL).read_bytes()
    (tmp_path / "mp-1.tar.xz").write_bytes(content[: len(content) // 2])
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        read_entry(tmp_path / "mp-1.tar.xz")


def test_oversized_member_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "mp-1.tar.xz"
    with tarfile.open(path, "w:xz") as archive:
        header = tarfile.TarInfo("x/FORCE_SETS")
        header.size = 30_000_000
        archive.addfile(header, io.BytesIO(b"0" * header.size))
    with pytest.raises(ReferenceDataError, match="too large"):
        read_entry(path)


def test_names_inside_the_archive_are_no_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link or a climbing name is passed over, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mp-1.tar.xz"
    with tarfile.open(path, "w:xz") as archive:
        link = tarfile.TarInfo("x/FORCE_SETS")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        climbing = tarfile.TarInfo("../../escaped")
        archive.addfile(climbing, io.BytesIO(b""))
    with pytest.raises(ReferenceDataError, match="FORCE_SETS"):
        read_entry(path)
    assert [file.name for file in tmp_path.iterdir()] == ["mp-1.tar.xz"]


def test_configuration_forms() -> None:
    supercell, primitive = parse_configuration("dim = 4 4 2\n# comment")
    np.testing.assert_array_equal(supercell, np.diag([4, 4, 2]))
    np.testing.assert_array_equal(primitive, np.eye(3))
    _, rhombohedral = parse_configuration("DIM = 1 1 1\nPRIMITIVE_AXES = 2/3 -1/3 -1/3 1/3 1/3 -2/3 1/3 1/3 1/3")
    assert np.linalg.det(rhombohedral) == pytest.approx(1 / 3)


def test_missing_archive_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="mp-9"):
        archive_path(tmp_path, "mp-9")
    with pytest.raises(ReferenceDataError, match="SOFTDASH_DATA_DIR"):
        archive_path(None, "mp-9")
