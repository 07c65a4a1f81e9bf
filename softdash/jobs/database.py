"""Tables of uploads, diagnoses, runs and workers, and how they are opened.

A run is one potential inside one diagnosis. SQLite is opened with a write-ahead log, so that the web process reads
while workers write; any other SQLAlchemy address works too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Engine,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from softdash.diagnosis.provenance import utc_now
from softdash.errors import SettingError
from softdash.settings import Settings

_BUSY_SECONDS = 30.0


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


class DiagnosisRow(Table):
    """A diagnosis; the report, once there is one, lies in the file store."""

    __tablename__ = "diagnoses"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delete_token_sha256: Mapped[str] = mapped_column(String(64))
    report_sha256: Mapped[str | None] = mapped_column(String(64))
    points_sha256: Mapped[str | None] = mapped_column(String(64))

    upload: Mapped[UploadRow] = relationship()
    runs: Mapped[list[RunRow]] = relationship(
        back_populates="diagnosis", order_by="RunRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class RunRow(Table):
    """One potential in one diagnosis; `result` is the JSON of `PotentialResult`."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("diagnosis_id", "potential"),
        Index("runs_by_queue", "queue", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    diagnosis_id: Mapped[str] = mapped_column(ForeignKey("diagnoses.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    potential: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(120))
    queue: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(16))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    atom_count: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    worker_id: Mapped[str | None] = mapped_column(String(32))
    enqueued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    predictions_sha256: Mapped[str | None] = mapped_column(String(64), index=True)

    diagnosis: Mapped[DiagnosisRow] = relationship(back_populates="runs")


class CreationRow(Table):
    """A creation that may be repeated: the hash of its idempotency key, and of what was asked for.

    It goes with its diagnosis. A table of its own, not columns of `DiagnosisRow`, so that older databases get it by
    themselves when they are opened.
    """

    __tablename__ = "creations"

    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    diagnosis_id: Mapped[str] = mapped_column(ForeignKey("diagnoses.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class NoteRow(Table):
    """What the owner of a diagnosis wrote below its title; goes with the diagnosis.

    A table of its own for the same reason as `CreationRow`.
    """

    __tablename__ = "notes"

    diagnosis_id: Mapped[str] = mapped_column(ForeignKey("diagnoses.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class SamplingRow(Table):
    """States sampled of a structure without forces; structure, frames and zip archive lie in the file store.

    `origin` and `progress` are JSON of `SamplingOrigin` and `SamplingStep`.
    """

    __tablename__ = "samplings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    queue: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    enqueued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker_id: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    structure_sha256: Mapped[str] = mapped_column(String(64))
    frames_sha256: Mapped[str | None] = mapped_column(String(64))
    zip_sha256: Mapped[str | None] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(Text)
    progress: Mapped[str | None] = mapped_column(Text)
    mean_temperature: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)


class SamplingOwnerRow(Table):
    """What the owner of a sampling may do with it: its title, and the hash of the token; goes with the sampling.

    A table of its own for the same reason as `CreationRow`.
    """

    __tablename__ = "sampling_owners"

    sampling_id: Mapped[str] = mapped_column(ForeignKey("samplings.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    delete_token_sha256: Mapped[str] = mapped_column(String(64))


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


def _cannot_open(settings: Settings) -> SettingError:
    # An address may hold a password: it is not repeated.
    if settings.database_url is None:
        return SettingError(f"No database can be kept in the folder {settings.state_dir}.", where="SOFTDASH_STATE_DIR")
    return SettingError(
        "This database cannot be opened: its address, its server or its driver for Python is wrong or missing.",
        where="SOFTDASH_DATABASE_URL",
    )


class Database:
    """An open database.

    Parameters
    ----------
    settings : Settings
        `database_address` says where.

    Raises
    ------
    SettingError
        If it cannot be opened.
    """

    def __init__(self, settings: Settings) -> None:
        address = settings.database_address
        try:
            if address.startswith("sqlite"):
                settings.state_dir.mkdir(parents=True, exist_ok=True)
                self.engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS})
                _prepare_sqlite(self.engine)
            else:
                self.engine = create_engine(address, pool_pre_ping=True)
            self._writing = self.engine.execution_options(softdash_write=True)
            Table.metadata.create_all(self._writing)
        except (OSError, SQLAlchemyError, ImportError) as error:
            raise _cannot_open(settings) from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that commits at its end; on SQLite it is the only writer meanwhile."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # The driver shall not begin transactions by itself: `_begin` below does, so that writers queue up at their
        # first statement instead of failing when a reader turns writer.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("softdash_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
