"""Tables of uploads, diagnoses, samplings, jobs and workers.

A job is what a worker computes at one go: one potential inside a diagnosis, or a sampling. A change of a table here
needs a revision in ``migrations/versions``, from which databases are made and brought up to date.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from softdash.diagnosis.provenance import utc_now


class UtcDateTime(TypeDecorator[datetime]):
    """A time that comes back with its time zone from databases that drop it (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of all tables."""


class UploadRow(Table):
    """An upload that was read; `record` is the JSON of `UploadRecord`."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    frames_sha256: Mapped[str] = mapped_column(String(64), index=True)
    example_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    record: Mapped[str] = mapped_column(Text)

    files: Mapped[list[UploadFileRow]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class UploadFileRow(Table):
    """A stored file of an upload, as it came in."""

    __tablename__ = "upload_files"

    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class DiagnosisRow(Table):
    """A diagnosis; the report, once there is one, lies in the file store. Its state is that of its jobs.

    `creation_key_sha256` is there where its creation may be repeated: the hash of the idempotency key, and beside it
    that of what was asked for.
    """

    __tablename__ = "diagnoses"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delete_token_sha256: Mapped[str] = mapped_column(String(64))
    creation_key_sha256: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    creation_request_sha256: Mapped[str | None] = mapped_column(String(64))
    report_sha256: Mapped[str | None] = mapped_column(String(64))
    points_sha256: Mapped[str | None] = mapped_column(String(64))

    upload: Mapped[UploadRow] = relationship()
    jobs: Mapped[list[JobRow]] = relationship(
        order_by="JobRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class SamplingRow(Table):
    """States sampled of a structure without forces; structure, frames and zip archive lie in the file store.

    `origin` is the JSON of `SamplingOrigin`. Samplings of early versions have no token.
    """

    __tablename__ = "samplings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delete_token_sha256: Mapped[str | None] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(Text)
    structure_sha256: Mapped[str] = mapped_column(String(64))
    frames_sha256: Mapped[str | None] = mapped_column(String(64))
    zip_sha256: Mapped[str | None] = mapped_column(String(64))
    mean_temperature: Mapped[float | None] = mapped_column(Double)

    job: Mapped[JobRow] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class JobKind(StrEnum):
    """What a job is part of."""

    DIAGNOSIS = "diagnosis"
    SAMPLING = "sampling"


class JobRow(Table):
    """A job; `softdash.jobs.job` holds the changes of its state.

    While it runs, the worker `leased_by` holds it, until `lease_until` at least. `done` of `total` are frames of a
    diagnosis or steps of a sampling; `seconds` is the time spent computing. `result` is the JSON of `PotentialResult`,
    `progress` that of `SamplingStep`, `error` the inner part of the API's.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("diagnosis_id", "potential"),
        CheckConstraint("(diagnosis_id IS NULL) <> (sampling_id IS NULL)", name="jobs_have_one_owner"),
        Index("jobs_by_state", "state", "queue", "queued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    diagnosis_id: Mapped[str | None] = mapped_column(ForeignKey("diagnoses.id", ondelete="CASCADE"), index=True)
    sampling_id: Mapped[str | None] = mapped_column(ForeignKey("samplings.id", ondelete="CASCADE"), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    potential: Mapped[str] = mapped_column(String(80), index=True)
    label: Mapped[str] = mapped_column(String(120))
    queue: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    atom_count: Mapped[int]
    seconds: Mapped[float | None] = mapped_column(Double)
    progress: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    predictions_sha256: Mapped[str | None] = mapped_column(String(64), index=True)


class WorkerRow(Table):
    """A worker process; `potentials` and `problems` are JSON: names loaded, and why others could not be."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    queue: Mapped[str] = mapped_column(String(80))
    host: Mapped[str] = mapped_column(String(255))
    process_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    potentials: Mapped[str] = mapped_column(Text, default="[]")
    problems: Mapped[str] = mapped_column(Text, default="{}")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
