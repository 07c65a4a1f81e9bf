"""The forms of a report: ``/report/<id>.json``, ``.csv``, ``.html``, and ``/api/v1/reports/<id>``."""

from __future__ import annotations

from flask import Blueprint, Response, request, stream_with_context

from softdash.api.diagnoses import public_address
from softdash.diagnosis.report_formats import report_csv, report_json
from softdash.diagnosis.report_html import error_html, report_html
from softdash.diagnosis.service import DiagnosisService
from softdash.errors import SoftdashError
from softdash.settings import Settings

# The page may run nothing and fetch nothing, whatever a file name or a title says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def reports_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of reports."""
    routes = Blueprint("api_reports", __name__)

    @routes.get("/report/<diagnosis_id>.json", endpoint="download_json")
    @routes.get("/api/v1/reports/<diagnosis_id>")
    def as_json(diagnosis_id: str) -> Response:
        """Answer with the report, all numbers with all their digits."""
        report = service.report(diagnosis_id)
        return _sealed(Response(report_json(report), mimetype="application/json"), report.result_sha256)

    @routes.get("/report/<diagnosis_id>.csv")
    def as_csv(diagnosis_id: str) -> Response:
        """Answer with a table of all force components."""
        report, points = service.report(diagnosis_id), service.points(diagnosis_id)
        response = Response(stream_with_context(report_csv(report, points)), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="softdash-{report.id}.csv"'
        return _sealed(response, report.result_sha256)

    @routes.get("/report/<diagnosis_id>.html")
    def as_html(diagnosis_id: str) -> Response:
        """Answer with the report as one file that opens anywhere."""
        try:
            report, points = service.report(diagnosis_id), service.points(diagnosis_id)
        except SoftdashError as error:  # who opens this address reads, and does not parse
            answer = Response(error_html(error), status=error.http_status, mimetype="text/html")
            answer.headers["Content-Security-Policy"] = _POLICY
            return answer
        link = f"{public_address(settings)}/report/{report.id}"
        response = Response(report_html(report, points, link=link), mimetype="text/html")
        response.headers["Content-Security-Policy"] = _POLICY
        return _sealed(response, report.result_sha256)

    return routes


def _sealed(response: Response, result_sha256: str) -> Response:
    """Let a browser keep the answer, and ask each time whether the report still exists."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(result_sha256)
    response.make_conditional(request)  # changes the response in place
    return response
