"""``/api/v1/diagnoses``: start one, look at it, cancel it, delete it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from softdash.api.addresses import public_address
from softdash.api.messages import (
    CreatedDiagnosisMessage,
    EditedDiagnosis,
    Links,
    NewDiagnosis,
    json_response,
    read_json,
)
from softdash.api.operations import Answer, Header, operation
from softdash.diagnosis.records import DiagnosisRecord
from softdash.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    PotentialUnavailableError,
    PredictionError,
)
from softdash.jobs.creation_keys import KEY_LENGTH_MAX, KEY_LENGTH_MIN
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings

DELETE_TOKEN_HEADER = "Softdash-Delete-Token"  # noqa: S105 - the name of a header, not a token


IDEMPOTENCY_HEADER = "Idempotency-Key"

_KEY = Header(
    IDEMPOTENCY_HEADER,
    "A random text, such as a UUID, that only this request has. The same request again under the same key answers with "
    "the same diagnosis and the same delete token: repeat it safely when an answer was lost. Keep it secret.",
    min_length=KEY_LENGTH_MIN,
    max_length=KEY_LENGTH_MAX,
    pattern=r"^[\x21-\x7e]+$",
)
TOKEN = Header(DELETE_TOKEN_HEADER, "The token that the creation answered with.")


def diagnoses_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of diagnoses."""
    routes = Blueprint("api_diagnoses", __name__)

    @routes.post("/diagnoses")
    @operation(
        "diagnoses",
        {
            202: Answer(
                "The diagnosis stands in the queue.",
                CreatedDiagnosisMessage,
                headers=(Header("Location", "Address of its state."),),
            )
        },
        body=NewDiagnosis,
        headers=(_KEY,),
        errors=(NotFoundError, ConflictError, PotentialUnavailableError, PredictionError, BusyError),
    )
    def create() -> Response:
        """Start a diagnosis. The answer holds its links and the token that deletes it."""
        wanted = read_json(NewDiagnosis)
        if (wanted.upload_id is None) == (wanted.example is None):
            raise InputError(
                "A diagnosis needs either an upload or an example.", advice="Give upload_id, or example, not both."
            )
        upload_id = wanted.upload_id or service.add_example(wanted.example or "").id
        key = request.headers.get(IDEMPOTENCY_HEADER)
        created = service.create(upload_id, wanted.potentials, wanted.title, idempotency_key=key)
        links = _links(public_address(settings), created.record.id)
        message = CreatedDiagnosisMessage(diagnosis=created.record, delete_token=created.delete_token, links=links)
        response = json_response(message, 202)
        response.headers["Location"] = links.state
        return response

    @routes.get("/diagnoses/<diagnosis_id>")
    @operation("diagnoses", {200: Answer("Its state.", DiagnosisRecord)}, errors=(NotFoundError,))
    def state(diagnosis_id: str) -> Response:
        """Answer with the present state of a diagnosis."""
        response = json_response(service.diagnosis(diagnosis_id))
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.post("/diagnoses/<diagnosis_id>/cancel")
    @operation("diagnoses", {200: Answer("Its state afterwards.", DiagnosisRecord)}, errors=(NotFoundError,))
    def cancel(diagnosis_id: str) -> Response:
        """Cancel what has not ended."""
        return json_response(service.cancel(diagnosis_id))

    @routes.patch("/diagnoses/<diagnosis_id>")
    @operation(
        "diagnoses",
        {200: Answer("Its state, with title and note.", DiagnosisRecord)},
        body=EditedDiagnosis,
        headers=(TOKEN,),
        errors=(NotFoundError, ForbiddenError),
    )
    def edit(diagnosis_id: str) -> Response:
        """Set title and note of a diagnosis; its numbers stay. It needs the token of its creation."""
        wanted, present = read_json(EditedDiagnosis), service.diagnosis(diagnosis_id)
        title = present.title if wanted.title is None else wanted.title
        note = present.note if wanted.note is None else wanted.note
        return json_response(service.edit(diagnosis_id, request.headers.get(DELETE_TOKEN_HEADER, ""), title, note))

    @routes.delete("/diagnoses/<diagnosis_id>")
    @operation(
        "diagnoses",
        {204: Answer("It is gone.", media_types=())},
        headers=(TOKEN,),
        errors=(NotFoundError, ForbiddenError),
    )
    def delete(diagnosis_id: str) -> Response:
        """Delete a diagnosis and its report. It needs its token in the header `Softdash-Delete-Token`."""
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
        extxyz_report=f"{page}.extxyz",
        html_report=f"{page}.html",
    )
