"""Puts database, files, queues and the rest together; the service and the worker are wired alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from softdash.jobs.database import Database
from softdash.jobs.file_store import FileStore
from softdash.jobs.job import Jobs
from softdash.jobs.queues import JobQueues
from softdash.jobs.reaper import Reaper
from softdash.jobs.sampling_store import SamplingStore
from softdash.jobs.store import DiagnosisStore
from softdash.jobs.worker_registry import WorkerRegistry
from softdash.settings import Settings


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of one process."""

    database: Database
    files: FileStore
    queues: JobQueues
    jobs: Jobs
    workers: WorkerRegistry
    store: DiagnosisStore
    samplings: SamplingStore
    reaper: Reaper


def wire(settings: Settings, execute: Callable[[int], None] | None = None) -> Wiring:
    """Open the state of an installation.

    Parameters
    ----------
    settings : Settings
    execute : callable, optional
        What a worker does with a job's number.
    """
    database = Database(settings)
    files = FileStore(settings.files_dir)
    queues = JobQueues(settings, execute)
    jobs = Jobs(database, queues, lease_seconds=settings.worker_lost_seconds, attempts=settings.job_attempts)
    workers = WorkerRegistry(database, settings.worker_lost_seconds)
    store = DiagnosisStore(database, files, settings)
    samplings = SamplingStore(database, files, jobs, settings.samplings_dir)
    return Wiring(database, files, queues, jobs, workers, store, samplings, Reaper(jobs, workers, store))
