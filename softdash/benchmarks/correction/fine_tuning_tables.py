"""Write the results of the fine-tuning benchmark in the form that the catalog reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from softdash.benchmarks.correction.chgnet_training import Hyperparameters
from softdash.benchmarks.correction.fine_tuning_runs import TunedSystem
from softdash.benchmarks.data.data_package import read_resources, update_resource
from softdash.benchmarks.data.tables import write_table
from softdash.benchmarks.high_energy.frame_spreads import known_frame_spread
from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import (
    FINE_TUNING,
    FINE_TUNING_CURVES,
    FINE_TUNING_EPOCHS,
    FINE_TUNING_POINTS,
    FINE_TUNINGS,
    TEST,
    TRAIN_BOTH,
    TRAIN_LARGER,
    VALIDATION_LARGER,
    fine_tuning_points_path,
)
from softdash.catalog.resources import PotentialVersion
from softdash.catalog.tables import TableSchema
from softdash.potentials.registry import card
from softdash.softening import analyse_forces, linear_correction
from softdash.softening.statistics import SofteningStatistics

_LICENCE = "CC-BY-4.0"
_DECIMALS = 3

Forces = Sequence[NDArray[np.float64]]


def write_tables(
    tuned: TunedSystem, stamp: PotentialVersion, hyperparameters: Hyperparameters, precomputed_dir: Path
) -> list[Path]:
    """Put one system's results into the tables, in the place of its former ones, and write its forces.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    sources = tuned.system.reference.sources
    tables: tuple[tuple[str, TableSchema, list[dict[str, Any]], str], ...] = (
        (
            FINE_TUNING,
            FINE_TUNINGS,
            _result_rows(tuned, hyperparameters, known_frame_spread(Catalog(precomputed_dir), card(stamp.name))),
            "Test errors of CHGNet 0.3.0 before and after one factor or fine-tuning on few frames.",
        ),
        (
            FINE_TUNING_EPOCHS,
            FINE_TUNING_CURVES,
            _epoch_rows(tuned),
            "Force errors of each epoch of the fine-tuning of CHGNet 0.3.0.",
        ),
    )
    written = []
    for path, schema, rows, description in tables:
        table = _with_rows(precomputed_dir / path, schema, pd.DataFrame(rows), tuned.system.name)
        present = next((one.sources for one in read_resources(precomputed_dir) if one.path == path), ())
        write_table(
            precomputed_dir,
            path,
            table,
            description=description,
            licence=_LICENCE,
            sources=sorted({*present, *sources}, key=lambda source: (source.title, source.path)),
            potentials=[stamp],
        )
        written.append(precomputed_dir / path)
    return [*written, _write_points(tuned, stamp, hyperparameters, precomputed_dir)]


def _result_rows(
    tuned: TunedSystem, hyperparameters: Hyperparameters, frame_spread: float | None
) -> list[dict[str, Any]]:
    seeds = sorted({seed for _, seed in tuned.runs})
    rows = [_row(tuned, "pretrained", tuned.pretrained, 0, 0, frame_spread)]
    for seed in seeds:
        drawn = tuned.split(seed).pool[0]
        factor = linear_correction(tuned.frames[drawn].reference_forces, tuned.pretrained[drawn])
        scaled, spread = [factor * one for one in tuned.pretrained], spread_after("scalar", factor, frame_spread)
        rows.append(_row(tuned, "scalar", scaled, 1, seed, spread) | {"factor": factor})
        for count in tuned.system.train_counts:
            run = tuned.runs[count, seed]
            rows.append(
                _row(tuned, "fine-tuned", run.forces, count, seed, None)
                | {
                    "validation_frames": hyperparameters.validation_count(count),
                    "epoch": run.epoch,
                    "energy_offset": run.energy_offset,
                }
            )
    return rows


def spread_after(method: str, factor: float | None, frame_spread: float | None) -> float | None:
    """Return the spread of the slope between frames after a method; None for a fine-tuned one, which nobody knows.

    Parameters
    ----------
    method : str
    factor : float or None
        Of the method "scalar", which scales the spread, too.
    frame_spread : float or None
        Of the pretrained potential.
    """
    if frame_spread is None or method == "fine-tuned":
        return None
    return frame_spread * float(factor) if method == "scalar" and factor is not None else frame_spread


def statistics_of_test_frames(
    reference: Forces,
    predicted: Forces,
    numbers: Sequence[NDArray[np.int_]],
    origins: Sequence[str] | None = None,
    *,
    frame_spread: float | None,
) -> SofteningStatistics:
    """Analyse the forces on the test frames, in the order of their file: frames of dynamics, no relaxation."""
    return analyse_forces(reference, predicted, numbers, origins, frame_spread=frame_spread, relaxation=False)


def _row(
    tuned: TunedSystem, method: str, forces: Forces, train_frames: int, seed: int, frame_spread: float | None
) -> dict[str, Any]:
    """Analyse the forces on the test frames."""
    test = sorted(tuned.split(seed).test)
    statistics = statistics_of_test_frames(
        [tuned.frames[position].reference_forces for position in test],
        [forces[position] for position in test],
        [tuned.frames[position].atoms.numbers for position in test],
        [tuned.frames[position].origin for position in test],
        frame_spread=frame_spread,
    )
    interval = statistics.slope_interval
    return {
        "system": tuned.system.name,
        "label": tuned.system.label,
        "formula": tuned.system.formula,
        "dataset": tuned.system.dataset,
        "functional": tuned.system.functional,
        "note": tuned.system.note,
        "method": method,
        "train_frames": train_frames,
        "validation_frames": 0,
        "seed": seed,
        "test_frames": len(test),
        "component_count": statistics.component_count,
        "slope": statistics.slope,
        "interval_low": None if interval is None else interval.low,
        "interval_high": None if interval is None else interval.high,
        "r_squared": statistics.r_squared,
        "mae": statistics.mae,
        "corrected_mae": statistics.corrected_mae,
        "linear_correction": statistics.linear_correction,
        "mae_at_linear_correction": statistics.mae_at_linear_correction,
        "factor": None,
        "epoch": None,
        "energy_offset": None,
    }


def _epoch_rows(tuned: TunedSystem) -> list[dict[str, Any]]:
    return [
        {
            "system": tuned.system.name,
            "train_frames": count,
            "seed": seed,
            "epoch": epoch,
            "train_mae": float(train),
            "validation_mae": None if run.validation_force_mae is None else float(run.validation_force_mae[epoch - 1]),
        }
        for (count, seed), run in sorted(tuned.runs.items())
        for epoch, train in enumerate(run.train_force_mae, start=1)
    ]


def _with_rows(file: Path, schema: TableSchema, rows: pd.DataFrame, system: str) -> pd.DataFrame:
    """Return the table on disk with the rows of one system replaced, sorted by system."""
    parts = [rows.astype(object)]
    if file.is_file():
        present = schema.read_csv(file)
        parts.insert(0, present[present["system"] != system].astype(object))
    return pd.concat(parts).sort_values("system", kind="stable")


def _write_points(
    tuned: TunedSystem, stamp: PotentialVersion, hyperparameters: Hyperparameters, precomputed_dir: Path
) -> Path:
    """Write the forces on test and training frames of the first seed."""
    path = fine_tuning_points_path(tuned.system.name)
    file = precomputed_dir / path
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    pq.write_table(_points(tuned, hyperparameters), part, compression="zstd", compression_level=19)
    part.replace(file)
    update_resource(
        precomputed_dir,
        path,
        description=(
            f"{tuned.system.label}: DFT forces and those of CHGNet 0.3.0, pretrained and fine-tuned on "
            f"{' or '.join(str(count) for count in tuned.system.train_counts)} frames, rounded to "
            f"{10**-_DECIMALS:g} eV/Å."
        ),
        licence=tuned.system.reference.licence,
        schema=FINE_TUNING_POINTS,
        sources=tuned.system.reference.sources,
        potentials=[stamp],
    )
    return file


def _points(tuned: TunedSystem, hyperparameters: Hyperparameters) -> pa.Table:
    seed = min(seed for _, seed in tuned.runs)
    smaller, larger = tuned.system.train_counts
    split = tuned.split(seed)
    parts = dict.fromkeys(split.test, TEST)
    parts |= dict.fromkeys(split.pool[:larger], TRAIN_LARGER)
    parts |= dict.fromkeys(split.pool[larger - hyperparameters.validation_count(larger) : larger], VALIDATION_LARGER)
    parts |= dict.fromkeys(split.pool[:smaller], TRAIN_BOTH)
    order = sorted(parts)
    sizes = [len(tuned.frames[position].atoms) for position in order]
    forces: dict[str, Forces] = {
        "reference": [frame.reference_forces for frame in tuned.frames],
        "pretrained": tuned.pretrained,
        "smaller": tuned.runs[smaller, seed].forces,
        "larger": tuned.runs[larger, seed].forces,
    }
    return pa.table(
        {
            "frame": np.repeat(np.array(order, dtype=np.int32) + 1, sizes),
            "atom": np.concatenate([np.arange(1, size + 1, dtype=np.int32) for size in sizes]),
            "element": [symbol for position in order for symbol in tuned.frames[position].atoms.get_chemical_symbols()],
            "part": np.repeat([parts[position] for position in order], sizes).tolist(),
            **{
                f"{name}_{axis}": np.round(np.concatenate([of_all[place] for place in order])[:, column], _DECIMALS)
                + 0.0  # turns -0.0 into 0.0
                for name, of_all in forces.items()
                for column, axis in enumerate("xyz")
            },
        }
    )
