"""``make benchmarks-smoke``: it covers every task, and fails when a shipped table was changed."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from softdash.benchmarks.registry import tasks

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "checks" / "smoke.py"
SMOKE = runpy.run_path(str(SCRIPT))
TASKS = {task.name: task for task in SMOKE["TASKS"]}


def shipped(task: Any) -> pd.DataFrame:
    return pd.read_csv(ROOT / "precomputed" / task.table)


def selected(task: Any, table: pd.DataFrame) -> pd.Index:
    for column, values in task.selection.items():
        table = table[table[column].astype(str).isin(values)]
    return table.index


def test_every_task_of_the_command_line_has_a_part() -> None:
    assert set(TASKS) == {task.name for task in tasks()}


@pytest.mark.parametrize("name", TASKS)
def test_shipped_tables_agree_with_themselves_and_tampered_ones_do_not(name: str) -> None:
    task, table = TASKS[name], shipped(TASKS[name])
    rows = selected(task, table)
    assert SMOKE["compare"](task, table, table) == SMOKE["Comparison"](len(rows), dict.fromkeys(task.tolerances, 0.0))
    assert not table.loc[rows].duplicated(list(task.keys)).any(), "the keys name each row"
    for column, tolerance in task.tolerances.items():
        for change in (1.1 * tolerance, -1.1 * tolerance, float("nan")):
            tampered = table.copy()
            tampered.loc[rows[-1], column] += change
            for fresh, other in ((table, tampered), (tampered, table)):
                assert SMOKE["compare"](task, fresh, other).complaint == f"{column} differs"
        unharmed = table.copy()
        unharmed.loc[rows[-1], column] += 0.9 * tolerance
        assert not SMOKE["compare"](task, unharmed, table).complaint


@pytest.mark.parametrize("name", TASKS)
def test_missing_and_further_rows_are_drift(name: str) -> None:
    task, table = TASKS[name], shipped(TASKS[name])
    rows = selected(task, table)
    fewer = table.drop(index=rows[:1])
    assert "1 shipped rows do not come out" in SMOKE["compare"](task, fewer, table).complaint
    assert "1 rows are not shipped" in SMOKE["compare"](task, table, fewer).complaint
    assert "nothing to compare" in SMOKE["compare"](task, table.drop(index=rows), table).complaint


def run_smoke(task: str, precomputed: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--task", task],
        env={**os.environ, "SOFTDASH_PRECOMPUTED_DIR": str(precomputed)},
        capture_output=True,
        text=True,
        check=False,
    )


def copy_for_surfaces(folder: Path) -> Path:
    """Copy what the part on surfaces reads."""
    target = folder / "precomputed"
    shutil.copytree(ROOT / "precomputed" / "references", target / "references")
    table = target / TASKS["surfaces"].table
    table.parent.mkdir()
    shutil.copy(ROOT / "precomputed" / TASKS["surfaces"].table, table)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("change", [0.0, 0.01])
def test_the_whole_script_ends_with_one_on_drift(change: float, tmp_path: Path) -> None:
    folder = copy_for_surfaces(tmp_path)
    table = pd.read_csv(folder / TASKS["surfaces"].table)
    chosen = (table["case_id"] == "MgO-100") & (table["method"] == SMOKE["POTENTIAL"])
    table.loc[chosen, "value"] += change
    table.to_csv(folder / TASKS["surfaces"].table, index=False)
    done = run_smoke("surfaces", folder)
    assert done.returncode == (1 if change else 0), done.stdout + done.stderr
    assert ("DRIFT" in done.stdout) == bool(change)


def test_a_command_that_fails_is_drift(tmp_path: Path) -> None:
    (tmp_path / "references").mkdir()
    done = run_smoke("high-energy", tmp_path)
    assert done.returncode == 1
    assert "DRIFT: the command failed with exit code 3" in done.stdout
    assert "gpaw_pbe" in done.stderr
