"""Write the results of the high-energy task in the form that the catalog reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ase.data import chemical_symbols

from softdash.benchmarks.data.data_package import locked, read_resources, update_resource
from softdash.benchmarks.data.datasets import DATASETS, ReferenceDataset
from softdash.benchmarks.data.predictions import MaterialPredictions
from softdash.benchmarks.data.reference_data import ReferenceMaterial
from softdash.benchmarks.high_energy.shared_frames import with_unshared_frames
from softdash.catalog import schemas
from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.catalog.tables import TableSchema
from softdash.errors import ReferenceDataError
from softdash.softening.statistics import Interval, SofteningStatistics

_POINT_DECIMALS = 3
# Rows of a few dozen materials: small enough that one material reads fast, large enough to compress.
_ROW_GROUP = 4_096
_LICENCE = "CC-BY-4.0"


@dataclass(frozen=True, slots=True)
class AnalysedMaterial:
    """One material after the analysis; `statistics` is None when the whole material was refused, `refusal` says why."""

    material: ReferenceMaterial
    predictions: MaterialPredictions
    statistics: SofteningStatistics | None
    refusal: str
    functional_mismatch: bool


def write_tables(
    dataset: ReferenceDataset,
    stamp: PotentialVersion,
    analysed: Sequence[AnalysedMaterial],
    precomputed_dir: Path,
) -> list[Path]:
    """Write the rows of one data set and one potential into all tables, and describe the files.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    ReferenceDataError
        If the tables hold results of another version of the same potential.
    """
    _check_no_mixture(precomputed_dir, dataset, stamp)
    pair = {"dataset": dataset.name, "potential": stamp.name}
    kept = [item for item in analysed if item.statistics is not None]
    tables: tuple[tuple[str, TableSchema, list[dict[str, Any]]], ...] = (
        (
            schemas.MATERIALS,
            schemas.HIGH_ENERGY_MATERIALS,
            [{**pair, **_material_row(item, item.statistics)} for item in kept if item.statistics],
        ),
        (
            schemas.ELEMENT_SLOPES,
            schemas.HIGH_ENERGY_ELEMENT_SLOPES,
            [{**pair, **row} for item in kept if item.statistics for row in _element_rows(item, item.statistics)],
        ),
        (
            schemas.FAILURES,
            schemas.HIGH_ENERGY_FAILURES,
            [{**pair, **row} for item in analysed for row in _failure_rows(item)],
        ),
    )
    written = []
    # Two runs may end at once: each reads all rows, and writes them with its own.
    with locked(precomputed_dir, "high-energy"):
        for path, schema, rows in tables:
            _replace_rows(precomputed_dir / path, schema, pd.DataFrame(rows), pair)
            _describe_csv(precomputed_dir, path, schema, dataset, stamp)
            written.append(precomputed_dir / path)
        _mark_unshared_frames(precomputed_dir, dataset, stamp)
    if kept:
        written.append(_write_points(precomputed_dir, dataset, stamp, kept))
    return written


def _material_row(item: AnalysedMaterial, statistics: SofteningStatistics) -> dict[str, Any]:
    interval, left_out = statistics.slope_interval, statistics.leave_one_frame_out
    material = item.material
    return {
        "material_id": material.material_id,
        "formula": material.formula,
        "elements": " ".join(material.elements),
        "frame_count": statistics.frame_count,
        "frames_refused": len(material.frames) - statistics.frame_count,
        "atom_count": statistics.atom_count,
        "component_count": statistics.component_count,
        "slope": statistics.slope,
        "slope_standard_error": statistics.slope_standard_error,
        **_interval_cells(interval),
        "interval_method": None if interval is None else interval.method,
        "slope_with_intercept": statistics.slope_with_intercept,
        "intercept": statistics.intercept,
        "r_squared": statistics.r_squared,
        "rmse": statistics.rmse,
        "mae": statistics.mae,
        "corrected_mae": statistics.corrected_mae,
        "error_reduction": statistics.error_reduction,
        "linear_correction": statistics.linear_correction,
        "mae_at_linear_correction": statistics.mae_at_linear_correction,
        "huber_slope": statistics.huber_slope,
        "largest_leverage": statistics.largest_leverage.share,
        "leave_one_out_low": None if left_out is None else left_out[0],
        "leave_one_out_high": None if left_out is None else left_out[1],
        "reference_rms": statistics.reference_rms,
        "reference_max": statistics.reference_max,
        "pressure_gpa": material.pressure_gpa,
        "functional": material.functional,
        "functional_mismatch": item.functional_mismatch,
        "notices": notice_codes(statistics),
    }


def notice_codes(statistics: SofteningStatistics) -> str | None:
    """Return the codes of the notices, with spaces between; None without any."""
    return " ".join(notice.code for notice in statistics.notices) or None


def _element_rows(item: AnalysedMaterial, statistics: SofteningStatistics) -> list[dict[str, Any]]:
    return [
        {
            "material_id": item.material.material_id,
            "element": chemical_symbols[element.atomic_number],
            "component_count": element.component_count,
            "slope": element.slope,
            **_interval_cells(element.interval),
            "mae": element.mae,
        }
        for element in statistics.elements
    ]


def _failure_rows(item: AnalysedMaterial) -> list[dict[str, Any]]:
    material_id = item.material.material_id
    rows: list[dict[str, Any]] = [
        {"material_id": material_id, "frame": position, "reason": reason}
        for position, reason in enumerate(item.predictions.reasons, start=1)
        if reason
    ]
    if item.statistics is None:
        rows.append({"material_id": material_id, "frame": None, "reason": item.refusal})
    return rows


def _interval_cells(interval: Interval | None) -> dict[str, float | None]:
    return {
        "interval_low": None if interval is None else interval.low,
        "interval_high": None if interval is None else interval.high,
    }


def _replace_rows(file: Path, schema: TableSchema, rows: pd.DataFrame, pair: dict[str, str]) -> None:
    """Put new rows of one data set and potential into a table, in a fixed order, without touching the others."""
    parts = [rows] if len(rows) else []
    if file.is_file():
        present = schema.read_csv(file)
        others = present[(present["dataset"] != pair["dataset"]) | (present["potential"] != pair["potential"])]
        parts = [others, *parts] if len(others) else parts
    table = pd.concat([part.astype(object) for part in parts]) if parts else pd.DataFrame()
    if len(table):
        table = _in_order(table)
    schema.write_csv(table, file)


def _mark_unshared_frames(precomputed_dir: Path, dataset: ReferenceDataset, stamp: PotentialVersion) -> None:
    """Say in all rows which frames they do not share: new rows change what the present ones stand beside."""
    path, schema = schemas.MATERIALS, schemas.HIGH_ENERGY_MATERIALS
    present = schema.read_csv(precomputed_dir / path)
    failures = schemas.HIGH_ENERGY_FAILURES.read_csv(precomputed_dir / schemas.FAILURES)
    marked = with_unshared_frames(present, failures)
    if marked["frames_not_shared"].fillna("").tolist() != present["frames_not_shared"].fillna("").tolist():
        schema.write_csv(marked, precomputed_dir / path)
        _describe_csv(precomputed_dir, path, schema, dataset, stamp)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort by data set as listed, then potential; materials stay in the order of their file."""
    places = {known.name: place for place, known in enumerate(DATASETS)}
    order = table["dataset"].map(lambda name: places.get(name, len(places))).astype(int)
    keys = pd.DataFrame({"place": order, "dataset": table["dataset"], "potential": table["potential"]})
    keys.index = range(len(keys))
    return table.iloc[keys.sort_values(["place", "dataset", "potential"], kind="stable").index.to_numpy()]


def _write_points(
    precomputed_dir: Path, dataset: ReferenceDataset, stamp: PotentialVersion, kept: Sequence[AnalysedMaterial]
) -> Path:
    path = schemas.points_path(dataset.name, stamp.name)
    file = precomputed_dir / path
    file.parent.mkdir(parents=True, exist_ok=True)
    in_order = sorted(kept, key=lambda item: item.material.material_id)
    table = pa.concat_tables([_points_of(item) for item in in_order])
    part = file.with_name(file.name + ".part")
    pq.write_table(
        table,
        part,
        compression="zstd",
        compression_level=19,
        row_group_size=_ROW_GROUP,
        write_statistics=["material_id"],
    )
    part.replace(file)
    update_resource(
        precomputed_dir,
        path,
        description=(
            f"Parity points of {dataset.label} with {stamp.name}: reference and predicted force of each atom, rounded "
            f"to {10**-_POINT_DECIMALS:g} eV/Å, sorted by material."
        ),
        licence=dataset.licence,
        schema=schemas.PARITY_POINTS,
        sources=dataset.sources,
        potentials=[stamp],
    )
    return file


def _points_of(item: AnalysedMaterial) -> pa.Table:
    frames, atoms, elements, reference, predicted = [], [], [], [], []
    for number, (frame, forces) in enumerate(zip(item.material.frames, item.predictions.forces, strict=True), start=1):
        if forces is None:
            continue
        count = len(frame.atoms)
        frames.append(np.full(count, number, dtype=np.int32))
        atoms.append(np.arange(1, count + 1, dtype=np.int32))
        elements.append(np.array(frame.atoms.get_chemical_symbols()))
        reference.append(frame.reference_forces)
        predicted.append(forces)
    # Adding zero turns -0.0 into 0.0, which compresses better and reads better.
    columns = {
        f"{side}_{axis}": np.round(np.concatenate(forces)[:, index], _POINT_DECIMALS) + 0.0
        for side, forces in (("reference", reference), ("predicted", predicted))
        for index, axis in enumerate("xyz")
    }
    return pa.table(
        {
            "material_id": pa.array([item.material.material_id] * sum(map(len, frames)), pa.string()),
            "frame": np.concatenate(frames),
            "atom": np.concatenate(atoms),
            "element": pa.array(np.concatenate(elements).tolist(), pa.string()),
            **columns,
        }
    )


def _describe_csv(
    precomputed_dir: Path, path: str, schema: TableSchema, dataset: ReferenceDataset, stamp: PotentialVersion
) -> None:
    """Describe a table that several data sets and potentials share: their sources and stamps add up."""
    sources: dict[ReferenceSource, None] = {}
    stamps: dict[str, PotentialVersion] = {}
    for resource in read_resources(precomputed_dir):
        if resource.path == path:
            sources.update(dict.fromkeys(resource.sources))
            stamps.update({present.name: present for present in resource.potentials})
    sources.update(dict.fromkeys(dataset.sources))
    stamps[stamp.name] = stamp
    update_resource(
        precomputed_dir,
        path,
        description=f"High-energy states: {schema.name}, all data sets and potentials.",
        licence=_LICENCE,
        schema=schema,
        sources=sorted(sources, key=lambda source: (source.title, source.path)),
        potentials=[stamps[name] for name in sorted(stamps)],
    )


def _check_no_mixture(precomputed_dir: Path, dataset: ReferenceDataset, stamp: PotentialVersion) -> None:
    """Refuse to put rows of another version of the same potential beside those that are there."""
    path, schema = schemas.MATERIALS, schemas.HIGH_ENERGY_MATERIALS
    present = {
        s.name: s for resource in read_resources(precomputed_dir) if resource.path == path for s in resource.potentials
    }
    if present.get(stamp.name, stamp) == stamp or not (precomputed_dir / path).is_file():
        return
    table = schema.read_csv(precomputed_dir / path)
    others = table[(table["potential"] == stamp.name) & (table["dataset"] != dataset.name)]["dataset"].unique()
    if len(others):
        raise ReferenceDataError(
            f"The table holds results of another version of {stamp.name} for {', '.join(others)}.",
            where=path,
            advice="Run all data sets into a fresh folder, and put it in the place of the old one.",
        )
