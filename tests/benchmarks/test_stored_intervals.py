"""Intervals made again from the stored points: only they change, and the shipped ones come out."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from softdash.benchmarks.data_package import file_sha256, read_resources
from softdash.benchmarks.stored_intervals import remake_intervals
from softdash.catalog import Catalog, schemas

SHIPPED = Path(__file__).parents[2] / "precomputed"
PAIR = {"dataset": "gpaw_pbe", "potential": "chgnet-0.3.0"}
INTERVALS = ["slope_standard_error", "interval_low", "interval_high", "interval_method"]


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
    described = {resource.path: resource for resource in read_resources(folder)}
    assert described[schemas.MATERIALS].sha256 == file_sha256(folder / schemas.MATERIALS)


def test_another_spread_changes_single_frames_only(folder: Path) -> None:
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
    np.testing.assert_allclose(after["interval_low"][by_frame], before["interval_low"][by_frame], atol=1e-6)
