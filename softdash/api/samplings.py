"""``/api/v1/samplings``: states of a structure without forces, with ready DFT inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, request, send_file
from pydantic import BaseModel, ConfigDict, Field

from softdash.api.addresses import public_address
from softdash.api.diagnoses import DELETE_TOKEN_HEADER, TOKEN
from softdash.api.messages import json_response, read_form, read_json
from softdash.api.operations import Answer, Header, operation
from softdash.api.uploads import receive_files
from softdash.diagnosis.suitability import TITLE_LENGTH
from softdash.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    PotentialUnavailableError,
    PredictionError,
    RefusalError,
)
from softdash.jobs.sampling_records import SamplingPreview, SamplingRecord
from softdash.jobs.sampling_service import SamplingChoice
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings

ZIP = "application/zip"


class NewSampling(BaseModel):
    """Request: sample states of a structure. What is left out is as the server's settings have it."""

    model_config = ConfigDict(extra="forbid")

    potential: str | None = Field(
        None, max_length=80, description="Identifier of the potential; default: a universal one that is ready."
    )
    temperature: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="Temperature of the simulation, K. The server limits it."
    )
    frame_count: int | None = Field(None, ge=1, description="States to sample. The server limits it.")
    time_ps: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="Simulated time that they are taken from, ps; default: in proportion to the number of states.",
    )
    title: str | None = Field(None, max_length=TITLE_LENGTH, description="Title of the page, one line.")


class EditedSampling(BaseModel):
    """Request: what its owner calls a sampling."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=TITLE_LENGTH, description="Title of the page, one line.")


class SamplingLinks(BaseModel):
    """Addresses of a sampling: its state, its page, and the archive of states and inputs."""

    state: str
    page: str
    archive: str


class CreatedSamplingMessage(BaseModel):
    """Answer: the sampling, the token that deletes it (shown this once), and its addresses."""

    sampling: SamplingRecord
    delete_token: str
    links: SamplingLinks


def samplings_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of samplings."""
    routes = Blueprint("api_samplings", __name__)

    @routes.post("/samplings")
    @operation(
        "samplings",
        {
            202: Answer(
                "The sampling stands in the queue.",
                CreatedSamplingMessage,
                headers=(Header("Location", "Address of its state."),),
            )
        },
        form=NewSampling,
        errors=(RefusalError, PotentialUnavailableError, PredictionError, BusyError),
    )
    def create_sampling() -> Response:
        """Sample high-energy states of a crystal without forces (CIF, POSCAR, extended XYZ, JSON, a zip of them).

        Of several files the first one with a structure is sampled, of several frames the last; the answer says which.
        """
        with tempfile.TemporaryDirectory(dir=settings.incoming_dir) as folder:
            files, form = receive_files(Path(folder), settings)
            created = service.samplings.create(files, _choice(form))
        identifier, address = created.record.id, public_address(settings)
        links = SamplingLinks(
            state=f"{address}/api/v1/samplings/{identifier}",
            page=f"{address}/sampling/{identifier}",
            archive=f"{address}/api/v1/samplings/{identifier}.zip",
        )
        message = CreatedSamplingMessage(sampling=created.record, delete_token=created.delete_token, links=links)
        response = json_response(message, 202)
        response.headers["Location"] = links.state
        return response

    @routes.post("/samplings/preview")
    @operation(
        "samplings",
        {200: Answer("What would be sampled, and about how long each potential takes.", SamplingPreview)},
        form=NewSampling,
        errors=(RefusalError, PredictionError),
    )
    def preview_sampling() -> Response:
        """Say what the same request would sample, and how long it takes with each potential; keep nothing."""
        with tempfile.TemporaryDirectory(dir=settings.incoming_dir) as folder:
            files, form = receive_files(Path(folder), settings)
            return json_response(service.samplings.preview(files, _choice(form)))

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

    @routes.patch("/samplings/<sampling_id>")
    @operation(
        "samplings",
        {200: Answer("Its state, with its title.", SamplingRecord)},
        body=EditedSampling,
        headers=(TOKEN,),
        errors=(NotFoundError, ForbiddenError),
    )
    def edit_sampling(sampling_id: str) -> Response:
        """Set the title of a sampling. It needs the token of its creation."""
        token, title = request.headers.get(DELETE_TOKEN_HEADER, ""), read_json(EditedSampling).title
        return json_response(service.samplings.rename(sampling_id, token, title))

    @routes.delete("/samplings/<sampling_id>")
    @operation(
        "samplings",
        {204: Answer("It is gone.", media_types=())},
        headers=(TOKEN,),
        errors=(NotFoundError, ForbiddenError),
    )
    def delete_sampling(sampling_id: str) -> Response:
        """Delete a sampling and its archive. It needs its token in the header `Softdash-Delete-Token`."""
        service.samplings.delete(sampling_id, request.headers.get(DELETE_TOKEN_HEADER, ""))
        return Response(status=204)

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


def _choice(form: Mapping[str, str]) -> SamplingChoice:
    return SamplingChoice(**read_form(NewSampling, form).model_dump())
