"""What this installation offers: ``/api/v1/potentials``, ``/api/v1/examples``, ``/api/v1/health``."""

from __future__ import annotations

from flask import Blueprint, Response

from softdash import __version__
from softdash.api.messages import ExampleMessage, HealthMessage, PotentialMessage, WorkerMessage, json_response
from softdash.diagnosis.service import DiagnosisService, PotentialAvailability


def installation_blueprint(service: DiagnosisService) -> Blueprint:
    """Return the routes about the installation."""
    routes = Blueprint("api_installation", __name__)

    @routes.get("/potentials")
    def potentials() -> Response:
        """List all potentials, and whether each can be run now."""
        return json_response([_potential(available) for available in service.online_potentials().values()])

    @routes.get("/examples")
    def examples() -> Response:
        """List the shipped examples."""
        return json_response(
            [
                ExampleMessage(**{name: getattr(example, name) for name in ExampleMessage.model_fields})
                for example in service.examples()
            ]
        )

    @routes.post("/examples/<name>")
    def add_example(name: str) -> Response:
        """Answer with the upload of a shipped example."""
        return json_response(service.add_example(name))

    @routes.get("/health")
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
        notes=list(card.notes),
        state=available.state,
        worker_count=available.worker_count,
        problem=available.problem,
    )
