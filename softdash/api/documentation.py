"""The documentation of the API: ``/api/v1/openapi.json``, ``/api/v1/report.schema.json``, and ``/api`` for readers."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from softdash.api.addresses import public_address
from softdash.api.json_schemas import schema_document
from softdash.api.openapi import openapi_document
from softdash.api.operations import Answer, operation
from softdash.api.reports import SCHEMA_PATH
from softdash.api.schema_words import body_of, media_types_of, type_words, words
from softdash.diagnosis.records import Report
from softdash.jobs.service import DiagnosisService
from softdash.reports.html_environment import html_environment
from softdash.settings import Settings

_OPENAPI_PATH = "/api/v1/openapi.json"
# The colour scheme that was chosen on the pages; without it the browser's.
_SCRIPT = 'document.documentElement.style.colorScheme = localStorage.getItem("softdash-theme") || "light dark";'
_POLICY = (
    f"default-src 'none'; script-src 'sha256-{b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()}'; "
    "style-src 'unsafe-inline'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_USUAL_POTENTIAL = "chgnet-0.3.0"


def documentation_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of the documentation."""
    routes = Blueprint("api_documentation", __name__)
    texts: dict[str, str] = {}

    def text_of(name: str, make: Callable[[], dict[str, Any]]) -> str:
        # At its first use, not at the start: most processes are never asked.
        if name not in texts:
            texts[name] = json.dumps(make(), ensure_ascii=False, separators=(",", ":"))
        return texts[name]

    def openapi_text() -> str:
        return text_of("openapi", partial(openapi_document, _server()))

    @routes.get(_OPENAPI_PATH)
    @operation("installation", {200: Answer("The OpenAPI document.", dict[str, Any])}, is_conditional=True)
    def openapi() -> Response:
        """Read this document."""
        return _public(Response(openapi_text(), mimetype="application/json"))

    @routes.get(SCHEMA_PATH)
    @operation("reports", {200: Answer("The JSON schema.", dict[str, Any])}, is_conditional=True)
    def report_schema() -> Response:
        """Read the JSON schema (2020-12) of a report's JSON. Its address stays; fields are added, never renamed."""
        return _public(Response(text_of("report", _report_schema), mimetype="application/json"))

    @routes.get("/api")
    def page() -> Response:
        text = _template().render(
            document=json.loads(openapi_text()),
            address=public_address(settings),
            potential=_runnable_potential(service),
            script=_SCRIPT,
        )
        response = _public(Response(text, mimetype="text/html"))
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return routes


def _server() -> Flask:
    server: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return server


def _report_schema() -> dict[str, Any]:
    return schema_document(Report, identifier=SCHEMA_PATH, title="softdash report")


def _runnable_potential(service: DiagnosisService) -> str:
    """Return a potential for the examples on the page: one that answers now, a universal one if there is."""
    online = [one.card for one in service.online_potentials().values() if one.state == "online"]
    universal = [card.name for card in online if card.is_universal]
    if _USUAL_POTENTIAL in universal or not online:
        return _USUAL_POTENTIAL
    return universal[0] if universal else online[0].name


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest())
    response.make_conditional(request)  # changes the response in place
    return response


@cache
def _template() -> Any:
    environment = html_environment(
        "softdash.api", type_words=type_words, words=words, media_types=media_types_of, body=body_of
    )
    return environment.get_template("api.html")
