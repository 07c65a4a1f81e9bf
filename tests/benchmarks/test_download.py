"""Fetching reference data, against a server on this machine."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from ase.build import bulk
from file_server import FileServer

from softdash.benchmarks.data.datasets import OriginalFile, dataset
from softdash.benchmarks.data.download import Checksum, cache_dir, download, fetch_dataset
from softdash.benchmarks.data.reference_data import read_materials
from softdash.errors import ReferenceDataError
from softdash.settings import Settings

CONTENT = FileServer.content
SHA256 = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest())


def test_a_file_arrives_whole_with_progress(server, tmp_path: Path) -> None:
    calls: list[tuple[int, int | None]] = []
    target = download(
        server.url, tmp_path / "new" / "file", checksum=SHA256, progress=lambda done, total: calls.append((done, total))
    )
    assert target.read_bytes() == CONTENT
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert [file.name for file in target.parent.iterdir()] == ["file"]


def test_a_broken_download_goes_on_where_it_stopped(server, tmp_path: Path) -> None:
    server.cut_at = 100_000
    target = tmp_path / "file"
    with pytest.raises(ReferenceDataError, match="goes on where it stopped"):
        download(server.url, target, checksum=SHA256)
    assert not target.exists()
    server.cut_at = None
    assert download(server.url, target, checksum=SHA256).read_bytes() == CONTENT
    assert server.requests == [None, "bytes=100000-"]


def test_a_server_without_ranges_starts_again(server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(b"x" * 1000)
    server.honours_ranges = False
    assert download(server.url, tmp_path / "file", checksum=SHA256).read_bytes() == CONTENT


def test_a_complete_part_is_only_checked(server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT)
    assert download(server.url, tmp_path / "file", checksum=SHA256).read_bytes() == CONTENT


def test_another_content_never_becomes_the_file(server, tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match="not the expected one"):
        download(server.url, tmp_path / "file", checksum=Checksum("sha256", "0" * 64))
    assert list(tmp_path.iterdir()) == []


def test_missing_files_and_foreign_addresses(server, tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match="404"):
        download(server.url + "s", tmp_path / "file", checksum=SHA256)
    for address in ("file:///etc/hostname", "http://example.org/file", "ftp://127.0.0.1/file"):
        with pytest.raises(ReferenceDataError, match="Only https"):
            download(address, tmp_path / "file", checksum=SHA256)


def test_a_set_that_cannot_be_fetched_says_so() -> None:
    with pytest.raises(ReferenceDataError, match="SOFTDASH_DATA_DIR"):
        fetch_dataset(dataset("mvl-metals"))


def test_a_fetched_original_reads_as_materials(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published form of the MatterSim sets: an ``internal_id`` per frame, no materials, no pressures."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    server.content = _published_form().encode()
    original = OriginalFile(server.url, "mpf-TP.xyz", hashlib.sha256(server.content).hexdigest())
    described = replace(dataset("mpf-TP"), original=original)
    assert fetch_dataset(described) == [cache_dir() / "mpf-TP.xyz"] == [tmp_path / "softdash" / "data" / "mpf-TP.xyz"]
    assert fetch_dataset(described)[0].is_file()
    assert len(server.requests) == 1, "a file that is there is not fetched again"
    materials = read_materials(described, Settings(data_dir=None))
    assert [(m.material_id, len(m.frames), m.pressure_gpa) for m in materials] == [
        ("mpf-TP:003:NaCl", 2, 16.02),
        ("mpf-TP:001:Al", 1, 16.02),
        ("mpf-TP:002:Al", 1, 16.02),
    ]
    assert materials[0].frames[0].reference_forces[0, 0] == 0.5


def _published_form() -> str:
    lines = []
    salt, cell = bulk("NaCl", "rocksalt", a=5.6), bulk("Al")
    for number, atoms in enumerate((salt, cell, salt, cell.repeat((2, 1, 1)))):
        lattice = " ".join(str(value) for value in atoms.cell.array.ravel())
        header = (
            f'Lattice="{lattice}" Properties=species:S:1:pos:R:3:forces:R:3 source=Internal '
            f"internal_id=mpf-TP-{number:06d} energy_unit=eV forces_unit=eV/A stress_unit=eV/A^3 energy=-1.5 "
            'stress="-0.1 0.0 0.0 0.0 -0.1 0.0 0.0 0.0 -0.1" pbc="T T T"'
        )
        rows = [f"{site.symbol} {site.x} {site.y} {site.z} 0.5 -0.25 0.125" for site in atoms]
        lines += [str(len(atoms)), header, *rows]
    return "\n".join(lines) + "\n"
