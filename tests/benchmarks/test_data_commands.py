"""``softdash data list`` and ``softdash data fetch``, against a server on this machine."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from file_server import FileServer

from softdash.benchmarks.data import datasets
from softdash.benchmarks.data.datasets import OriginalFile
from softdash.cli import main
from softdash.settings import Settings


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments), env={"COLUMNS": "200"})


@pytest.fixture
def original(server: type[FileServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OriginalFile:
    """Let mpf-TP come from the server on this machine, into a cache of its own."""
    found = OriginalFile(server.url, "mpf-TP.xyz", hashlib.sha256(server.content).hexdigest())
    sets = tuple(replace(one, original=found) if one.name == "mpf-TP" else one for one in datasets.DATASETS)
    monkeypatch.setattr(datasets, "DATASETS", sets)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("softdash.settings.get_settings", lambda: Settings(data_dir=None))
    return found


def line_of(listing: str, name: str) -> str:
    return next(line for line in listing.splitlines() if line.startswith(f"{name} "))


def test_a_set_is_fetched_once_and_listed_as_here(
    original: OriginalFile, server: type[FileServer], tmp_path: Path
) -> None:
    assert "no: softdash data fetch mpf-TP" in line_of(run("data", "list").stdout, "mpf-TP")
    done = run("data", "fetch", "mpf-TP")
    assert done.exit_code == 0, done.output
    assert Path(done.stdout.strip()) == tmp_path / "softdash" / "data" / "mpf-TP.xyz"
    assert Path(done.stdout.strip()).read_bytes() == server.content
    assert done.stderr == "", "bars are for terminals"
    assert run("data", "fetch", "mpf-TP").stdout == done.stdout
    assert len(server.requests) == 1
    assert "fetched" in line_of(run("data", "list").stdout, "mpf-TP")


def test_a_broken_download_says_so_and_goes_on(original: OriginalFile, server: type[FileServer]) -> None:
    server.cut_at = 100_000
    broken = run("data", "fetch", "mpf-TP")
    assert (broken.exit_code, broken.stdout) == (3, "")
    assert "goes on where it stopped" in broken.stderr
    server.cut_at = None
    assert run("data", "fetch", "mpf-TP").exit_code == 0
    assert server.requests == [None, "bytes=100000-"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mvl-metals", ["BSD-3-Clause", "https://github.com/materialsvirtuallab/mlearn", "SOFTDASH_DATA_DIR"]),
        ("gpaw_pbe", ["shipped"]),
        ("unknown", ["mpf-TP", "mvl-metals"]),
    ],
)
def test_what_cannot_be_fetched_says_where_it_comes_from(name: str, words: list[str]) -> None:
    done = run("data", "fetch", name)
    assert done.exit_code == 3
    for word in words:
        assert word in done.stderr


def test_the_list_has_sizes_licences_and_places(original: OriginalFile) -> None:
    listing = run("data", "list").stdout
    own = line_of(listing, "gpaw_pbe")
    for word in (" 19 ", " 190 ", "CC0-1.0", "shipped"):
        assert word in own
    for one in datasets.DATASETS:
        assert line_of(listing, one.name)
    assert "SOFTDASH_DATA_DIR" in line_of(listing, "mvl-metals")
