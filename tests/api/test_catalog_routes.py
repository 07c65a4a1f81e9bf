"""Tables, parity points and phonon bands through the API: the numbers of the files, in pages, with ETags."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_compress import Compress

from softdash.api import register
from softdash.api.catalog_rows import table_paths
from softdash.api.messages import TableMessage
from softdash.catalog import Catalog, schemas
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings

PRECOMPUTED = Path(__file__).parents[2] / "precomputed"
MATERIALS = "/api/v1/catalog/high_energy-materials"
BANDS = "/api/v1/catalog/phonon-bands/mp-149"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(PRECOMPUTED)


@pytest.fixture(scope="module")
def client(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """One server for all tests, and one catalog: each table is read once."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
    service, server = DiagnosisService(settings), Flask("test")
    register(server, service, settings, catalog)
    yield server.test_client()
    service.close()


@pytest.fixture(scope="module")
def compressing(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The same with compressed answers, as the web application has them: that changes ETags."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
    service, server = DiagnosisService(settings), Flask("test")
    register(server, service, settings, catalog)
    Compress(server)
    yield server.test_client()
    service.close()


def follow(client: FlaskClient, address: str | None) -> tuple[list[Any], int]:
    """Read a list page by page, by its links, as `requests` does; return its entries and the number of pages."""
    entries, pages = [], 0
    while address:
        response = client.get(address)
        assert response.status_code == 200, response.text
        entries += response.get_json()
        pages += 1
        links = [part.split("; ") for part in response.headers.get("Link", "").split(", ") if part]
        address = next((target.strip("<>") for target, name in links if name == 'rel="next"'), None)
        assert response.headers["X-Total-Count"].isdigit()
    return entries, pages


def test_all_tables_are_listed_with_what_they_are(client: FlaskClient, catalog: Catalog) -> None:
    listed, pages = follow(client, "/api/v1/catalog?limit=7")
    tables = [TableMessage.model_validate(entry) for entry in listed]
    assert pages == -(-len(tables) // 7)
    assert {table.path for table in tables} == {path for path in table_paths().values() if catalog.has(path)}
    for table in tables:
        rows = catalog.table(table.path)
        assert (table.row_count, table.problem) == (len(rows), None)
        assert [column.name for column in table.columns] == list(rows.columns)
        assert table.sha256 == catalog.resource(table.path).sha256
        assert table.licences
        assert client.get(table.links.description).get_json() == json.loads(table.model_dump_json())
    units = {column.name: column.unit for column in next(t for t in tables if t.path == schemas.MATERIALS).columns}
    assert (units["mae"], units["pressure_gpa"], units["slope"]) == ("eV/Å", "GPa", "")


def test_the_pages_of_a_table_together_are_the_table(client: FlaskClient, catalog: Catalog) -> None:
    rows, pages = follow(client, "/api/v1/catalog/phonons-max_frequencies?limit=100")
    expected = catalog.table(schemas.PHONON_MAX_FREQUENCIES)
    assert pages == 3
    pd.testing.assert_frame_equal(pd.DataFrame(rows), expected.reset_index(drop=True), check_dtype=False, rtol=1e-14)


@pytest.mark.parametrize("path", sorted(table_paths().values()))
def test_json_and_csv_hold_the_same_rows(client: FlaskClient, catalog: Catalog, path: str) -> None:
    address = f"/api/v1/catalog/{path.removesuffix('.csv').replace('/', '-')}"
    rows = client.get(f"{address}?limit=50").get_json()
    named = client.get(f"{address}.csv?limit=50")
    asked = client.get(f"{address}?limit=50", headers={"Accept": "text/csv"})
    assert named.mimetype == asked.mimetype == "text/csv"
    assert named.data == asked.data
    assert "Accept" in asked.headers["Vary"]
    types = {c.name: "str" for c in schemas.CSV_TABLES[path].columns if c.kind == "string"}
    read = pd.read_csv(io.BytesIO(named.data), dtype=types, keep_default_na=False, na_values=[""])
    assert len(read) == len(rows)
    for column in read.columns:
        cells = [None if pd.isna(value) else value for value in read[column]]
        assert [row[column] for row in rows] == cells, column


def test_csv_has_all_rows_unless_it_is_told_otherwise(client: FlaskClient, catalog: Catalog) -> None:
    whole = pd.read_csv(io.BytesIO(client.get(f"{MATERIALS}.csv").data))
    assert len(whole) == len(catalog.materials()) > 1_000
    assert len(client.get(MATERIALS).get_json()) == 1_000


def test_filters(client: FlaskClient, catalog: Catalog) -> None:
    response = client.get(f"{MATERIALS}?potential=chgnet-0.3.0&potential=chgnet-0.2.0&element=Li&dataset=mpf-TP")
    table = catalog.materials("mpf-TP")
    expected = table[
        table["potential"].isin(["chgnet-0.3.0", "chgnet-0.2.0"])
        & table["elements"].str.split().map(lambda e: "Li" in e)
    ]
    assert [row["material_id"] for row in response.get_json()] == expected["material_id"].tolist() != []
    slopes = client.get("/api/v1/catalog/high_energy-element_slopes?element=Li&limit=5").get_json()
    assert {row["element"] for row in slopes} == {"Li"}
    assert client.get(f"{MATERIALS}?element=L").get_json() == []


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=20000", "limit"),
        ("offset=-1", "offset"),
        ("limit=1&limit=2", "limit"),
        ("formula=LiF", "formula"),
        ("method=DFT", "method"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused(client: FlaskClient, query: str, where: str) -> None:
    response = client.get(f"{MATERIALS}?{query}")
    assert (response.status_code, response.get_json()["error"]["where"]) == (422, where)


def test_parity_points_of_a_material(client: FlaskClient, catalog: Catalog) -> None:
    files, _ = follow(client, "/api/v1/catalog/parity-points")
    chosen = next(file for file in files if (file["dataset"], file["potential"]) == ("gpaw_pbe", "chgnet-0.3.0"))
    materials = client.get(f"{MATERIALS}?dataset=gpaw_pbe&potential=chgnet-0.3.0").get_json()
    for material_id in [row["material_id"] for row in materials][:2]:
        expected = catalog.parity_points("gpaw_pbe", "chgnet-0.3.0", material_id)
        rows, pages = follow(client, f"{chosen['address']}/{material_id}?limit=40")
        assert pages == -(-len(expected) // 40)
        assert [row["reference_x"] for row in rows] == pytest.approx(expected["reference_x"].tolist())
        table = pd.read_csv(io.BytesIO(client.get(f"{chosen['address']}/{material_id}.csv").data))
        assert table["predicted_z"].tolist() == pytest.approx(expected["predicted_z"].tolist())


def test_phonon_bands_of_a_material(client: FlaskClient, catalog: Catalog) -> None:
    listed = {entry["material_id"]: entry["address"] for entry in follow(client, "/api/v1/catalog/phonon-bands")[0]}
    assert client.get(listed["mp-149"]).get_json() == json.loads(catalog.phonon_bands("mp-149").model_dump_json())


@pytest.mark.parametrize("address", [f"{MATERIALS}?limit=3", f"{MATERIALS}.csv", BANDS, "/api/v1/catalog?limit=2"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_is_known_is_not_sent_again(compressing: FlaskClient, address: str, encoding: str) -> None:
    client, accepted = compressing, {"Accept-Encoding": encoding}
    first = client.get(address, headers=accepted)
    assert ("gzip" in first.headers.get("Content-Encoding", "")) == (
        encoding == "gzip" and first.mimetype != "text/csv"
    )
    again = client.get(address, headers={**accepted, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert "max-age" in again.headers["Cache-Control"]
    assert client.get(address, headers={**accepted, "If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ('""', 200),
        ('"", W/"x"', 200),
        ("*", 304),
        ('W/"TAG"', 304),
        ('W/"TAG:gzip"', 304),
        ('"x", "TAG:br"', 304),
        ("TA", 200),
    ],
)
def test_etags_as_proxies_and_odd_clients_send_them(client: FlaskClient, asked: str, status: int) -> None:
    tag = client.get(MATERIALS).headers["ETag"].strip('"')
    assert client.get(MATERIALS, headers={"If-None-Match": asked.replace("TAG", tag)}).status_code == status


def test_both_forms_of_one_address_have_their_own_etag(client: FlaskClient) -> None:
    tags = [
        client.get(MATERIALS, headers={"Accept": form}).headers["ETag"] for form in ("application/json", "text/csv")
    ]
    assert tags[0] != tags[1]


@pytest.mark.parametrize(
    "path",
    [
        "catalog/nothing",
        "catalog/nothing.csv",
        "catalog/nothing/description",
        "catalog/parity-points/gpaw_pbe/chgnet-0.3.0/nothing",
        "catalog/parity-points/nothing/chgnet-0.3.0/x.csv",
        "catalog/parity-points/..%2F..%2Fx/y/z",
        "catalog/phonon-bands/nothing",
        "catalog/phonon-bands/..%2F..%2Fdatapackage",
    ],
)
def test_what_is_not_there_is_said_in_the_one_shape(client: FlaskClient, path: str) -> None:
    response = client.get(f"/api/v1/{path}")
    assert (response.status_code, response.get_json()["error"]["code"]) == (404, "not_found")


def test_pages_of_other_sites_may_read_and_nothing_else(client: FlaskClient) -> None:
    for response in (
        client.get("/api/v1/catalog?limit=1"),
        client.head("/api/v1/potentials"),
        client.get("/api/v1/nothing"),
        client.options("/api/v1/diagnoses", headers={"Origin": "https://elsewhere.example"}),
    ):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
    preflight = client.options("/api/v1/diagnoses", headers={"Access-Control-Request-Method": "POST"})
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    for response in (
        client.post("/api/v1/examples/nothing"),
        client.delete("/api/v1/diagnoses/x"),
        client.get("/report/x.json"),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers


def test_examples_and_potentials_come_in_pages(client: FlaskClient) -> None:
    for address in ("/api/v1/examples", "/api/v1/potentials"):
        whole = client.get(address).get_json()
        assert follow(client, f"{address}?limit=1") == (whole, len(whole))
