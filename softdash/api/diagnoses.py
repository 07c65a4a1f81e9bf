"""``/api/v1/diagnoses``: start one, look at it, cancel it, delete it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from softdash.api.messages import CreatedDiagnosisMessage, Links, NewDiagnosis, json_response, read_json
from softdash.diagnosis.service import DiagnosisService
from softdash.errors import InputError
from softdash.settings import Settings

DELETE_TOKEN_HEADER = "Softdash-Delete-Token"  # noqa: S105 - the name of a header, not a token


def public_address(settings: Settings) -> str:
    """Return the address under which visitors know this server, without a slash at its end."""
    return (settings.public_url or request.host_url).rstrip("/")


def diagnoses_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of diagnoses."""
    routes = Blueprint("api_diagnoses", __name__)

    @routes.post("/diagnoses")
    def create() -> Response:
        """Start a diagnosis (`NewDiagnosis`); the answer holds its links and the token that deletes it."""
        wanted = read_json(NewDiagnosis)
        if (wanted.upload_id is None) == (wanted.example is None):
            raise InputError(
                "A diagnosis needs either an upload or an example.", advice="Give upload_id, or example, not both."
            )
        upload_id = wanted.upload_id or service.add_example(wanted.example or "").id
        created = service.create(upload_id, wanted.potentials, wanted.title)
        links = _links(public_address(settings), created.record.id)
        message = CreatedDiagnosisMessage(diagnosis=created.record, delete_token=created.delete_token, links=links)
        response = json_response(message, 202)
        response.headers["Location"] = links.state
        return response

    @routes.get("/diagnoses/<diagnosis_id>")
    def state(diagnosis_id: str) -> Response:
        """Answer with the present state of a diagnosis."""
        response = json_response(service.diagnosis(diagnosis_id))
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.post("/diagnoses/<diagnosis_id>/cancel")
    def cancel(diagnosis_id: str) -> Response:
        """Cancel what has not ended."""
        return json_response(service.cancel(diagnosis_id))

    @routes.delete("/diagnoses/<diagnosis_id>")
    def delete(diagnosis_id: str) -> Response:
        """Delete a diagnosis and its report; needs its token in the header `Softdash-Delete-Token`."""
        service.delete(diagnosis_id, request.headers.get(DELETE_TOKEN_HEADER, ""))
        return Response(status=204)

    return routes


def _links(address: str, diagnosis_id: str) -> Links:
    page = f"{address}/report/{diagnosis_id}"
    return Links(
        state=f"{address}/api/v1/diagnoses/{diagnosis_id}",
        page=page,
        json_report=f"{page}.json",
        csv_report=f"{page}.csv",
        html_report=f"{page}.html",
    )
