"""The first view of every page: at most 25 requests and 2.2 MB; the web process under 200 MB after all of them."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPage, Server, Watch
from tests.browser.pages import PAGES, Shown, wait_until_drawn

MOST_REQUESTS = 25
MOST_BYTES = 2_200_000
MOST_MEGABYTES = 200
PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"


@pytest.fixture(scope="module")
def compressed_server(server: Server) -> Server:
    """The server after its background process has compressed the last and largest script."""
    request = urllib.request.Request(server.url + PLOTLY, method="HEAD", headers={"Accept-Encoding": "br"})
    deadline = time.monotonic() + 240
    while True:
        with urllib.request.urlopen(request) as answer:
            if answer.headers["Cache-Control"] == "no-cache":  # only files from disk carry it
                return server
        assert time.monotonic() < deadline, "plotly was not compressed in four minutes"
        time.sleep(1)


def _first_view(page: Page, path: str) -> dict[str, float]:
    """Return the bytes on the wire of each answer, by address."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    addresses: dict[str, str] = {}
    loads: dict[str, float] = {}
    network.on(
        "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
    )

    def finished(event: dict[str, object]) -> None:
        address = addresses[str(event["requestId"])]
        if address.startswith("http"):
            loads[f"{len(loads)} {address}"] = float(str(event["encodedDataLength"]))

    network.on("Network.loadingFinished", finished)
    page.goto(path)
    wait_until_drawn(page)
    page.wait_for_load_state("networkidle")
    return loads


def _web_process(server: Server) -> int:
    """Process id of gunicorn's only worker."""
    assert server.process is not None
    lines = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    rows = [line.split(None, 2) for line in lines[1:]]
    (master,) = [row[0] for row in rows if row[1] == str(server.process.pid) and "gunicorn" in row[2]]
    (worker,) = [row[0] for row in rows if row[1] == master and "gunicorn" in row[2]]
    return int(worker)


@pytest.fixture(scope="module")
def visited() -> set[str]:
    """Pages whose first view was measured."""
    return set()


@pytest.mark.parametrize("path", PAGES)
def test_first_view(
    compressed_server: Server, new_page: NewPage, shown: Shown, watch: Watch, visited: set[str], path: str
) -> None:
    watch.expected = ("404",) if path == "/nowhere" else ()
    visited.add(path)
    loads = _first_view(new_page(), shown.address(path))
    assert len(loads) <= MOST_REQUESTS, sorted(loads)
    assert sum(loads.values()) <= MOST_BYTES, sorted(loads.items(), key=lambda item: -item[1])[:8]


def test_memory_of_the_web_process_after_all_pages(
    compressed_server: Server, new_page: NewPage, shown: Shown, watch: Watch, visited: set[str]
) -> None:
    watch.expected = ("404",)
    for path in (one for one in PAGES if one not in visited):
        _first_view(new_page(), shown.address(path))
    for report in (shown.first, shown.second):  # as messages fetch them that show a link
        with urllib.request.urlopen(f"{compressed_server.url}/report/{report}.png") as picture:
            assert picture.headers["Content-Type"] == "image/png"
    status = Path(f"/proc/{_web_process(compressed_server)}/status")
    deadline = time.monotonic() + 20  # what requests leave free goes back some seconds after them
    while (megabytes := _megabytes(status)) >= MOST_MEGABYTES and time.monotonic() < deadline:
        time.sleep(1)
    assert megabytes < MOST_MEGABYTES


def _megabytes(status: Path) -> float:
    resident = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1]) / 1024
