"""A small `precomputed/` with known numbers for page tests: forces that are 0.8 of DFT's, and the shipped phonons."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from softdash.catalog import schemas
from softdash.settings import Settings

SLOPE = 0.8
MEDIANS = {"mpf-TP": 0.9, "mptrj-1k": 0.97}
_LEAST = {"string": "x", "integer": 3, "number": 0.5, "boolean": False}


def material_row(dataset: str, material_id: str, slope: float, **values: Any) -> dict[str, Any]:
    """One valid row of the table of softening scales."""
    row: dict[str, Any] = {
        column.name: column.choices[0] if column.choices else _LEAST[column.kind]
        for column in schemas.HIGH_ENERGY_MATERIALS.columns
    }
    return row | {
        "dataset": dataset,
        "potential": "chgnet-0.3.0",
        "material_id": material_id,
        "formula": material_id.removeprefix("gpaw-"),
        "functional": "PBE",
        "frame_count": 10,
        "slope": slope,
        "interval_low": slope - 0.02,
        "interval_high": slope + 0.02,
        "leave_one_out_low": None,
        "leave_one_out_high": None,
        **values,
    }


def write_sample(folder: Path) -> Path:
    """Write the sample and return the folder."""
    rows = [material_row("gpaw_pbe", "gpaw-LiF", SLOPE)]
    for dataset, median in MEDIANS.items():
        rows += [material_row(dataset, f"m{i}", median + 0.02 * (i - 5)) for i in range(11)]
    schemas.HIGH_ENERGY_MATERIALS.write_csv(pd.DataFrame(rows), folder / schemas.MATERIALS)
    generator = np.random.default_rng(0)
    points = []
    for atom in range(1, 41):
        reference = generator.normal(size=3).round(3)
        points.append(["gpaw-LiF", 1, atom, ("Li", "F")[atom % 2], *reference, *(SLOPE * reference)])
    path = folder / schemas.points_path("gpaw_pbe", "chgnet-0.3.0")
    path.parent.mkdir(parents=True)
    table = pd.DataFrame(points, columns=schemas.PARITY_POINTS.column_names)
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)
    shipped = Settings().precomputed_dir
    for name in (schemas.PUBLISHED_VALUES, schemas.PHONON_MAX_FREQUENCIES, schemas.PHONON_MATERIALS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shipped / name, folder / name)
    shutil.copytree(shipped / schemas.PHONON_BANDS_FOLDER, folder / schemas.PHONON_BANDS_FOLDER)
    return folder
