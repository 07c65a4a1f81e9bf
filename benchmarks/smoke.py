"""Recompute a small part of every task from scratch and compare it with the shipped results; exit code 1 on drift.

    python benchmarks/smoke.py [--task NAME ...]

Each task runs by its own command, as a user would run it, into an empty folder that holds the reference data only.
The phonons of MgO are the exception: PhononDB is not shipped, so their cell is built here and the potential relaxes it;
with ``SOFTDASH_DATA_DIR`` the command runs on the entry itself. All with CHGNet 0.3.0, a few minutes on one core.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from softdash.settings import get_settings

POTENTIAL = "chgnet-0.3.0"
_FORCES = ["--dataset", "gpaw_pbe", "--potential", POTENTIAL]


@dataclass(frozen=True)
class SmallTask:
    """One command, the table it writes, the columns that name its rows, and what is compared within which tolerance."""

    name: str
    arguments: tuple[str, ...]
    table: str
    keys: tuple[str, ...]
    tolerances: dict[str, float]
    needs_data: bool = False
    rows: Callable[[pd.DataFrame], pd.Series] | None = None


def _energies(task: str, case: str, table: str) -> SmallTask:
    return SmallTask(
        task,
        ("benchmark", task, "--potential", POTENTIAL, "--case", case),
        f"energies/{table}.csv",
        ("case_id", "method", "geometry"),
        # Relaxations stop at 0.05 eV/Å: the energy there depends a little on the path of the optimiser.
        {"value": 2e-3},
        rows=lambda rows: (rows["method"] == POTENTIAL) & (rows["material"] != "MnP2O7"),
    )


TASKS = (
    SmallTask(
        "high-energy",
        ("benchmark", "high-energy", *_FORCES),
        "high_energy/materials.csv",
        ("dataset", "potential", "material_id"),
        {"slope": 2e-4, "mae": 2e-4, "r_squared": 2e-4},
    ),
    _energies("surfaces", "MgO-100", "surfaces"),
    _energies("point-defects", "MgO-V_Mg", "point_defects"),
    _energies("solid-solution", "CaMgO-0.500-1", "solid_solution"),
    _energies("ion-migration", "LiF-Li-barrier", "ion_migration"),
    SmallTask(
        "phonons",
        ("benchmark", "phonons", "mp-1265", "--potential", POTENTIAL),
        "phonons/materials.csv",
        ("material_id", "potential", "method"),
        {"max_frequency": 0.02},
        needs_data=True,
    ),
    SmallTask(
        "linear-correction",
        ("benchmark", "linear-correction", *_FORCES),
        "correction/linear_correction.csv",
        ("dataset", "potential", "material_id", "label_kind", "label_count"),
        {"best_factor": 5e-3, "factor_median": 5e-3},
    ),
    SmallTask(
        "fine-tuning",
        ("benchmark", "fine-tuning", "--system", "lif-8"),
        "correction/fine_tuning.csv",
        ("system", "method", "train_frames", "seed"),
        # A hundred epochs amplify the last digit of the first one.
        {"slope": 0.03, "mae": 0.02},
    ),
)


def main() -> int:
    """Run the tasks and print a table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", action="append", choices=[task.name for task in TASKS], help="only this one")
    chosen = parser.parse_args().task
    shipped = get_settings().precomputed_dir
    drifted = False
    print(f"{'task':18} {'rows':>5} {'seconds':>8}  largest difference", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "precomputed"
        shutil.copytree(shipped / "references", own / "references")
        for task in TASKS:
            if (
                chosen
                and task.name not in chosen
                and not (task.name == "high-energy" and "linear-correction" in chosen)
            ):
                continue
            start = time.monotonic()
            count, differences = _run(task, shipped, own, Path(folder) / "state")
            bad = count == 0 or any(value > task.tolerances[column] for column, value in differences.items())
            drifted |= bad
            text = ", ".join(
                f"{column} {value:.2g} (at most {task.tolerances[column]:g})" for column, value in differences.items()
            )
            mark = "  DRIFT" if bad else ""
            print(f"{task.name:18} {count:5} {time.monotonic() - start:8.0f}  {text}{mark}", flush=True)
    return int(drifted)


def _run(task: SmallTask, shipped: Path, own: Path, state: Path) -> tuple[int, dict[str, float]]:
    """Run one task; return how many rows could be compared, and the largest difference of each column."""
    if task.needs_data and get_settings().data_dir is None:
        fresh = _phonons_of_built_crystal()
    else:
        environment = {
            **os.environ,
            "SOFTDASH_PRECOMPUTED_DIR": str(own),
            "SOFTDASH_STATE_DIR": str(state),
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "softdash.cli", *task.arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
            return 0, {}
        fresh = pd.read_csv(own / task.table)
    if task.rows is not None:
        fresh = fresh[task.rows(fresh)]
    both = fresh.merge(pd.read_csv(shipped / task.table), on=list(task.keys), suffixes=("_fresh", "_shipped"))
    if len(both) < len(fresh):
        print(f"{task.name}: {len(fresh) - len(both)} rows are not in the shipped table", file=sys.stderr)
        return 0, {}
    return len(both), {
        column: float((both[f"{column}_fresh"] - both[f"{column}_shipped"]).abs().max()) for column in task.tolerances
    }


def _phonons_of_built_crystal() -> pd.DataFrame:
    """Compute the largest frequency of MgO at the potential's own minimum, which no reference is needed for."""
    import numpy as np
    from ase.build import bulk
    from phonopy import Phonopy

    from softdash.benchmarks.phonon_calculation import band_path, phonon_curve, potential_phonons
    from softdash.benchmarks.phonon_forces import compute_forces, from_ase
    from softdash.benchmarks.phonondb import PhononDBEntry
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
