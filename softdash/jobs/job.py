"""The life of a job: queued, leased by one worker that renews its lease, ended once as done, failed or cancelled.

Every change is one conditional UPDATE, so that two workers, a cancel and the reaper can come at the same moment:
whoever changes the row first wins, and the others see that no row changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, case, func, or_, select, update
from sqlalchemy.orm import Session

from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import DiagnosisState
from softdash.errors import BusyError, PredictionError, SoftdashError
from softdash.jobs.database import Database
from softdash.jobs.queues import JobQueues
from softdash.jobs.tables import JobKind, JobRow

QUEUED, RUNNING = DiagnosisState.QUEUED.value, DiagnosisState.RUNNING.value
DONE, FAILED, CANCELLED = DiagnosisState.DONE.value, DiagnosisState.FAILED.value, DiagnosisState.CANCELLED.value
FINAL = (DONE, FAILED, CANCELLED)

_UNHELD: dict[str, Any] = {"leased_by": None, "lease_until": None}
_IS_DIAGNOSIS = JobRow.kind == JobKind.DIAGNOSIS


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that a worker holds.

    Attributes
    ----------
    job_id : int
    worker_id : str
    attempt : int
        From 1.
    kind : JobKind
    owner_id : str
        Identifier of the diagnosis or sampling.
    potential : str
    seconds : float
        Spent computing it before this attempt.
    """

    job_id: int
    worker_id: str
    attempt: int
    kind: JobKind
    owner_id: str
    potential: str
    seconds: float


def overall_state(states: Collection[str]) -> DiagnosisState:
    """Return the state of a diagnosis from those of its jobs."""
    present = set(states)
    if present <= set(FINAL):
        return next((DiagnosisState(state) for state in (DONE, FAILED) if state in present), DiagnosisState.CANCELLED)
    return DiagnosisState.QUEUED if present == {QUEUED} else DiagnosisState.RUNNING


def refuse_when_full(session: Session, kind: JobKind, capacity: int, advice: str) -> None:
    """Raise BusyError where `capacity` diagnoses, or samplings, wait or run."""
    owners = JobRow.diagnosis_id if kind is JobKind.DIAGNOSIS else JobRow.sampling_id
    unfinished = select(func.count(owners.distinct())).where(JobRow.kind == kind, JobRow.state.not_in(FINAL))
    waiting = session.scalar(unfinished) or 0
    if waiting >= capacity:
        name = "diagnoses" if kind is JobKind.DIAGNOSIS else "samplings"
        raise BusyError(f"{waiting} {name} are waiting already, as many as this server takes at once.", advice=advice)


class Jobs:
    """Changes of jobs.

    Parameters
    ----------
    database : Database
    queues : JobQueues
    lease_seconds : float
        How long a lease lasts that is not renewed.
    attempts : int
        Times a job is started before it ends as failed, when its worker dies.
    """

    def __init__(self, database: Database, queues: JobQueues, *, lease_seconds: float, attempts: int) -> None:
        self._database = database
        self._queues = queues
        self._lease_time = timedelta(seconds=lease_seconds)
        self._attempts = attempts

    def lease(self, job_id: int, worker_id: str) -> Lease | None:
        """Take a queued job; None where it is not queued (cancelled, deleted, or taken by another)."""
        now = utc_now()
        with self._database.write() as session:
            taken = _changed(
                session,
                [JobRow.id == job_id, JobRow.state == QUEUED],
                state=RUNNING,
                leased_by=worker_id,
                lease_until=now + self._lease_time,
                attempts=JobRow.attempts + 1,
                started_at=now,
                done=_done_before(),
            )
            if not taken:
                return None
            row = session.get_one(JobRow, job_id)
            owner_id = row.diagnosis_id or row.sampling_id or ""
            kind, seconds = JobKind(row.kind), row.seconds or 0.0
            return Lease(job_id, worker_id, row.attempts, kind, owner_id, row.potential, seconds)

    def renew(self, lease: Lease, **progress: Any) -> bool:
        """Note that the worker still computes the job, and its progress (columns of the job).

        Returns
        -------
        bool
            False where the job is no longer this worker's.
        """
        with self._database.write() as session:
            return _changed(session, _held(lease), lease_until=utc_now() + self._lease_time, **progress)

    def finish(self, lease: Lease, *, alongside: Update | None = None, **columns: Any) -> bool:
        """End the job with its result; False where it is no longer this worker's.

        Parameters
        ----------
        lease : Lease
        alongside : Update, optional
            What else changes at the same moment.
        **columns
            Of the job.
        """
        return self._end(lease, alongside, state=DONE, done=JobRow.total, **columns)

    def fail(self, lease: Lease, error: SoftdashError) -> bool:
        """End the job with an error for the reader; False where it is no longer this worker's."""
        return self._end(lease, state=FAILED, error=_as_text(error))

    def give_back(self, lease: Lease) -> None:
        """Put the job back at the end of its queue; the attempt does not count."""
        values = {"state": QUEUED, "attempts": JobRow.attempts - 1, "queued_at": utc_now(), **_UNHELD}
        with self._database.write() as session:
            changed = _changed(session, _held(lease), **values)
            queue = session.scalar(select(JobRow.queue).where(JobRow.id == lease.job_id))
        if changed and queue:
            self._queues.put(queue, lease.job_id)

    def cancel(self, owner_id: str) -> None:
        """End all jobs of a diagnosis or sampling that have not ended; a worker notices when it reports progress."""
        of_owner = or_(JobRow.diagnosis_id == owner_id, JobRow.sampling_id == owner_id)
        values = {"state": CANCELLED, "finished_at": utc_now(), **_UNHELD}
        with self._database.write() as session:
            session.execute(update(JobRow).where(of_owner, JobRow.state.not_in(FINAL)).values(**values))

    def diagnosis_waits(self, queue: str) -> bool:
        """Whether a job of a diagnosis waits in a queue."""
        waiting = select(JobRow.id).where(JobRow.queue == queue, JobRow.state == QUEUED, _IS_DIAGNOSIS)
        with self._database.read() as session:
            return session.scalar(waiting.limit(1)) is not None

    def take_back_lost(self) -> None:
        """Queue jobs again whose lease is over; one that was started often enough ends as failed."""
        lost = select(JobRow).where(JobRow.state == RUNNING, JobRow.lease_until <= utc_now())
        with self._database.read() as session:
            jobs = session.scalars(lost).all()
        for job in jobs:
            held = [JobRow.id == job.id, JobRow.state == RUNNING, JobRow.attempts == job.attempts]
            retried = job.attempts < self._attempts
            values: dict[str, Any] = (
                {"state": QUEUED, "queued_at": utc_now(), "done": _done_before()}
                if retried
                else {"state": FAILED, "finished_at": utc_now(), "error": _as_text(_worker_died(job))}
            )
            with self._database.write() as session:
                changed = _changed(session, [*held, JobRow.lease_until == job.lease_until], **values, **_UNHELD)
            if changed and retried:
                self._queues.put(job.queue, job.id)

    def restore_queue_entries(self) -> None:
        """Put those queued jobs into the queues again that have waited for a while and have no entry there."""
        waiting = select(JobRow.queue, JobRow.id).where(
            JobRow.state == QUEUED, JobRow.queued_at < utc_now() - self._lease_time
        )
        with self._database.read() as session:
            jobs = session.execute(waiting.order_by(JobRow.queued_at, JobRow.id)).all()
        for queue in {queue for queue, _ in jobs}:
            present = self._queues.waiting(queue)
            for job_id in (number for its_queue, number in jobs if its_queue == queue and number not in present):
                self._queues.put(queue, job_id)

    def _end(self, lease: Lease, alongside: Update | None = None, **values: Any) -> bool:
        with self._database.write() as session:
            ended = _changed(session, _held(lease), finished_at=utc_now(), **values, **_UNHELD)
            if ended and alongside is not None:
                session.execute(alongside)
        return ended


def _held(lease: Lease) -> list[ColumnElement[bool]]:
    return [
        JobRow.id == lease.job_id,
        JobRow.state == RUNNING,
        JobRow.leased_by == lease.worker_id,
        JobRow.attempts == lease.attempt,
    ]


def _changed(session: Session, conditions: list[ColumnElement[bool]], **values: Any) -> bool:
    statement = update(JobRow).where(*conditions).values(**values)
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount == 1


def _done_before() -> ColumnElement[int]:
    """Return what is done when an attempt begins: a sampling goes on from its checkpoint."""
    return case((_IS_DIAGNOSIS, 0), else_=JobRow.done)


def _as_text(error: SoftdashError) -> str:
    return json.dumps(error.as_json()["error"])


def _worker_died(job: JobRow) -> PredictionError:
    times = "once" if job.attempts == 1 else f"{job.attempts} times"
    if job.kind == JobKind.SAMPLING:
        what, smaller = f"sampled the states died {times}", "a smaller cell"
    else:
        what, smaller = f"computed {job.label} died {times} on this diagnosis", "frames with fewer atoms"
    return PredictionError(
        f"The process that {what}; it is not started again.",
        advice=f"It may have run out of memory: try {smaller}.",
    )
