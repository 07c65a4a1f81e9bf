"""The forms of a report: ``/report/<id>.json``, ``.csv``, ``.extxyz`` and ``.html``, its correction recipes.

All but the page stand below ``/api/v1/reports`` too.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial

from flask import Blueprint, Response, request, stream_with_context

from softdash.api.addresses import public_address
from softdash.api.messages import MaterialQuery, read_query
from softdash.api.operations import CSV, HTML, Answer, operation
from softdash.diagnosis.records import Report
from softdash.errors import ConflictError, NotFoundError, SoftdashError
from softdash.jobs.service import DiagnosisService
from softdash.potentials.correction_recipe import CorrectionRecipe
from softdash.reports.extxyz import report_extxyz
from softdash.reports.formats import report_csv, report_json
from softdash.reports.html import error_html, report_html
from softdash.reports.material_view import report_of_one
from softdash.reports.recipe import correction_stem, recipe_file_name, report_recipe, report_snippet
from softdash.settings import Settings
from softdash.version import __version__

SCHEMA_PATH = "/api/v1/report.schema.json"
EXTXYZ, PYTHON = "chemical/x-extxyz", "text/x-python"

# The page may run nothing and fetch nothing, whatever a file name or a title says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_NOT_THERE = (NotFoundError, ConflictError)


def reports_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of reports."""
    routes = Blueprint("api_reports", __name__)

    @routes.get("/report/<diagnosis_id>.json", endpoint="download_json")
    @routes.get("/api/v1/reports/<diagnosis_id>")
    @operation("reports", {200: Answer("The report.", Report)}, errors=_NOT_THERE, is_conditional=True)
    def as_json(diagnosis_id: str) -> Response:
        """Read the report, all numbers with all their digits. Its schema is at /api/v1/report.schema.json."""
        report = service.report(diagnosis_id)
        address = json.dumps(f"{public_address(settings)}{SCHEMA_PATH}")
        text = report_json(report).replace("{", f'{{\n  "$schema": {address},', 1)
        response = Response(text, mimetype="application/json")
        response.headers["Link"] = f'<{SCHEMA_PATH}>; rel="describedby"'
        return _sealed(response, report)

    @routes.get("/report/<diagnosis_id>.csv", endpoint="download_csv")
    @routes.get("/api/v1/reports/<diagnosis_id>.csv")
    @operation(
        "reports",
        {200: Answer("One row per force component; lines with # say where it comes from.", media_types=(CSV,))},
        errors=_NOT_THERE,
        query=MaterialQuery,
        is_conditional=True,
    )
    def as_csv(diagnosis_id: str) -> Response:
        """Read a table of all force components, DFT and predicted, eV/Å; or those of one of several materials."""
        report, points, material = service.report(diagnosis_id), service.points(diagnosis_id), _wanted_material()
        stem = _stem(report, material)
        response = Response(stream_with_context(report_csv(report, points, material=material)), mimetype=CSV)
        return _sealed(response, report, f"{stem}.csv")

    @routes.get("/report/<diagnosis_id>.extxyz", endpoint="download_extxyz")
    @routes.get("/api/v1/reports/<diagnosis_id>.extxyz")
    @operation(
        "reports",
        {200: Answer("The frames, with DFT and predicted forces.", media_types=(EXTXYZ,))},
        errors=_NOT_THERE,
        query=MaterialQuery,
        is_conditional=True,
    )
    def as_extxyz(diagnosis_id: str) -> Response:
        """Read the frames, or those of one of several materials, as extended XYZ, with DFT and predicted forces."""
        report, points, material = service.report(diagnosis_id), service.points(diagnosis_id), _wanted_material()
        stem = _stem(report, material)
        text = report_extxyz(report, points, service.frames(diagnosis_id), material=material)
        response = Response(stream_with_context(text), mimetype=EXTXYZ)
        return _sealed(response, report, f"{stem}.extxyz")

    @routes.get("/report/<diagnosis_id>/recipe/<potential>.json", endpoint="download_recipe")
    @routes.get("/api/v1/reports/<diagnosis_id>/recipe/<potential>.json")
    @operation(
        "reports",
        {200: Answer("The recipe.", CorrectionRecipe)},
        errors=_NOT_THERE,
        query=MaterialQuery,
        is_conditional=True,
    )
    def recipe(diagnosis_id: str, potential: str) -> Response:
        """Read the recipe of one potential's linear correction. `ScaledCalculator.from_recipe` loads it in ASE.

        Where the report has several materials, each has its own: `material` names it.
        """
        report, material = service.report(diagnosis_id), _wanted_material()
        recipe = report_recipe(report, potential, material)
        response = Response(recipe.model_dump_json(indent=2), mimetype="application/json")
        return _sealed(response, report, recipe_file_name(report, potential, material))

    @routes.get("/report/<diagnosis_id>/snippet/<potential>.py", endpoint="download_snippet")
    @routes.get("/api/v1/reports/<diagnosis_id>/snippet/<potential>.py")
    @operation(
        "reports",
        {200: Answer("Python lines.", media_types=(PYTHON,))},
        errors=_NOT_THERE,
        query=MaterialQuery,
        is_conditional=True,
    )
    def snippet(diagnosis_id: str, potential: str) -> Response:
        """Read the Python lines that load the recipe as an ASE calculator; `material` as for the recipe."""
        report, material = service.report(diagnosis_id), _wanted_material()
        response = Response(report_snippet(report, potential, material=material), mimetype=PYTHON)
        return _sealed(response, report, f"{correction_stem(report, potential, material)}.py")

    @routes.get("/report/<diagnosis_id>.html")
    @operation(
        "reports",
        {
            200: Answer("The report.", media_types=(HTML,)),
            404: Answer("There is none.", media_types=(HTML,)),
            409: Answer("There is none yet, or none will be.", media_types=(HTML,)),
        },
        query=MaterialQuery,
        is_conditional=True,
    )
    def as_html(diagnosis_id: str) -> Response:
        """Answer with the report, or its part about one of several materials, as one file that opens anywhere."""
        material = _wanted_material()
        try:
            report, points = service.report(diagnosis_id), service.points(diagnosis_id)
            _stem(report, material)  # says which materials there are
            record = service.diagnosis(diagnosis_id)
        except SoftdashError as error:  # who opens this address reads, and does not parse
            answer = Response(error_html(error), status=error.http_status, mimetype="text/html")
            answer.headers["Content-Security-Policy"] = _POLICY
            return answer
        link = f"{public_address(settings)}/report/{report.id}"
        frames = partial(service.frame_geometry, record.upload_id)
        text = report_html(report, points, link=link, note=record.note, frames=frames, material=material)
        response = Response(text, mimetype="text/html")
        response.headers["Content-Security-Policy"] = _POLICY
        return _sealed(response, report, note=record.note)

    return routes


def _wanted_material() -> str | None:
    return read_query(MaterialQuery).material


def _stem(report: Report, material: str | None) -> str:
    """Return what a file is called before its ending. Raises `NotFoundError` for a material that is not there."""
    if material is None:
        return f"softdash-{report.id}"
    report_of_one(report, material)
    return f"softdash-{report.id}-{material}"


def _sealed(response: Response, report: Report, file_name: str | None = None, *, note: str = "") -> Response:
    """Let a browser keep the answer, and ask each time whether the report still exists, and as it was."""
    if file_name is not None:
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    # Not its result_sha256: title and note may change, and a later softdash may write the same report otherwise.
    content = f"{__version__}\n{note}\n{report_json(report)}"
    response.set_etag(hashlib.sha256(content.encode()).hexdigest())
    response.make_conditional(request)  # changes the response in place
    return response
