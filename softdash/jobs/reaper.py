"""Repairs what a death left behind: jobs of dead workers, lost queue entries, reports that were not made.

Each worker calls it while it waits, its supervisor when a worker dies, and the service when somebody looks at a
diagnosis; two at once do no harm.
"""

from __future__ import annotations

import logging

from softdash.jobs.job import Jobs
from softdash.jobs.store import DiagnosisStore
from softdash.jobs.worker_registry import WorkerRegistry

logger = logging.getLogger(__name__)


class Reaper:
    """See the module."""

    def __init__(self, jobs: Jobs, workers: WorkerRegistry, store: DiagnosisStore) -> None:
        self._jobs = jobs
        self._workers = workers
        self._store = store

    def reap(self) -> None:
        """Repair everything there is to repair."""
        self._workers.remove_dead()
        self._jobs.take_back_lost()
        self._jobs.restore_queue_entries()
        for diagnosis_id in self._store.computed():
            try:
                self._store.assemble(diagnosis_id)
            except Exception:  # one report that cannot be made must not keep the others from being made
                logger.exception("The report of %s could not be made", diagnosis_id)
