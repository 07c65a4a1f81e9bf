"""The results that softdash ships: every described file is whole, and every file is described."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from softdash.benchmarks.data.data_package import file_sha256
from softdash.catalog import Catalog, schemas
from softdash.settings import Settings

FOLDER = Settings().precomputed_dir
# A repository of results that change is no place for larger files: each version stays in its history.
FILE_BYTES_MAX = 4 * 1024**2


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(FOLDER)


def test_every_described_file_is_whole(catalog: Catalog) -> None:
    described = catalog.resources()
    assert {problem for problem in catalog.problems() if problem.path in described} == set()
    assert [path for path, entry in described.items() if file_sha256(FOLDER / path) != entry.sha256] == []


def test_every_table_is_described(catalog: Catalog) -> None:
    files = {
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*")
        if path.suffix in {".csv", ".parquet", ".json", ".gz"}
    }
    assert files - set(catalog.resources()) == {schemas.DATA_PACKAGE}


def test_every_description_names_source_and_licence(catalog: Catalog) -> None:
    for entry in catalog.resources().values():
        assert all(licence.name for licence in entry.licences), entry.path
        assert entry.sources, entry.path
        assert all(source.title for source in entry.sources), entry.path


def test_every_phonon_row_has_its_curve(catalog: Catalog) -> None:
    rows = catalog.phonon_materials()
    assert {"mp-1784", "mp-1265", "mp-149", "mp-661"} <= set(rows["material_id"])
    for material_id, group in rows.groupby("material_id"):
        bands = catalog.phonon_bands(material_id)
        assert len(bands.curves) == len(group)
        for row in group.itertuples():
            curve = bands.curve(row.potential, row.method)
            assert curve.max_frequency == pytest.approx(row.max_frequency, rel=1e-6)
            assert curve.min_frequency == pytest.approx(row.min_frequency, rel=1e-6)


def test_every_shipped_file_stays_small() -> None:
    sizes = {str(path.relative_to(FOLDER)): path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    assert {path: size for path, size in sizes.items() if size >= FILE_BYTES_MAX} == {}


def test_no_path_of_this_machine_is_shipped() -> None:
    homes = ("/home/", "/root/", f"{tempfile.gettempdir()}/", str(Path.cwd()))
    for path in FOLDER.rglob("*"):
        if path.suffix in {".csv", ".json"}:
            text = path.read_text(encoding="utf-8")
            assert not [home for home in homes if home in text], path
