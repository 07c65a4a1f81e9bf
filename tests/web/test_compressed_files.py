"""Compressed scripts are the scripts, byte for byte, whatever the client takes."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from dash import Dash
from flask.testing import FlaskClient

from softdash.web.server import compress_child
from softdash.web.server.compressed_files import CompressedFiles

SCRIPT = "/_dash-component-suites/dash/deps/react-dom@18.3.1.min.js"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A small Dash application with everything compressed that is smaller than 200 kB (the rest takes long)."""
    app = Dash("small", compress=True)
    app.layout = []
    compressed = CompressedFiles(tmp_path_factory.mktemp("compressed"))
    compressed.attach(app.server)
    client = app.server.test_client()
    client.get("/")
    compressed.collect(app)
    compressed._sources = {k: v for k, v in compressed._sources.items() if v.path.stat().st_size < 200_000}
    compressed.compress_in_background().join(120)
    return client


@pytest.fixture(scope="module")
def plain(client: FlaskClient) -> bytes:
    return client.get(SCRIPT).data


def test_brotli_and_gzip_give_the_same_bytes(client: FlaskClient, plain: bytes) -> None:
    assert len(plain) > 100_000
    by_brotli = client.get(SCRIPT, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    by_gzip = client.get(SCRIPT, headers={"Accept-Encoding": "gzip"})
    assert by_brotli.headers["Content-Encoding"] == "br"
    assert by_gzip.headers["Content-Encoding"] == "gzip"
    assert brotli.decompress(by_brotli.data) == plain
    assert gzip.decompress(by_gzip.data) == plain
    assert by_brotli.headers["Vary"] == by_gzip.headers["Vary"] == "Accept-Encoding"
    assert by_brotli.headers["ETag"] != by_gzip.headers["ETag"]
    assert by_brotli.mimetype == "text/javascript"


def test_a_client_without_compression_gets_the_script_as_it_is(client: FlaskClient, plain: bytes) -> None:
    answer = client.get(SCRIPT, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == plain


def test_fingerprinted_addresses_are_kept_for_good_and_others_asked_for_again(client: FlaskClient) -> None:
    linked = next(part for part in client.get("/").text.split('"') if "/react-dom@18.v" in part)
    headers = {"Accept-Encoding": "br"}
    assert client.get(linked, headers=headers).headers["Cache-Control"].endswith("max-age=31536000, immutable")
    first = client.get(SCRIPT, headers=headers)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(SCRIPT, headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data


@pytest.mark.parametrize("path", ["dash/../dash/__init__.py", "dash/dash.py", "os/path.py", "dash/%2e%2e/flask/app.py"])
def test_no_other_file_is_sent(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/_dash-component-suites/{path}", headers={"Accept-Encoding": "br"})
    assert answer.status_code == 404
    assert answer.text == "There is no such script.\n"


def test_files_of_former_versions_go_and_unfinished_ones_are_written_again(tmp_path: Path) -> None:
    source = tmp_path / "a.js"
    source.write_text("let a = 1;" * 300)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    folder = tmp_path / "compressed"
    folder.mkdir()
    (folder / f"{'0' * 64}.br").write_bytes(b"old")
    (folder / f"{digest}.br.part").write_bytes(b"half")
    order = json.dumps({"folder": str(folder), "sources": {digest: str(source)}})
    subprocess.run([sys.executable, "-P", compress_child.__file__], input=order, text=True, check=True)
    assert {path.name for path in folder.iterdir()} == {f"{digest}.br", f"{digest}.gz", "compressing.lock"}
    assert brotli.decompress((folder / f"{digest}.br").read_bytes()) == source.read_bytes()


def test_a_file_that_changed_meanwhile_is_left_to_the_next_start(tmp_path: Path) -> None:
    source = tmp_path / "a.js"
    source.write_text("new")
    compress_child.compress_all(tmp_path, {"1" * 64: str(source)})
    assert not list(tmp_path.glob("*.br"))
