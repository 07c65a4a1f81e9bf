"""Frames of one material that some potentials computed and others left out.

Potentials stand side by side for one material; where one of them refuses a frame (an atom beyond its cutoff), slopes
rest on different frames. The table says so in each row; where potentials are compared, `on_shared_frames` counts the
frames that all of them computed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from ase.data import atomic_numbers, chemical_symbols

from softdash.benchmarks.high_energy.frame_spreads import known_frame_spread
from softdash.catalog import Catalog
from softdash.errors import NotFoundError, ReferenceDataError, RefusalError
from softdash.potentials.registry import card
from softdash.softening import analyse_forces
from softdash.softening.statistics import Interval, SofteningStatistics

SET_ASIDE = "frames_set_aside"
"""Column of `on_shared_frames`: the frames of a row that do not count, since a potential beside it left them out."""

SET_ASIDE_DESCRIPTION = (
    "Frames that this potential computed and another of those chosen did not: they are left out of the row, so that "
    "all chosen potentials count the same frames of a material."
)


def with_unshared_frames(materials: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Fill in the column ``frames_not_shared``: frames used here that another potential left out, by number.

    Parameters
    ----------
    materials, failures : DataFrame
        Rows of `softdash.catalog.schemas.HIGH_ENERGY_MATERIALS` and of ``HIGH_ENERGY_FAILURES``.

    Returns
    -------
    DataFrame
        A new one; the column is empty where all potentials used the same frames.
    """
    known = set(zip(materials["dataset"], materials["potential"], materials["material_id"], strict=True))
    refused: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    of_any: dict[tuple[str, str], set[int]] = defaultdict(set)
    rows = failures[failures["frame"].notna()]
    for dataset, potential, material, frame in zip(
        rows["dataset"], rows["potential"], rows["material_id"], rows["frame"], strict=True
    ):
        # A potential without any frame of the material stands beside nothing.
        if (dataset, potential, material) in known:
            refused[dataset, potential, material].add(int(frame))
            of_any[dataset, material].add(int(frame))
    unshared = [
        sorted(of_any[dataset, material] - refused[dataset, potential, material])
        if (dataset, material) in of_any
        else []
        for dataset, potential, material in zip(
            materials["dataset"], materials["potential"], materials["material_id"], strict=True
        )
    ]
    return materials.assign(frames_not_shared=[" ".join(map(str, frames)) or None for frames in unshared])


def on_shared_frames(catalog: Catalog, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose numbers rest, material by material, on the frames that all potentials among them computed.

    Numbers are made again from the stored points, whose forces are rounded to 0.001 eV/Å; rows that need no change stay
    as they are. A row whose interval is missing (steps of a relaxation) gets none.

    Parameters
    ----------
    catalog : Catalog
    rows : DataFrame
        Of `softdash.catalog.schemas.HIGH_ENERGY_MATERIALS`: those that stand side by side.

    Returns
    -------
    DataFrame
        A new one with the further column `SET_ASIDE`, empty where nothing was set aside. Where no frame is shared, the
        shared ones allow no slope, or points are missing or in quarantine, rows stay as they are and
        ``frames_not_shared`` still names what differs.
    """
    shown = rows.assign(**{SET_ASIDE: pd.Series([None] * len(rows), index=rows.index, dtype=object)})
    # Where two potentials used different frames, one of them is marked.
    marked = rows[rows["frames_not_shared"].notna()]
    for dataset, material in marked[["dataset", "material_id"]].drop_duplicates().itertuples(index=False):
        beside = rows[(rows["dataset"] == dataset) & (rows["material_id"] == material)]
        try:
            changed = _recomputed(catalog, beside)
        except (NotFoundError, ReferenceDataError, RefusalError):
            continue
        for index, cells in changed.items():
            for column, value in cells.items():
                shown.loc[index, column] = value
    return shown


def set_aside(row: pd.Series) -> list[int]:
    """Return the frames of a row of `on_shared_frames` that do not count, from 1."""
    return _numbers(row.get(SET_ASIDE))


def element_slopes_on_shared_frames(catalog: Catalog, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the slopes per element of one material's rows from `on_shared_frames`, on the frames that count.

    Raises
    ------
    ReferenceDataError
        If a table or points that are needed are in quarantine.
    """
    first = rows.iloc[0]
    table = catalog.element_slopes(str(first["dataset"]))
    table = table[(table["material_id"] == first["material_id"]) & table["potential"].isin(rows["potential"])]
    parts = [table]
    for _, row in rows.iterrows():
        if not set_aside(row):
            continue
        statistics = _analysed(catalog, row, _points(catalog, row, set(set_aside(row))))
        parts[0] = parts[0][parts[0]["potential"] != row["potential"]]
        own = [
            {
                "dataset": row["dataset"],
                "potential": row["potential"],
                "material_id": row["material_id"],
                "element": chemical_symbols[element.atomic_number],
                "component_count": element.component_count,
                "slope": element.slope,
                **_ends(element.interval),
                "mae": element.mae,
            }
            for element in statistics.elements
        ]
        if own:
            parts.append(pd.DataFrame(own))
    present = [part for part in parts if len(part)]
    return pd.concat(present, ignore_index=True) if present else table


def _numbers(text: Any) -> list[int]:
    return [] if text is None or pd.isna(text) else [int(number) for number in str(text).split()]


def _recomputed(catalog: Catalog, rows: pd.DataFrame) -> dict[Hashable, dict[str, Any]]:
    """Return the new cells of each row of one material, by its index."""
    points = {index: _points(catalog, row, set()) for index, row in rows.iterrows()}
    frames = {index: set(table["frame"].tolist()) for index, table in points.items()}
    shared = set.intersection(*frames.values())
    if not shared:
        raise NotFoundError("No frame of this material was computed by all potentials.")
    changed: dict[Hashable, dict[str, Any]] = {}
    for index, table in points.items():
        aside = sorted(frames[index] - shared)
        if aside:
            row = rows.loc[index]
            statistics = _analysed(catalog, row, table[table["frame"].isin(shared)])
            marked = set(_numbers(row["frames_not_shared"])) - set(aside)
            changed[index] = _cells(statistics) | {
                SET_ASIDE: " ".join(map(str, aside)),
                "frames_not_shared": " ".join(map(str, sorted(marked))) or None,
                "frames_refused": int(row["frames_refused"]) + len(aside),
            }
    return changed


def _points(catalog: Catalog, row: pd.Series, without: set[int]) -> pd.DataFrame:
    table = catalog.parity_points(str(row["dataset"]), str(row["potential"]), str(row["material_id"]))
    return table[~table["frame"].isin(without)] if without else table


def _analysed(catalog: Catalog, row: pd.Series, points: pd.DataFrame) -> SofteningStatistics:
    frames = [frame for _, frame in points.groupby("frame", sort=True)]
    reference, predicted = (
        [frame[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(np.float64) for frame in frames]
        for side in ("reference", "predicted")
    )
    numbers = [np.array([atomic_numbers[symbol] for symbol in frame["element"]]) for frame in frames]
    try:
        spread = known_frame_spread(catalog, card(str(row["potential"])))
    except NotFoundError:  # a potential whose plug-in is not installed here
        spread = None
    is_without_interval = bool(pd.isna(row["interval_low"]))
    return analyse_forces(reference, predicted, numbers, frame_spread=spread, relaxation=is_without_interval)


def _cells(statistics: SofteningStatistics) -> dict[str, Any]:
    """Return the numbers of a row; what the material and the potential are stays as it is."""
    interval, left_out = statistics.slope_interval, statistics.leave_one_frame_out
    same = (
        *("frame_count", "atom_count", "component_count", "slope", "slope_standard_error", "slope_with_intercept"),
        *("intercept", "r_squared", "rmse", "mae", "corrected_mae", "error_reduction", "linear_correction"),
        *("mae_at_linear_correction", "huber_slope", "reference_rms", "reference_max"),
    )
    return {
        **{name: getattr(statistics, name) for name in same},
        **_ends(interval),
        "interval_method": None if interval is None else interval.method,
        "largest_leverage": statistics.largest_leverage.share,
        "leave_one_out_low": None if left_out is None else left_out[0],
        "leave_one_out_high": None if left_out is None else left_out[1],
        "notices": " ".join(notice.code for notice in statistics.notices) or None,
    }


def _ends(interval: Interval | None) -> dict[str, float | None]:
    return {
        "interval_low": None if interval is None else interval.low,
        "interval_high": None if interval is None else interval.high,
    }
