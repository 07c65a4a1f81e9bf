"""Puts database, files, queues and the rest together; the service and the worker are wired alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from softdash.jobs.database import Database
from softdash.jobs.file_store import FileStore
from softdash.jobs.queues import RunQueues
from softdash.jobs.reaper import Sweeper
from softdash.jobs.run_ledger import RunLedger
from softdash.jobs.sampling_ledger import SamplingLedger
from softdash.jobs.store import DiagnosisStore
from softdash.jobs.worker_registry import WorkerRegistry
from softdash.settings import Settings


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of one process."""

    database: Database
    files: FileStore
    queues: RunQueues
    store: DiagnosisStore
    ledger: RunLedger
    workers: WorkerRegistry
    sweeper: Sweeper
    samplings: SamplingLedger


def wire(
    settings: Settings,
    execute: Callable[[int], None] | None = None,
    sample: Callable[[str], None] | None = None,
) -> Wiring:
    """Open the state of an installation.

    Parameters
    ----------
    settings : Settings
    execute : callable, optional
        What a worker does with a run's number.
    sample : callable, optional
        What a worker does with the name of a sampling.
    """
    database = Database(settings)
    files = FileStore(settings.files_dir)
    queues = RunQueues(settings, execute, sample)
    store = DiagnosisStore(database, files, settings)
    ledger = RunLedger(database, queues, store.assemble)
    workers = WorkerRegistry(database, settings.worker_lost_seconds)
    samplings = SamplingLedger(database, files, queues, settings.samplings_dir, attempts=settings.job_attempts)
    sweeper = Sweeper(database, queues, ledger, workers, samplings, attempts=settings.job_attempts)
    return Wiring(database, files, queues, store, ledger, workers, sweeper, samplings)
