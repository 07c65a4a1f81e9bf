"""The life of a run: claimed by one worker, kept alive by heartbeats, finished once.

Every step is one conditional UPDATE, so that two workers, a cancel and a sweep can happen at the same moment: whoever
changes the row first wins, and the others see that no row changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import DiagnosisState
from softdash.errors import SoftdashError
from softdash.jobs.database import Database, DiagnosisRow, RunRow, UploadRow
from softdash.jobs.queues import RunQueues

QUEUED, RUNNING = DiagnosisState.QUEUED.value, DiagnosisState.RUNNING.value
FINAL = tuple(state.value for state in DiagnosisState if state.is_final)

Assemble = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that this worker holds. `attempt` counts from 1."""

    id: int
    worker_id: str
    attempt: int
    diagnosis_id: str
    potential: str
    frames_sha256: str


def diagnosis_state(states: Sequence[str]) -> DiagnosisState:
    """Return the state of a diagnosis from those of its runs."""
    present = set(states)
    if present <= set(FINAL):
        for outcome in (DiagnosisState.DONE, DiagnosisState.FAILED):
            if outcome in present:
                return outcome
        return DiagnosisState.CANCELLED
    return DiagnosisState.QUEUED if present == {QUEUED} else DiagnosisState.RUNNING


class RunLedger:
    """Changes of runs in the database.

    Parameters
    ----------
    database : Database
    queues : RunQueues
    assemble : callable
        Called with the identifier of a diagnosis whose runs have all ended; makes the report.
    """

    def __init__(self, database: Database, queues: RunQueues, assemble: Assemble) -> None:
        self._database = database
        self._queues = queues
        self._assemble = assemble

    def claim(self, run: int, worker_id: str) -> ClaimedRun | None:
        """Take a queued run; None where it is not queued (cancelled, deleted, or taken by another)."""
        now = utc_now()
        with self._database.write() as session:
            taken = _changed(
                session,
                [RunRow.id == run, RunRow.state == QUEUED],
                state=RUNNING,
                worker_id=worker_id,
                attempts=RunRow.attempts + 1,
                heartbeat_at=now,
                done=0,
            )
            if not taken:
                return None
            row = session.get_one(RunRow, run)
            update_diagnosis_state(session, row.diagnosis_id)
            upload = session.get_one(UploadRow, row.diagnosis.upload_id)
            return ClaimedRun(run, worker_id, row.attempts, row.diagnosis_id, row.potential, upload.frames_sha256)

    def report_progress(self, run: ClaimedRun, done: int) -> bool:
        """Note the number of finished frames; False where the run is no longer this worker's."""
        with self._database.write() as session:
            return _changed(session, _held(run), done=done, heartbeat_at=utc_now())

    def keep_alive(self, run: ClaimedRun) -> None:
        """Note that the worker still computes the run."""
        with self._database.write() as session:
            _changed(session, _held(run), heartbeat_at=utc_now())

    def finish(self, run: ClaimedRun, result: str, predictions_sha256: str, seconds: float) -> bool:
        """Store the result (JSON of `PotentialResult`); False where the run is no longer this worker's."""
        values = {
            "state": DiagnosisState.DONE.value,
            "done": RunRow.total,
            "result": result,
            "predictions_sha256": predictions_sha256,
            "seconds": seconds,
        }
        return self._end(run, values)

    def fail(self, run: ClaimedRun, error: SoftdashError) -> bool:
        """End the run with an error for the reader."""
        return self._end(run, {"state": DiagnosisState.FAILED.value, "error": json.dumps(error.as_json()["error"])})

    def cancel(self, diagnosis_id: str) -> None:
        """End all runs of a diagnosis that have not ended; the worker of a running one notices at its next sign."""
        with self._database.write() as session:
            session.execute(
                update(RunRow)
                .where(RunRow.diagnosis_id == diagnosis_id, RunRow.state.not_in(FINAL))
                .values(state=DiagnosisState.CANCELLED.value, worker_id=None)
            )
            update_diagnosis_state(session, diagnosis_id)
        self.assemble_where_ended(diagnosis_id)

    def give_back(self, run: ClaimedRun) -> None:
        """Put the run back because its worker was asked to stop; the attempt does not count."""
        with self._database.write() as session:
            changed = _changed(
                session, _held(run), state=QUEUED, worker_id=None, attempts=RunRow.attempts - 1, enqueued_at=utc_now()
            )
            update_diagnosis_state(session, run.diagnosis_id)
            queue = session.scalar(select(RunRow.queue).where(RunRow.id == run.id))
        if changed and queue:
            self._queues.put(queue, run.id)

    def _end(self, run: ClaimedRun, values: dict[str, Any]) -> bool:
        with self._database.write() as session:
            ended = _changed(session, _held(run), **values)
            if ended:
                update_diagnosis_state(session, run.diagnosis_id)
        if ended:
            self.assemble_where_ended(run.diagnosis_id)
        return ended

    def assemble_where_ended(self, diagnosis_id: str) -> None:
        """Make the report, if all runs of the diagnosis have ended."""
        with self._database.read() as session:
            states = session.scalars(select(RunRow.state).where(RunRow.diagnosis_id == diagnosis_id)).all()
        if states and set(states) <= set(FINAL):
            self._assemble(diagnosis_id)


def _held(run: ClaimedRun) -> list[ColumnElement[bool]]:
    return [
        RunRow.id == run.id,
        RunRow.state == RUNNING,
        RunRow.worker_id == run.worker_id,
        RunRow.attempts == run.attempt,
    ]


def _changed(session: Session, conditions: list[ColumnElement[bool]], **values: Any) -> bool:
    done = session.execute(update(RunRow).where(*conditions).values(**values))
    return cast("CursorResult[Any]", done).rowcount == 1


def update_diagnosis_state(session: Session, diagnosis_id: str) -> None:
    """Bring the state of a diagnosis in line with its runs."""
    states = session.scalars(select(RunRow.state).where(RunRow.diagnosis_id == diagnosis_id)).all()
    if states:
        session.execute(
            update(DiagnosisRow).where(DiagnosisRow.id == diagnosis_id).values(state=diagnosis_state(states).value)
        )
