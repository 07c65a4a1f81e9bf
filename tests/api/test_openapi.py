"""The OpenAPI document, the schema of reports, and the page made from them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient

from softdash.api.openapi import documented_routes
from softdash.api.operations import operation_of
from softdash.api.written_docs import split_docstring, written_docstring
from softdash.diagnosis.records import Report, UploadRecord
from softdash.errors import SoftdashError

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
HTTP_VERBS = {method.lower() for method in METHODS}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/api/v1/openapi.json").get_json())


def test_every_route_is_in_the_document_and_nothing_else(server: Flask, document: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in server.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/report/"))
        for method in (rule.methods or set()) & METHODS
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == served
    undeclared = [rule.rule for rule in server.url_map.iter_rules() if rule.rule.startswith("/api/v1")
                  and operation_of(server.view_functions[rule.endpoint]) is None]  # fmt: skip
    assert undeclared == []


def test_the_document_is_one_by_the_rules_of_openapi(document: dict[str, Any]) -> None:
    """The rules that programs which read such documents rely on."""
    assert document["openapi"].startswith("3.1.")
    operations = [(path, verb, one) for path, verbs in document["paths"].items() for verb, one in verbs.items()]
    names = [one["operationId"] for _, _, one in operations]
    assert len(names) == len(set(names))
    topics = {tag["name"] for tag in document["tags"]}
    for path, verb, one in operations:
        assert verb in HTTP_VERBS
        assert one["summary"], path
        assert set(one["tags"]) <= topics
        parameters = one.get("parameters", [])
        in_path = [parameter["name"] for parameter in parameters if parameter["in"] == "path"]
        assert sorted(in_path) == sorted(re.findall(r"{(\w+)}", path))
        assert all(parameter["required"] for parameter in parameters if parameter["in"] == "path")
        assert all(parameter["description"] for parameter in parameters)
        assert all(response["description"] for response in one["responses"].values())
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)):
        assert reference.startswith("#/components/schemas/")
        assert reference.rpartition("/")[2] in document["components"]["schemas"]
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_error_of_a_route_stands_with_its_status(server: Flask, document: dict[str, Any]) -> None:
    for route in documented_routes(server):
        responses = document["paths"][route.path][route.method]["responses"]
        for error in route.operation.errors:
            assert issubclass(error, SoftdashError)
            schema = responses[str(error.http_status)]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorMessage"}


def test_answers_are_as_their_schemas_say(
    client: FlaskClient, document: dict[str, Any], finished: dict[str, Any]
) -> None:
    identifier = finished["diagnosis"]["id"]
    known = {"diagnosis_id": identifier, "upload_id": finished["diagnosis"]["upload_id"], "potential": "emt"}
    query = {"dataset": "gpaw_pbe", "potential": "chgnet-0.3.0", "material": "gpaw-Al"}
    checked = []
    for path, verbs in document["paths"].items():
        if "get" not in verbs or not set(re.findall(r"{(\w+)}", path)) <= set(known) or "/catalog" in path:
            continue
        wanted = [
            one["name"] for one in verbs["get"].get("parameters", ()) if one["in"] == "query" and "required" in one
        ]
        response = client.get(path.format(**known), query_string={name: query[name] for name in wanted})
        assert response.status_code == 200, (path, response.text)
        content = verbs["get"]["responses"]["200"]["content"][response.mimetype]
        if response.mimetype == "application/json":
            schema = content["schema"] | {"components": document["components"]}
            jsonschema.validate(response.get_json(), schema, jsonschema.Draft202012Validator)
            checked.append(path)
    assert "/api/v1/reports/{diagnosis_id}" in checked
    assert "/api/v1/compared/materials.json" in checked
    assert "/api/v1/reports/{diagnosis_id}/recipe/{potential}.json" in checked
    created = document["components"]["schemas"]["CreatedDiagnosisMessage"] | {"components": document["components"]}
    jsonschema.validate(finished, created, jsonschema.Draft202012Validator)


def test_a_report_fits_its_published_schema(client: FlaskClient, finished: dict[str, Any]) -> None:
    response = client.get(finished["links"]["json_report"])
    report = response.get_json()
    assert report["$schema"] == "http://localhost/api/v1/report.schema.json"
    assert 'rel="describedby"' in response.headers["Link"]
    schema = client.get(report["$schema"]).get_json()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(report)
    assert not validator.is_valid({**report, "results": "none"})
    assert not validator.is_valid({name: value for name, value in report.items() if name != "result_sha256"})
    del report["$schema"]
    validator.validate(report)  # as `softdash diagnose --json` prints it
    assert Report.model_validate(report).result_sha256 == report["result_sha256"]


def test_a_report_of_an_earlier_version_fits_too(client: FlaskClient) -> None:
    from pathlib import Path

    earlier = json.loads((Path(__file__).parents[1] / "fixtures" / "report_version_1.json").read_text())
    schema = client.get("/api/v1/report.schema.json").get_json()
    jsonschema.validate(earlier, schema, jsonschema.Draft202012Validator)


def test_documents_are_not_sent_again(client: FlaskClient) -> None:
    for address in ("/api/v1/openapi.json", "/api/v1/report.schema.json", "/api"):
        tag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_the_page_needs_nothing_from_elsewhere_and_runs_one_named_script(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    response = client.get("/api")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    (script,) = re.findall(r"<script>(.*?)</script>", response.text)
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}';" in policy
    assert not re.search(r"<script\s|\son\w+=|javascript:|@import", response.text)
    loaded = re.findall(r'<(?:link|img)[^>]* (?:href|src)="([^"]+)"|url\("([^"]+)"\)', response.text)
    loaded = ["".join(addresses) for addresses in loaded]
    assert all(address.startswith("/assets/") for address in loaded)
    for path in document["paths"]:
        assert f"<code>{path}</code>" in response.text
    ids = re.findall(r' id="([^"]+)"', response.text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', response.text)) <= set(ids)


def test_the_words_are_there_where_python_drops_docstrings() -> None:
    """The web process runs under -OO: 20 MB less."""
    code = (
        "from softdash.api.json_schemas import schema_document as s\n"
        "from softdash.diagnosis.records import UploadRecord as r\n"
        "import json; print(json.dumps(s(r, identifier='x', title='y')))"
    )
    printed = [
        subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True).stdout
        for flags in ([], ["-OO"])
    ]
    assert printed[0] == printed[1]
    understanding = json.loads(printed[0])["$defs"]["Understanding"]
    assert understanding["description"].startswith("What softdash understood")
    assert understanding["properties"]["force_unit"]["description"].startswith("Unit of the forces in the files")


def test_descriptions_of_attributes_are_read_as_numpydoc_writes_them() -> None:
    text = "What.\n\nAttributes\n----------\na, b : int\n    Both,\n    in ``eV``.\nc : float or None\nd\n    Last."
    assert split_docstring(text) == ("What.", {"a": "Both, in `eV`.", "b": "Both, in `eV`.", "d": "Last."})
    assert written_docstring(UploadRecord) == UploadRecord.__doc__


def test_bodies_that_are_no_text_are_files(document: dict[str, Any]) -> None:
    """So that programs which make clients keep them as they are."""
    found = {}
    for methods in document["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                for media_type, content in answer.get("content", {}).items():
                    if media_type != "application/json":
                        found[media_type] = content["schema"].get("format")
    assert found["application/zip"] == found["chemical/x-extxyz"] == "binary"
    assert {kind for media_type, kind in found.items() if media_type.startswith("text/")} == {None}
    assert document["security"] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_wrong_method_says_which_are_right(client: FlaskClient, document: dict[str, Any], method: str) -> None:
    for path in document["paths"]:
        if "{" in path:
            continue
        right = {
            verb.upper()
            for template, described in document["paths"].items()
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
            for verb in described
        }
        if method in right:
            continue
        refused = client.open(path, method=method)
        assert refused.status_code == 405, path
        assert set(refused.headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == right, path
