"""Measure how long a visitor waits for a warm diagnosis of one frame of 20 atoms.

    python performance/diagnosis_latency.py http://127.0.0.1:8050 [--repeats 10] [--potential chgnet-0.3.0]

Three waits, each after a run that warms up, as minimum, median and maximum in seconds, and their medians as multiples
of the model's own time: the bare model in this process, the API from the request to the state "done", and the page from
the click on *Diagnose* until verdict and parity plot are visible. Needs a running `softdash serve` and Chromium; the
machine should have nothing else to do.

The frame is the 2×1×1 supercell of a shipped DFT state of Al₂O₃: in a supercell, the forces of the cell are exact.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase.io
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from playwright.sync_api import Page, sync_playwright

from softdash.potentials.registry import load_potential
from softdash.settings import get_settings

FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()
PATIENCE = 60
IS_READY = "() => { const button = document.querySelector('#diagnose-button'); return button && !button.disabled }"
SHOWS_RESULT = """() => {
  const body = document.querySelector('#report-body')
  const seen = (element) => element && element.getBoundingClientRect().height > 0
  return body && seen(body.querySelector('h2.verdict')) && seen(body.querySelector('.js-plotly-plot .main-svg'))
}"""


def frame_of_20_atoms() -> Atoms:
    """Return the supercell with its DFT forces."""
    file = get_settings().precomputed_dir / "references" / "gpaw_pbe" / "Al2O3.extxyz"
    cell: Any = ase.io.read(file, index=0, format="extxyz")
    atoms: Atoms = cell.repeat((2, 1, 1))
    atoms.calc = SinglePointCalculator(atoms, forces=[*cell.get_forces(), *cell.get_forces()])
    atoms.info = {"functional": "PBE"}
    return atoms


def time_model(atoms: Atoms, potential: str, repeats: int) -> list[float]:
    """Time the potential alone, in this process."""
    model = load_potential(potential)
    return timed(lambda: model.predict([atoms]), repeats)


def time_api(url: str, file: Path, potential: str, repeats: int) -> list[float]:
    """Time the API from the request for a diagnosis to its end, asking for the state every 10 ms."""
    upload = _post_file(f"{url}/api/v1/uploads", file)["id"]

    def diagnose() -> None:
        created = _post_json(f"{url}/api/v1/diagnoses", {"upload_id": upload, "potentials": [potential]})
        deadline = time.monotonic() + PATIENCE
        while (state := _get(created["links"]["state"])["state"]) != "done":
            if state in {"failed", "cancelled"} or time.monotonic() > deadline:
                raise SystemExit(f"The diagnosis did not end well: {state}.")
            time.sleep(0.01)

    return timed(diagnose, repeats)


def time_page(url: str, file: Path, potential: str, repeats: int) -> list[float]:
    """Time the page from the click to verdict and parity plot."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        waits = [_wait_on_page(page, url, file, potential) for _ in range(repeats + 1)]
        browser.close()
    return waits[1:]


def timed(action: Callable[[], object], repeats: int) -> list[float]:
    """Return the seconds that each of `repeats` calls takes, after one that does not count."""
    action()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return seconds


def _wait_on_page(page: Page, url: str, file: Path, potential: str) -> float:
    page.goto(f"{url}/diagnose?potentials={potential}")
    page.wait_for_load_state("networkidle")
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_function(IS_READY, timeout=PATIENCE * 1000)
    page.wait_for_load_state("networkidle")
    start = time.perf_counter()
    page.locator("#diagnose-button").click()
    page.wait_for_function(SHOWS_RESULT, timeout=PATIENCE * 1000)
    return time.perf_counter() - start


def _post_file(address: str, file: Path) -> Any:
    boundary = "softdash-benchmark"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{file.name}"\r\n\r\n'
    body = head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    return _send(address, body, f"multipart/form-data; boundary={boundary}")


def _post_json(address: str, content: dict[str, object]) -> Any:
    return _send(address, json.dumps(content).encode(), "application/json")


def _send(address: str, body: bytes, content_type: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": content_type})) as answer:
        return json.load(answer)


def _get(address: str) -> Any:
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def main() -> None:
    """Measure the three waits and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--potential", default="chgnet-0.3.0")
    given = parser.parse_args()
    url = given.url.rstrip("/")
    atoms = frame_of_20_atoms()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Al2O3-20-atoms.extxyz"
        ase.io.write(file, atoms, format="extxyz")
        waits = {
            "model alone": time_model(atoms, given.potential, given.repeats),
            "API, request to done": time_api(url, file, given.potential, given.repeats),
            "page, click to result": time_page(url, file, given.potential, given.repeats),
        }
    model = statistics.median(waits["model alone"])
    print(f"{'seconds':24}{'min':>8}{'median':>8}{'max':>8}{'× model':>9}")
    for name, seconds in waits.items():
        median = statistics.median(seconds)
        print(f"{name:24}{min(seconds):8.3f}{median:8.3f}{max(seconds):8.3f}{median / model:9.1f}")


if __name__ == "__main__":
    main()
