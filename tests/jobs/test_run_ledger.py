"""A run is claimed once, whoever asks at the same time; workers are known by their heartbeats."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from softdash.diagnosis.records import DiagnosisState
from softdash.errors import PotentialUnavailableError
from softdash.jobs.database import Database, WorkerRow
from softdash.jobs.run_ledger import diagnosis_state
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.wiring import wire
from softdash.jobs.worker_registry import WorkerStatus
from softdash.potentials import registry
from softdash.settings import Settings

NOBODY = 2**22 + 1
"""A process number above the largest that Linux gives."""


@pytest.fixture
def waiting_run(service: DiagnosisService, copper: Callable[..., IncomingFile]) -> str:
    return service.create(service.add_upload([copper()]).id, ["emt"]).record.id


def test_of_many_workers_one_gets_the_run(settings: Settings, waiting_run: str) -> None:
    claims: list[object] = []
    start = threading.Barrier(8)

    def claim(number: int) -> None:
        ledger = wire(settings).ledger
        start.wait()
        claims.append(ledger.claim(1, f"worker {number}"))

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == 8
    assert sum(claim is not None for claim in claims) == 1


def test_a_result_that_comes_after_the_run_was_taken_away_is_dropped(settings: Settings, waiting_run: str) -> None:
    wiring = wire(settings)
    wiring.workers.announce(WorkerStatus("classical", id="late", process_id=NOBODY))
    late = wiring.ledger.claim(1, "late")
    assert late is not None
    wiring.sweeper.sweep()  # its process does not exist
    second = wiring.ledger.claim(1, "second")
    assert second is not None
    assert second.attempt == 2
    assert not wiring.ledger.report_progress(late, 1)
    assert not wiring.ledger.finish(late, "{}", "0" * 64, 1.0)
    assert wiring.ledger.report_progress(second, 1)


def test_many_people_may_start_diagnoses_at_once(
    service: DiagnosisService, copper: Callable[..., IncomingFile], compute_all: Callable[[], None]
) -> None:
    upload = service.add_upload([copper()])
    ids: list[str] = []

    def create() -> None:
        ids.extend([service.create(upload.id, ["emt"]).record.id for _ in range(5)])

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    compute_all()
    assert len(set(ids)) == 30
    assert all(service.diagnosis(name).state is DiagnosisState.DONE for name in ids)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["queued", "queued"], "queued"),
        (["queued", "running"], "running"),
        (["done", "queued"], "running"),
        (["done", "failed"], "done"),
        (["done", "cancelled"], "done"),
        (["failed", "cancelled"], "failed"),
        (["cancelled"], "cancelled"),
    ],
)
def test_the_state_of_a_diagnosis_follows_from_its_runs(states: list[str], expected: str) -> None:
    assert diagnosis_state(states) == expected


def test_availability_follows_the_workers(service: DiagnosisService, settings: Settings) -> None:
    workers = wire(settings).workers
    status = WorkerStatus("classical")
    workers.announce(status)
    assert service.online_potentials()["emt"].state == "loading"
    status.state, status.potentials, status.problems = "online", ["emt"], {"lennard-jones-argon": "It is broken."}
    workers.announce(status)
    available = service.online_potentials()
    assert (available["emt"].state, available["emt"].worker_count) == ("online", 1)
    assert (available["lennard-jones-argon"].state, available["lennard-jones-argon"].problem) == (
        "failed",
        "It is broken.",
    )
    assert available["chgnet-0.3.0"].state in {"offline", "not installed"}
    workers.remove(status.id)
    assert service.online_potentials()["emt"].state == "offline"


def test_a_worker_of_another_environment_serves_what_is_not_installed_here(
    service: DiagnosisService, settings: Settings, copper: Callable[..., IncomingFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(registry.card("emt"), name="elsewhere", queue="elsewhere", is_installed=lambda: False)
    for module in ("jobs.service", "diagnosis.suitability"):
        monkeypatch.setattr(f"softdash.{module}.card", lambda name: elsewhere)
    monkeypatch.setattr("softdash.jobs.service.cards", lambda: (elsewhere,))
    upload = service.add_upload([copper()])
    workers, status = wire(settings).workers, WorkerStatus("elsewhere")
    workers.announce(status)
    assert service.online_potentials()["elsewhere"].state == "not installed"
    with pytest.raises(PotentialUnavailableError, match="not installed here"):
        service.create(upload.id, ["elsewhere"])
    status.state, status.potentials = "online", ["elsewhere"]
    workers.announce(status)
    assert service.online_potentials()["elsewhere"].state == "online"
    service.create(upload.id, ["elsewhere"])
    assert wire(settings).queues.waiting("elsewhere") == {1}


def test_a_worker_counts_as_dead_without_process_or_sign_of_life(settings: Settings) -> None:
    wiring = wire(settings)
    wiring.workers.announce(WorkerStatus("classical", id="dead", process_id=NOBODY))
    wiring.workers.announce(WorkerStatus("classical", id="far away", host="elsewhere", process_id=NOBODY))
    wiring.workers.announce(WorkerStatus("classical", id="silent", host="elsewhere", process_id=NOBODY - 1))
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    with Database(settings).write() as session:
        session.execute(update(WorkerRow).where(WorkerRow.id == "silent").values(heartbeat_at=long_ago))
    assert [worker.id for worker in wiring.workers.living()] == ["far away"]
    assert wiring.workers.strike_off_the_dead() == {"far away"}


def test_a_restarted_container_s_worker_replaces_its_former_self(settings: Settings) -> None:
    workers = wire(settings).workers
    workers.announce(WorkerStatus("classical", id="before", host="container", process_id=7))
    workers.announce(WorkerStatus("classical", id="after", host="container", process_id=7))
    assert [worker.id for worker in workers.living()] == ["after"]
