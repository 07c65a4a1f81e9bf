"""Small tables of linear correction and fine-tuning with known numbers, for tests of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from softdash.benchmarks.correction.linear_correction import MaterialForces, learning_curve
from softdash.catalog.correction_schemas import (
    FINE_TUNING,
    FINE_TUNING_CURVES,
    FINE_TUNING_EPOCHS,
    FINE_TUNING_POINTS,
    FINE_TUNINGS,
    LINEAR_CORRECTION,
    LINEAR_CORRECTIONS,
    TEST,
    TRAIN_BOTH,
    TRAIN_LARGER,
    fine_tuning_points_path,
)

SLOPE = 0.8


def write_correction_sample(folder: Path) -> Path:
    """Write one system and two materials, and return the folder."""
    _write_fine_tuning(folder)
    random = np.random.default_rng(0)
    rows = []
    for potential, slope in (("chgnet-0.3.0", SLOPE), ("m3gnet-original", 0.7)):
        for material in ("m1", "m2"):
            x = random.normal(size=(60, 3))
            forces = MaterialForces(x, slope * x + random.normal(0, 0.2, x.shape), np.repeat(range(1, 7), 10))
            names = {"dataset": "mpf-TP", "potential": potential, "material_id": material, "formula": "MgO2"}
            rows += [names | row for row in learning_curve(forces, draws=50)]
    LINEAR_CORRECTIONS.write_csv(pd.DataFrame(rows), folder / LINEAR_CORRECTION)
    return folder


def tuning_row(method: str, frames: int, *, slope: float, mae: float, **more: Any) -> dict[str, Any]:
    """One valid row of the fine-tuning table."""
    return {
        "system": "lif-8",
        "label": "LiF2, 8 atoms",
        "formula": "LiF2",
        "dataset": "gpaw_pbe",
        "functional": "PBE",
        "note": "A sample.",
        "method": method,
        "train_frames": frames,
        "validation_frames": int(frames > 1),
        "seed": 0,
        "test_frames": 2,
        "component_count": 48,
        "slope": slope,
        "interval_low": slope - 0.02,
        "interval_high": slope + 0.02,
        "r_squared": 0.97,
        "mae": mae,
        "corrected_mae": mae / 2,
        "linear_correction": 1 / slope,
        "mae_at_linear_correction": mae / 2,
        "factor": 1.25 if method == "scalar" else None,
        "epoch": 7 if method == "fine-tuned" else None,
        "energy_offset": 0.1 if method == "fine-tuned" else None,
    } | more


def _write_fine_tuning(folder: Path) -> None:
    rows = [
        tuning_row("pretrained", 0, slope=SLOPE, mae=0.2),
        tuning_row("scalar", 1, slope=0.97, mae=0.15),
        tuning_row("fine-tuned", 1, slope=0.9, mae=0.25),
        tuning_row("fine-tuned", 5, slope=0.99, mae=0.1),
    ]
    FINE_TUNINGS.write_csv(pd.DataFrame(rows).astype(object), folder / FINE_TUNING)
    epochs = [
        {
            "system": "lif-8",
            "train_frames": frames,
            "seed": 0,
            "epoch": epoch,
            "train_mae": 0.2 / epoch,
            "validation_mae": 0.3 / epoch if frames > 1 else None,
        }
        for frames in (1, 5)
        for epoch in range(1, 11)
    ]
    FINE_TUNING_CURVES.write_csv(pd.DataFrame(epochs).astype(object), folder / FINE_TUNING_EPOCHS)
    random = np.random.default_rng(1)
    points = []
    for frame, part in enumerate((TEST, TEST, TRAIN_BOTH, TRAIN_LARGER), start=1):
        for atom in range(1, 9):
            x = random.normal(size=3).round(3)
            forces = np.concatenate((x, SLOPE * x, 0.9 * x, 0.99 * x)).round(3)
            points.append([frame, atom, ("Li", "F")[atom % 2], part, *forces])
    path = folder / fine_tuning_points_path("lif-8")
    path.parent.mkdir(parents=True)
    table = pd.DataFrame(points, columns=FINE_TUNING_POINTS.column_names)
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)
