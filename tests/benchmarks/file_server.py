"""A server of one file on this machine, which can break off and refuse to go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np


class FileServer(BaseHTTPRequestHandler):
    """Answers ``/file`` with `content`, and `pages` whole; each test changes the attributes of a class of its own."""

    content = np.random.default_rng(0).bytes(300_000)
    cut_at: int | None = None
    honours_ranges = True
    requests: list[str | None]
    pages: dict[str, bytes]
    url: str

    def do_GET(self) -> None:
        server = type(self)
        if self.path in server.pages:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(server.pages[self.path])
            return
        wanted = self.headers.get("Range")
        server.requests.append(wanted)
        if self.path != "/file":
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and server.honours_ranges else 0
        if start and start >= len(server.content):
            self.send_error(416)
            return
        body = server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if server.cut_at is None else body[: server.cut_at])

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[type[FileServer]]:
    """Serve on a free port."""
    handler = type("Handler", (FileServer,), {"requests": [], "pages": {}})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.url = f"http://127.0.0.1:{http.server_port}/file"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield handler
    http.shutdown()
    http.server_close()
