"""Intervals and notices made again from the stored points: only they change, and the shipped ones come out."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.data import chemical_symbols as symbols

from softdash.benchmarks.data.data_package import file_sha256, read_resources
from softdash.benchmarks.high_energy.frame_spreads import known_frame_spread
from softdash.benchmarks.high_energy.run import are_relaxation_steps
from softdash.benchmarks.stored_intervals import remake_fine_tuning_intervals, remake_intervals
from softdash.catalog import Catalog, schemas
from softdash.catalog.correction_schemas import FINE_TUNING, FINE_TUNINGS, fine_tuning_points_path
from softdash.potentials.registry import card
from softdash.softening import analyse_forces

SHIPPED = Path(__file__).parents[2] / "precomputed"
PAIR = {"dataset": "gpaw_pbe", "potential": "chgnet-0.3.0"}
SIDES = ("reference", "predicted")
INTERVALS = ["slope_standard_error", "interval_low", "interval_high", "interval_method", "notices"]


def only_pair(table: pd.DataFrame) -> pd.DataFrame:
    chosen: pd.DataFrame = table[(table["dataset"] == PAIR["dataset"]) & (table["potential"] == PAIR["potential"])]
    return chosen.reset_index(drop=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (schemas.DATA_PACKAGE, schemas.FRAME_SPREADS, schemas.points_path(**PAIR)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED / path, tmp_path / path)
    for path in (schemas.MATERIALS, schemas.ELEMENT_SLOPES):
        shipped = schemas.CSV_TABLES[path].read_csv(SHIPPED / path)
        schemas.CSV_TABLES[path].write_csv(only_pair(shipped), tmp_path / path)
    entries = (SHIPPED / schemas.DATA_PACKAGE).read_text(encoding="utf-8")
    for path in (schemas.MATERIALS, schemas.ELEMENT_SLOPES):
        entries = entries.replace(file_sha256(SHIPPED / path), file_sha256(tmp_path / path))
    (tmp_path / schemas.DATA_PACKAGE).write_text(entries, encoding="utf-8")
    return tmp_path


def test_the_shipped_intervals_come_out_and_nothing_else_changes(folder: Path) -> None:
    assert remake_intervals(folder) == (19, 0)
    made = schemas.HIGH_ENERGY_MATERIALS.read_csv(folder / schemas.MATERIALS)
    shipped = only_pair(schemas.HIGH_ENERGY_MATERIALS.read_csv(SHIPPED / schemas.MATERIALS))
    others = [name for name in made.columns if name not in INTERVALS]
    pd.testing.assert_frame_equal(made[others], shipped[others])
    for column in INTERVALS[:3]:
        np.testing.assert_allclose(made[column], shipped[column], atol=1e-6)
    assert made["interval_method"].tolist() == shipped["interval_method"].tolist()
    assert made["notices"].fillna("").tolist() == shipped["notices"].fillna("").tolist()
    described = {resource.path: resource for resource in read_resources(folder)}
    assert described[schemas.MATERIALS].sha256 == file_sha256(folder / schemas.MATERIALS)


def test_another_spread_widens_intervals_of_few_frames_and_narrows_none(folder: Path) -> None:
    before = Catalog(folder).materials()
    spreads = schemas.HIGH_ENERGY_FRAME_SPREADS.read_csv(folder / schemas.FRAME_SPREADS)
    schemas.HIGH_ENERGY_FRAME_SPREADS.write_csv(
        spreads.assign(frame_spread=2 * spreads["frame_spread"]), folder / schemas.FRAME_SPREADS
    )
    entries = (folder / schemas.DATA_PACKAGE).read_text(encoding="utf-8")
    old, new = (file_sha256(root / schemas.FRAME_SPREADS) for root in (SHIPPED, folder))
    (folder / schemas.DATA_PACKAGE).write_text(entries.replace(old, new), encoding="utf-8")
    remake_intervals(folder)
    after = schemas.HIGH_ENERGY_MATERIALS.read_csv(folder / schemas.MATERIALS)
    assert (before["frame_count"] == 10).all()
    by_frame = before["interval_method"] == "jackknife by frame"
    assert by_frame.sum() == 19
    wider = (after["interval_high"] - before["interval_high"])[by_frame]
    assert (wider > -1e-6).all()
    assert (wider > 1e-6).sum() == 12  # the others differ more than doubled spread lets them


@pytest.fixture(scope="module")
def shipped_rows() -> pd.DataFrame:
    return schemas.HIGH_ENERGY_MATERIALS.read_csv(SHIPPED / schemas.MATERIALS)


def sample_of(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows of every data set and potential, and of each kind of interval and notice."""
    chosen = table.groupby(["dataset", "potential"], sort=True).sample(1, random_state=7)
    kinds = table.groupby("interval_method", dropna=False).sample(2, random_state=7)
    repeated = table[table["notices"].fillna("").str.contains("repeated_frames")].head(1)
    rows: list[dict[str, object]] = pd.concat([chosen, kinds, repeated]).drop_duplicates().to_dict("records")
    return rows


def test_a_sample_of_the_shipped_rows_is_what_their_points_give(shipped_rows: pd.DataFrame) -> None:
    """Without the module that wrote them: half widths, methods and notices from the points, row by row."""
    catalog = Catalog(SHIPPED)
    elements = schemas.HIGH_ENERGY_ELEMENT_SLOPES.read_csv(SHIPPED / schemas.ELEMENT_SLOPES)
    rows = sample_of(shipped_rows)
    assert len(rows) > 60
    for row in rows:
        link = [str(row[name]) for name in ("dataset", "potential", "material_id")]
        points = catalog.parity_points(*link)
        frames = [frame for _, frame in points.groupby("frame", sort=True)]
        sides = [[one[[f"{side}_{axis}" for axis in "xyz"]].to_numpy(float) for one in frames] for side in SIDES]
        found = analyse_forces(
            *sides,
            [Atoms(list(one["element"])).numbers for one in frames],
            frame_spread=known_frame_spread(catalog, card(link[1])),
            relaxation=are_relaxation_steps(link[0], link[2]),
        )
        assert " ".join(notice.code for notice in found.notices) == ("" if pd.isna(row["notices"]) else row["notices"])
        if found.slope_interval is None:
            assert pd.isna(row["interval_low"]), link
            continue
        assert found.slope_interval.method == row["interval_method"]
        half_width = (float(str(row["interval_high"])) - float(str(row["interval_low"]))) / 2
        assert half_width == pytest.approx(found.slope_interval.half_width, rel=1e-4, abs=1e-6)
        assert half_width > 0
        own = elements[(elements[["dataset", "potential", "material_id"]] == link).all(axis=1)]
        known = {symbols[one.atomic_number]: one.interval for one in found.elements if one.interval is not None}
        shown = own.dropna(subset=["interval_low"]).set_index("element")
        assert set(shown.index) <= set(known)
        for element, ends in shown.iterrows():
            assert (ends["interval_high"] - ends["interval_low"]) / 2 == pytest.approx(
                known[str(element)].half_width, rel=1e-3, abs=1e-5
            )


def test_no_shipped_interval_has_the_width_zero(shipped_rows: pd.DataFrame) -> None:
    widths = (shipped_rows["interval_high"] - shipped_rows["interval_low"]).dropna()
    assert len(widths) > 5000
    assert widths.min() > 1e-4


def test_the_shipped_fine_tuning_intervals_come_out(tmp_path: Path) -> None:
    table = FINE_TUNINGS.read_csv(SHIPPED / FINE_TUNING)
    points = [fine_tuning_points_path(name) for name in table["system"].unique()]
    for path in (schemas.DATA_PACKAGE, schemas.FRAME_SPREADS, FINE_TUNING, *points):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED / path, tmp_path / path)
    assert remake_fine_tuning_intervals(tmp_path) == (len(table), 0)
    pd.testing.assert_frame_equal(FINE_TUNINGS.read_csv(tmp_path / FINE_TUNING), table)
    # Without the points of a system, nothing is known of its intervals.
    (tmp_path / fine_tuning_points_path("lgps")).unlink()
    remake_fine_tuning_intervals(tmp_path)
    made = FINE_TUNINGS.read_csv(tmp_path / FINE_TUNING)
    assert (made["interval_low"].isna() == (made["system"] == "lgps")).all()
    pd.testing.assert_series_equal(made["slope"], table["slope"])
