"""A job while a worker computes it: how long it has taken, whether it may go on, and its lease."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Any

from softdash.errors import PredictionError
from softdash.jobs.job import Jobs, Lease
from softdash.jobs.tables import JobKind
from softdash.settings import Settings

logger = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.3


class JobPausedError(Exception):
    """The worker is asked to stop, or a diagnosis goes before a sampling: the job goes back to its queue."""


class JobWithdrawnError(Exception):
    """The job was cancelled, deleted, or given to another worker: its result is not wanted any more."""


class RunningJob:
    """See the module.

    Parameters
    ----------
    lease : Lease
    jobs : Jobs
    settings : Settings
    stopping : callable
        Whether the worker is asked to stop.
    """

    def __init__(self, lease: Lease, jobs: Jobs, settings: Settings, stopping: Callable[[], bool]) -> None:
        self.lease = lease
        self._jobs = jobs
        self._settings = settings
        self._stopping = stopping
        self._started = self._last_report = time.monotonic()

    @property
    def seconds_now(self) -> float:
        """Time spent computing in this attempt."""
        return time.monotonic() - self._started

    @property
    def seconds(self) -> float:
        """Time spent computing in all attempts."""
        return self.lease.seconds + self.seconds_now

    def report(self, *, is_last: bool = False, **progress: Any) -> bool:
        """Note progress (columns of the job) where it is time to; return whether it was.

        Raises
        ------
        JobPausedError, JobWithdrawnError
        PredictionError
            If the job has taken longer than a job may.
        """
        if self._stopping():
            raise JobPausedError
        if self.seconds > self._settings.job_seconds:
            raise self._too_slow()
        now = time.monotonic()
        if now - self._last_report < _PROGRESS_SECONDS and not is_last:
            return False
        self._last_report = now
        if not self._jobs.renew(self.lease, **progress):
            raise JobWithdrawnError
        return True

    def keep_alive(self) -> None:
        """Renew the lease; called from another thread.

        A job that hangs is failed, and this process ends: a step of a potential cannot be stopped from Python.
        """
        if self.seconds > self._settings.job_seconds + self._settings.worker_lost_seconds:
            logger.error("Job %d (%s) hangs; ending this worker", self.lease.job_id, self.lease.owner_id)
            self._jobs.fail(self.lease, self._too_slow())
            os._exit(1)
        self._jobs.renew(self.lease)

    def _too_slow(self) -> PredictionError:
        limit = self._settings.job_seconds
        is_sampling = self.lease.kind is JobKind.SAMPLING
        what, less = (
            ("sampling", "Sample fewer states or a smaller cell")
            if is_sampling
            else (
                "computation",
                "Use fewer frames",
            )
        )
        return PredictionError(
            f"The {what} took longer than {limit:g} s, the limit of this server.",
            advice=f"{less}, or set SOFTDASH_JOB_SECONDS.",
        )
