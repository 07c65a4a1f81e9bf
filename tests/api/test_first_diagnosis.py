"""The example on the page ``/api``, run as a stranger would; and the same numbers whichever way one asks."""

from __future__ import annotations

import csv
import html
import json
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from softdash.diagnosis.direct import diagnose_files
from softdash.diagnosis.reports import result_sha256
from softdash.jobs.supervisor import child_environment
from softdash.settings import Settings

MATERIAL = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe" / "Al.extxyz"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", heartbeat_seconds=0.5)


@pytest.fixture
def address(server: Flask, settings: Settings) -> Iterator[str]:
    """A server on a real port, and a real worker process for the classical potentials."""
    live = make_server("127.0.0.1", 0, server, threaded=True)
    threading.Thread(target=live.serve_forever, daemon=True).start()
    worker = subprocess.Popen(
        [sys.executable, "-m", "softdash.jobs.worker", "classical"], env=child_environment(settings)
    )
    yield f"http://127.0.0.1:{live.server_port}"
    worker.terminate()
    worker.wait(30)
    live.shutdown()


def read(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as response:
        return bytes(response.read())


def test_the_script_on_the_page_makes_a_diagnosis_and_fetches_its_forces(
    address: str, settings: Settings, tmp_path: Path
) -> None:
    def emt_is_online() -> bool:
        return any(
            p["name"] == "emt" and p["state"] == "online" for p in json.loads(read(f"{address}/api/v1/potentials"))
        )

    waiting = threading.Event()
    for _ in range(600):
        if emt_is_online() or waiting.wait(0.2):
            break
    page = read(f"{address}/api").decode()
    found = re.search(r'<pre id="requests-example"[^>]*><code>(.*?)</code></pre>', page, re.DOTALL)
    assert found
    script = html.unescape(found[1])
    assert len(script.strip().splitlines()) == 10
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    file = tmp_path / "forces.extxyz"
    file.write_bytes(MATERIAL.read_bytes())
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True, timeout=240)

    lines = (tmp_path / "forces.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    report, points, _ = diagnose_files([file], ["emt"], settings)
    assert len(rows) == report.understanding.component_count
    assert [float(row["emt_eV_per_A"]) for row in rows] == points.predicted["emt"].ravel().tolist()
    assert [float(row["reference_eV_per_A"]) for row in rows] == points.reference.ravel().tolist()

    # The server, Python and the command line seal the same numbers.
    identifier = lines[0].split("report ")[1].partition(",")[0]
    by_api = json.loads(read(f"{address}/api/v1/reports/{identifier}"))
    command = [sys.executable, "-m", "softdash", "diagnose", str(file), "--potential", "emt", "--json"]
    printed = subprocess.run(command, env=child_environment(settings), capture_output=True, check=True, timeout=240)
    by_command = json.loads(printed.stdout)
    assert result_sha256(by_api) == by_api["result_sha256"]
    assert by_api["result_sha256"] == by_command["result_sha256"] == report.result_sha256
    assert f"# result sha256: {report.result_sha256}" in lines
