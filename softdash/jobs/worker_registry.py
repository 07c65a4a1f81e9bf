"""The registry of worker processes: who serves which queue, what they have loaded, and whether they still live."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from softdash.diagnosis.provenance import utc_now
from softdash.jobs.database import Database
from softdash.jobs.tables import JobRow, WorkerRow

WorkerState = Literal["loading", "online"]


@dataclass(slots=True)
class WorkerStatus:
    """What a worker says about itself at each heartbeat; `problems` maps a potential to why it is not served."""

    queue: str
    state: WorkerState = "loading"
    potentials: Sequence[str] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    host: str = field(default_factory=socket.gethostname)
    process_id: int = field(default_factory=os.getpid)


class WorkerRegistry:
    """Reads and writes the registry.

    Parameters
    ----------
    database : Database
    lost_seconds : float
        A worker silent for this long counts as dead.
    """

    def __init__(self, database: Database, lost_seconds: float) -> None:
        self._database = database
        self._lost_after = timedelta(seconds=lost_seconds)

    def announce(self, status: WorkerStatus) -> None:
        """Enter a worker, or note that it lives and what it holds."""
        with self._database.write() as session:
            # A container that starts again gives its processes the same names and numbers.
            _remove(
                session,
                WorkerRow.host == status.host,
                WorkerRow.process_id == status.process_id,
                WorkerRow.id != status.id,
            )
            session.merge(
                WorkerRow(
                    id=status.id,
                    queue=status.queue,
                    host=status.host,
                    process_id=status.process_id,
                    state=status.state,
                    potentials=json.dumps(list(status.potentials)),
                    problems=json.dumps(dict(status.problems)),
                    heartbeat_at=utc_now(),
                )
            )

    def remove(self, worker_id: str) -> None:
        """Forget a worker that stops."""
        with self._database.write() as session:
            _remove(session, WorkerRow.id == worker_id)

    def living(self) -> tuple[WorkerStatus, ...]:
        """Return the workers with a late enough heartbeat and, on this host, whose process exists."""
        with self._database.read() as session:
            rows = session.scalars(select(WorkerRow)).all()
        return tuple(_status(row) for row in rows if not self._is_lost(row))

    def remove_dead(self) -> None:
        """Forget all dead workers, and end the leases that they hold."""
        with self._database.read() as session:
            dead = [row for row in session.scalars(select(WorkerRow)).all() if self._is_lost(row)]
        for row in dead:
            with self._database.write() as session:  # unless it has given a heartbeat since
                _remove(session, WorkerRow.id == row.id, WorkerRow.heartbeat_at == row.heartbeat_at)

    def _is_lost(self, row: WorkerRow) -> bool:
        if row.heartbeat_at < utc_now() - self._lost_after:
            return True
        return row.host == socket.gethostname() and not _is_running(row.process_id)


def _remove(session: Session, *conditions: ColumnElement[bool]) -> None:
    ids = session.scalars(select(WorkerRow.id).where(*conditions)).all()
    if ids:
        session.execute(update(JobRow).where(JobRow.leased_by.in_(ids)).values(lease_until=utc_now()))
        session.execute(delete(WorkerRow).where(WorkerRow.id.in_(ids)))


def _status(row: WorkerRow) -> WorkerStatus:
    return WorkerStatus(
        queue=row.queue,
        state="online" if row.state == "online" else "loading",
        potentials=json.loads(row.potentials),
        problems=json.loads(row.problems),
        id=row.id,
        host=row.host,
        process_id=row.process_id,
    )


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
