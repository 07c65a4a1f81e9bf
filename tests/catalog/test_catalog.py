"""The catalog: what it gives, what it refuses, and that one damaged file costs itself alone."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from softdash.catalog import Catalog, PathSegment, PhononBands, PhononCurve, schemas
from softdash.catalog.digitised_schemas import VIOLINS
from softdash.catalog.tables import Column, TableSchema
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.softening import summarise_population

DATASET, POTENTIAL = "mpf-TP", "chgnet-0.3.0"
MATERIALS = {"mp-1": 0.8, "mp-2": 0.9, "mp-3": 1.1}
POINTS = schemas.points_path(DATASET, POTENTIAL)
BANDS = schemas.phonon_bands_path("mp-1784")


def _row(schema: schemas.TableSchema, **values: Any) -> dict[str, Any]:
    """One valid row: the given values, and for the rest the least that the schema allows."""
    least = {"string": "x", "integer": 1, "number": 1.0, "boolean": False}
    row = {}
    for column in schema.columns:
        value = max(least[column.kind], column.minimum or 0) if column.minimum is not None else least[column.kind]
        row[column.name] = column.choices[0] if column.choices else value
    return row | values


def _write(schema: schemas.TableSchema, path: Path, rows: list[dict[str, Any]]) -> None:
    schema.write_csv(pd.DataFrame([_row(schema, **row) for row in rows]), path)


def _points() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    rows = []
    for material in MATERIALS:
        for atom in range(1, 21):
            forces = generator.normal(size=6).round(3)
            rows.append([material, 1, atom, "Na", *forces])
    return pd.DataFrame(rows, columns=schemas.PARITY_POINTS.column_names)


def _bands() -> PhononBands:
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
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
    _write(schemas.HIGH_ENERGY_MATERIALS, tmp_path / schemas.MATERIALS, rows)
    _write(schemas.HIGH_ENERGY_ELEMENT_SLOPES, tmp_path / schemas.ELEMENT_SLOPES, [{**key, "element": "Na"}])
    _write(schemas.HIGH_ENERGY_FAILURES, tmp_path / schemas.FAILURES, [{**key, "frame": None, "reason": "zero forces"}])
    published = [{"task": "phonons"}, {"task": "surfaces", "value": None, "value_text": "not reported"}]
    _write(schemas.PUBLISHED, tmp_path / schemas.PUBLISHED_VALUES, [{"model": p["task"], **p} for p in published])
    for path in (schemas.SOFTENING_SCALE_VIOLINS, schemas.FREQUENCY_RATIO_VIOLINS):
        _write(VIOLINS, tmp_path / path, [{"value": 0.8}, {"value": 0.9}])
    _write(schemas.MAX_FREQUENCIES, tmp_path / schemas.PHONON_MAX_FREQUENCIES, [{}])
    _write(schemas.RECOMPUTED_PHONONS, tmp_path / schemas.PHONON_MATERIALS, [{}])
    _bands().write(tmp_path / BANDS)
    (tmp_path / schemas.POINTS_FOLDER).mkdir()
    pq.write_table(pa.Table.from_pandas(_points(), preserve_index=False), tmp_path / POINTS, row_group_size=20)
    _describe(tmp_path)
    return tmp_path


def _describe(folder: Path, paths: tuple[str, ...] = (POINTS, BANDS)) -> None:
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
    written = _points().query("material_id == 'mp-2'").reset_index(drop=True)
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
    _describe(folder)
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
        _describe(folder, (POINTS, BANDS, schemas.MATERIALS))
    path = folder / BANDS
    path.write_bytes(path.read_bytes()[:keep])
    catalog = Catalog(folder)
    assert [problem.path for problem in catalog.problems()] == [BANDS]
    with pytest.raises(ReferenceDataError):
        catalog.phonon_bands("mp-1784")


def test_bands_are_not_kept_in_memory(folder: Path) -> None:
    catalog = Catalog(folder)
    assert catalog.phonon_bands("mp-1784") is not catalog.phonon_bands("mp-1784")


def test_table_that_lost_its_last_rows_is_quarantined(folder: Path) -> None:
    """It is a well-formed table: only the hash in the data package tells."""
    described = (POINTS, BANDS, schemas.MATERIALS)
    _describe(folder, described)
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
    _describe(folder, described)
    assert len(catalog.materials()) == 3, "a new description makes the new table right"


def test_damaged_data_package_takes_no_table_with_it(folder: Path) -> None:
    (folder / schemas.DATA_PACKAGE).write_text('{"resources": [{"path": 1')
    catalog = Catalog(folder)
    assert [problem.path for problem in catalog.problems()] == [schemas.DATA_PACKAGE]
    assert len(catalog.parity_points(DATASET, POTENTIAL, "mp-1")) == 20
    with pytest.raises(ReferenceDataError):
        catalog.resource(POINTS)


def test_bands_survive_the_way_to_disk(folder: Path) -> None:
    assert Catalog(folder).phonon_bands("mp-1784") == _bands()


def test_writing_a_wrong_table_is_refused_and_keeps_the_old_one(folder: Path) -> None:
    path = folder / schemas.MATERIALS
    before = path.read_bytes()
    with pytest.raises(ReferenceDataError, match="below 1"):
        _write(schemas.HIGH_ENERGY_MATERIALS, path, [{"frame_count": 0}])
    assert path.read_bytes() == before


def test_numbers_survive_the_csv_to_seven_digits_and_no_further(tmp_path: Path) -> None:
    slope, path = 0.1 + 0.2 + 1 / 3e6, tmp_path / schemas.MATERIALS
    row = {"slope": slope, "interval_low": slope, "interval_high": slope, "mae": 2 / 3e8}
    _write(schemas.HIGH_ENERGY_MATERIALS, path, [row])
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
    _write(schemas.COMPUTED_SURFACES, folder / schemas.SURFACE_ENERGIES, [{"coordinate": None}])
    assert len(catalog.table(schemas.SURFACE_ENERGIES)) == 1
    _describe(folder, (POINTS, BANDS, schemas.SURFACE_ENERGIES))
    (folder / schemas.SURFACE_ENERGIES).unlink()
    with pytest.raises(ReferenceDataError, match="missing"):
        catalog.table(schemas.SURFACE_ENERGIES)
    assert [problem.path for problem in catalog.problems()] == [schemas.SURFACE_ENERGIES]
