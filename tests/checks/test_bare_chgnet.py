"""The shipped slopes of CHGNet 0.2.0 are those of its library alone, frame by frame."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from softdash.potentials.registry import card
from softdash.settings import Settings

SCRIPT = Path(__file__).parents[2] / "checks" / "bare_chgnet.py"
GPAW = sorted((Settings().precomputed_dir / "references" / "gpaw_pbe").glob("*.extxyz"))
FETCHED = "forces/mattersim_mpf-TP.extxyz.xz"

pytestmark = pytest.mark.skipif(not card("chgnet-0.2.0").is_installed(), reason="needs CHGNet")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


def test_all_shipped_states() -> None:
    done = run("--dataset", "gpaw_pbe", *map(str, GPAW))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "19 compounds; on one side only: []; other numbers of frames: []" in done.stdout


def test_a_difference_is_told() -> None:
    done = run("--dataset", "gpaw_pbe", str(GPAW[0]))
    assert done.returncode == 1
    assert "gpaw-LiF" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif("SOFTDASH_DATA_DIR" not in os.environ, reason="needs the set mpf-TP")
def test_all_compounds_of_mpf_tp() -> None:
    done = run(str(Path(os.environ["SOFTDASH_DATA_DIR"]) / FETCHED))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "216 compounds" in done.stdout
