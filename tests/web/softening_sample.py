"""A small `precomputed/` of softening scales, made by the real analysis from forces with known slopes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ase.data import atomic_numbers, chemical_symbols

from softdash.catalog import schemas
from softdash.softening import analyse_forces

ELEMENTS = {"m0": "Li O", "m1": "Na Cl", "m2": "Li Cl", "m3": "Mg O", "m4": "Si", "m5": "Li Mg O"}
SLOPES = {"m0": 0.72, "m1": 0.81, "m2": 0.86, "m3": 0.88, "m4": 0.96, "m5": 1.12}
PRESSURES = {"m0": 1.0, "m1": 5.0, "m2": None, "m3": 20.0, "m4": 80.0, "m5": 3.0}
R2SCAN_SHIFT = -0.1


def _material(material_id: str, slope: float, frames: int) -> tuple[Any, list[list[Any]]]:
    """Statistics and parity points of one made-up material."""
    generator = np.random.default_rng(sum(map(ord, material_id)))
    symbols = ELEMENTS[material_id].split()
    numbers = [np.array([atomic_numbers[symbols[i % len(symbols)]] for i in range(24)])] * frames
    reference = [generator.normal(size=(24, 3)).round(3) for _ in range(frames)]
    predicted = [(slope * one + generator.normal(scale=0.05, size=one.shape)).round(3) for one in reference]
    points = [
        [material_id, frame, atom, chemical_symbols[number], *x, *y]
        for frame, (xs, ys, zs) in enumerate(zip(reference, predicted, numbers, strict=True), start=1)
        for atom, (x, y, number) in enumerate(zip(xs, ys, zs, strict=True), start=1)
    ]
    return analyse_forces(reference, predicted, numbers, frame_spread=0.05), points


def _row(dataset: str, potential: str, material_id: str, statistics: Any) -> dict[str, Any]:
    interval, range_ = statistics.slope_interval, statistics.leave_one_frame_out
    taken = {
        column.name: getattr(statistics, column.name)
        for column in schemas.HIGH_ENERGY_MATERIALS.columns
        if hasattr(statistics, column.name)
    }
    return taken | {
        "dataset": dataset,
        "potential": potential,
        "material_id": material_id,
        "formula": ELEMENTS[material_id].replace(" ", ""),
        "elements": ELEMENTS[material_id],
        "frames_refused": 0,
        "interval_low": interval.low,
        "interval_high": interval.high,
        "interval_method": interval.method,
        "largest_leverage": statistics.largest_leverage.share,
        "leave_one_out_low": range_[0] if range_ else None,
        "leave_one_out_high": range_[1] if range_ else None,
        "pressure_gpa": PRESSURES[material_id],
        "functional": "PBE",
        "functional_mismatch": potential == "chgnet-r2scan",
        "notices": None,
    }


def write_softening_sample(folder: Path) -> Path:
    """Write tables and points of two data sets and two potentials; return the folder."""
    rows, elements, failures = [], [], []
    for dataset, frames in (("mpf-TP", 4), ("mptrj-1k", 1)):
        for potential, shift in (("chgnet-0.3.0", 0.0), ("chgnet-r2scan", R2SCAN_SHIFT)):
            points: list[list[Any]] = []
            for material_id, slope in SLOPES.items():
                statistics, own_points = _material(material_id, slope + shift, frames)
                points += own_points
                rows.append(_row(dataset, potential, material_id, statistics))
                elements += [
                    {
                        "dataset": dataset,
                        "potential": potential,
                        "material_id": material_id,
                        "element": chemical_symbols[one.atomic_number],
                        "component_count": one.component_count,
                        "slope": one.slope,
                        "interval_low": one.interval.low if one.interval else None,
                        "interval_high": one.interval.high if one.interval else None,
                        "mae": one.mae,
                    }
                    for one in statistics.elements
                ]
            failures += [
                {
                    "dataset": dataset,
                    "potential": potential,
                    "material_id": material_id,
                    "frame": frame,
                    "reason": "The reference forces are almost zero.",
                }
                for material_id, frame in (("m0", 2), ("m9", None))
            ]
            path = folder / schemas.points_path(dataset, potential)
            path.parent.mkdir(parents=True, exist_ok=True)
            table = pd.DataFrame(points, columns=schemas.PARITY_POINTS.column_names)
            pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)
    materials = pd.DataFrame(rows)
    left_out = pd.DataFrame(failures).astype({"frame": "Int64"})
    schemas.HIGH_ENERGY_MATERIALS.write_csv(materials.assign(notices=""), folder / schemas.MATERIALS)
    schemas.HIGH_ENERGY_ELEMENT_SLOPES.write_csv(pd.DataFrame(elements), folder / schemas.ELEMENT_SLOPES)
    schemas.HIGH_ENERGY_FAILURES.write_csv(left_out, folder / schemas.FAILURES)
    return folder
