"""How gunicorn runs the web process; used by ``softdash serve`` and by containers.

One process with threads: it only reads tables and the database, and stays under 200 MB.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from softdash.settings import settings_or_leave

# Memory of a server is what it does not give back: pyarrow's own allocator keeps its peaks.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
_GLIBC_LIMITS = ((-8, 1), (-1, 131_072), (-3, 131_072))  # M_ARENA_MAX, M_TRIM_THRESHOLD, M_MMAP_THRESHOLD

if "pandas" not in sys.modules:
    # pandas loads all of pyarrow for its columns of text where it finds it: 12 MB more than the texts themselves need.
    sys.modules["pyarrow"] = None  # type: ignore[assignment]
    importlib.import_module("pandas")
    del sys.modules["pyarrow"]  # parity points are read by a part of it

_TRIM_AFTER_SECONDS = 3.0
_answered = threading.Event()

_settings = settings_or_leave()
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


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Give the memory that pages and tables left free back to the system, some seconds after requests."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        threading.Thread(target=_give_back, args=(trim,), name="memory", daemon=True).start()


def _give_back(trim: Callable[[int], int]) -> None:
    while True:
        _answered.wait()
        time.sleep(_TRIM_AFTER_SECONDS)
        _answered.clear()
        gc.collect()  # figures and pages refer to themselves: without it they wait for the next full collection
        trim(0)


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Note that there may be memory to give back."""
    _answered.set()


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Let glibc share one heap among the threads and return freed memory at once; elsewhere do nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in _GLIBC_LIMITS:
            mallopt(parameter, value)
