"""Which records still need a stored file."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from softdash.jobs.file_store import FileStore
from softdash.jobs.tables import DiagnosisRow, JobRow, SamplingRow, UploadFileRow, UploadRow

_NAMED_IN: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...] = (
    UploadRow.frames_sha256,
    UploadFileRow.sha256,
    JobRow.predictions_sha256,
    DiagnosisRow.report_sha256,
    DiagnosisRow.points_sha256,
    SamplingRow.structure_sha256,
    SamplingRow.frames_sha256,
    SamplingRow.zip_sha256,
)


def remove_unused(session: Session, files: FileStore, names: Iterable[str | None]) -> None:
    """Remove those of the named files that no record names any more.

    Inside the transaction that removes the records: whoever adds the same content meanwhile waits, and stores it anew.
    """
    for sha256 in filter(None, names):
        if all(session.scalar(select(column).where(column == sha256).limit(1)) is None for column in _NAMED_IN):
            files.remove(sha256)
