"""Make intervals and notices of stored tables again from the stored parity points, without any potential.

`python -m softdash.benchmarks.stored_intervals` does it for the high-energy tables and for the fine-tuning. Forces in
the points are rounded to 0.001 eV/Å, so the slope and all other columns stay as they are, and each interval keeps
what it reaches to either side of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ase.data import atomic_numbers, chemical_symbols
from numpy.typing import NDArray

from softdash.benchmarks.correction.fine_tuning import POTENTIAL
from softdash.benchmarks.correction.fine_tuning_tables import spread_after, statistics_of_test_frames
from softdash.benchmarks.data.data_package import locked, read_resources, update_resource
from softdash.benchmarks.high_energy.frame_spreads import known_frame_spread
from softdash.benchmarks.high_energy.run import are_relaxation_steps
from softdash.benchmarks.high_energy.tables import notice_codes
from softdash.catalog import Catalog, schemas
from softdash.catalog.correction_schemas import FINE_TUNING, FINE_TUNINGS, TEST, fine_tuning_points_path
from softdash.catalog.tables import TableSchema
from softdash.errors import NotFoundError, RefusalError
from softdash.potentials.registry import card
from softdash.settings import get_settings
from softdash.softening import analyse_forces
from softdash.softening.statistics import Interval, SofteningStatistics

_LINK = ["dataset", "potential", "material_id"]


def remake_intervals(precomputed_dir: Path) -> tuple[int, int]:
    """Write intervals of both high-energy tables, and codes of notices, again.

    A row whose forces are refused after rounding loses its interval and keeps its codes.

    Returns
    -------
    tuple of int
        The numbers of materials with and without an interval.
    """
    catalog = Catalog(precomputed_dir)
    found = {
        key: statistics
        for dataset, potential in catalog.materials()[_LINK[:2]].drop_duplicates().itertuples(index=False)
        for key, statistics in _of_points(catalog, precomputed_dir, dataset, potential).items()
    }
    with locked(precomputed_dir, "high-energy"):
        materials = schemas.HIGH_ENERGY_MATERIALS.read_csv(precomputed_dir / schemas.MATERIALS).astype(object)
        elements = schemas.HIGH_ENERGY_ELEMENT_SLOPES.read_csv(precomputed_dir / schemas.ELEMENT_SLOPES).astype(object)
        kept = [_material_cells(row, found) for row in materials.to_dict("records")]
        for column in ("slope_standard_error", "interval_low", "interval_high", "interval_method", "notices"):
            materials[column] = [cells[column] for cells in kept]
        ends = [_element_cells(row, found) for row in elements.to_dict("records")]
        for column in ("interval_low", "interval_high"):
            elements[column] = [cells[column] for cells in ends]
        _write(precomputed_dir, schemas.MATERIALS, schemas.HIGH_ENERGY_MATERIALS, materials)
        _write(precomputed_dir, schemas.ELEMENT_SLOPES, schemas.HIGH_ENERGY_ELEMENT_SLOPES, elements)
    with_interval = int(materials["interval_low"].notna().sum())
    return with_interval, len(materials) - with_interval


_Found = dict[tuple[str, str, str], SofteningStatistics]


def _of_points(catalog: Catalog, precomputed_dir: Path, dataset: str, potential: str) -> _Found:
    points = pd.read_parquet(precomputed_dir / schemas.points_path(dataset, potential))
    try:
        spread = known_frame_spread(catalog, card(potential))
    except NotFoundError:
        spread = None
    found: _Found = {}
    for material_id, rows in points.groupby("material_id", sort=False):
        frames = [frame for _, frame in rows.groupby("frame", sort=True)]
        sides = [
            [frame[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(np.float64) for frame in frames]
            for side in ("reference", "predicted")
        ]
        numbers = [np.array([atomic_numbers[symbol] for symbol in frame["element"]]) for frame in frames]
        try:
            found[dataset, potential, str(material_id)] = analyse_forces(
                sides[0],
                sides[1],
                numbers,
                frame_spread=spread,
                relaxation=are_relaxation_steps(dataset, str(material_id)),
            )
        except RefusalError:
            continue  # forces at the limit, refused after rounding: no interval
    return found


def _material_cells(row: dict[str, Any], found: _Found) -> dict[str, Any]:
    statistics = found.get((row["dataset"], row["potential"], row["material_id"]))
    interval = None if statistics is None else statistics.slope_interval
    return {
        "slope_standard_error": None if statistics is None else statistics.slope_standard_error,
        **_ends_around(row["slope"], interval, None if statistics is None else statistics.slope),
        "interval_method": None if interval is None else interval.method,
        "notices": row["notices"] if statistics is None else notice_codes(statistics),
    }


def _element_cells(row: dict[str, Any], found: _Found) -> dict[str, Any]:
    statistics = found.get((row["dataset"], row["potential"], row["material_id"]))
    elements = () if statistics is None else statistics.elements
    own = [one for one in elements if chemical_symbols[one.atomic_number] == row["element"]]
    return _ends_around(row["slope"], own[0].interval if own else None)


def remake_fine_tuning_intervals(precomputed_dir: Path) -> tuple[int, int]:
    """Write the intervals of the fine-tuning table again; empty for runs whose forces are not among the points.

    Returns
    -------
    tuple of int
        The numbers of rows with and without an interval.
    """
    table = FINE_TUNINGS.read_csv(precomputed_dir / FINE_TUNING).astype(object)
    spread = known_frame_spread(Catalog(precomputed_dir), card(POTENTIAL))
    first_seed = int(table["seed"].min())
    kept = []
    for row in table.to_dict("records"):
        file = precomputed_dir / fine_tuning_points_path(row["system"])
        forces = None if not file.is_file() else _tuned_forces(row, table, pd.read_parquet(file), first_seed)
        statistics = None
        if forces is not None:
            known = spread_after(row["method"], row["factor"], spread)
            statistics = statistics_of_test_frames(*forces, frame_spread=known)
        own, interval = (None, None) if statistics is None else (statistics.slope, statistics.slope_interval)
        kept.append(_ends_around(row["slope"], interval, own))
    for column in ("interval_low", "interval_high"):
        table[column] = [cells[column] for cells in kept]
    _write(precomputed_dir, FINE_TUNING, FINE_TUNINGS, table)
    with_interval = int(table["interval_low"].notna().sum())
    return with_interval, len(table) - with_interval


def _tuned_forces(
    row: dict[str, Any], table: pd.DataFrame, points: pd.DataFrame, first_seed: int
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]], list[NDArray[np.int_]]] | None:
    """Return the forces of the test frames, DFT and predicted, and the atomic numbers; None where they were not kept.

    The points hold the runs of the first seed; one factor needs the pretrained forces alone.
    """
    name, factor = "pretrained", 1.0
    if row["method"] == "scalar":
        factor = float(row["factor"])
    elif row["method"] == "fine-tuned":
        if int(row["seed"]) != first_seed:
            return None
        tuned = table[(table["system"] == row["system"]) & (table["method"] == "fine-tuned")]
        name = "smaller" if int(row["train_frames"]) == int(tuned["train_frames"].min()) else "larger"
    frames = [frame for _, frame in points[points["part"] == TEST].groupby("frame", sort=True)]
    reference, predicted = (
        [frame[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(np.float64) for frame in frames]
        for side in ("reference", name)
    )
    numbers = [np.array([atomic_numbers[symbol] for symbol in frame["element"]]) for frame in frames]
    return reference, [factor * forces for forces in predicted], numbers


def _ends_around(slope: float, interval: Interval | None, own: float | None = None) -> dict[str, float | None]:
    if interval is None:
        return {"interval_low": None, "interval_high": None}
    below, above = (interval.half_width,) * 2 if own is None else (own - interval.low, interval.high - own)
    return {"interval_low": slope - below, "interval_high": slope + above}


def _write(precomputed_dir: Path, path: str, schema: TableSchema, table: pd.DataFrame) -> None:
    schema.write_csv(table, precomputed_dir / path)
    present = {resource.path: resource for resource in read_resources(precomputed_dir)}[path]
    update_resource(
        precomputed_dir,
        path,
        description=present.description,
        licence=present.licences[0].name,
        schema=schema,
        sources=present.sources,
        potentials=present.potentials,
    )


if __name__ == "__main__":
    print(*remake_intervals(get_settings().precomputed_dir))
    print(*remake_fine_tuning_intervals(get_settings().precomputed_dir))
