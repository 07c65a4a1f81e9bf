"""The description of the precomputed tables."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from softdash.benchmarks.data.data_package import file_sha256, read_resources, update_resource
from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.catalog.tables import Column, TableSchema
from softdash.errors import ReferenceDataError

STAMP = PotentialVersion(name="emt", version="1", package="ase", package_version="3.29.0", weights_sha256="ab" * 32)
SOURCE = ReferenceSource(title="Set", path="https://example.org/set.xyz", commit="abc", licence="MIT")
SCHEMA = TableSchema("forces", (Column("force", "number", "reference", unit="eV/Å"),))


def _describe(folder: Path, path: str, description: str = "A table."):
    return update_resource(
        folder,
        path,
        description=description,
        licence="CC0-1.0",
        schema=SCHEMA,
        sources=[SOURCE],
        potentials=[STAMP],
    )


def _table(folder: Path, path: str, text: str = "force\n1.0\n") -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_an_entry_comes_back_as_written(tmp_path: Path) -> None:
    file = _table(tmp_path, "high_energy/materials.csv")
    written = _describe(tmp_path, "high_energy/materials.csv")
    assert read_resources(tmp_path) == [written]
    assert written.sha256 == file_sha256(file)
    assert written.potentials == (STAMP,)
    assert written.table.fields[0].unit == "eV/Å"


def test_other_entries_stay_and_the_order_does_not_depend_on_the_calls(tmp_path: Path) -> None:
    for path in ("b.csv", "a.csv"):
        _table(tmp_path, path)
        _describe(tmp_path, path)
    assert [entry.path for entry in read_resources(tmp_path)] == ["a.csv", "b.csv"]


def test_a_repeated_run_leaves_the_file_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _table(tmp_path, "a.csv")
    first = _describe(tmp_path, "a.csv")
    before = (tmp_path / "datapackage.json").read_bytes()
    assert _describe(tmp_path, "a.csv") == first
    assert (tmp_path / "datapackage.json").read_bytes() == before
    _table(tmp_path, "a.csv", "force\n2.0\n")
    assert _describe(tmp_path, "a.csv").sha256 != first.sha256


def test_writers_at_the_same_time_lose_no_entry(tmp_path: Path) -> None:
    paths = [f"{number}.csv" for number in range(20)]
    for path in paths:
        _table(tmp_path, path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: _describe(tmp_path, path), paths))
    assert sorted(entry.path for entry in read_resources(tmp_path)) == sorted(paths)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match="does not exist"):
        _describe(tmp_path, "nothing.csv")


@pytest.mark.parametrize("text", ["{", "[]", '{"resources": [{"name": "x"}]}', '{"resources": 3}'])
def test_a_damaged_package_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "datapackage.json").write_text(text)
    with pytest.raises(ReferenceDataError, match=r"datapackage\.json"):
        read_resources(tmp_path)


def test_the_file_has_the_frictionless_keys(tmp_path: Path) -> None:
    _table(tmp_path, "a.csv")
    _describe(tmp_path, "a.csv")
    document = json.loads((tmp_path / "datapackage.json").read_text())
    resource = document["resources"][0]
    assert document["$schema"].startswith("https://datapackage.org/")
    assert resource["hash"].startswith("sha256:")
    assert resource["schema"]["fields"][0] == {
        "name": "force",
        "type": "number",
        "unit": "eV/Å",
        "description": "reference",
    }
