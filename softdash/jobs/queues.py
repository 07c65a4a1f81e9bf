"""One Huey queue per environment of potentials; an entry carries the number of a job.

The database is the truth: an entry that is lost is put in again (`Reaper`), one that comes twice is computed once.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.serializer import SignedSerializer

from softdash.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")


class JobQueues:
    """The queues of this installation, opened when first used.

    Parameters
    ----------
    settings : Settings
        `state_dir` holds the queue files and the secret that signs entries.
    execute : callable, optional
        What a worker does with a job's number; the web process, which only puts entries in, gives none.
    """

    def __init__(self, settings: Settings, execute: Callable[[int], None] | None = None) -> None:
        self._folder = settings.state_dir
        self._execute = execute
        self._opened: dict[str, tuple[SqliteHuey, Any]] = {}
        self._lock = threading.Lock()

    def put(self, queue: str, job_id: int) -> None:
        """Put a job into a queue."""
        self._open(queue)[1](job_id)

    def waiting(self, queue: str) -> set[int]:
        """Return the numbers of the jobs that have an entry in a queue."""
        return {int(entry.args[0]) for entry in self._open(queue)[0].pending()}

    def huey(self, queue: str) -> SqliteHuey:
        """Return the Huey object of a queue, for a worker's consumer."""
        return self._open(queue)[0]

    def _open(self, queue: str) -> tuple[SqliteHuey, Any]:
        with self._lock:
            if queue not in self._opened:
                self._opened[queue] = self._build(queue)
            return self._opened[queue]

    def _build(self, queue: str) -> tuple[SqliteHuey, Any]:
        if not _NAME.fullmatch(queue):
            raise ValueError(f"a queue's name is letters, digits, '.', '_' and '-': {queue!r}")
        self._folder.mkdir(parents=True, exist_ok=True)
        # Under the name "softdash-QUEUE", older versions left entries of other kinds in the same file.
        name = f"softdash-jobs-{queue}"
        huey = SqliteHuey(
            name,
            filename=str((self._folder / f"queue-{queue}.db").resolve()),
            results=False,
            timeout=30,
            serializer=SignedSerializer(secret=_secret(self._folder), salt=name),
        )

        def compute(job_id: int) -> None:
            if self._execute is None:
                raise RuntimeError("this process puts jobs into queues and computes none")
            self._execute(job_id)

        return huey, huey.task(name="compute")(compute)


def _secret(folder: Path) -> str:
    """Return the secret that signs queue entries; made once, readable by its owner alone.

    Entries are pickles: whoever could write a queue file without this secret could run code in a worker.
    """
    place = folder / "queue-secret"
    if not place.exists():
        descriptor, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, place)  # fails where another process was first, and never shows half a secret
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return place.read_text(encoding="ascii")
