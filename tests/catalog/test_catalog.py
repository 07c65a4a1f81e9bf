"""The catalog: what it gives, and what it refuses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_catalog import (
    BANDS,
    DATASET,
    MATERIALS,
    POINTS,
    POTENTIAL,
    describe,
    small_bands,
    small_points,
    write_rows,
)

from softdash.catalog import Catalog, schemas
from softdash.catalog.tables import Column, TableSchema
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.softening import summarise_population


def test_whole_catalog_has_no_problem(folder: Path) -> None:
    assert Catalog(folder).problems() == []


def test_names_and_filters(folder: Path) -> None:
    catalog = Catalog(folder)
    assert catalog.datasets() == (DATASET, "control")
    assert catalog.potentials() == (POTENTIAL,)
    assert list(catalog.materials(DATASET, POTENTIAL)["slope"]) == list(MATERIALS.values())
    assert len(catalog.materials(dataset="control")) == 1
    assert catalog.material(DATASET, POTENTIAL, "mp-2")["slope"] == 0.9
    assert catalog.published_values("phonons")["model"].tolist() == ["phonons"]
    assert catalog.published_values("surfaces")["value"].isna().all()
    assert catalog.failures()["frame"].isna().all()


def test_points_of_one_material_are_those_written(folder: Path) -> None:
    read = Catalog(folder).parity_points(DATASET, POTENTIAL, "mp-2").reset_index(drop=True)
    written = small_points().query("material_id == 'mp-2'").reset_index(drop=True)
    pd.testing.assert_frame_equal(read, written, check_dtype=False)


def test_points_of_one_material_read_only_its_row_group(folder: Path) -> None:
    """Rows of other materials may be unreadable: they are never touched."""
    path = folder / POINTS
    metadata = pq.read_metadata(path)
    column = metadata.row_group(2).column(4)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    describe(folder)
    catalog = Catalog(folder)
    assert len(catalog.parity_points(DATASET, POTENTIAL, "mp-1")) == 20
    with pytest.raises(ReferenceDataError):
        catalog.parity_points(DATASET, POTENTIAL, "mp-3")


def test_population_is_that_of_the_softening_floor(folder: Path) -> None:
    catalog = Catalog(folder)
    population = catalog.population(DATASET, POTENTIAL)
    assert population.slopes.tolist() == list(MATERIALS.values())
    assert population.summary.median == 0.9
    assert population.summary.share_below_one == pytest.approx(2 / 3)
    assert population.summary.share_surely_below_one == pytest.approx(2 / 3)
    plain = summarise_population(population.slopes)
    assert population.summary.median_interval == plain.median_interval
    assert catalog.population(DATASET, POTENTIAL) is population, "the bootstrap should run once"


def test_changing_a_returned_table_leaves_the_cache_alone(folder: Path) -> None:
    catalog = Catalog(folder)
    table = catalog.materials()
    table["slope"] = 0.0
    table.loc[0, "formula"] = "spoilt"
    assert catalog.materials()["slope"].tolist()[:3] == list(MATERIALS.values())
    assert "spoilt" not in set(catalog.materials()["formula"])


def test_table_of_an_older_softdash_lacks_only_columns_that_need_no_value(tmp_path: Path) -> None:
    schema = TableSchema(
        "things",
        (
            Column("name", "string", "Name."),
            Column("value", "number", "Value.", "eV"),
            Column("error", "number", "Its error.", "eV", required=False),
            Column("count", "integer", "How many.", required=False),
            Column("note", "string", "Remark.", required=False),
        ),
    )
    (tmp_path / "things.csv").write_text("name,value\na,1.5\nb,2\n", encoding="utf-8")
    table = schema.read_csv(tmp_path / "things.csv")
    assert table.columns.tolist() == schema.column_names
    assert table[["error", "count", "note"]].isna().all(axis=None)
    (tmp_path / "things.csv").write_text("name,error\na,1.5\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="lacks the column value"):
        schema.read_csv(tmp_path / "things.csv")


def test_resource_says_where_a_file_comes_from(folder: Path) -> None:
    resource = Catalog(folder).resource(POINTS)
    assert resource.sources[0].commit == "29663037"
    assert resource.licences[0].name == "MIT"
    assert resource.sha256 == hashlib.sha256((folder / POINTS).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", "x\0y", ".hidden"])
def test_no_name_reaches_outside_the_folder(folder: Path, name: str) -> None:
    catalog = Catalog(folder)
    with pytest.raises(NotFoundError):
        catalog.parity_points(name, POTENTIAL, "mp-1")
    with pytest.raises(NotFoundError):
        catalog.phonon_bands(name)


def test_unknown_names_are_not_found(folder: Path) -> None:
    catalog = Catalog(folder)
    for ask in (
        lambda: catalog.parity_points(DATASET, POTENTIAL, "mp-99"),
        lambda: catalog.parity_points(DATASET, "none", "mp-1"),
        lambda: catalog.population(DATASET, "none"),
        lambda: catalog.material(DATASET, POTENTIAL, "mp-99"),
        lambda: catalog.phonon_bands("mp-2"),
        lambda: catalog.resource("none.csv"),
        lambda: catalog.phonon_bands("mp-1784").curve("chgnet-0.3.0", "relaxed"),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_bands_are_not_kept_in_memory(folder: Path) -> None:
    catalog = Catalog(folder)
    assert catalog.phonon_bands("mp-1784") is not catalog.phonon_bands("mp-1784")


def test_bands_survive_the_way_to_disk(folder: Path) -> None:
    assert Catalog(folder).phonon_bands("mp-1784") == small_bands()


def test_writing_a_wrong_table_is_refused_and_keeps_the_old_one(folder: Path) -> None:
    path = folder / schemas.MATERIALS
    before = path.read_bytes()
    with pytest.raises(ReferenceDataError, match="below 1"):
        write_rows(schemas.HIGH_ENERGY_MATERIALS, path, [{"frame_count": 0}])
    assert path.read_bytes() == before


def test_numbers_survive_the_csv_to_seven_digits_and_no_further(tmp_path: Path) -> None:
    slope, path = 0.1 + 0.2 + 1 / 3e6, tmp_path / schemas.MATERIALS
    row = {"slope": slope, "interval_low": slope, "interval_high": slope, "mae": 2 / 3e8}
    write_rows(schemas.HIGH_ENERGY_MATERIALS, path, [row])
    read = Catalog(tmp_path).materials()
    assert read[["slope", "mae"]].iloc[0].tolist() == [0.3000003, 6.666667e-09]
    written = path.read_bytes()
    schemas.HIGH_ENERGY_MATERIALS.write_csv(read, path)
    assert path.read_bytes() == written, "a table that is read and written again stays the same"


def test_every_schema_has_unique_columns_and_known_keys() -> None:
    for schema in (*schemas.CSV_TABLES.values(), schemas.PARITY_POINTS):
        names = schema.column_names
        assert len(set(names)) == len(names)
        assert set(schema.key) <= set(names)
        assert all(set(group) <= set(names) for group in schema.ordered)
        assert [field["name"] for field in schema.as_json()["fields"]] == names


def test_benchmark_that_was_not_run_is_no_damage_until_it_is_described(folder: Path) -> None:
    catalog = Catalog(folder)
    with pytest.raises(NotFoundError, match="not computed yet"):
        catalog.table(schemas.SURFACE_ENERGIES)
    write_rows(schemas.COMPUTED_SURFACES, folder / schemas.SURFACE_ENERGIES, [{"coordinate": None}])
    assert len(catalog.table(schemas.SURFACE_ENERGIES)) == 1
    describe(folder, (POINTS, BANDS, schemas.SURFACE_ENERGIES))
    (folder / schemas.SURFACE_ENERGIES).unlink()
    with pytest.raises(ReferenceDataError, match="missing"):
        catalog.table(schemas.SURFACE_ENERGIES)
    assert [problem.path for problem in catalog.problems()] == [schemas.SURFACE_ENERGIES]
