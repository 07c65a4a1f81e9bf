"""One Huey queue per environment of potentials; an entry carries the number of a run, or the name of a sampling.

The database is the truth: an entry that is lost is put in again (`Sweeper`), one that comes twice is claimed once.
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

_RUN, _SAMPLING = "run_potential", "sample_states"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")


class RunQueues:
    """The queues of this installation, opened when first used.

    Parameters
    ----------
    settings : Settings
        `state_dir` holds the queue files and the secret that signs entries.
    execute : callable, optional
        What a worker does with a run's number; the web process, which only puts entries in, gives none.
    sample : callable, optional
        The same for the name of a sampling.
    """

    def __init__(
        self,
        settings: Settings,
        execute: Callable[[int], None] | None = None,
        sample: Callable[[str], None] | None = None,
    ) -> None:
        self._folder = settings.state_dir
        self._execute = execute
        self._sample = sample
        self._opened: dict[str, tuple[SqliteHuey, Any, Any]] = {}
        self._lock = threading.Lock()

    def put(self, queue: str, run: int) -> None:
        """Put a run into a queue."""
        self._open(queue)[1](run)

    def put_sampling(self, queue: str, sampling_id: str) -> None:
        """Put a sampling into a queue."""
        self._open(queue)[2](sampling_id)

    def waiting(self, queue: str) -> set[int]:
        """Return the numbers of the runs that have an entry in a queue."""
        return {int(entry.args[0]) for entry in self._open(queue)[0].pending() if entry.name == _RUN}

    def waiting_samplings(self, queue: str) -> set[str]:
        """Return the names of the samplings that have an entry in a queue."""
        return {str(entry.args[0]) for entry in self._open(queue)[0].pending() if entry.name == _SAMPLING}

    def huey(self, queue: str) -> SqliteHuey:
        """Return the Huey object of a queue, for a worker's consumer."""
        return self._open(queue)[0]

    def _open(self, queue: str) -> tuple[SqliteHuey, Any, Any]:
        with self._lock:
            if queue not in self._opened:
                self._opened[queue] = self._build(queue)
            return self._opened[queue]

    def _build(self, queue: str) -> tuple[SqliteHuey, Any, Any]:
        if not _NAME.fullmatch(queue):
            raise ValueError(f"a queue's name is letters, digits, '.', '_' and '-': {queue!r}")
        self._folder.mkdir(parents=True, exist_ok=True)
        huey = SqliteHuey(
            f"softdash-{queue}",
            filename=str((self._folder / f"queue-{queue}.db").resolve()),
            results=False,
            timeout=30,
            serializer=SignedSerializer(secret=_secret(self._folder), salt=f"softdash-{queue}"),
        )

        def run_potential(run: int) -> None:
            if self._execute is None:
                raise RuntimeError("this process puts runs into queues and executes none")
            self._execute(run)

        def sample_states(sampling_id: str) -> None:
            if self._sample is None:
                raise RuntimeError("this process puts samplings into queues and executes none")
            self._sample(sampling_id)

        return huey, huey.task(name=_RUN)(run_potential), huey.task(name=_SAMPLING)(sample_states)


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
