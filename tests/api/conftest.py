"""The API on a bare Flask server, and a worker in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from softdash.api import register
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService
from softdash.jobs.worker import Worker
from softdash.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", upload_max_bytes=300_000)


@pytest.fixture
def server(settings: Settings) -> Iterator[Flask]:
    server = Flask("test")

    @server.get("/", defaults={"path": ""})
    @server.get("/<path:path>")
    def page(path: str) -> str:
        """Answer every address with a page, as Dash does."""
        return f"<h1>page {path}</h1>"

    service = DiagnosisService(settings)
    register(server, service, settings)
    yield server
    service.close()


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


@pytest.fixture
def compute_all(settings: Settings) -> Callable[[], None]:
    worker = Worker("classical", settings)

    def compute() -> None:
        for job_id in sorted(JobQueues(settings).waiting("classical")):
            worker.execute(job_id)

    return compute


@pytest.fixture
def finished(client: FlaskClient, compute_all: Callable[[], None]) -> dict[str, object]:
    """Diagnose the shipped Cu₃Au through the API; return the answer that created it."""
    response = client.post("/api/v1/diagnoses", json={"example": "cu3au", "potentials": ["emt"]})
    assert response.status_code == 202
    compute_all()
    return dict(response.get_json())
