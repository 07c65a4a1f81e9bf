"""Samplings: recorded at once, computed by a worker in slices, cancelled, taken from dead workers, removed in time."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase.build import bulk
from sqlalchemy import or_, select, update

from softdash.diagnosis.records import DiagnosisState
from softdash.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    PotentialUnavailableError,
    PredictionError,
)
from softdash.jobs.database import Database
from softdash.jobs.queues import JobQueues
from softdash.jobs.running_job import JobWithdrawnError, RunningJob
from softdash.jobs.sampling_records import SamplingOffer, SamplingRecord
from softdash.jobs.sampling_run import SamplingRun
from softdash.jobs.sampling_service import SamplingChoice
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.tables import JobRow, SamplingRow
from softdash.jobs.wiring import wire
from softdash.jobs.worker import Worker
from softdash.jobs.worker_registry import WorkerStatus
from softdash.settings import Settings

NOBODY = 2**22 + 1
"""A process number above the largest that Linux gives."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        state_dir=tmp_path / "state",
        heartbeat_seconds=0.2,
        worker_lost_seconds=5.0,
        sampling_atoms=8,
        sampling_time_ps=0.06,
        sampling_equilibration_ps=0.02,
        sampling_frames=3,
    )


@pytest.fixture
def copper_file(tmp_path: Path) -> IncomingFile:
    bulk("Cu", cubic=True).write(tmp_path / "cu.cif")
    return IncomingFile("cu.cif", tmp_path / "cu.cif")


@pytest.fixture
def worker(settings: Settings) -> Worker:
    return Worker("classical", settings)


def start(service: DiagnosisService, file: IncomingFile, potential: str, **choice: Any) -> SamplingRecord:
    return service.samplings.create([file], SamplingChoice(potential, **choice)).record


def job_of(settings: Settings, owner_id: str) -> int:
    of_owner = or_(JobRow.diagnosis_id == owner_id, JobRow.sampling_id == owner_id)
    with Database(settings).read() as session:
        return session.scalars(select(JobRow.id).where(of_owner)).one()


def test_a_sampling_gives_frames_and_inputs(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile, worker: Worker
) -> None:
    created = start(service, copper_file, "emt", temperature=600)
    assert created.state is DiagnosisState.QUEUED
    assert (created.origin.structure.formula, created.origin.structure.atom_count) == ("Cu", 8)
    assert created.origin.expectation is None  # the benchmark was not run with a classical potential
    assert "No worker serves" in (service.samplings.sampling(created.id).message or "")
    assert len(service.samplings.frame_geometry(created.id, 0).numbers) == 8
    with pytest.raises(ConflictError, match="not finished"):
        service.samplings.archive(created.id)
    assert JobQueues(settings).waiting("classical") == {job_of(settings, created.id)}
    worker.execute(job_of(settings, created.id))
    done = service.samplings.sampling(created.id)
    assert done.state is DiagnosisState.DONE, done
    assert 200 < (done.mean_temperature or 0) < 1200
    with zipfile.ZipFile(service.samplings.archive(created.id)) as archive:
        names = archive.namelist()
        readme = archive.read("README.txt").decode()
    assert {"vasp/Cu-03/INCAR", "gpaw/static.py", "frames.extxyz"} <= set(names)
    assert "cu.cif" in readme
    first, last = (service.samplings.frame_geometry(created.id, position) for position in (0, 2))
    assert not np.allclose(first.positions, last.positions)
    assert "ps" in first.origin
    with pytest.raises(NotFoundError):
        service.samplings.frame_geometry(created.id, 3)
    assert not list(settings.samplings_dir.iterdir())  # no checkpoint is left


def test_a_waiting_diagnosis_goes_first_and_the_frames_are_the_same(
    service: DiagnosisService,
    settings: Settings,
    copper_file: IncomingFile,
    copper: Callable[..., IncomingFile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("softdash.jobs.running_job._PROGRESS_SECONDS", 0.0)
    hasty = settings.model_copy(update={"sampling_slice_seconds": 1e-6})
    whole = start(service, copper_file, "emt")
    Worker("classical", settings).execute(job_of(settings, whole.id))

    sliced = start(service, copper_file, "emt")
    diagnosis = service.create(service.add_upload([copper()]).id, ["emt"]).record
    worker, slices = Worker("classical", hasty), 0
    while service.samplings.sampling(sliced.id).state is DiagnosisState.QUEUED:
        worker.execute(job_of(settings, sliced.id))
        slices += 1
        assert slices < 100
        if slices == 2:  # it stepped back twice; now the diagnosis is computed, and the sampling goes on to its end
            progress = service.samplings.sampling(sliced.id).progress
            assert progress is not None
            assert 0 < progress.step < progress.step_count
            worker.execute(job_of(settings, diagnosis.id))
    assert slices == 3
    assert service.diagnosis(diagnosis.id).state is DiagnosisState.DONE
    assert service.samplings.archive(sliced.id).read_bytes() == service.samplings.archive(whole.id).read_bytes()


def test_a_cancelled_one_ends_and_leaves_no_checkpoint(
    service: DiagnosisService,
    settings: Settings,
    copper_file: IncomingFile,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("softdash.jobs.running_job._PROGRESS_SECONDS", 0.0)
    created, parts = start(service, copper_file, "emt"), wire(settings)
    lease = parts.jobs.lease(job_of(settings, created.id), "me")
    assert lease is not None
    job = RunningJob(lease, parts.jobs, settings, stopping=lambda: service.samplings.cancel(created.id) is None)
    with pytest.raises(JobWithdrawnError):
        SamplingRun(parts.samplings, parts.files, settings, diagnosis_waits=lambda: False).compute(job)
    assert service.samplings.cancel(created.id).state is DiagnosisState.CANCELLED
    parts.samplings.remove_checkpoint(created.id)
    assert not list(settings.samplings_dir.iterdir())
    worker.execute(lease.job_id)  # its entry in the queue comes to nothing
    assert service.samplings.sampling(created.id).state is DiagnosisState.CANCELLED
    with pytest.raises(ConflictError, match="ended without frames"):
        service.samplings.archive(created.id)


def test_one_that_takes_too_long_or_hangs_ends(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = settings.model_copy(update={"job_seconds": 1e-6})
    slow = start(service, copper_file, "emt")
    Worker("classical", hasty).execute(job_of(settings, slow.id))
    record = service.samplings.sampling(slow.id)
    assert record.state is DiagnosisState.FAILED
    assert "took longer than 1e-06 s" in (record.message or "")

    # The potential never comes back from a step: the thread of the heartbeats ends the worker.
    ended: list[int] = []
    monkeypatch.setattr("softdash.jobs.running_job.os._exit", ended.append)
    hanging = start(service, copper_file, "emt")
    parts = wire(settings)
    no_patience = settings.model_copy(update={"job_seconds": 1e-6, "worker_lost_seconds": 1e-6})
    lease = parts.jobs.lease(job_of(settings, hanging.id), "me")
    assert lease is not None
    job = RunningJob(lease, parts.jobs, no_patience, stopping=lambda: False)
    time.sleep(1e-3)
    job.keep_alive()
    assert ended == [1]
    assert service.samplings.sampling(hanging.id).state is DiagnosisState.FAILED


def test_the_expected_time_is_that_of_past_samplings(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile, worker: Worker
) -> None:
    before = _emt_offer(service, copper_file)
    done = start(service, copper_file, "emt", frame_count=2)
    assert done.origin.plan.time_ps == pytest.approx(0.04)  # in proportion to the states
    number = job_of(settings, done.id)
    worker.execute(number)
    with Database(settings).write() as session:
        job = session.get_one(JobRow, number)
        progress = json.loads(job.progress or "")
        assert 0 < progress["seconds"] == job.seconds < 60
        assert progress["step"] == progress["step_count"] == job.done == job.total == 30
        job.seconds = 12.0
    after = _emt_offer(service, copper_file)
    assert after.seconds_before == pytest.approx(10 * 12 / 30)
    assert after.seconds_per_state == pytest.approx(10 * 12 / 30)
    assert before.seconds_per_state < after.seconds_per_state
    assert start(service, copper_file, "emt", frame_count=1).origin.estimated_seconds == pytest.approx(8.0)


def _emt_offer(service: DiagnosisService, file: IncomingFile) -> SamplingOffer:
    return next(offer for offer in service.samplings.preview([file]).potentials if offer.potential == "emt")


def test_only_the_token_of_its_creation_renames_and_deletes(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile, worker: Worker
) -> None:
    created = service.samplings.create([copper_file], SamplingChoice("emt", title="  Hot \n copper "))
    assert created.record.title == "Hot copper"
    sampling_id, token = created.record.id, created.delete_token
    worker.execute(job_of(settings, sampling_id))
    for wrong in ("", "x", token + "x"):
        with pytest.raises(ForbiddenError, match="of this sampling"):
            service.samplings.delete(sampling_id, wrong)
    assert service.samplings.rename(sampling_id, token, "Cu at 1000 K").title == "Cu at 1000 K"
    with pytest.raises(InputError, match="empty"):
        service.samplings.rename(sampling_id, token, " ")
    service.samplings.delete(sampling_id, token)
    with pytest.raises(NotFoundError):
        service.samplings.delete(sampling_id, token)
    assert [path for path in settings.files_dir.rglob("*") if path.is_file()] == []


def test_a_dead_worker_s_sampling_is_taken_back_and_given_up_in_the_end(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile
) -> None:
    parts = wire(settings)
    created = start(service, copper_file, "emt")
    for attempt in (1, 2):
        parts.workers.announce(WorkerStatus("classical", id="dead", process_id=NOBODY))
        lease = parts.jobs.lease(job_of(settings, created.id), "dead")
        assert lease is not None
        assert lease.attempt == attempt
        parts.reaper.reap()
    record = service.samplings.sampling(created.id)
    assert record.state is DiagnosisState.FAILED
    assert "died 2 times" in (record.message or "")
    assert not parts.samplings.finish(lease, "a", "b", 1.0)
    assert parts.samplings.row(created.id).zip_sha256 is None


def test_a_lost_queue_entry_comes_back(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile
) -> None:
    created = start(service, copper_file, "emt")
    JobQueues(settings).huey("classical").flush()
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    database = Database(settings)
    with database.write() as session:
        session.execute(update(JobRow).values(queued_at=long_ago))
    wire(settings).reaper.reap()
    assert JobQueues(settings).waiting("classical") == {job_of(settings, created.id)}


def test_an_expired_one_is_gone_with_its_files(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile, worker: Worker
) -> None:
    created = start(service, copper_file, "emt")
    worker.execute(job_of(settings, created.id))
    database = Database(settings)
    with database.write() as session:
        session.execute(update(SamplingRow).values(expires_at=datetime.now(UTC) - timedelta(days=1)))
    with pytest.raises(NotFoundError):
        service.samplings.sampling(created.id)
    wire(settings).samplings.remove_expired()
    assert [path for path in settings.files_dir.rglob("*") if path.is_file()] == []


def test_what_cannot_be_sampled_is_refused_at_once(
    service: DiagnosisService, settings: Settings, copper_file: IncomingFile, tmp_path: Path
) -> None:
    with pytest.raises(PotentialUnavailableError):
        start(service, copper_file, "nothing")
    (tmp_path / "bad.cif").write_text("data_\n")
    with pytest.raises(InputError, match=r"bad\.cif"):
        start(service, IncomingFile("bad.cif", tmp_path / "bad.cif"), "emt")
    bulk("Na", cubic=True).write(tmp_path / "na.cif")
    with pytest.raises(PredictionError, match="does not know Na"):
        start(service, IncomingFile("na.cif", tmp_path / "na.cif"), "emt")
    assert [path for path in settings.files_dir.rglob("*") if path.is_file()] == []
    full = DiagnosisService(settings.model_copy(update={"queue_capacity": 1}))
    start(full, copper_file, "emt")
    with pytest.raises(BusyError):
        start(full, copper_file, "emt")
    full.close()


def test_a_worker_process_goes_on_where_a_killed_one_stopped(
    service: DiagnosisService,
    settings: Settings,
    copper_file: IncomingFile,
    slow_potential: str,
    start_worker: Callable[..., object],
) -> None:
    created = start(service, copper_file, slow_potential)
    first = start_worker(worker_lost_seconds=1.0)
    checkpoint = settings.samplings_dir / f"{created.id}.json"
    _wait(lambda: checkpoint.exists() and json.loads(checkpoint.read_text())["step"] >= 10)
    first.kill()  # type: ignore[attr-defined]
    first.wait()  # type: ignore[attr-defined]
    reached = json.loads(checkpoint.read_text())["step"]
    start_worker(worker_lost_seconds=1.0)
    steps: list[int] = []

    def is_done() -> bool:
        record = service.samplings.sampling(created.id)
        if record.progress is not None:
            steps.append(record.progress.step)
        return record.state.is_final

    _wait(is_done)
    record = service.samplings.sampling(created.id)
    assert record.state is DiagnosisState.DONE, record
    assert min(steps[1:]) >= reached - 10


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
