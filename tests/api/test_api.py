"""The HTTP API, from upload to deletion, and its errors."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from softdash.diagnosis.records import DiagnosisRecord, Report, UploadRecord
from softdash.settings import Settings

SHIPPED = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe"


def upload(client: FlaskClient, *files: tuple[str, bytes]) -> Any:
    data = {"files": [(io.BytesIO(content), name) for name, content in files]}
    return client.post("/api/v1/uploads", data=data, content_type="multipart/form-data")


def error_of(response: Any) -> dict[str, str | None]:
    document = response.get_json()
    assert set(document) == {"error"}
    assert set(document["error"]) == {"code", "message", "where", "advice"}
    assert document["error"]["message"]
    return dict(document["error"])


def test_from_upload_to_deletion(client: FlaskClient, compute_all: Callable[[], None]) -> None:
    content = (SHIPPED / "Al.extxyz").read_bytes()
    response = upload(client, ("Al.extxyz", content))
    assert response.status_code == 201
    record = UploadRecord.model_validate_json(response.data)
    assert response.headers["Location"] == f"http://localhost/api/v1/uploads/{record.id}"
    assert UploadRecord.model_validate_json(client.get(response.headers["Location"]).data) == record
    created = client.post(
        "/api/v1/diagnoses", json={"upload_id": record.id, "potentials": ["emt"], "title": "aluminium"}
    ).get_json()
    identifier, token = created["diagnosis"]["id"], created["delete_token"]
    assert client.get(f"/report/{identifier}.json").status_code == 409
    compute_all()
    state = DiagnosisRecord.model_validate_json(client.get(f"/api/v1/diagnoses/{identifier}").data)
    assert state.state == "done"
    report = Report.model_validate_json(client.get(f"/api/v1/reports/{identifier}").data)
    assert (report.title, report.files[0].byte_count) == ("aluminium", len(content))
    refused = client.delete(f"/api/v1/diagnoses/{identifier}")
    assert (refused.status_code, error_of(refused)["code"]) == (403, "forbidden")
    assert client.delete(f"/api/v1/diagnoses/{identifier}", headers={"Softdash-Delete-Token": token}).status_code == 204
    assert client.get(f"/report/{identifier}.html").status_code == 404


def test_links_lead_to_the_forms_of_the_report(client: FlaskClient, finished: dict[str, Any]) -> None:
    links = finished["links"]
    as_json = client.get(links["json_report"])
    report = Report.model_validate_json(as_json.data)
    assert as_json.mimetype == "application/json"
    as_csv = client.get(links["csv_report"])
    assert as_csv.mimetype == "text/csv"
    rows = [line for line in as_csv.text.splitlines() if not line.startswith("#")]
    assert len(list(csv.DictReader(rows))) == report.understanding.component_count
    as_html = client.get(links["html_report"])
    assert report.result_sha256 in as_html.text
    assert "default-src 'none'" in as_html.headers["Content-Security-Policy"]
    assert client.get(links["state"]).get_json()["state"] == "done"
    assert links["page"].endswith(f"/report/{report.id}")


def test_a_report_is_sent_once_to_the_same_browser(client: FlaskClient, finished: dict[str, Any]) -> None:
    first = client.get(finished["links"]["json_report"])
    again = client.get(finished["links"]["json_report"], headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_its_owner_names_a_diagnosis(client: FlaskClient, finished: dict[str, Any]) -> None:
    address, token = finished["links"]["state"], {"Softdash-Delete-Token": finished["delete_token"]}
    before = client.get(finished["links"]["json_report"])
    assert client.patch(address, json={"title": "mine"}).status_code == 403
    assert client.patch(address, json={"title": ""}, headers=token).status_code == 422
    assert client.patch(address, json={"titel": "x"}, headers=token).status_code == 422
    assert client.patch(address, json={"title": "mine"}, headers=token).get_json()["title"] == "mine"
    edited = client.patch(address, json={"note": "from the <b>lab</b>"}, headers=token).get_json()
    assert (edited["title"], edited["note"]) == ("mine", "from the <b>lab</b>")
    known = {"If-None-Match": before.headers["ETag"]}
    after = client.get(finished["links"]["json_report"], headers=known)
    assert (after.status_code, after.get_json()["title"]) == (200, "mine")
    assert after.get_json()["result_sha256"] == before.get_json()["result_sha256"]


def test_links_use_the_public_address(settings: Settings, server: Flask) -> None:
    settings.public_url = "https://softdash.example/"
    created = server.test_client().post("/api/v1/diagnoses", json={"example": "cu3au", "potentials": ["emt"]})
    assert created.get_json()["links"]["page"].startswith("https://softdash.example/report/")


def test_cancelling(client: FlaskClient) -> None:
    created = client.post("/api/v1/diagnoses", json={"example": "cu3au", "potentials": ["emt"]}).get_json()
    assert client.post(f"/api/v1/diagnoses/{created['diagnosis']['id']}/cancel").get_json()["state"] == "cancelled"


def test_potentials_examples_and_health(client: FlaskClient) -> None:
    potentials = {item["name"]: item for item in client.get("/api/v1/potentials").get_json()}
    assert potentials["emt"]["state"] == "offline"
    assert "Cu" in potentials["emt"]["elements"]
    examples = [item["name"] for item in client.get("/api/v1/examples").get_json()]
    assert "nacl" in examples
    assert client.post("/api/v1/examples/nacl").get_json()["example"] == "nacl"
    health = client.get("/api/v1/health")
    assert (health.status_code, health.get_json()["status"]) == (200, "no worker")


@pytest.mark.parametrize("state", ["unknown", "waiting"])
def test_a_report_that_is_not_there_is_a_page_for_readers(client: FlaskClient, state: str) -> None:
    identifier = "<unknown>"
    if state == "waiting":
        wanted = {"example": "cu3au", "potentials": ["emt"], "title": "waiting"}
        identifier = client.post("/api/v1/diagnoses", json=wanted).get_json()["diagnosis"]["id"]
    page, error = client.get(f"/report/{identifier}.html"), client.get(f"/report/{identifier}.json")
    assert page.status_code == error.status_code == {"unknown": 404, "waiting": 409}[state]
    assert page.mimetype == "text/html"
    assert f"<h1>{error_of(error)['message']}</h1>" in page.text
    assert error_of(client.get(f"/report/{identifier}.csv")) == error_of(error)
    assert "<unknown>" not in page.text


def test_nothing_of_a_refused_upload_stays_on_disk(client: FlaskClient, settings: Settings) -> None:
    upload(client, ("empty.extxyz", b""))
    upload(client, ("large.extxyz", b"x" * 1_400_000))
    assert list(settings.incoming_dir.iterdir()) == []
    assert not [path for path in settings.files_dir.rglob("*") if path.is_file()]


def test_too_many_files(client: FlaskClient) -> None:
    response = upload(client, *[(f"{number}.cif", b"data_x") for number in range(21)])
    assert response.status_code == 422
    assert "21 files" in (error_of(response)["message"] or "")


def test_a_file_s_name_cannot_lead_elsewhere(client: FlaskClient) -> None:
    response = upload(client, ("../../outside/Al.extxyz", (SHIPPED / "Al.extxyz").read_bytes()))
    assert response.get_json()["files"][0]["name"] == "Al.extxyz"


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("get", "/api/v1/nothing", {}, 404, "not_found"),
        ("get", "/api/", {}, 404, "not_found"),
        ("get", "/api/v1/uploads", {}, 405, "method_not_allowed"),
        ("put", "/api/v1/diagnoses/x", {}, 405, "method_not_allowed"),
        ("get", "/api/v1/uploads/unknown", {}, 404, "not_found"),
        ("get", "/api/v1/diagnoses/unknown", {}, 404, "not_found"),
        ("get", "/api/v1/reports/unknown", {}, 404, "not_found"),
        ("get", "/report/unknown.json", {}, 404, "not_found"),
        ("get", "/report/unknown.csv", {}, 404, "not_found"),
        ("post", "/api/v1/examples/unknown", {}, 404, "not_found"),
        ("post", "/api/v1/uploads", {"data": b"plain"}, 422, "unusable_input"),
        ("post", "/api/v1/uploads", {"data": {}, "content_type": "multipart/form-data"}, 422, "unusable_input"),
        ("post", "/api/v1/diagnoses", {"data": "x"}, 415, "unsupported_media_type"),
        ("post", "/api/v1/diagnoses", {"data": "{", "content_type": "application/json"}, 400, "bad_request"),
        ("post", "/api/v1/diagnoses", {"json": {"potentials": []}}, 422, "unusable_input"),
        ("post", "/api/v1/diagnoses", {"json": {"example": "nacl", "potentials": ["x"]}}, 422, "potential_unavailable"),
        ("post", "/api/v1/diagnoses", {"json": {"example": "nacl", "potentials": ["emt"]}}, 422, "prediction_failed"),
        ("post", "/api/v1/diagnoses", {"json": {"potentials": ["emt"]}}, 422, "unusable_input"),
        ("post", "/api/v1/diagnoses", {"json": {"example": "si", "potentials": [], "x": 1}}, 422, "unusable_input"),
        ("post", "/api/v1/diagnoses", {"json": {"title": "x" * 70_000}}, 413, "request_entity_too_large"),
    ],
)  # fmt: skip
def test_every_error_has_the_one_shape(
    client: FlaskClient, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    response = getattr(client, method)(path, **options)
    assert (response.status_code, error_of(response)["code"]) == (status, code)


def test_our_own_mistake_is_an_error_of_the_same_shape(server: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from softdash.jobs.service import DiagnosisService

    def mistake(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(DiagnosisService, "examples", mistake)
    response = server.test_client().get("/api/v1/examples")
    assert (response.status_code, error_of(response)["code"]) == (500, "internal_error")
    assert "secret" not in response.text


def test_a_busy_server_says_when_to_come_back(server: Flask, settings: Settings) -> None:
    settings.queue_capacity = 1
    client, wanted = server.test_client(), {"example": "cu3au", "potentials": ["emt"]}
    assert client.post("/api/v1/diagnoses", json=wanted).status_code == 202
    response = client.post("/api/v1/diagnoses", json=wanted)
    assert (response.status_code, error_of(response)["code"]) == (503, "busy")
    assert int(response.headers["Retry-After"]) > 0


def test_a_foreign_page_cannot_send_requests_that_change_something(client: FlaskClient) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/api/v1/examples/nacl", headers=foreign).status_code == 403
    assert client.get("/api/v1/examples", headers=foreign).status_code == 200
    assert client.post("/api/v1/examples/nacl", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_no_route_sets_a_cookie(client: FlaskClient, finished: dict[str, Any]) -> None:
    for path in ("/api/v1/health", "/api/v1/examples", finished["links"]["html_report"]):
        assert "Set-Cookie" not in client.get(path).headers


def test_pages_keep_their_own_addresses(client: FlaskClient) -> None:
    assert client.get("/phonons").text == "<h1>page phonons</h1>"
    assert client.get("/report/abc").text == "<h1>page report/abc</h1>"
