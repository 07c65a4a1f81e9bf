"""Count what the first view of each page costs a visitor, and what the web process costs its host.

    python performance/page_budget.py http://127.0.0.1:8050 [--process PID] [--report ID] [--verbose]

Prints for each page requests, compressed bytes, time to its heading and until it is quiet; then callbacks, the size of
layout + dependencies, and the memory of the web process after all pages were visited. Each stands beside its budget.
Needs a running `softdash serve` and Chromium. Softdash compresses its scripts in the background right after its start:
on a busy machine, wait a minute before measuring bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()
PAGES = (
    "/",
    "/softening",
    "/compare-potentials",
    "/phonons",
    "/benchmarks",
    "/surfaces",
    "/point-defects",
    "/solid-solution",
    "/ion-migration",
    "/correction",
    "/diagnose",
    "/methods",
)
DRAWN = """() => document.title && !document.querySelector('[data-dash-is-loading="true"], ._dash-loading-callback')
  && [...document.querySelectorAll('.dash-graph')].every((graph) => graph.querySelector('.main-svg'))"""
BUDGET = {"requests": 25, "megabytes": 2.2, "callbacks": 60, "layout_kilobytes": 150, "web_megabytes": 200}


@dataclass
class Load:
    """One answer that a page needed."""

    method: str
    url: str
    encoding: str
    wire_bytes: float = 0.0


@dataclass
class View:
    """The first view of a page: what came over the wire, and when."""

    loads: list[Load] = field(default_factory=list)
    heading_s: float = 0.0
    settled_s: float = 0.0

    @property
    def megabytes(self) -> float:
        """Compressed size of all answers, headers included."""
        return sum(load.wire_bytes for load in self.loads) / 1e6


def measure_page(url: str, browser: Browser) -> View:
    """Open `url` with an empty cache and add up what came over the wire."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    view, methods, pending = View(), dict[str, str](), dict[str, Load]()

    def answered(event: dict[str, Any]) -> None:
        response, request = event["response"], event["requestId"]
        headers = {name.lower(): value for name, value in response["headers"].items()}
        encoding = headers.get("content-encoding", "-")
        pending[request] = Load(methods.get(request, "?"), response["url"], encoding)

    def finished(event: dict[str, Any]) -> None:
        if load := pending.pop(event["requestId"], None):
            load.wire_bytes = event["encodedDataLength"]
            if not load.url.startswith("data:"):
                view.loads.append(load)

    network.on("Network.requestWillBeSent", lambda e: methods.update({e["requestId"]: e["request"]["method"]}))
    network.on("Network.responseReceived", answered)
    network.on("Network.loadingFinished", finished)
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("h1")
    view.heading_s = time.perf_counter() - start
    # A page is there when its figures are drawn; plotly is asked for only after the layout has come.
    page.wait_for_function(DRAWN, timeout=60_000)
    page.wait_for_load_state("networkidle")
    view.settled_s = time.perf_counter() - start
    context.close()
    return view


def resident_megabytes(process: int) -> float:
    """Return the resident memory of a process, MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ValueError(process)


def print_views(url: str, paths: list[str], *, verbose: bool) -> None:
    """Measure pages one after the other and print their table."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    print(f"{'page':14}{'requests':>10}{'MB':>8}{'h1 s':>8}{'all s':>8}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for path in paths:
            view = measure_page(url + path, browser)
            name = path if len(path) < 14 else f"{path[:12]}…"
            print(
                f"{name:14}{len(view.loads):10}{view.megabytes:8.2f}{view.heading_s:8.2f}{view.settled_s:8.2f}",
                flush=True,
            )
            for load in view.loads if verbose else ():
                print(f"    {load.wire_bytes / 1e3:8.1f} kB {load.encoding:5}{load.method:5}{urlsplit(load.url).path}")
        browser.close()
    print(f"{'budget':14}{BUDGET['requests']:10}{BUDGET['megabytes']:8.2f}")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--process", type=int, help="process id of the web process, for its memory")
    parser.add_argument("--report", help="identifier of a report to view as well")
    parser.add_argument("--verbose", action="store_true", help="list what each page loads")
    arguments = parser.parse_args()
    if arguments.process:
        print(f"web process before: {resident_megabytes(arguments.process):.0f} MB")
    paths = [*PAGES, *([f"/report/{arguments.report}"] if arguments.report else [])]
    print_views(arguments.url, paths, verbose=arguments.verbose)
    dependencies = urllib.request.urlopen(arguments.url + "/_dash-dependencies").read()
    layout = urllib.request.urlopen(arguments.url + "/_dash-layout").read()
    print(f"callbacks: {len(json.loads(dependencies))} (budget {BUDGET['callbacks']})")
    kilobytes = (len(dependencies) + len(layout)) / 1024
    print(f"layout + dependencies: {kilobytes:.0f} kB (budget {BUDGET['layout_kilobytes']})")
    if arguments.process:
        print(f"web process after: {resident_megabytes(arguments.process):.0f} MB (budget {BUDGET['web_megabytes']})")


if __name__ == "__main__":
    main()
