"""The life of a sampling, as that of a run: claimed by one worker, kept alive, finished once.

A sampling lets waiting diagnoses go first: it goes back to the end of its queue and later goes on where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, cast

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import DiagnosisState
from softdash.errors import NotFoundError, PredictionError, SoftdashError
from softdash.jobs.database import Database, SamplingOwnerRow, SamplingRow
from softdash.jobs.file_store import FileStore
from softdash.jobs.queues import RunQueues
from softdash.jobs.run_ledger import FINAL, QUEUED, RUNNING
from softdash.jobs.sampling_records import SamplingOrigin, SamplingRecord, SamplingStep

_SAMPLINGS_REMEMBERED = 20
OVERHEAD_ATOMS = 16
"""Atoms that cost as much as what a step costs whatever its size: measured with CHGNet on cells of 4 and 24 atoms."""


@dataclass(frozen=True, slots=True)
class ClaimedSampling:
    """A sampling that this worker holds. `attempt` counts from 1."""

    id: str
    worker_id: str
    attempt: int
    structure_sha256: str
    origin: SamplingOrigin
    seconds: float
    """Spent computing it before this attempt."""


class SamplingLedger:
    """Samplings in the database.

    Parameters
    ----------
    database : Database
    files : FileStore
    queues : RunQueues
    folder : Path
        Of the checkpoints.
    attempts : int
        Times a sampling is started before it ends as failed, when its worker dies.
    """

    def __init__(self, database: Database, files: FileStore, queues: RunQueues, folder: Path, *, attempts: int) -> None:
        self._database = database
        self._files = files
        self._queues = queues
        self._folder = folder
        self._attempts = attempts

    def record(self, sampling_id: str) -> SamplingRecord:
        """Return the present state of a sampling. Raises NotFoundError."""
        row = self.row(sampling_id)
        with self._database.read() as session:
            owner = session.get(SamplingOwnerRow, sampling_id)
        error = json.loads(row.error) if row.error else None
        origin = SamplingOrigin.model_validate_json(row.origin)
        return SamplingRecord(
            id=row.id,
            title=owner.title if owner else standard_title(origin.structure.formula, origin.label),
            state=DiagnosisState(row.state),
            created_at=row.created_at,
            finished_at=row.finished_at,
            expires_at=row.expires_at,
            origin=origin,
            progress=SamplingStep.model_validate_json(row.progress) if row.progress else None,
            mean_temperature=row.mean_temperature,
            message=error["message"] if error else None,
            error=error,
        )

    def row(self, sampling_id: str) -> SamplingRow:
        """Return the row of a sampling that has not expired. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(SamplingRow, sampling_id)
        if row is None or (row.expires_at is not None and row.expires_at < utc_now()):
            _missing(sampling_id)
        return row

    def checkpoint(self, sampling_id: str) -> Path:
        """Return where an interrupted sampling is kept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{sampling_id}.json"

    def claim(self, sampling_id: str, worker_id: str) -> ClaimedSampling | None:
        """Take a queued sampling; None where it is not queued (cancelled, or taken by another)."""
        with self._database.write() as session:
            taken = _changed(
                session,
                [SamplingRow.id == sampling_id, SamplingRow.state == QUEUED],
                state=RUNNING,
                worker_id=worker_id,
                attempts=SamplingRow.attempts + 1,
                heartbeat_at=utc_now(),
            )
            if not taken:
                return None
            row = session.get_one(SamplingRow, sampling_id)
            origin = SamplingOrigin.model_validate_json(row.origin)
            seconds = SamplingStep.model_validate_json(row.progress).seconds if row.progress else 0.0
            return ClaimedSampling(row.id, worker_id, row.attempts, row.structure_sha256, origin, seconds)

    def seconds_per_atom_and_step(self, potential: str) -> float | None:
        """Return how long one step took for one atom in past samplings on this machine; None without one.

        A step counts as one of `OVERHEAD_ATOMS` more than it has: even a small cell takes its time.
        """
        done = select(SamplingRow.origin, SamplingRow.progress).where(
            SamplingRow.state == DiagnosisState.DONE.value,
            SamplingRow.progress.is_not(None),
            SamplingRow.origin.contains(f'"potential":{json.dumps(potential)}'),
        )
        with self._database.read() as session:
            rows = session.execute(done.order_by(SamplingRow.finished_at.desc()).limit(_SAMPLINGS_REMEMBERED)).all()
        seconds = atom_steps = 0.0
        for origin, progress in rows:
            step = SamplingStep.model_validate_json(progress or "")
            if step.seconds > 0:
                seconds += step.seconds
                atoms = SamplingOrigin.model_validate_json(origin).structure.atom_count
                atom_steps += step.step * (atoms + OVERHEAD_ATOMS)
        return seconds / atom_steps if atom_steps else None

    def report_progress(self, held: ClaimedSampling, step: SamplingStep) -> bool:
        """Note how far it is; False where it is no longer this worker's."""
        with self._database.write() as session:
            return _changed(session, _held(held), progress=step.model_dump_json(), heartbeat_at=utc_now())

    def keep_alive(self, held: ClaimedSampling) -> None:
        """Note that the worker still computes it."""
        with self._database.write() as session:
            _changed(session, _held(held), heartbeat_at=utc_now())

    def finish(self, held: ClaimedSampling, frames_sha256: str, zip_sha256: str, mean_temperature: float) -> bool:
        """Note the stored frames and the zip archive; False where it is no longer this worker's."""
        files = {"frames_sha256": frames_sha256, "zip_sha256": zip_sha256, "mean_temperature": mean_temperature}
        return self._end(held, {"state": DiagnosisState.DONE.value, **files})

    def fail(self, held: ClaimedSampling, error: SoftdashError) -> bool:
        """End it with an error for the reader."""
        return self._end(held, {"state": DiagnosisState.FAILED.value, "error": json.dumps(error.as_json()["error"])})

    def give_back(self, held: ClaimedSampling) -> None:
        """Put it back at the end of its queue; the attempt does not count."""
        with self._database.write() as session:
            changed = _changed(
                session,
                _held(held),
                state=QUEUED,
                worker_id=None,
                attempts=SamplingRow.attempts - 1,
                enqueued_at=utc_now(),
            )
            queue = session.scalar(select(SamplingRow.queue).where(SamplingRow.id == held.id))
        if changed and queue:
            self._queues.put_sampling(queue, held.id)

    def cancel(self, sampling_id: str) -> None:
        """End a sampling that has not ended; its worker notices at its next sign."""
        with self._database.write() as session:
            _changed(
                session,
                [SamplingRow.id == sampling_id, SamplingRow.state.not_in(FINAL)],
                state=DiagnosisState.CANCELLED.value,
                worker_id=None,
                finished_at=utc_now(),
            )
        self.checkpoint(sampling_id).unlink(missing_ok=True)

    def token_sha256(self, sampling_id: str) -> str | None:
        """Return the hash of the owner's token; None where none was handed out. Raises NotFoundError."""
        self.row(sampling_id)
        with self._database.read() as session:
            owner = session.get(SamplingOwnerRow, sampling_id)
        return owner.delete_token_sha256 if owner else None

    def rename(self, sampling_id: str, title: str) -> None:
        """Set the title of a sampling that has an owner."""
        with self._database.write() as session:
            session.get_one(SamplingOwnerRow, sampling_id).title = title

    def delete(self, sampling_id: str) -> None:
        """Remove a sampling and its files; its worker notices at its next sign. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.get(SamplingRow, sampling_id)
            if row is None:
                _missing(sampling_id)
            self._remove(session, row)

    def forget_when_ended(self, sampling_id: str) -> None:
        """Remove the checkpoint that a worker wrote after its sampling was cancelled."""
        with self._database.read() as session:
            state = session.scalar(select(SamplingRow.state).where(SamplingRow.id == sampling_id))
        if state is None or state in FINAL:
            self.checkpoint(sampling_id).unlink(missing_ok=True)

    def sweep(self, living: Collection[str], lost_before: datetime) -> None:
        """Take samplings from dead workers, restore lost queue entries, remove what has expired."""
        to_queue: list[tuple[str, str]] = []
        with self._database.read() as session:
            lost = [row.id for row in session.scalars(_running()).all() if _is_orphan(row, living, lost_before)]
        if lost:
            with self._database.write() as session:
                for row in session.scalars(_running()).all():
                    if _is_orphan(row, living, lost_before):
                        to_queue += self._take_back(row)
        with self._database.read() as session:
            waiting = session.execute(
                select(SamplingRow.queue, SamplingRow.id).where(
                    SamplingRow.state == QUEUED, SamplingRow.enqueued_at < lost_before
                )
            ).all()
        for queue in {queue for queue, _ in waiting}:
            present = self._queues.waiting_samplings(queue)
            to_queue += [(queue, name) for its_queue, name in waiting if its_queue == queue and name not in present]
        for queue, sampling_id in dict.fromkeys(to_queue):
            self._queues.put_sampling(queue, sampling_id)

    def remove_expired(self) -> None:
        """Delete samplings that are past their time, with their files."""
        with self._database.write() as session:
            for row in session.scalars(select(SamplingRow).where(SamplingRow.expires_at < utc_now())).all():
                self._remove(session, row)

    def _remove(self, session: Session, row: SamplingRow) -> None:
        files = {row.structure_sha256, row.frames_sha256, row.zip_sha256}
        session.delete(row)
        session.flush()
        self.checkpoint(row.id).unlink(missing_ok=True)
        for sha256 in files:
            if sha256 and not is_used_by_samplings(session, sha256):
                self._files.remove(sha256)

    def _take_back(self, row: SamplingRow) -> list[tuple[str, str]]:
        row.worker_id = None
        if row.attempts < self._attempts:
            row.state, row.enqueued_at = QUEUED, utc_now()
            return [(row.queue, row.id)]
        times = "once" if row.attempts == 1 else f"{row.attempts} times"
        error = PredictionError(
            f"The process that sampled the states died {times}; it is not started again.",
            advice="It may have run out of memory: try a smaller cell.",
        )
        row.state, row.finished_at = DiagnosisState.FAILED.value, utc_now()
        row.error = json.dumps(error.as_json()["error"])
        return []

    def _end(self, held: ClaimedSampling, values: dict[str, Any]) -> bool:
        with self._database.write() as session:
            ended = _changed(session, _held(held), finished_at=utc_now(), **values)
        if ended:
            self.checkpoint(held.id).unlink(missing_ok=True)
        return ended


def standard_title(formula: str, label: str) -> str:
    """Return the title of a sampling whose owner gave none."""
    return f"States of {formula} by {label}"


def is_used_by_samplings(session: Session, sha256: str) -> bool:
    """Whether a stored file belongs to a sampling."""
    columns = (SamplingRow.structure_sha256, SamplingRow.frames_sha256, SamplingRow.zip_sha256)
    return any(
        session.scalar(select(SamplingRow.id).where(column == sha256).limit(1)) is not None for column in columns
    )


def _running() -> Any:
    return select(SamplingRow).where(SamplingRow.state == RUNNING)


def _is_orphan(row: SamplingRow, living: Collection[str], lost_before: datetime) -> bool:
    return row.worker_id not in living or row.heartbeat_at is None or row.heartbeat_at < lost_before


def _held(held: ClaimedSampling) -> list[ColumnElement[bool]]:
    return [
        SamplingRow.id == held.id,
        SamplingRow.state == RUNNING,
        SamplingRow.worker_id == held.worker_id,
        SamplingRow.attempts == held.attempt,
    ]


def _changed(session: Session, conditions: list[ColumnElement[bool]], **values: Any) -> bool:
    done = session.execute(update(SamplingRow).where(*conditions).values(**values))
    return cast("CursorResult[Any]", done).rowcount == 1


def _missing(sampling_id: str) -> NoReturn:
    raise NotFoundError(
        "There is no sampling with this link.",
        where=sampling_id,
        advice="Check the link; it may have been deleted or have expired.",
    )
