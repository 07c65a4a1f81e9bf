"""What this installation offers: ``/api/v1/potentials``, ``/api/v1/examples``, ``/api/v1/health``."""

from __future__ import annotations

from flask import Blueprint, Response

from softdash.api.messages import (
    ExampleMessage,
    HealthMessage,
    PotentialMessage,
    WorkerMessage,
    json_response,
    read_query,
)
from softdash.api.operations import Answer, operation
from softdash.api.pagination import PAGE_HEADERS, PageQuery, add_page_headers
from softdash.diagnosis.records import UploadRecord
from softdash.errors import NotFoundError
from softdash.jobs.service import DiagnosisService, PotentialAvailability
from softdash.settings import Settings
from softdash.version import __version__


def installation_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes about the installation."""
    routes = Blueprint("api_installation", __name__)

    @routes.get("/potentials")
    @operation(
        "installation",
        {200: Answer("The potentials.", list[PotentialMessage], headers=PAGE_HEADERS)},
        query=PageQuery,
    )
    def potentials() -> Response:
        """List all potentials, and whether each can be run now."""
        page = read_query(PageQuery)
        known = list(service.online_potentials().values())
        shown = [_potential(available) for available in known[page.offset : page.offset + page.limit]]
        return add_page_headers(json_response(shown), len(known), page.limit, page.offset, settings)

    @routes.get("/examples")
    @operation(
        "installation", {200: Answer("The examples.", list[ExampleMessage], headers=PAGE_HEADERS)}, query=PageQuery
    )
    def examples() -> Response:
        """List the shipped examples."""
        page = read_query(PageQuery)
        known = service.examples()
        shown = [
            ExampleMessage(**{name: getattr(example, name) for name in ExampleMessage.model_fields})
            for example in known[page.offset : page.offset + page.limit]
        ]
        return add_page_headers(json_response(shown), len(known), page.limit, page.offset, settings)

    @routes.post("/examples/<name>")
    @operation("installation", {200: Answer("The upload.", UploadRecord)}, errors=(NotFoundError,))
    def add_example(name: str) -> Response:
        """Answer with the upload of a shipped example."""
        return json_response(service.add_example(name))

    @routes.get("/health")
    @operation("installation", {200: Answer("The database answers.", HealthMessage)})
    def health() -> Response:
        """Say whether database and workers are there; a container's health check reads the status."""
        workers = [
            WorkerMessage(queue=worker.queue, state=worker.state, potentials=list(worker.potentials))
            for worker in service.workers()
        ]
        response = json_response(
            HealthMessage(status="ok" if workers else "no worker", version=__version__, workers=workers)
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _potential(available: PotentialAvailability) -> PotentialMessage:
    card = available.card
    return PotentialMessage(
        name=card.name,
        label=card.label,
        family=card.family,
        version=card.version,
        package=card.package,
        elements=sorted(card.elements),
        functional=card.functional,
        training_set=card.training_set,
        licence=card.licence,
        citation=card.citation,
        is_universal=card.is_universal,
        forces=card.forces,
        parameter_count=card.parameter_count,
        released=card.released,
        notes=list(card.notes),
        state=available.state,
        worker_count=available.worker_count,
        problem=available.problem,
    )
