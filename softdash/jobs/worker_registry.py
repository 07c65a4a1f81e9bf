"""The registry of worker processes: who serves which queue, what they have loaded, and whether they still live."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select

from softdash.diagnosis.provenance import utc_now
from softdash.jobs.database import Database, WorkerRow

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

    @property
    def lost_before(self) -> datetime:
        """A heartbeat older than this is too old."""
        return utc_now() - self._lost_after

    def announce(self, status: WorkerStatus) -> None:
        """Enter a worker, or note that it lives and what it holds."""
        with self._database.write() as session:
            # A container that starts again gives its processes the same names and numbers.
            session.execute(
                delete(WorkerRow).where(
                    WorkerRow.host == status.host,
                    WorkerRow.process_id == status.process_id,
                    WorkerRow.id != status.id,
                )
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
            session.execute(delete(WorkerRow).where(WorkerRow.id == worker_id))

    def living(self) -> tuple[WorkerStatus, ...]:
        """Return the workers with a late enough heartbeat and, on this host, whose process exists."""
        with self._database.read() as session:
            rows = session.scalars(select(WorkerRow)).all()
        return tuple(_status(row) for row in rows if not self._is_lost(row))

    def strike_off_the_dead(self) -> frozenset[str]:
        """Forget all dead workers; return the identifiers of the living."""
        living = frozenset(worker.id for worker in self.living())
        with self._database.read() as session:
            known = set(session.scalars(select(WorkerRow.id)).all())
        for worker_id in known - living:
            self.remove(worker_id)
        return living

    def _is_lost(self, row: WorkerRow) -> bool:
        if row.heartbeat_at < self.lost_before:
            return True
        return row.host == socket.gethostname() and not _is_running(row.process_id)


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
