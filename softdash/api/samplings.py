"""``/api/v1/samplings``: states of a structure without forces, with ready DFT inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, request, send_file
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from softdash.api.messages import json_response
from softdash.api.operations import Answer, Header, operation
from softdash.api.uploads import receive_files
from softdash.diagnosis.sampling_records import SamplingRecord
from softdash.diagnosis.sampling_service import StructureFile
from softdash.diagnosis.service import DiagnosisService
from softdash.errors import (
    BusyError,
    ConflictError,
    InputError,
    NotFoundError,
    PotentialUnavailableError,
    RefusalError,
)
from softdash.settings import Settings

ZIP = "application/zip"


class NewSampling(BaseModel):
    """Request: sample states of a structure."""

    model_config = ConfigDict(extra="forbid")

    potential: str | None = Field(
        None, max_length=80, description="Identifier of the potential; default: a universal one that is ready."
    )
    temperature: float = Field(1000.0, gt=0, le=5000, description="Temperature of the simulation, K.")
    frame_count: int | None = Field(None, ge=1, le=20, description="States to sample; default: the server's setting.")
    time_ps: float | None = Field(
        None, gt=0, le=5, description="Simulated time that they are taken from, ps; default: the server's setting."
    )


def samplings_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of samplings."""
    routes = Blueprint("api_samplings", __name__)

    @routes.post("/samplings")
    @operation(
        "samplings",
        {
            202: Answer(
                "The sampling stands in the queue.", SamplingRecord, headers=(Header("Location", "Its address."),)
            )
        },
        form=NewSampling,
        errors=(RefusalError, PotentialUnavailableError, BusyError),
    )
    def create_sampling() -> Response:
        """Sample high-energy states of a structure. One file: a crystal without forces (CIF, POSCAR)."""
        with tempfile.TemporaryDirectory(dir=settings.incoming_dir) as folder:
            files, form = receive_files(Path(folder), settings)
            wanted = _wanted(form)
            if len(files) != 1:
                raise InputError(f"These are {len(files)} files.", advice="Send one structure.")
            record = service.samplings.create(
                StructureFile(files[0].name, files[0].path),
                wanted.potential,
                temperature=wanted.temperature,
                frame_count=wanted.frame_count,
                time_ps=wanted.time_ps,
            )
        response = json_response(record, 202)
        response.headers["Location"] = f"/api/v1/samplings/{record.id}"
        return response

    @routes.get("/samplings/<sampling_id>")
    @operation("samplings", {200: Answer("Its state.", SamplingRecord)}, errors=(NotFoundError,))
    def sampling(sampling_id: str) -> Response:
        """Answer with the present state of a sampling."""
        response = json_response(service.samplings.sampling(sampling_id))
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.post("/samplings/<sampling_id>/cancel")
    @operation("samplings", {200: Answer("Its state afterwards.", SamplingRecord)}, errors=(NotFoundError,))
    def cancel_sampling(sampling_id: str) -> Response:
        """Cancel a sampling that has not ended."""
        return json_response(service.samplings.cancel(sampling_id))

    @routes.get("/samplings/<sampling_id>.zip")
    @operation(
        "samplings",
        {200: Answer("Frames, and inputs of VASP, Quantum ESPRESSO and GPAW.", media_types=(ZIP,))},
        errors=(NotFoundError, ConflictError),
        is_conditional=True,
    )
    def sampling_archive(sampling_id: str) -> Response:
        """Fetch the frames of a finished sampling, with ready inputs of DFT programs, as a zip archive."""
        archive = service.samplings.archive(sampling_id)
        formula = service.samplings.sampling(sampling_id).origin.structure.formula
        response = send_file(
            archive.resolve(),
            mimetype=ZIP,
            as_attachment=True,
            download_name=f"softdash-{formula}-states.zip",
            etag=archive.name,
            conditional=False,
        )
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["X-Robots-Tag"] = "noindex"
        response.make_conditional(request)
        return response

    return routes


def _wanted(form: Mapping[str, str]) -> NewSampling:
    """Return the fields of the form; other fields are passed over."""
    given = {name: form[name] for name in NewSampling.model_fields if form.get(name)}
    try:
        return NewSampling.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0]) if problem["loc"] else "form"
        raise InputError(f"{given.get(name, '')[:40]!r} is no value of {name}: {problem['msg']}.", where=name) from None
