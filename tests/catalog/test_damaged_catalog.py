"""One damaged file of the catalog costs itself alone."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_catalog import (
    BANDS,
    DATASET,
    POINTS,
    POTENTIAL,
    describe,
)

from softdash.catalog import Catalog, schemas
from softdash.errors import ReferenceDataError


def _edit(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        change(pd.read_csv(file)).to_csv(file, index=False)

    return damage


def _set(column: str, value: Any) -> Callable[[Path], None]:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        table[column] = table[column].astype(object)
        table.loc[1, column] = value
        return table

    return _edit(change)


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda file: file.unlink(), "missing"),
        (lambda file: file.write_bytes(b""), "cannot be read"),
        (lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]), "table of softening scales"),
        (lambda file: file.write_bytes(b"\x89PNG\xff\xfe" * 40), "cannot be read"),
        (_edit(lambda table: table.drop(columns=["slope", "mae"])), "lacks the columns slope, mae"),
        (_edit(lambda table: pd.concat([table, table.iloc[:1]])), "two rows stand for"),
        (_set("slope", "soft"), "cannot be read"),
        (_set("slope", np.inf), "not finite"),
        (_set("slope", None), "slope has an empty cell (row 2)"),
        (_set("slope", 2.0), "ascending order"),
        (_set("frame_count", 0), "frame_count holds 0, below 1"),
        (_set("frame_count", 1.5), "cannot be read"),
        (_set("interval_method", "guess"), "'guess'"),
        (_set("largest_leverage", 1.5), "above 1"),
    ],
)
def test_damaged_table_is_quarantined_alone(folder: Path, damage: Callable[[Path], None], word: str) -> None:
    catalog = Catalog(folder)
    good = (folder / schemas.MATERIALS).read_bytes()
    catalog.materials()
    damage(folder / schemas.MATERIALS)
    with pytest.raises(ReferenceDataError) as caught:
        catalog.materials()
    assert word in caught.value.what
    assert [problem.path for problem in catalog.problems()] == [schemas.MATERIALS]
    assert word in catalog.problems()[0].reason
    assert not catalog.element_slopes().empty
    assert not catalog.parity_points(DATASET, POTENTIAL, "mp-1").empty
    (folder / schemas.MATERIALS).write_bytes(good)
    assert catalog.problems() == []
    assert not catalog.materials().empty


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-100]),
        lambda file: file.write_bytes(b""),
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes().replace(b"mp-2", b"mp-7")),
        lambda file: pq.write_table(pq.read_table(file).drop_columns(["predicted_x"]), file),
        lambda file: pq.write_table(pa.table({n: ["1"] for n in schemas.PARITY_POINTS.column_names}), file),
    ],
    ids=["truncated", "empty", "lost", "tampered", "column lost", "wrong types"],
)
def test_damaged_points_are_quarantined_alone(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder / POINTS)
    catalog = Catalog(folder)
    assert [problem.path for problem in catalog.problems()] == [POINTS]
    with pytest.raises(ReferenceDataError):
        catalog.parity_points(DATASET, POTENTIAL, "mp-1")
    assert len(catalog.materials(DATASET)) == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"atom_count":1', '"atom_count":2'),
        lambda text: text.replace('"distances":[0.0,0.1]', '"distances":[0.0]'),
        lambda text: text.replace('"max_frequency":2.0', '"max_frequency":-2.0'),
        lambda text: text.replace("1.0,1.0,2.0", "1.0,1.0,NaN"),
        lambda _: "",
    ],
)
def test_damaged_bands_are_quarantined_alone(folder: Path, change: Callable[[str], str]) -> None:
    path = folder / BANDS
    text = gzip.decompress(path.read_bytes()).decode()
    changed = change(text)
    assert changed != text
    path.write_bytes(gzip.compress(changed.encode()))
    catalog = Catalog(folder)
    assert [problem.path for problem in catalog.problems()] == [BANDS]
    with pytest.raises(ReferenceDataError):
        catalog.phonon_bands("mp-1784")
    assert not catalog.phonon_materials().empty


@pytest.mark.parametrize("keep", [0, 20, -8])
@pytest.mark.parametrize("is_described", [True, False])
def test_cut_bands_are_quarantined(folder: Path, keep: int, is_described: bool) -> None:
    if is_described:
        describe(folder, (POINTS, BANDS, schemas.MATERIALS))
    path = folder / BANDS
    path.write_bytes(path.read_bytes()[:keep])
    catalog = Catalog(folder)
    assert [problem.path for problem in catalog.problems()] == [BANDS]
    with pytest.raises(ReferenceDataError):
        catalog.phonon_bands("mp-1784")


def test_table_that_lost_its_last_rows_is_quarantined(folder: Path) -> None:
    """It is a well-formed table: only the hash in the data package tells."""
    described = (POINTS, BANDS, schemas.MATERIALS)
    describe(folder, described)
    catalog = Catalog(folder)
    path = folder / schemas.MATERIALS
    whole = path.read_bytes()
    assert len(catalog.materials()) == 4
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    with pytest.raises(ReferenceDataError, match="not the one"):
        catalog.materials()
    path.write_bytes(whole.replace(b"\n", b"\r\n"))
    assert len(catalog.materials()) == 4, "line ends do not count"
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    describe(folder, described)
    assert len(catalog.materials()) == 3, "a new description makes the new table right"


def test_damaged_data_package_takes_no_table_with_it(folder: Path) -> None:
    (folder / schemas.DATA_PACKAGE).write_text('{"resources": [{"path": 1')
    catalog = Catalog(folder)
    assert [problem.path for problem in catalog.problems()] == [schemas.DATA_PACKAGE]
    assert len(catalog.parity_points(DATASET, POTENTIAL, "mp-1")) == 20
    with pytest.raises(ReferenceDataError):
        catalog.resource(POINTS)
