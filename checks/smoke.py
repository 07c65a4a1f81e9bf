"""Recompute a small part of every task from scratch and compare it with the shipped results; exit code 1 on drift.

    python checks/smoke.py [--task NAME ...]

Each task runs by its own command, as a user would run it, into an empty folder that holds the reference data only.
The phonons of MgO are the exception: PhononDB is not shipped, so their cell is built here and the potential relaxes it;
with ``SOFTDASH_DATA_DIR`` the command runs on the entry itself. All with CHGNet 0.3.0: about three minutes of one core,
half of them the fine-tuning.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from softdash.benchmarks.registry import tasks
from softdash.benchmarks.task import SmallPart, Task
from softdash.settings import get_settings

POTENTIAL = "chgnet-0.3.0"


@dataclass(frozen=True)
class ComparedPart:
    """The small part of one task, and what of its table is compared with the shipped one.

    Attributes
    ----------
    name : str
    arguments : tuple of str
        Of ``softdash``.
    table : str
        Under ``precomputed/``.
    keys : tuple of str
        Columns that name a row.
    selection, tolerances : mapping
        See `softdash.benchmarks.task.SmallPart`.
    needs : str
        The task that must run before, if any.
    """

    name: str
    arguments: tuple[str, ...]
    table: str
    keys: tuple[str, ...]
    selection: Mapping[str, tuple[str, ...]]
    tolerances: Mapping[str, float]
    needs: str = ""


def _compared_part(task: Task, small: SmallPart) -> ComparedPart:
    table, selection = task.tables[0], small.selection
    if task.name == "phonons" and get_settings().data_dir is None:
        selection = {**selection, "method": ("relaxed",)}  # there is no reference whose geometry could be fixed
    arguments = ("benchmark", task.name, *small.arguments)
    return ComparedPart(task.name, arguments, table.path, table.schema.key, selection, small.tolerances, task.needs)


TASKS = tuple(_compared_part(task, task.small_part) for task in tasks() if task.small_part is not None)


@dataclass(frozen=True)
class Comparison:
    """Rows compared, the largest difference of each column, and what is wrong in words; empty if nothing is."""

    row_count: int
    differences: dict[str, float]
    complaint: str = ""


def main() -> int:
    """Run the tasks and print a table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", action="append", choices=[task.name for task in TASKS], help="only this one")
    chosen = parser.parse_args().task or [task.name for task in TASKS]
    wanted = {name for task in TASKS if task.name in chosen for name in (task.name, task.needs)}
    shipped = get_settings().precomputed_dir
    has_drifted = False
    print(f"{'task':18} {'rows':>5} {'CPU s':>6}  largest difference", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "precomputed"
        shutil.copytree(shipped / "references", own / "references")
        for task in TASKS:
            if task.name not in wanted:
                continue
            start = _cpu_seconds()
            result = _run(task, shipped, own, Path(folder) / "state")
            has_drifted |= bool(result.complaint)
            text = ", ".join(
                f"{column} {value:.2g} (at most {task.tolerances[column]:g})"
                for column, value in result.differences.items()
            )
            mark = f"  DRIFT: {result.complaint}" if result.complaint else ""
            print(f"{task.name:18} {result.row_count:5} {_cpu_seconds() - start:6.0f}  {text}{mark}", flush=True)
    return int(has_drifted)


def compare(task: ComparedPart, fresh: pd.DataFrame, shipped: pd.DataFrame) -> Comparison:
    """Compare what a task computed now with what is shipped."""
    ours, theirs = _selected(task, fresh), _selected(task, shipped)
    both = ours.merge(theirs, on=list(task.keys), how="outer", suffixes=("_fresh", "_shipped"), indicator=True)
    lost, added = (both["_merge"] == "right_only").sum(), (both["_merge"] == "left_only").sum()
    both = both[both["_merge"] == "both"]
    differences = {
        column: _largest_difference(both[f"{column}_fresh"], both[f"{column}_shipped"]) for column in task.tolerances
    }
    complaints = [f"{column} differs" for column, value in differences.items() if not value <= task.tolerances[column]]
    if lost:
        complaints.append(f"{lost} shipped rows do not come out")
    if added:
        complaints.append(f"{added} rows are not shipped")
    if both.empty:
        complaints.append("nothing to compare")
    return Comparison(len(both), differences, ", ".join(complaints))


def _selected(task: ComparedPart, table: pd.DataFrame) -> pd.DataFrame:
    for column, values in task.selection.items():
        table = table[table[column].astype(str).isin(values)]
    return table[[*task.keys, *task.tolerances]]


def _largest_difference(fresh: pd.Series, shipped: pd.Series) -> float:
    """Return the largest difference; infinite where only one side has a number."""
    if (fresh.isna() != shipped.isna()).any():
        return float("inf")
    return float(np.nan_to_num((fresh - shipped).abs().max()))


def _cpu_seconds() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _run(task: ComparedPart, shipped: Path, own: Path, state: Path) -> Comparison:
    """Run one task and compare its table."""
    if task.name == "phonons" and get_settings().data_dir is None:
        fresh = _phonons_of_built_crystal()
    else:
        environment = {
            **os.environ,
            "SOFTDASH_PRECOMPUTED_DIR": str(own),
            "SOFTDASH_STATE_DIR": str(state),
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "softdash", *task.arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
            return Comparison(0, {}, f"the command failed with exit code {done.returncode}")
        fresh = pd.read_csv(own / task.table)
    return compare(task, fresh, pd.read_csv(shipped / task.table))


def _phonons_of_built_crystal() -> pd.DataFrame:
    """Compute the largest frequency of MgO at the potential's own minimum, which no reference is needed for."""
    import numpy as np
    from ase.build import bulk
    from phonopy import Phonopy

    from softdash.benchmarks.phonons.calculation import band_path, phonon_curve, potential_phonons
    from softdash.benchmarks.phonons.forces import compute_forces, from_ase
    from softdash.benchmarks.phonons.phonondb import PhononDBEntry
    from softdash.potentials.registry import load_potential

    cell = from_ase(bulk("MgO", "rocksalt", a=4.21, cubic=True))
    primitive = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    phonon = Phonopy(cell, supercell_matrix=2 * np.eye(3, dtype=int), primitive_matrix=primitive)
    phonon.generate_displacements()
    entry = PhononDBEntry("mp-1265", cell, 2 * np.eye(3, dtype=np.int64), primitive, phonon.dataset)
    computed = potential_phonons(entry, compute_forces(entry, "relaxed", load_potential(POTENTIAL)))
    curve = phonon_curve(computed, band_path(computed), POTENTIAL, "relaxed")
    return pd.DataFrame(
        [
            {
                "material_id": entry.material_id,
                "potential": POTENTIAL,
                "method": "relaxed",
                "max_frequency": curve.max_frequency,
            }
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
