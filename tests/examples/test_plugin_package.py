"""The example package is installed as a stranger would install it; then softdash has its potential."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from ase.build import bulk

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "examples" / "softdash-stillinger-weber"
NAME = "stillinger-weber-silicon"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Install the package into a folder of its own; return a function that runs Python with it."""
    folder = tmp_path_factory.mktemp("plug-in")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*pip, "--target", folder, PACKAGE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    environment = {**os.environ, "PYTHONPATH": str(folder), "SOFTDASH_STATE_DIR": str(folder / "state")}

    def run_python(*arguments: object, **named: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **named)

    return run_python


def test_installing_it_registers_its_potential(run: Run) -> None:
    done = run("-m", "softdash", "potentials", "list", "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    (ours,) = [potential for potential in listed["potentials"] if potential["name"] == NAME]
    assert ours["is_installed"]
    assert (ours["package"], ours["package_version"]) == ("softdash-stillinger-weber", "0.1.0")
    assert listed["skipped_plugins"] == []


EVERYWHERE = """
import json, sys
from softdash.potentials.card_table import card_table
from softdash.potentials.look import look_of
from softdash.potentials.registry import cards
from softdash.web import create_app
from softdash.web.context import web_context
from softdash.web.pages.diagnose.potential_choice import choices, potential_options
from softdash.web.pages.methods.tables import potential_table
app = create_app()
client = app.server.test_client()
others = {one.name for one in cards()} - {sys.argv[1]}
with app.server.app_context():
    print(json.dumps({
        "api": [one for one in client.get("/api/v1/potentials").get_json() if one["name"] == sys.argv[1]],
        "methods": str(potential_table()),
        "diagnose": str(potential_options(choices(web_context().service, None))),
        "like others": [one for one in others if look_of(one) == look_of(sys.argv[1])],
        "documented": card_table(cards()),
    }))
"""


def test_it_is_in_the_api_on_pages_and_in_the_documentation(run: Run) -> None:
    done = run("-c", EVERYWHERE, NAME)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert [one["label"] for one in found["api"]] == ["Stillinger-Weber silicon"]
    assert "Stillinger-Weber silicon" in found["methods"]
    assert NAME in found["diagnose"]
    assert found["like others"] == []
    assert f"| Stillinger-Weber silicon | `{NAME}` |" in found["documented"]


def test_its_slope_is_that_of_its_forces(run: Run, tmp_path: Path) -> None:
    """References 1.25 times its own forces make it softened by 0.8, through reader, worker function and report."""
    code = """
import sys
import numpy as np
from ase import io
from softdash.potentials.registry import load_potential
frames = io.read(sys.argv[1], ":")
for frame, predicted in zip(frames, load_potential(sys.argv[2]).predict(frames)):
    frame.arrays["forces"] = 1.25 * predicted.forces
io.write(sys.argv[1], frames, columns=["symbols", "positions", "forces"])
"""
    file = tmp_path / "silicon.extxyz"
    generator = np.random.default_rng(5)
    frames = []
    for _ in range(3):
        frames.append(bulk("Si", "diamond", a=5.431, cubic=True))
        frames[-1].positions += generator.normal(scale=0.1, size=(8, 3))
    ase.io.write(file, frames)
    labelling = run("-c", code, file, NAME)
    assert labelling.returncode == 0, labelling.stderr
    done = run("-m", "softdash", "diagnose", file, "--potential", NAME, "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert result["statistics"]["slope"] == pytest.approx(0.8, abs=1e-6)
    assert result["potential"]["package_version"] == "0.1.0"


def test_its_own_tests_pass(run: Run) -> None:
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", PACKAGE / "tests")
    assert done.returncode == 0, done.stdout
    assert "25 passed" in done.stdout
