"""Diagnoses and uploads as records: from rows and files to what pages and API see, and their removal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import func, select, update
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
from softdash.jobs.database import Database, DiagnosisRow, NoteRow, RunRow, UploadRow
from softdash.jobs.file_store import FileStore
from softdash.jobs.run_ledger import FINAL, diagnosis_state
from softdash.jobs.sampling_ledger import is_used_by_samplings
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames
from softdash.structures.frames.labelled_frame import LabelledFrames

_QUEUED, _FAILED = DiagnosisState.QUEUED.value, DiagnosisState.FAILED.value


class DiagnosisStore:
    """Reads and writes whole records; single steps of a run are the `RunLedger`'s.

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
            runs = tuple(_run_record(run) for run in row.runs)
            queued = [run for run in row.runs if run.state == _QUEUED]
            place = _place_in_queue(session, queued[0]) if queued else None
            failed = next((run.error["message"] for run in runs if run.error), None)
            note = session.get(NoteRow, diagnosis_id)
            return DiagnosisRecord(
                id=row.id,
                upload_id=row.upload_id,
                title=row.title,
                # Only the finished record is final: its report can be had the moment the state says so.
                state=DiagnosisState(row.state) if row.finished_at else _unfinished_state(row),
                created_at=row.created_at,
                finished_at=row.finished_at,
                expires_at=row.expires_at,
                runs=runs,
                place_in_queue=place,
                message=failed if row.state == DiagnosisState.FAILED.value else None,
                note="" if note is None else note.text,
            )

    def edit(self, diagnosis_id: str, title: str, note: str) -> None:
        """Set title and note of a diagnosis. Raises NotFoundError."""
        with self._database.write() as session:
            _get(session, diagnosis_id).title = title
            session.merge(NoteRow(diagnosis_id=diagnosis_id, text=note))

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
                    f"This diagnosis has not finished ({_unfinished_state(row).value}).",
                    where=diagnosis_id,
                    advice="Its report appears under the same link when it has.",
                )
            reasons = "; ".join(json.loads(run.error)["message"] for run in row.runs if run.error)
            raise ConflictError(
                f"This diagnosis ended without a result ({row.state}). {reasons}".strip(),
                where=diagnosis_id,
                advice="Start it again from its upload.",
            )

    def assemble(self, diagnosis_id: str) -> None:
        """Make the report of a diagnosis whose runs have all ended; does nothing when it was made already."""
        with self._database.read() as session:
            row = session.get(DiagnosisRow, diagnosis_id)
            if row is None or row.finished_at is not None:
                return
            runs, upload = list(row.runs), UploadRecord.model_validate_json(row.upload.record)
        states = [run.state for run in runs]
        if not set(states) <= set(FINAL):
            return
        values: dict[str, Any] = {"state": diagnosis_state(states).value, "finished_at": utc_now()}
        try:
            if DiagnosisState.DONE.value in states:
                values |= self._seal(row, runs, upload, values["finished_at"])
        except SoftdashError as error:  # a stored file or a plug-in is gone: an end with a reason, not a wait for ever
            self._fail_runs(diagnosis_id, error)
            values["state"] = _FAILED
        with self._database.write() as session:
            session.execute(
                update(DiagnosisRow)
                .where(DiagnosisRow.id == diagnosis_id, DiagnosisRow.finished_at.is_(None))
                .values(**values)
            )

    def _seal(
        self, row: DiagnosisRow, runs: Sequence[RunRow], upload: UploadRecord, finished_at: datetime
    ) -> dict[str, str]:
        """Store report and forces; return the columns that name them."""
        frames = self.frames(upload.frames_sha256)
        outcomes = self._outcomes(runs, len(frames.frames))
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

    def _fail_runs(self, diagnosis_id: str, error: SoftdashError) -> None:
        with self._database.write() as session:
            session.execute(
                update(RunRow)
                .where(RunRow.diagnosis_id == diagnosis_id, RunRow.state == DiagnosisState.DONE.value)
                .values(state=_FAILED, error=json.dumps(error.as_json()["error"]))
            )

    def _outcomes(self, runs: Sequence[RunRow], frame_count: int) -> list[Outcome]:
        outcomes = []
        for run in runs:
            if run.result and run.predictions_sha256:
                predicted = predictions_from_bytes(self._files.read(run.predictions_sha256), frame_count)
                outcomes.append(Outcome(PotentialResult.model_validate_json(run.result), predicted))
            elif run.error:
                outcomes.append(Outcome(failed_result(card(run.potential), json.loads(run.error)), None))
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
            files = {row.report_sha256, row.points_sha256, *(run.predictions_sha256 for run in row.runs)}
            upload_id = row.upload_id
            session.delete(row)
            session.flush()
            files |= _remove_unused_upload(session, upload_id)
            self._remove_files(session, files)

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
                self._remove_files(session, _remove_unused_upload(session, upload_id))

    def _remove_files(self, session: Session, files: set[str | None]) -> None:
        # Inside the transaction: whoever adds the same content meanwhile waits, and stores it anew.
        for sha256 in files:
            if sha256 and not _is_used(session, sha256):
                self._files.remove(sha256)


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


def _unfinished_state(row: DiagnosisRow) -> DiagnosisState:
    state = diagnosis_state([run.state for run in row.runs])
    return DiagnosisState.RUNNING if state.is_final else state


def _run_record(run: RunRow) -> RunRecord:
    return RunRecord(
        potential=run.potential,
        label=run.label,
        state=DiagnosisState(run.state),
        done=run.done,
        total=run.total,
        attempts=run.attempts,
        error=json.loads(run.error) if run.error else None,
    )


def _place_in_queue(session: Session, run: RunRow) -> int:
    ahead = session.scalar(
        select(func.count())
        .select_from(RunRow)
        .where(RunRow.queue == run.queue, RunRow.state == _QUEUED, RunRow.id < run.id)
    )
    return (ahead or 0) + 1


def _remove_unused_upload(session: Session, upload_id: str) -> set[str | None]:
    upload = session.get_one(UploadRow, upload_id)
    others = session.scalar(select(func.count()).select_from(DiagnosisRow).where(DiagnosisRow.upload_id == upload_id))
    if others or upload.example_key is not None:
        return set()
    record = UploadRecord.model_validate_json(upload.record)
    session.delete(upload)
    session.flush()
    return {record.frames_sha256, *(file.sha256 for file in record.files)}


def _is_used(session: Session, sha256: str) -> bool:
    uses = (
        select(UploadRow.id).where(UploadRow.record.contains(sha256)),
        select(RunRow.id).where(RunRow.predictions_sha256 == sha256),
        select(DiagnosisRow.id).where(DiagnosisRow.report_sha256 == sha256),
        select(DiagnosisRow.id).where(DiagnosisRow.points_sha256 == sha256),
    )
    return is_used_by_samplings(session, sha256) or any(
        session.execute(use.limit(1)).first() is not None for use in uses
    )
