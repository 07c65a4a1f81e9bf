"""What requests carry and answers say, beyond the records of `softdash.diagnosis.records`."""

from __future__ import annotations

from typing import Literal, TypeVar

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from softdash.diagnosis.records import DiagnosisRecord
from softdash.errors import InputError

_Message = TypeVar("_Message", bound=BaseModel)

_LARGEST_JSON = 64_000


class NewDiagnosis(BaseModel):
    """Request: diagnose an upload, or a shipped example, with these potentials."""

    model_config = ConfigDict(extra="forbid")

    upload_id: str | None = None
    example: str | None = None
    potentials: list[str] = Field(min_length=1, max_length=50)
    title: str | None = Field(None, max_length=200)


class Links(BaseModel):
    """Addresses of a diagnosis: its state, its page, and its report in three forms."""

    state: str
    page: str
    json_report: str
    csv_report: str
    html_report: str


class CreatedDiagnosisMessage(BaseModel):
    """Answer: the diagnosis, the token that deletes it (shown this once), and its addresses."""

    diagnosis: DiagnosisRecord
    delete_token: str
    links: Links


class PotentialMessage(BaseModel):
    """Answer: a potential, and whether it can be run now."""

    name: str
    label: str
    family: str
    version: str
    package: str
    elements: list[str]
    functional: str
    training_set: str
    licence: str
    citation: str
    is_universal: bool
    notes: list[str]
    state: Literal["online", "loading", "offline", "failed", "not installed"]
    worker_count: int
    problem: str | None


class ExampleMessage(BaseModel):
    """Answer: a shipped example."""

    name: str
    title: str
    lesson: str
    formula: str
    frame_count: int
    atom_count: int


class WorkerMessage(BaseModel):
    """Answer: a worker process."""

    queue: str
    state: str
    potentials: list[str]


class HealthMessage(BaseModel):
    """Answer: whether the server can do its work."""

    status: Literal["ok", "no worker"]
    version: str
    workers: list[WorkerMessage]


def json_response(content: BaseModel | list[_Message], status: int = 200) -> Response:
    """Return a record, or a list of records, as JSON."""
    if isinstance(content, list):
        text = f"[{','.join(item.model_dump_json() for item in content)}]"
    else:
        text = content.model_dump_json()
    return Response(text, status=status, mimetype="application/json")


def read_json(kind: type[_Message]) -> _Message:
    """Read the request's body.

    Raises
    ------
    InputError
        If it is not of the expected form, naming the first wrong field.
    """
    request.max_content_length = _LARGEST_JSON
    try:
        return kind.model_validate(request.get_json())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise InputError(
            f"The request is not of the expected form: {first['msg']}.",
            where=field,
            advice=f"Its fields are: {', '.join(kind.model_fields)}.",
        ) from None
