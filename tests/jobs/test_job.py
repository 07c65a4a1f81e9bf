"""A job is leased once, whoever asks at the same time; workers are known by their heartbeats."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from softdash.diagnosis.records import DiagnosisState
from softdash.errors import PotentialUnavailableError
from softdash.jobs.database import Database
from softdash.jobs.job import overall_state
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.tables import JobRow, WorkerRow
from softdash.jobs.wiring import wire
from softdash.jobs.worker_registry import WorkerStatus
from softdash.potentials import registry
from softdash.settings import Settings

NOBODY = 2**22 + 1
"""A process number above the largest that Linux gives."""


@pytest.fixture
def waiting_job(service: DiagnosisService, copper: Callable[..., IncomingFile]) -> str:
    return service.create(service.add_upload([copper()]).id, ["emt"]).record.id


def test_of_many_workers_one_gets_the_job(settings: Settings, waiting_job: str) -> None:
    leases: list[object] = []
    start = threading.Barrier(8)

    def lease(number: int) -> None:
        jobs = wire(settings).jobs
        start.wait()
        leases.append(jobs.lease(1, f"worker {number}"))

    threads = [threading.Thread(target=lease, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(leases) == 8
    assert sum(lease is not None for lease in leases) == 1


def test_a_result_that_comes_after_the_job_was_taken_away_is_dropped(settings: Settings, waiting_job: str) -> None:
    wiring = wire(settings)
    wiring.workers.announce(WorkerStatus("classical", id="late", process_id=NOBODY))
    late = wiring.jobs.lease(1, "late")
    assert late is not None
    wiring.reaper.reap()  # its process does not exist
    second = wiring.jobs.lease(1, "second")
    assert second is not None
    assert second.attempt == 2
    assert not wiring.jobs.renew(late, done=1)
    assert not wiring.jobs.finish(late, result="{}", predictions_sha256="0" * 64, seconds=1.0)
    assert wiring.jobs.renew(second, done=1)


def test_a_job_is_taken_back_when_its_lease_is_over(settings: Settings, waiting_job: str) -> None:
    """Also that of a worker that nobody knows; before, it is left alone."""
    wiring, hasty = wire(settings), wire(settings.model_copy(update={"worker_lost_seconds": 1e-6}))
    lease = wiring.jobs.lease(1, "unknown")
    assert lease is not None
    wiring.reaper.reap()
    assert wiring.jobs.renew(lease)
    assert hasty.jobs.renew(lease)  # for a millionth of a second
    wiring.reaper.reap()
    assert not wiring.jobs.renew(lease)
    assert (again := wiring.jobs.lease(1, "unknown")) is not None
    assert again.attempt == 2
    with wiring.database.read() as session:
        job = session.get_one(JobRow, 1)
    assert job.lease_until is not None
    assert job.started_at is not None
    assert job.lease_until - job.started_at == timedelta(seconds=settings.worker_lost_seconds)


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
def test_the_state_of_a_diagnosis_follows_from_its_jobs(states: list[str], expected: str) -> None:
    assert overall_state(states) == expected


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


def test_a_worker_counts_as_dead_without_process_or_heartbeat(settings: Settings) -> None:
    wiring = wire(settings)
    wiring.workers.announce(WorkerStatus("classical", id="dead", process_id=NOBODY))
    wiring.workers.announce(WorkerStatus("classical", id="far away", host="elsewhere", process_id=NOBODY))
    wiring.workers.announce(WorkerStatus("classical", id="silent", host="elsewhere", process_id=NOBODY - 1))
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    with Database(settings).write() as session:
        session.execute(update(WorkerRow).where(WorkerRow.id == "silent").values(heartbeat_at=long_ago))
    assert [worker.id for worker in wiring.workers.living()] == ["far away"]
    wiring.workers.remove_dead()
    with wiring.database.read() as session:
        assert session.scalars(select(WorkerRow.id)).all() == ["far away"]


def test_a_restarted_container_s_worker_replaces_its_former_self(settings: Settings) -> None:
    workers = wire(settings).workers
    workers.announce(WorkerStatus("classical", id="before", host="container", process_id=7))
    workers.announce(WorkerStatus("classical", id="after", host="container", process_id=7))
    assert [worker.id for worker in workers.living()] == ["after"]
