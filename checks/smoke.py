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

from softdash.settings import get_settings

POTENTIAL = "chgnet-0.3.0"
_FORCES = ["--dataset", "gpaw_pbe", "--potential", POTENTIAL]


@dataclass(frozen=True)
class SmallTask:
    """One command, and what of its table is compared with the shipped one.

    Attributes
    ----------
    name : str
    arguments : tuple of str
        Of ``softdash``.
    table : str
        Under ``precomputed/``.
    keys : tuple of str
        Columns that name a row.
    selection : dict
        Column to the values of the rows that are compared: the command must give the very same rows as are shipped.
    tolerances : dict
        Column to the largest difference.
    needs : tuple of str
        Tasks that must run before.
    """

    name: str
    arguments: tuple[str, ...]
    table: str
    keys: tuple[str, ...]
    selection: Mapping[str, tuple[str, ...]]
    tolerances: dict[str, float]
    needs: tuple[str, ...] = ()


def _energies(task: str, case: str, table: str) -> SmallTask:
    return SmallTask(
        task,
        ("benchmark", task, "--potential", POTENTIAL, "--case", case),
        f"energies/{table}.csv",
        ("case_id", "method", "geometry"),
        {"case_id": (case,), "method": ("DFT", POTENTIAL)},
        # Relaxations stop at 0.05 eV/Å: the energy there depends a little on the path of the optimiser.
        {"value": 2e-3},
    )


def _phonons(*, from_reference: bool) -> SmallTask:
    methods = ("relaxed", "fixed") if from_reference else ("relaxed",)
    return SmallTask(
        "phonons",
        ("benchmark", "phonons", "mp-1265", "--potential", POTENTIAL),
        "phonons/materials.csv",
        ("material_id", "potential", "method"),
        {"material_id": ("mp-1265",), "potential": (POTENTIAL,), "method": methods},
        {"max_frequency": 0.02},
    )


_PAIR = {"dataset": ("gpaw_pbe",), "potential": (POTENTIAL,)}
TASKS = (
    SmallTask(
        "high-energy",
        ("benchmark", "high-energy", *_FORCES),
        "high_energy/materials.csv",
        ("dataset", "potential", "material_id"),
        _PAIR,
        {"slope": 2e-4, "mae": 2e-4, "r_squared": 2e-4},
    ),
    _phonons(from_reference=get_settings().data_dir is not None),
    _energies("surfaces", "MgO-100", "surfaces"),
    _energies("point-defects", "MgO-V_Mg", "point_defects"),
    _energies("solid-solution", "CaMgO-0.500-1", "solid_solution"),
    _energies("ion-migration", "LiF-Li-barrier", "ion_migration"),
    SmallTask(
        "linear-correction",
        ("benchmark", "linear-correction", *_FORCES),
        "correction/linear_correction.csv",
        ("dataset", "potential", "material_id", "label_kind", "label_count"),
        _PAIR,
        {"best_factor": 5e-3, "factor_median": 5e-3},
        needs=("high-energy",),
    ),
    SmallTask(
        "fine-tuning",
        ("benchmark", "fine-tuning", "--system", "lif-8"),
        "correction/fine_tuning.csv",
        ("system", "method", "train_frames", "seed"),
        {"system": ("lif-8",), "seed": ("0",)},
        # A hundred epochs amplify the last digit of the first one.
        {"slope": 0.03, "mae": 0.02},
    ),
)


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
    wanted = {name for task in TASKS if task.name in chosen for name in (task.name, *task.needs)}
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


def compare(task: SmallTask, fresh: pd.DataFrame, shipped: pd.DataFrame) -> Comparison:
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


def _selected(task: SmallTask, table: pd.DataFrame) -> pd.DataFrame:
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


def _run(task: SmallTask, shipped: Path, own: Path, state: Path) -> Comparison:
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
