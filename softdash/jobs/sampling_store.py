"""Samplings as records: from rows and files to what pages and API see, and their removal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import DiagnosisState
from softdash.errors import NotFoundError
from softdash.jobs.database import Database
from softdash.jobs.file_store import FileStore
from softdash.jobs.file_uses import remove_unused
from softdash.jobs.job import DONE, Jobs, Lease
from softdash.jobs.sampling_records import SamplingOrigin, SamplingRecord, SamplingStep
from softdash.jobs.tables import JobKind, JobRow, SamplingRow

_PAST_SAMPLINGS = 20
OVERHEAD_ATOMS = 16
"""Atoms that cost as much as what a step costs whatever its size: measured with CHGNet on cells of 4 and 24 atoms."""


class SamplingStore:
    """Reads and writes whole records; changes of its job's state are those of `Jobs`.

    Parameters
    ----------
    database : Database
    files : FileStore
    jobs : Jobs
    folder : Path
        Of the checkpoints.
    """

    def __init__(self, database: Database, files: FileStore, jobs: Jobs, folder: Path) -> None:
        self._database = database
        self._files = files
        self._jobs = jobs
        self._folder = folder

    def record(self, sampling_id: str) -> SamplingRecord:
        """Return the present state of a sampling. Raises NotFoundError."""
        row = self.row(sampling_id)
        job = row.job
        error = json.loads(job.error) if job.error else None
        return SamplingRecord(
            id=row.id,
            title=row.title,
            state=DiagnosisState(job.state),
            created_at=row.created_at,
            finished_at=job.finished_at,
            expires_at=row.expires_at,
            origin=SamplingOrigin.model_validate_json(row.origin),
            progress=SamplingStep.model_validate_json(job.progress) if job.progress else None,
            mean_temperature=row.mean_temperature,
            message=error["message"] if error else None,
            error=error,
        )

    def row(self, sampling_id: str) -> SamplingRow:
        """Return the row of a sampling that has not expired, with its job. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(SamplingRow, sampling_id, options=[joinedload(SamplingRow.job)])
        if row is None or (row.expires_at is not None and row.expires_at < utc_now()):
            _missing(sampling_id)
        return row

    def checkpoint(self, sampling_id: str) -> Path:
        """Return where an interrupted sampling is kept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{sampling_id}.json"

    def remove_checkpoint(self, sampling_id: str) -> None:
        """Remove the checkpoint of a sampling that has ended, or is deleted."""
        with self._database.read() as session:
            state = session.scalar(select(JobRow.state).where(JobRow.sampling_id == sampling_id))
        if state is None or DiagnosisState(state).is_final:
            self.checkpoint(sampling_id).unlink(missing_ok=True)

    def seconds_per_atom_and_step(self, potential: str) -> float | None:
        """Return how long one step took for one atom in past samplings on this machine; None without one.

        A step counts as one of `OVERHEAD_ATOMS` more than it has: even a small cell takes its time.
        """
        past = select(JobRow.seconds, JobRow.done * (JobRow.atom_count + OVERHEAD_ATOMS)).where(
            JobRow.kind == JobKind.SAMPLING,
            JobRow.potential == potential,
            JobRow.state == DONE,
            JobRow.seconds > 0,
        )
        with self._database.read() as session:
            rows = session.execute(past.order_by(JobRow.finished_at.desc()).limit(_PAST_SAMPLINGS)).all()
        atom_steps = sum(steps for _, steps in rows)
        return sum(seconds or 0.0 for seconds, _ in rows) / atom_steps if atom_steps else None

    def finish(self, lease: Lease, frames_sha256: str, zip_sha256: str, mean_temperature: float) -> bool:
        """Note the stored frames and the zip archive; False where it is no longer this worker's."""
        produced = {"frames_sha256": frames_sha256, "zip_sha256": zip_sha256, "mean_temperature": mean_temperature}
        row = update(SamplingRow).where(SamplingRow.id == lease.owner_id)
        return self._jobs.finish(lease, alongside=row.values(**produced))

    def rename(self, sampling_id: str, title: str) -> None:
        """Set the title."""
        with self._database.write() as session:
            session.get_one(SamplingRow, sampling_id).title = title

    def delete(self, sampling_id: str) -> None:
        """Remove a sampling and its files; its worker notices when it reports progress. Raises NotFoundError."""
        with self._database.write() as session:
            self._remove(session, session.get(SamplingRow, sampling_id) or _missing(sampling_id))

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
        remove_unused(session, self._files, files)


def standard_title(formula: str, label: str) -> str:
    """Return the title of a sampling whose owner gave none."""
    return f"States of {formula} by {label}"


def _missing(sampling_id: str) -> NoReturn:
    raise NotFoundError(
        "There is no sampling with this link.",
        where=sampling_id,
        advice="Check the link; it may have been deleted or have expired.",
    )
