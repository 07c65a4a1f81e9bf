"""A softdash server for the command line to talk to: its API behind a real socket, and a worker, both in threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from softdash.api import register
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService
from softdash.jobs.worker import Worker
from softdash.settings import Settings


@pytest.fixture(scope="module")
def server_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(state_dir=tmp_path_factory.mktemp("server"), upload_max_bytes=300_000)


@pytest.fixture(scope="module")
def server_without_worker(server_settings: Settings) -> Iterator[str]:
    """Address of a server whose diagnoses wait."""
    application = Flask("test")
    service = DiagnosisService(server_settings)
    register(application, service, server_settings)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    service.close()


@pytest.fixture
def server(server_settings: Settings, server_without_worker: str) -> Iterator[str]:
    """Address of a server whose classical potentials are computed."""
    stopping = threading.Event()
    worker = Worker("classical", server_settings)
    queues = JobQueues(server_settings)

    def work() -> None:
        while not stopping.wait(0.05):
            for number in sorted(queues.waiting("classical")):
                worker.execute(number)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield server_without_worker
    stopping.set()
    thread.join()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, with a state folder that does not exist."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOFTDASH_URL", raising=False)
    monkeypatch.setattr("softdash.settings.get_settings", lambda: Settings(state_dir=tmp_path / "state"))
    return tmp_path
