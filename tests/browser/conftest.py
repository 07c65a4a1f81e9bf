"""A real server process and a real Chromium; any console error or request to the outside fails the test."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ase.build import bulk
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.pages import Shown

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
HERE = Path(__file__).parent
expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def _chromium() -> str:
    names = (os.environ.get("SOFTDASH_TEST_BROWSER"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    assert found, "no Chromium here: run scripts/get_chromium.sh, or leave these tests out with make test BROWSER=no"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A `softdash serve` process that can be stopped and started again with the same state."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {**os.environ, "SOFTDASH_STATE_DIR": str(self.state), "SOFTDASH_PORT": str(self.port)}
        log = (self.state / "server.log").open("ab")
        self.process = subprocess.Popen(
            [str(Path(sys.executable).parent / "softdash"), "serve"],
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + 90
        while True:
            assert self.process.poll() is None, (self.state / "server.log").read_text()[-3000:]
            assert time.monotonic() < deadline, "the server did not answer in 90 s"
            try:
                with urllib.request.urlopen(f"{self.url}/api/v1/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                raise


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("state"))
    running.start()
    yield running
    running.stop()


def _answer(address: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
    with urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": kind})) as answer:
        content: dict[str, Any] = json.load(answer)
    return content


def _finished(address: str) -> None:
    deadline = time.monotonic() + 240
    while (state := _answer(address)["state"]) != "done":
        assert state in {"queued", "running"}, state
        assert time.monotonic() < deadline, f"{address} is still {state}"
        time.sleep(0.3)


@pytest.fixture(scope="session")
def shown(server: Server) -> Shown:
    """Two reports, of ten frames and of one, and states sampled of a structure; made through the API."""
    api = f"{server.url}/api/v1"
    wanted = [json.dumps({"example": name, "potentials": ["chgnet-0.3.0"]}).encode() for name in ("mgo", "nacl")]
    reports = [_answer(f"{api}/diagnoses", body)["diagnosis"]["id"] for body in wanted]
    copper = io.StringIO()
    bulk("Cu", cubic=True).write(copper, format="vasp")
    parts = [("potential", "", "emt"), ("time_ps", "", "0.02"), ("frame_count", "", "2")]
    parts.append(("files", '; filename="POSCAR"', copper.getvalue()))
    form = "".join(f'--cut\r\nContent-Disposition: form-data; name="{n}"{f}\r\n\r\n{v}\r\n' for n, f, v in parts)
    body = f"{form}--cut--\r\n".encode()
    sampling = _answer(f"{api}/samplings", body, "multipart/form-data; boundary=cut")["sampling"]["id"]
    for address in (*(f"{api}/diagnoses/{one}" for one in reports), f"{api}/samplings/{sampling}"):
        _finished(address)
    return Shown(*reports, sampling)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


class Watch:
    """What went wrong in the browser, besides what a test expects."""

    def __init__(self) -> None:
        self.console: list[str] = []
        self.outside: list[str] = []
        self.expected: tuple[str, ...] = ()

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.console.append(f"{message.type}: {message.text}")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.outside.append(request.url)

    def check(self) -> None:
        unexpected = [line for line in self.console if not any(text in line for text in self.expected)]
        assert not unexpected, f"the browser's console says: {unexpected}"
        assert not self.outside, f"requests to the outside: {self.outside}"


NewPage = Callable[..., Page]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def new_page(browser: Browser, server: Server, watch: Watch) -> Iterator[NewPage]:
    """Return a function that opens a page in a browser context of its own."""
    contexts: list[BrowserContext] = []

    def open_page(*, width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=server.url, viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", watch.on_console)
        page.on("pageerror", lambda error: watch.console.append(f"error: {error}"))
        page.on("request", watch.on_request)
        return page

    yield open_page
    for context in contexts:
        context.close()
    watch.check()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()
