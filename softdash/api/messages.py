"""What requests carry and answers say, beyond the records of `softdash.diagnosis.records`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar, get_origin

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.diagnosis.records import DiagnosisRecord
from softdash.diagnosis.suitability import NOTE_LENGTH, TITLE_LENGTH
from softdash.errors import InputError

_Message = TypeVar("_Message", bound=BaseModel)

_LARGEST_JSON = 64_000


class ErrorChoice(BaseModel):
    """One reading of an upload that leaves several: what it is, and the fields with which the same request takes it."""

    label: str
    options: dict[str, Any]


class ErrorDetail(BaseModel):
    """What was wrong, where, and what to do about it.

    Attributes
    ----------
    code : str
        Stable name of the kind of error.
    message : str
        What was wrong, one sentence.
    where : str or None
        The place: file, frame, field or address.
    advice : str or None
        What to do, one sentence.
    offer : str or None
        What mends it, where there is such an offer: ``reorder`` or ``thin`` is a field that, set to true, makes the
        same request succeed; ``sample`` says that ``POST /api/v1/samplings`` takes the same files.
    choices : list of ErrorChoice or None
        Where the files leave several readings: each of them.
    """

    code: str
    message: str
    where: str | None
    advice: str | None
    offer: str | None = None
    choices: list[ErrorChoice] | None = None


class ErrorMessage(BaseModel):
    """Answer: every error of the API has this form."""

    error: ErrorDetail


class NewDiagnosis(BaseModel):
    """Request: diagnose an upload, or a shipped example, with these potentials."""

    model_config = ConfigDict(extra="forbid")

    upload_id: str | None = Field(None, description="Upload to diagnose; either this or an example.")
    example: str | None = Field(None, description="Name of a shipped example to diagnose.")
    potentials: list[str] = Field(min_length=1, max_length=50, description="Identifiers of the potentials to run.")
    title: str | None = Field(None, max_length=TITLE_LENGTH, description="Title of the report.")


class MaterialQuery(BaseModel):
    """Query: which material of a report of several. Other parameters are passed over, as in any link."""

    material: str | None = Field(
        None, max_length=200, description="Name of one of several materials, as in `results` of the report's JSON."
    )


class EditedDiagnosis(BaseModel):
    """Request: what its owner writes about a diagnosis; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, min_length=1, max_length=TITLE_LENGTH, description="Title of the report, one line.")
    note: str | None = Field(None, max_length=NOTE_LENGTH, description="Plain text beside the report; may be empty.")


class Links(BaseModel):
    """Addresses of a diagnosis: its state, its page, and its report in four forms."""

    state: str
    page: str
    json_report: str
    csv_report: str
    extxyz_report: str
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
    forces: Literal["gradient", "direct"] = "gradient"
    parameter_count: int | None = None
    released: str = ""
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


class ColumnMessage(BaseModel):
    """Answer: a column of a table. `unit` is empty for pure numbers and text."""

    name: str
    type: Literal["string", "integer", "number", "boolean"]
    unit: str
    description: str


class TableLinks(BaseModel):
    """Addresses of a table: its description, its rows, and all rows as csv."""

    description: str
    rows: str
    csv: str


class TableMessage(BaseModel):
    """Answer: a precomputed table: what it holds, where it comes from, where its rows are.

    Attributes
    ----------
    name, path : str
        Name in addresses; place under ``precomputed/`` in the repository.
    row_count : int or None
        None where the file is damaged; `problem` says so.
    sha256 : str
        Of the csv file in the repository.
    licences : list of str
        Of the numbers, by their SPDX names.
    sources : list of ReferenceSource
        Where the reference data came from.
    potentials : list of PotentialVersion
        Which potentials made the numbers, exactly.
    key : list of str
        Columns whose values together name one row.
    filters : dict of str to str
        Filters that the rows take, and the column that each looks at.
    problem : str or None
        Why the table cannot be read, if so.
    """

    name: str
    path: str
    title: str
    description: str
    row_count: int | None
    byte_count: int
    sha256: str
    created: datetime
    softdash_version: str
    licences: list[str]
    sources: list[ReferenceSource]
    potentials: list[PotentialVersion]
    columns: list[ColumnMessage]
    key: list[str]
    filters: dict[str, str]
    problem: str | None
    links: TableLinks


class PointsMessage(BaseModel):
    """Answer: a data set and a potential with parity points; the address wants a material's identifier at its end."""

    dataset: str
    potential: str
    sha256: str
    address: str


class BandsMessage(BaseModel):
    """Answer: a material with phonon bands."""

    material_id: str
    sha256: str
    address: str


class ParityPoint(BaseModel):
    """Answer: one atom of one frame: DFT and predicted forces, eV/Å, rounded to 0.001.

    Attributes
    ----------
    frame, atom : int
        Counted from 1.
    """

    material_id: str
    frame: int
    atom: int
    element: str
    reference_x: float
    reference_y: float
    reference_z: float
    predicted_x: float
    predicted_y: float
    predicted_z: float


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
        raise _wrong_form(error, kind, "body") from None


def read_form(kind: type[_Message], form: Mapping[str, str]) -> _Message:
    """Read the fields of a form, among other fields that are passed over; an empty one counts as left out.

    Raises
    ------
    InputError
        If a value is none of its field, naming the first.
    """
    given = {name: form[name] for name in kind.model_fields if form.get(name)}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0]) if problem["loc"] else "form"
        raise InputError(f"{given.get(name, '')[:40]!r} is no value of {name}: {problem['msg']}.", where=name) from None


def read_query(kind: type[_Message]) -> _Message:
    """Read the query string of the request's address.

    Raises
    ------
    InputError
        If it is not of the expected form, naming the first wrong parameter.
    """
    given: dict[str, Any] = {}
    for name, values in request.args.lists():
        field = kind.model_fields.get(name)
        takes_several = field is not None and get_origin(field.annotation) is list
        if len(values) > 1 and not takes_several:
            raise InputError("This parameter may stand in the address only once.", where=name)
        given[name] = values if takes_several else values[0]
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise _wrong_form(error, kind, "query") from None


def _wrong_form(error: ValidationError, kind: type[BaseModel], whole: str) -> InputError:
    first = error.errors(include_url=False)[0]
    return InputError(
        f"The request is not of the expected form: {first['msg']}.",
        where=".".join(str(part) for part in first["loc"]) or whole,
        advice=f"Its fields are: {', '.join(kind.model_fields)}.",
    )
