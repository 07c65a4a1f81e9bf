"""Count what the first view of each page costs a visitor, and what the web process costs its host.

    python benchmarks/page_budget.py http://127.0.0.1:8050 [--process PID]

Prints requests, compressed bytes, time to the first drawn figure, callbacks and the size of layout + dependencies, each
beside its budget. Needs a running `softdash serve` and Chromium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()
PAGES = ("/", "/softening", "/phonons", "/diagnose", "/methods")
BUDGET = {"requests": 25, "megabytes": 2.2, "callbacks": 60, "layout_kilobytes": 150, "web_megabytes": 200}


def measure_page(url: str, chromium: str) -> dict[str, float]:
    """Open `url` in a fresh browser profile and add up what came over the wire."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        sizes: list[float] = []
        network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        start = time.perf_counter()
        page.goto(url)
        page.wait_for_selector("h1")
        heading = time.perf_counter() - start
        page.wait_for_load_state("networkidle")
        settled = time.perf_counter() - start
        browser.close()
    return {"requests": len(sizes), "megabytes": sum(sizes) / 1e6, "heading_s": heading, "settled_s": settled}


def resident_megabytes(process: int) -> float:
    """Return the resident memory of a process, MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ValueError(process)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--process", type=int, help="process id of the web process, for its memory")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    print(f"{'page':14}{'requests':>10}{'MB':>8}{'h1 s':>8}{'all s':>8}")
    for path in PAGES:
        cost = measure_page(arguments.url + path, chromium)
        print(
            f"{path:14}{cost['requests']:10.0f}{cost['megabytes']:8.2f}{cost['heading_s']:8.2f}{cost['settled_s']:8.2f}"
        )
    print(f"{'budget':14}{BUDGET['requests']:10}{BUDGET['megabytes']:8.2f}")
    dependencies = urllib.request.urlopen(arguments.url + "/_dash-dependencies").read()
    layout = urllib.request.urlopen(arguments.url + "/_dash-layout").read()
    print(f"callbacks: {len(json.loads(dependencies))} (budget {BUDGET['callbacks']})")
    kilobytes = (len(dependencies) + len(layout)) / 1024
    print(f"layout + dependencies: {kilobytes:.0f} kB (budget {BUDGET['layout_kilobytes']})")
    if arguments.process:
        print(f"web process: {resident_megabytes(arguments.process):.0f} MB (budget {BUDGET['web_megabytes']})")


if __name__ == "__main__":
    main()
