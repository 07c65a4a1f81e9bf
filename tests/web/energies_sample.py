"""Computed energies with known answers for page tests: each potential a fixed factor of DFT."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from softdash.catalog import schemas
from softdash.settings import Settings

FACTORS = {"chgnet-0.3.0": 0.8, "tensornet-matpes-pbe": 0.95}


def energy_rows(
    case: str, label: str, kind: str, value: float, *, coordinate: float | None = None, material: str = "MgO"
) -> list[dict[str, Any]]:
    """Rows of one case by DFT, and by each potential at both geometries (at DFT's twice as close to it)."""
    row = {
        "case_id": case,
        "material": material,
        "label": label,
        "kind": kind,
        "coordinate": coordinate,
        "n_atoms": 12,
        "steps": 5,
        "max_force": 0.04,
        "note": None,
    }
    rows = [row | {"method": "DFT", "geometry": "relaxed", "value": value}]
    for potential, factor in FACTORS.items():
        rows.append(row | {"method": potential, "geometry": "relaxed", "value": factor * value})
        rows.append(row | {"method": potential, "geometry": "dft", "value": (1 + factor) / 2 * value})
    return rows


def write_energies(folder: Path, path: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write a computed table without an entry in the data package."""
    schema = schemas.CSV_TABLES[path]
    schema.write_csv(schema.typed(pd.DataFrame(rows), path), folder / path)


def with_paper_figures(folder: Path) -> Path:
    """Copy the shipped published values and digitised figures into `folder`, and return it."""
    shipped = Settings().precomputed_dir
    shutil.copytree(shipped / "digitised", folder / "digitised", dirs_exist_ok=True)
    shutil.copy(shipped / schemas.PUBLISHED_VALUES, folder / schemas.PUBLISHED_VALUES)
    return folder
