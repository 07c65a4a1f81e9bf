"""Files named by their content."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from softdash.diagnosis.provenance import sha256_of_file
from softdash.errors import NotFoundError
from softdash.jobs.file_store import FileStore, remove_left_over


def test_content_comes_back_under_its_hash(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    name = store.add_bytes(b"forces")
    assert name == hashlib.sha256(b"forces").hexdigest()
    assert store.read(name) == b"forces"


def test_equal_content_is_kept_once_and_nothing_unfinished_stays(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"forces")
    store = FileStore(tmp_path / "files")
    assert store.add_file(source) == store.add_bytes(b"forces") == sha256_of_file(source)
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "0" * 64])
def test_other_names_are_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        FileStore(tmp_path).read(name)


def test_a_removed_file_is_gone(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = store.add_bytes(b"forces")
    store.remove(name)
    store.remove(name)
    with pytest.raises(NotFoundError):
        store.path(name)


def test_what_a_killed_process_left_goes_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / "old", tmp_path / "young"
    old.mkdir()
    (old / "frames.npz").touch()
    young.touch()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    remove_left_over(tmp_path)
    assert list(tmp_path.iterdir()) == [young]
