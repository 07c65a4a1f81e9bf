"""Component scripts, compressed once at the highest level and then sent from disk.

Compressing them at each request, as Flask-Compress does, costs the web process tens of megabytes and the visitor a
quarter more bytes. Until a compressed file is there, or for a client that takes neither brotli nor gzip, Dash and
Flask-Compress answer as ever.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dash import Dash
from dash.fingerprint import check_fingerprint
from flask import Flask, Response, request, send_file

_ROUTE = "/_dash-component-suites/"
_ENCODINGS = {"br": "br", "gzip": "gz"}  # suffix of the file by the name in HTTP; preferred first
_MIMETYPES = {".js": "text/javascript", ".css": "text/css"}
_SMALLEST_BYTES = 1_000
# Large parts that no page loads: not worth a minute of computing after each installation.
_UNUSED = ("dash_table/", "async-enterprise", "async-mathjax", "RichTextEditor", "charts-shared", "CodeHighlight")


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    sha256: str


class CompressedFiles:
    """Answers requests for component scripts with compressed files.

    Parameters
    ----------
    folder : Path
        Where compressed files are kept under the SHA-256 of their source: an update of a package never meets old ones.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._sources: dict[tuple[str, str], _Source] = {}
        self._registered: Mapping[str, Collection[str]] = {}

    def attach(self, server: Flask) -> None:
        """Answer requests to `server`; before its first one."""
        server.before_request(self._answer)

    def collect(self, app: Dash) -> None:
        """Note all scripts and styles that `app` offers; after its first page, which makes Dash register them."""
        self._registered = app.registered_paths
        for package, paths in self._registered.items():
            folder = Path(str(sys.modules[package].__file__)).parent
            for name in sorted(paths):
                path = folder / name
                if any(part in name for part in _UNUSED) or path.suffix not in _MIMETYPES or not path.is_file():
                    continue
                if path.stat().st_size >= _SMALLEST_BYTES:
                    with path.open("rb") as stream:
                        digest = hashlib.file_digest(stream, "sha256").hexdigest()
                    self._sources[package, name] = _Source(path, digest)

    def compress_in_background(self) -> threading.Thread:
        """Start a process of low priority that compresses what is missing; return the thread that waits for it."""
        wanted = {source.sha256: str(source.path) for source in self._sources.values()}
        order = json.dumps({"folder": str(self._folder), "sources": wanted})
        program = Path(__file__).with_name("compress_child.py")

        def run() -> None:
            subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-P", str(program)], input=order, text=True, check=False
            )

        waiting = threading.Thread(target=run, name="compression", daemon=True)
        waiting.start()
        return waiting

    def _answer(self) -> Response | None:
        if request.method not in {"GET", "HEAD"} or not request.path.startswith(_ROUTE):
            return None
        package, _, fingerprinted = request.path.removeprefix(_ROUTE).partition("/")
        name, has_fingerprint = check_fingerprint(fingerprinted)
        # Only names that Dash itself registered are known here: no path of the visitor's own reaches the disk.
        if self._registered and name not in self._registered.get(package, ()):
            return Response("There is no such script.\n", 404, mimetype="text/plain")  # Dash would say 500
        source = self._sources.get((package, name))
        encoding = request.accept_encodings.best_match(_ENCODINGS)
        if source is None or encoding is None:
            return None
        compressed = self._folder / f"{source.sha256}.{_ENCODINGS[encoding]}"
        if not compressed.is_file():
            return None
        response = send_file(compressed, _MIMETYPES[source.path.suffix], etag=f"{source.sha256}-{encoding}")
        response.content_encoding = encoding
        response.vary.add("Accept-Encoding")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if has_fingerprint else "no-cache"
        return response
