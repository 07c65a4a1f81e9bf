"""Materials, forces and medians by several potentials: filters, refusals, the same numbers in each form."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient

from softdash.api import register
from softdash.api.addresses import compared_forces_address, compared_materials_address, medians_address
from softdash.api.compared import ComparedMaterialsQuery
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import Catalog
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings

PRECOMPUTED = Path(__file__).parents[2] / "precomputed"
BOTH = MaterialSelection(("mpf-TP",), ("chgnet-0.3.0", "sevennet-0"))
FILTERED = MaterialSelection(
    ("mpf-TP", "mptrj-1k"),
    ("sevennet-0", "chgnet-0.3.0"),
    elements=("Li", "O"),
    pressure_min=-2.5,
    pressure_max=123.456789012345,
    rms_min=1e-3,
    rms_max=1 / 3 + 5,
    r2=0.1,
    slope=(0.5, 0.95),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(PRECOMPUTED)


@pytest.fixture(scope="module")
def client(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
    service, server = DiagnosisService(settings), Flask("test")
    register(server, service, settings, catalog)
    yield server.test_client()
    service.close()


def _csv(client: FlaskClient, address: str) -> pd.DataFrame:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text[:300]
    return pd.read_csv(io.BytesIO(answer.data), encoding="utf-8-sig", float_precision="round_trip")


@pytest.mark.parametrize("chosen", [BOTH, FILTERED])
def test_an_address_means_the_selection_it_was_made_from(catalog: Catalog, chosen: MaterialSelection) -> None:
    given = parse_qs(urlsplit(compared_materials_address(chosen, "csv")).query)
    several = {"dataset", "potential", "with_element"}
    query = {name: values if name in several else values[0] for name, values in given.items()}
    assert ComparedMaterialsQuery.model_validate(query).checked(catalog) == chosen


@pytest.mark.parametrize("chosen", [BOTH, FILTERED])
def test_both_forms_hold_the_rows_with_all_digits(
    client: FlaskClient, catalog: Catalog, chosen: MaterialSelection
) -> None:
    rows = chosen.rows(catalog)
    assert len(rows) > 5
    table = _csv(client, compared_materials_address(chosen, "csv"))
    document = client.get(compared_materials_address(chosen, "json")).get_json()
    for column in ("slope", "interval_low", "mae", "pressure_gpa"):
        expected = [None if pd.isna(value) else value for value in rows[column]]
        assert [None if pd.isna(value) else value for value in table[column]] == expected
        assert [row[column] for row in document["materials"]] == expected
    assert list(table.columns) == [column["name"] for column in document["columns"]] == list(document["materials"][0])
    assert document["table"]["sha256"] == catalog.resource(document["table"]["path"]).sha256
    assert {one["name"] for one in document["potentials"]} >= set(chosen.potentials)


def test_one_end_of_a_range_of_slopes_is_enough(client: FlaskClient) -> None:
    address = compared_materials_address(BOTH, "csv")
    whole = _csv(client, address)["slope"]
    assert len(_csv(client, f"{address}&slope_max=0.8")) == (whole < 0.8).sum() > 0
    assert len(_csv(client, f"{address}&slope_min=0.8")) == (whole >= 0.8).sum() > 0


def test_forces_of_each_potential(client: FlaskClient, catalog: Catalog) -> None:
    chosen = MaterialSelection(("gpaw_pbe",), ("chgnet-0.3.0", "chgnet-0.2.0"))
    table = _csv(client, compared_forces_address(chosen, "gpaw-Al"))
    for potential in chosen.potentials:
        own = table[table["potential"] == potential]
        expected = catalog.parity_points("gpaw_pbe", potential, "gpaw-Al")
        assert own["predicted_y"].tolist() == pytest.approx(expected["predicted_y"].tolist())
    missing = client.get(compared_forces_address(chosen, "../../etc/passwd"))
    assert (missing.status_code, missing.get_json()["error"]["code"]) == (404, "not_found")


def test_medians_are_those_of_the_populations(client: FlaskClient, catalog: Catalog) -> None:
    table = _csv(client, medians_address("csv"))
    document = client.get(medians_address("json")).get_json()
    assert table["median_slope"].tolist() == [one["median_slope"] for one in document["medians"]]
    summary = catalog.population("mpf-TP", "chgnet-0.3.0").summary
    row = next(one for one in document["medians"] if (one["dataset"], one["potential"]) == ("mpf-TP", "chgnet-0.3.0"))
    assert (row["median_slope"], row["interval_high"]) == (summary.median, summary.median_interval.high)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("materials.csv", "dataset"),
        ("materials.json?dataset=mpf-TP", "potential"),
        ("materials.csv?dataset=nowhere&potential=chgnet-0.3.0", "dataset"),
        ("materials.csv?dataset=mpf-TP&potential=nothing", "potential"),
        ("materials.csv?dataset=mpf-TP&potential=chgnet-0.3.0&with_element=Xx", "with_element"),
        ("materials.csv?dataset=mpf-TP&potential=chgnet-0.3.0&r2_min=high", "r2_min"),
        ("materials.csv?dataset=mpf-TP&potential=chgnet-0.3.0&rms_max=nan", "rms_max"),
        ("materials.csv?dataset=mpf-TP&potential=chgnet-0.3.0&rms_max=1e999", "rms_max"),
        ("materials.csv?data=mpf-TP", "dataset"),
        ("forces.csv?dataset=mpf-TP&potential=chgnet-0.3.0", "material"),
    ],
)
def test_what_cannot_be_answered_is_refused(client: FlaskClient, address: str, where: str) -> None:
    answer = client.get(f"/api/v1/compared/{address}")
    assert (answer.status_code, answer.get_json()["error"]["where"]) == (422, where)


def test_a_known_answer_is_not_sent_again(client: FlaskClient) -> None:
    address = compared_materials_address(BOTH, "csv")
    first = client.get(address)
    assert first.headers["Content-Disposition"] == 'attachment; filename="softdash-softening.csv"'
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_document_says_what_must_be_given(client: FlaskClient) -> None:
    document: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    parameters = {one["name"]: one for one in document["paths"]["/api/v1/compared/forces.csv"]["get"]["parameters"]}
    assert {name for name, one in parameters.items() if one.get("required")} == {"material", "dataset", "potential"}
    limits = document["paths"]["/api/v1/compared/materials.csv"]["get"]["parameters"]
    assert next(one for one in limits if one["name"] == "r2_min")["schema"] == {"type": "number"}
