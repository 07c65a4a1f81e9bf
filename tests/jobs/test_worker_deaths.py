"""`kill -9` of a worker in mid-job: the job is retried, or ends as failed with a reason; it is never stuck."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

from diagnosis_waiting import wait_for, wait_until_final

from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState
from softdash.jobs.service import DiagnosisService, IncomingFile

StartWorker = Callable[..., subprocess.Popen[bytes]]
FRAMES = 60
"""At 0.05 s per frame: three seconds."""


def in_the_middle(record: DiagnosisRecord) -> bool:
    return record.runs[0].state is DiagnosisState.RUNNING and record.runs[0].done > 0


def test_a_killed_worker_s_run_is_retried_and_done(
    service: DiagnosisService, copper: Callable[..., IncomingFile], start_worker: StartWorker, slow_potential: str
) -> None:
    upload = service.add_upload([copper(frames=FRAMES)])
    created = service.create(upload.id, [slow_potential])
    first = start_worker()
    wait_for(service, created.record.id, in_the_middle)
    first.kill()
    first.wait()
    assert (
        wait_for(service, created.record.id, lambda r: r.runs[0].state is DiagnosisState.QUEUED).runs[0].attempts == 1
    )
    start_worker()
    record = wait_until_final(service, created.record.id)
    assert record.state is DiagnosisState.DONE
    assert record.runs[0].attempts == 2
    assert service.report(created.record.id).results[0].statistics is not None


def test_a_run_whose_worker_dies_again_fails_with_a_reason(
    service: DiagnosisService, copper: Callable[..., IncomingFile], start_worker: StartWorker, slow_potential: str
) -> None:
    upload = service.add_upload([copper(frames=FRAMES)])
    created = service.create(upload.id, [slow_potential])
    for _ in range(2):
        worker = start_worker()
        wait_for(service, created.record.id, in_the_middle)
        worker.kill()
        worker.wait()
        wait_for(service, created.record.id, lambda r: r.runs[0].state is not DiagnosisState.RUNNING)
    record = wait_until_final(service, created.record.id)
    assert record.state is DiagnosisState.FAILED
    assert record.runs[0].error is not None
    assert "died 2 times" in record.runs[0].error["message"]
    assert record.message == record.runs[0].error["message"]
    assert record.finished_at is not None


def test_a_worker_that_is_asked_to_stop_gives_its_run_back(
    service: DiagnosisService, copper: Callable[..., IncomingFile], start_worker: StartWorker, slow_potential: str
) -> None:
    upload = service.add_upload([copper(frames=FRAMES)])
    created = service.create(upload.id, [slow_potential])
    first = start_worker()
    wait_for(service, created.record.id, in_the_middle)
    first.terminate()
    assert first.wait(timeout=20) == 0
    record = service.diagnosis(created.record.id)
    assert (record.runs[0].state, record.runs[0].attempts) == (DiagnosisState.QUEUED, 0)
    start_worker()
    assert wait_until_final(service, created.record.id).state is DiagnosisState.DONE


def test_a_worker_without_a_heartbeat_loses_its_job(
    service: DiagnosisService, copper: Callable[..., IncomingFile], start_worker: StartWorker, slow_potential: str
) -> None:
    """A worker on another host is known by its heartbeat alone; here one is stopped as a whole (SIGSTOP)."""
    upload = service.add_upload([copper(frames=FRAMES)])
    created = service.create(upload.id, [slow_potential])
    frozen = start_worker()
    wait_for(service, created.record.id, in_the_middle)
    frozen.send_signal(signal.SIGSTOP)
    wait_for(service, created.record.id, lambda r: r.runs[0].state is DiagnosisState.QUEUED)
    start_worker()
    assert wait_until_final(service, created.record.id).state is DiagnosisState.DONE
    result = service.report(created.record.id).result_sha256
    frozen.send_signal(signal.SIGCONT)  # it comes back and finds that the run is no longer its own
    assert service.report(created.record.id).result_sha256 == result


def test_cancelling_a_running_diagnosis_stops_the_worker_s_work(
    service: DiagnosisService, copper: Callable[..., IncomingFile], start_worker: StartWorker, slow_potential: str
) -> None:
    upload = service.add_upload([copper(frames=FRAMES)])
    created = service.create(upload.id, [slow_potential])
    start_worker()
    wait_for(service, created.record.id, in_the_middle)
    assert service.cancel(created.record.id).state is DiagnosisState.CANCELLED
    # The same worker must be free for the next one well before the cancelled one could have ended.
    small = service.add_upload([copper(frames=2)])
    after = service.create(small.id, [slow_potential])
    assert wait_until_final(service, after.record.id).state is DiagnosisState.DONE
    assert service.diagnosis(created.record.id).runs[0].done < FRAMES


def test_a_run_over_the_time_limit_fails_and_says_so(
    service: DiagnosisService, copper: Callable[..., IncomingFile], start_worker: StartWorker, slow_potential: str
) -> None:
    upload = service.add_upload([copper(frames=FRAMES)])
    created = service.create(upload.id, [slow_potential])
    start_worker(job_seconds=0.2)
    record = wait_until_final(service, created.record.id)
    assert record.state is DiagnosisState.FAILED
    assert record.message is not None
    assert "0.2 s" in record.message
