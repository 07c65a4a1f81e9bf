"""A small catalog: one file of each kind, for the tests of what the catalog gives and refuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from softdash.catalog import PathSegment, PhononBands, PhononCurve, schemas
from softdash.catalog.digitised_schemas import VIOLINS

DATASET, POTENTIAL = "mpf-TP", "chgnet-0.3.0"
MATERIALS = {"mp-1": 0.8, "mp-2": 0.9, "mp-3": 1.1}
POINTS = schemas.points_path(DATASET, POTENTIAL)
BANDS = schemas.phonon_bands_path("mp-1784")


def small_row(schema: schemas.TableSchema, **values: Any) -> dict[str, Any]:
    """One valid row: the given values, and for the rest the least that the schema allows."""
    least = {"string": "x", "integer": 1, "number": 1.0, "boolean": False}
    row = {}
    for column in schema.columns:
        value = max(least[column.kind], column.minimum or 0) if column.minimum is not None else least[column.kind]
        row[column.name] = column.choices[0] if column.choices else value
    return row | values


def write_rows(schema: schemas.TableSchema, path: Path, rows: list[dict[str, Any]]) -> None:
    schema.write_csv(pd.DataFrame([small_row(schema, **row) for row in rows]), path)


def small_points() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    rows = []
    for material in MATERIALS:
        for atom in range(1, 21):
            forces = generator.normal(size=6).round(3)
            rows.append([material, 1, atom, "Na", *forces])
    return pd.DataFrame(rows, columns=schemas.PARITY_POINTS.column_names)


def small_bands() -> PhononBands:
    curve = PhononCurve(
        potential="dft",
        method="dft",
        frequencies=(((0.0, 0.0, 0.0), (1.0, 1.0, 2.0)),),
        dos_frequencies=(0.0, 1.0),
        dos=(0.5, 0.5),
        max_frequency=2.0,
        min_frequency=0.0,
    )
    return PhononBands(
        material_id="mp-1784",
        formula="CsF",
        atom_count=1,
        supercell=(2, 0, 0, 0, 2, 0, 0, 0, 2),
        q_mesh=(8, 8, 8),
        path=(PathSegment(start="Γ", end="X", distances=(0.0, 0.1)),),
        curves=(curve,),
    )


def describe(folder: Path, paths: tuple[str, ...] = (POINTS, BANDS)) -> None:
    described = [
        {
            "name": "points",
            "path": path,
            "bytes": (folder / path).stat().st_size,
            "hash": "sha256:" + hashlib.sha256((folder / path).read_bytes()).hexdigest(),
            "description": "Parity points.",
            "licenses": [{"name": "MIT"}],
            "sources": [{"title": "mattersim", "path": "https://example.org", "version": "29663037", "license": "MIT"}],
            "potentials": [],
            "created": "2026-11-22T12:00:00+00:00",
            "softdash_version": "0.1.0",
        }
        for path in paths
    ]
    (folder / schemas.DATA_PACKAGE).write_text(json.dumps({"resources": described}))


def write_catalog(folder: Path) -> Path:
    """Write a small catalog with one file of each kind."""
    key = {"dataset": DATASET, "potential": POTENTIAL}
    rows = [
        {
            **key,
            "material_id": m,
            "slope": s,
            "interval_low": s - 0.05,
            "interval_high": s + 0.05,
            "component_count": 60,
            "frame_count": 5,
        }
        for m, s in MATERIALS.items()
    ]
    rows.append({**key, "dataset": "control", "material_id": "mp-1", "slope": 0.97, "interval_low": 0.96})
    write_rows(schemas.HIGH_ENERGY_MATERIALS, folder / schemas.MATERIALS, rows)
    write_rows(schemas.HIGH_ENERGY_ELEMENT_SLOPES, folder / schemas.ELEMENT_SLOPES, [{**key, "element": "Na"}])
    write_rows(
        schemas.HIGH_ENERGY_FAILURES, folder / schemas.FAILURES, [{**key, "frame": None, "reason": "zero forces"}]
    )
    published = [{"task": "phonons"}, {"task": "surfaces", "value": None, "value_text": "not reported"}]
    write_rows(schemas.PUBLISHED, folder / schemas.PUBLISHED_VALUES, [{"model": p["task"], **p} for p in published])
    for path in (schemas.SOFTENING_SCALE_VIOLINS, schemas.FREQUENCY_RATIO_VIOLINS):
        write_rows(VIOLINS, folder / path, [{"value": 0.8}, {"value": 0.9}])
    write_rows(schemas.MAX_FREQUENCIES, folder / schemas.PHONON_MAX_FREQUENCIES, [{}])
    write_rows(schemas.RECOMPUTED_PHONONS, folder / schemas.PHONON_MATERIALS, [{}])
    small_bands().write(folder / BANDS)
    (folder / schemas.POINTS_FOLDER).mkdir()
    pq.write_table(pa.Table.from_pandas(small_points(), preserve_index=False), folder / POINTS, row_group_size=20)
    describe(folder)
    return folder
