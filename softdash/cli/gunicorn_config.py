"""How gunicorn runs the web process; used by ``softdash serve`` and by containers.

One process with threads: it only reads tables and the database, and stays under 200 MB.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

from softdash.settings import get_settings

_settings = get_settings()
_parent = os.getppid()

bind = f"{_settings.host}:{_settings.port}"
workers = 1
worker_class = "gthread"
threads = _settings.web_threads
timeout = 120
graceful_timeout = 5
keepalive = 5
loglevel = "warning"


def when_ready(server: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """End with the process that started the server, even when that was killed."""

    def watch() -> None:
        while os.getppid() == _parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
