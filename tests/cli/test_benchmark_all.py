"""``softdash benchmark all``: a potential's rows in every table that can be made here, by one command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from softdash.cli import main
from softdash.settings import Settings

SHIPPED = Path(__file__).parents[2] / "precomputed"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results that holds a part of the shipped references, and nothing else."""
    folder = tmp_path_factory.mktemp("all")
    for pattern in ("gpaw_pbe/[ABN]*.extxyz", "gpaw_pbe_relaxed/*.extxyz"):
        for file in (SHIPPED / "references").glob(pattern):
            copy = folder / "out" / file.relative_to(SHIPPED)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    return folder


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings = Settings(state_dir=folder / "state", precomputed_dir=folder / "out", data_dir=None)
    monkeypatch.setattr("softdash.settings.get_settings", lambda: settings)
    return lambda *arguments: CliRunner().invoke(main, ["benchmark", "all", *arguments])


def test_every_task_gets_the_potential_s_rows_and_a_second_run_changes_nothing(run: Any, folder: Path) -> None:
    words = ["--potential", "emt", "--shipped-only"]
    tasks = ["high-energy", "linear-correction", "ion-migration", "phonons"]
    done = run(*words, *(f"--task={name}" for name in tasks), "--json")
    assert done.exit_code == 0, done.output
    outcomes = {outcome["task"]: outcome for outcome in json.loads(done.stdout)["tasks"]}
    assert list(outcomes) == tasks
    assert "not shipped" in outcomes["phonons"]["left_out"][0]
    assert "compounds with other elements are left out" in done.stderr
    materials = pd.read_csv(folder / "out" / "high_energy" / "materials.csv")
    known = {"Ag", "Al", "Au", "C", "Cu", "H", "N", "Ni", "O", "Pd", "Pt"}
    assert set(materials["potential"]) == {"emt"}
    assert "Al" in set(materials["formula"])
    assert all(set(elements.split()) <= known for elements in materials["elements"])
    paths = pd.read_csv(folder / "out" / "energies" / "ion_migration.csv")
    assert {case for case in paths[paths["method"] == "emt"]["case_id"] if not case.startswith("Al-Al")} == set()
    assert (paths["case_id"] == "Al-Al-barrier").any()
    again = run(*words, "--task", "ion-migration", "--task", "phonons")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "ion-migration: nothing new" in again.stderr


def test_what_ends_one_task_does_not_end_the_others(run: Any, folder: Path) -> None:
    table = folder / "out" / "energies" / "ion_migration.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("damaged")
    words = ["--potential", "emt", "--shipped-only", "--task", "ion-migration", "--task", "phonons"]
    done = run(*words)
    assert done.exit_code == 5
    assert "ion-migration: " in done.stderr
    assert "left out: phonons" in done.stderr
    assert "Traceback" not in done.output


def test_an_unknown_potential_is_told_before_anything_runs(run: Any) -> None:
    done = run("--potential", "unheard-of", "--json")
    assert done.exit_code == 4
    assert json.loads(done.stdout)["error"]["code"] == "potential_unavailable"
