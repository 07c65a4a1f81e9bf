"""Diagnoses and uploads as records: from rows and files to what pages and API see, and their removal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from softdash.diagnosis.analysis import failed_result
from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import (
    DiagnosisRecord,
    DiagnosisState,
    PotentialResult,
    Report,
    RunRecord,
    UploadRecord,
)
from softdash.diagnosis.reports import (
    ForcePoints,
    Outcome,
    StackedPredictions,
    build_report,
    collect_points,
    points_as_bytes,
    points_from_bytes,
    predictions_as_bytes,
    predictions_from_bytes,
    report_as_json,
)
from softdash.errors import ConflictError, NotFoundError, SoftdashError
from softdash.jobs.database import Database
from softdash.jobs.file_store import FileStore
from softdash.jobs.file_uses import remove_unused
from softdash.jobs.job import DONE, FAILED, FINAL, QUEUED, overall_state
from softdash.jobs.tables import DiagnosisRow, JobKind, JobRow, UploadRow
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames
from softdash.structures.frames.labelled_frame import LabelledFrames


class DiagnosisStore:
    """Reads and writes whole records; changes of a job's state are those of `Jobs`.

    Parameters
    ----------
    database : Database
    files : FileStore
    settings : Settings
    """

    def __init__(self, database: Database, files: FileStore, settings: Settings) -> None:
        self._database = database
        self._files = files
        self._settings = settings

    def frames(self, sha256: str) -> LabelledFrames:
        """Return stored labelled frames."""
        return load_frames(self._files.path(sha256))

    def add_predictions(self, predicted: StackedPredictions) -> str:
        """Store one potential's predictions and return the file's SHA-256."""
        return self._files.add_bytes(predictions_as_bytes(predicted))

    def upload(self, upload_id: str) -> UploadRecord:
        """Return an upload. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(UploadRow, upload_id)
        if row is None:
            raise NotFoundError(
                "There is no upload with this identifier.", where=upload_id, advice="Upload the files again."
            )
        return UploadRecord.model_validate_json(row.record)

    def diagnosis(self, diagnosis_id: str) -> DiagnosisRecord:
        """Return the present state of a diagnosis. Raises NotFoundError."""
        with self._database.read() as session:
            row = _get(session, diagnosis_id)
            runs = tuple(_run_record(job) for job in row.jobs)
            queued = next((job for job in row.jobs if job.state == QUEUED), None)
            place = None if queued is None else _place_in_queue(session, queued)
            state = _state(row)
            failed = next((run.error["message"] for run in runs if run.error), None)
            return DiagnosisRecord(
                id=row.id,
                upload_id=row.upload_id,
                title=row.title,
                state=state,
                created_at=row.created_at,
                finished_at=row.finished_at,
                expires_at=row.expires_at,
                runs=runs,
                place_in_queue=place,
                message=failed if state is DiagnosisState.FAILED else None,
                note=row.note,
            )

    def edit(self, diagnosis_id: str, title: str, note: str) -> None:
        """Set title and note of a diagnosis. Raises NotFoundError."""
        with self._database.write() as session:
            row = _get(session, diagnosis_id)
            row.title, row.note = title, note

    def report(self, diagnosis_id: str) -> Report:
        """Return the report of a finished diagnosis under its present title. Raises NotFoundError, ConflictError."""
        report = Report.model_validate_json(self._files.read(self._sealed(diagnosis_id)[0]))
        with self._database.read() as session:
            title = _get(session, diagnosis_id).title
        return report if title == report.title else report.model_copy(update={"title": title})

    def points(self, diagnosis_id: str) -> ForcePoints:
        """Return the forces behind a report. Raises NotFoundError, ConflictError."""
        return points_from_bytes(self._files.read(self._sealed(diagnosis_id)[1]))

    def frames_of(self, diagnosis_id: str) -> LabelledFrames:
        """Return the frames behind a diagnosis, with positions and cells. Raises NotFoundError."""
        with self._database.read() as session:
            sha256 = _get(session, diagnosis_id).upload.frames_sha256
        return self.frames(sha256)

    def _sealed(self, diagnosis_id: str) -> tuple[str, str]:
        with self._database.read() as session:
            row = _get(session, diagnosis_id)
            if row.report_sha256 and row.points_sha256:
                return row.report_sha256, row.points_sha256
            if row.finished_at is None:
                raise ConflictError(
                    f"This diagnosis has not finished ({_state(row).value}).",
                    where=diagnosis_id,
                    advice="Its report appears under the same link when it has.",
                )
            reasons = "; ".join(json.loads(job.error)["message"] for job in row.jobs if job.error)
            raise ConflictError(
                f"This diagnosis ended without a result ({_state(row).value}). {reasons}".strip(),
                where=diagnosis_id,
                advice="Start it again from its upload.",
            )

    def computed(self) -> Sequence[str]:
        """Return the diagnoses whose jobs have all ended, and which `assemble` has still to finish."""
        unfinished = select(JobRow.id).where(JobRow.diagnosis_id == DiagnosisRow.id, JobRow.state.not_in(FINAL))
        with self._database.read() as session:
            found = select(DiagnosisRow.id).where(DiagnosisRow.finished_at.is_(None), ~unfinished.exists())
            return session.scalars(found).all()

    def assemble(self, diagnosis_id: str) -> None:
        """Make the report of a diagnosis whose jobs have all ended; does nothing when it was made already."""
        with self._database.read() as session:
            row = session.get(DiagnosisRow, diagnosis_id)
            if row is None or row.finished_at is not None or not all(job.state in FINAL for job in row.jobs):
                return
            upload = UploadRecord.model_validate_json(row.upload.record)
        values: dict[str, Any] = {"finished_at": utc_now()}
        try:
            if any(job.state == DONE for job in row.jobs):
                values |= self._seal(row, row.jobs, upload, values["finished_at"])
        except SoftdashError as error:  # a stored file or a plug-in is gone: an end with a reason, not a wait for ever
            self._fail_jobs(diagnosis_id, error)
        with self._database.write() as session:
            session.execute(update(DiagnosisRow).where(*_unfinished(diagnosis_id)).values(**values))

    def _seal(
        self, row: DiagnosisRow, jobs: Sequence[JobRow], upload: UploadRecord, finished_at: datetime
    ) -> dict[str, str]:
        """Store report and forces; return the columns that name them."""
        frames = self.frames(upload.frames_sha256)
        outcomes = self._outcomes(jobs, len(frames.frames))
        points_sha256 = self._files.add_bytes(points_as_bytes(collect_points(frames, outcomes)))
        report = build_report(
            identifier=row.id,
            title=row.title,
            created_at=row.created_at,
            finished_at=finished_at,
            upload=upload,
            outcomes=outcomes,
            points_sha256=points_sha256,
            settings=self._settings,
        )
        report_sha256 = self._files.add_bytes(report_as_json(report).encode())
        return {"report_sha256": report_sha256, "points_sha256": points_sha256}

    def _fail_jobs(self, diagnosis_id: str, error: SoftdashError) -> None:
        values = {"state": FAILED, "error": json.dumps(error.as_json()["error"])}
        # Unless another process has made the report.
        unfinished = select(DiagnosisRow.id).where(*_unfinished(diagnosis_id)).exists()
        with self._database.write() as session:
            session.execute(
                update(JobRow)
                .where(JobRow.diagnosis_id == diagnosis_id, JobRow.state == DONE, unfinished)
                .values(**values)
                .execution_options(synchronize_session=False)
            )

    def _outcomes(self, jobs: Sequence[JobRow], frame_count: int) -> list[Outcome]:
        outcomes = []
        for job in jobs:
            if job.result and job.predictions_sha256:
                predicted = predictions_from_bytes(self._files.read(job.predictions_sha256), frame_count)
                outcomes.append(Outcome(PotentialResult.model_validate_json(job.result), predicted))
            elif job.error:
                outcomes.append(Outcome(failed_result(card(job.potential), json.loads(job.error)), None))
        return outcomes

    def delete(self, diagnosis_id: str) -> None:
        """Remove a diagnosis, its report, and its upload and files where nothing else uses them.

        Raises
        ------
        NotFoundError
            If there is none; an expired one, which nobody can see any more, is removed.
        """
        with self._database.write() as session:
            row = session.get(DiagnosisRow, diagnosis_id) or _missing(diagnosis_id)
            files = {row.report_sha256, row.points_sha256, *(job.predictions_sha256 for job in row.jobs)}
            upload_id = row.upload_id
            session.delete(row)
            session.flush()
            files |= _remove_unused_upload(session, upload_id)
            remove_unused(session, self._files, files)

    def remove_expired(self) -> None:
        """Delete what is older than `settings.report_days`: diagnoses, and uploads that were never diagnosed."""
        days = self._settings.report_days
        with self._database.read() as session:
            expired = session.scalars(select(DiagnosisRow.id).where(DiagnosisRow.expires_at < utc_now())).all()
            unused = select(UploadRow.id).where(
                UploadRow.created_at < utc_now() - timedelta(days=days or 0),
                UploadRow.example_key.is_(None),
                UploadRow.id.not_in(select(DiagnosisRow.upload_id)),
            )
            uploads = session.scalars(unused).all() if days is not None else ()
        for diagnosis_id in expired:
            self.delete(diagnosis_id)
        for upload_id in uploads:
            with self._database.write() as session:
                remove_unused(session, self._files, _remove_unused_upload(session, upload_id))


def _get(session: Session, diagnosis_id: str) -> DiagnosisRow:
    row = session.get(DiagnosisRow, diagnosis_id)
    if row is None or (row.expires_at is not None and row.expires_at < utc_now()):
        _missing(diagnosis_id)
    return row


def _missing(diagnosis_id: str) -> NoReturn:
    raise NotFoundError(
        "There is no diagnosis with this link.",
        where=diagnosis_id,
        advice="Check the link; it may have been deleted or have expired.",
    )


def _unfinished(diagnosis_id: str) -> tuple[ColumnElement[bool], ...]:
    return DiagnosisRow.id == diagnosis_id, DiagnosisRow.finished_at.is_(None)


def _state(row: DiagnosisRow) -> DiagnosisState:
    """Return the state of a diagnosis; it is final when the report can be had, a moment after its last job."""
    state = overall_state([job.state for job in row.jobs])
    return DiagnosisState.RUNNING if state.is_final and row.finished_at is None else state


def _run_record(job: JobRow) -> RunRecord:
    return RunRecord(
        potential=job.potential,
        label=job.label,
        state=DiagnosisState(job.state),
        done=job.done,
        total=job.total,
        attempts=job.attempts,
        error=json.loads(job.error) if job.error else None,
    )


def _place_in_queue(session: Session, job: JobRow) -> int:
    ahead = select(func.count()).where(
        JobRow.kind == JobKind.DIAGNOSIS, JobRow.queue == job.queue, JobRow.state == QUEUED, JobRow.id < job.id
    )
    return (session.scalar(ahead) or 0) + 1


def _remove_unused_upload(session: Session, upload_id: str) -> set[str | None]:
    """Remove an upload that nothing uses; return the files that it named."""
    upload = session.get_one(UploadRow, upload_id)
    others = session.scalar(select(DiagnosisRow.id).where(DiagnosisRow.upload_id == upload_id).limit(1))
    if others is not None or upload.example_key is not None:
        return set()
    named: set[str | None] = {upload.frames_sha256, *(file.sha256 for file in upload.files)}
    session.delete(upload)
    session.flush()
    return named
