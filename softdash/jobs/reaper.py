"""Repairs what a death left behind: runs of dead workers, lost queue entries, reports that were not made.

Each worker sweeps while it waits, its supervisor when a worker dies, and the service when somebody looks at a
diagnosis; sweeping twice at once does no harm.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from softdash.diagnosis.provenance import utc_now
from softdash.diagnosis.records import DiagnosisState
from softdash.errors import PredictionError
from softdash.jobs.database import Database, DiagnosisRow, RunRow
from softdash.jobs.queues import RunQueues
from softdash.jobs.run_ledger import QUEUED, RUNNING, RunLedger, update_diagnosis_state
from softdash.jobs.sampling_ledger import SamplingLedger
from softdash.jobs.worker_registry import WorkerRegistry

logger = logging.getLogger(__name__)


class Sweeper:
    """See the module.

    Parameters
    ----------
    database, queues, ledger, workers, samplings
    attempts : int
        Times a run is started before it ends as failed.
    """

    def __init__(
        self,
        database: Database,
        queues: RunQueues,
        ledger: RunLedger,
        workers: WorkerRegistry,
        samplings: SamplingLedger,
        *,
        attempts: int,
    ) -> None:
        self._database = database
        self._queues = queues
        self._ledger = ledger
        self._workers = workers
        self._samplings = samplings
        self._attempts = attempts

    def sweep(self) -> None:
        """Repair everything there is to repair."""
        lost_before = self._workers.lost_before
        living = self._workers.strike_off_the_dead()
        with self._database.read() as session:
            running = session.scalars(select(RunRow).where(RunRow.state == RUNNING)).all()
        if any(_is_orphan(run, living, lost_before) for run in running):
            self._take_back(living, lost_before)
        self._restore_queue_entries(lost_before)
        self._samplings.sweep(living, lost_before)
        with self._database.read() as session:
            unfinished = session.scalars(select(DiagnosisRow.id).where(DiagnosisRow.finished_at.is_(None))).all()
        for diagnosis_id in unfinished:
            try:
                self._ledger.assemble_where_ended(diagnosis_id)
            except Exception:  # one report that cannot be made must not keep the others from being made
                logger.exception("The report of %s could not be made", diagnosis_id)

    def _take_back(self, living: Collection[str], lost_before: datetime) -> None:
        to_queue: list[tuple[str, int]] = []
        with self._database.write() as session:
            for run in session.scalars(select(RunRow).where(RunRow.state == RUNNING)).all():
                if not _is_orphan(run, living, lost_before):
                    continue
                run.worker_id = None
                if run.attempts < self._attempts:
                    run.state, run.enqueued_at, run.done = QUEUED, utc_now(), 0
                    to_queue.append((run.queue, run.id))
                else:
                    run.state = DiagnosisState.FAILED.value
                    run.error = json.dumps(_worker_died(run).as_json()["error"])
                session.flush()
                update_diagnosis_state(session, run.diagnosis_id)
        for queue, number in to_queue:
            self._queues.put(queue, number)

    def _restore_queue_entries(self, older_than: datetime) -> None:
        with self._database.read() as session:
            waiting = session.execute(
                select(RunRow.id, RunRow.queue).where(RunRow.state == QUEUED, RunRow.enqueued_at < older_than)
            ).all()
        for queue in {queue for _, queue in waiting}:
            present = self._queues.waiting(queue)
            for number in (run for run, its_queue in waiting if its_queue == queue and run not in present):
                self._queues.put(queue, number)


def _is_orphan(run: RunRow, living: Collection[str], lost_before: datetime) -> bool:
    return run.worker_id not in living or run.heartbeat_at is None or run.heartbeat_at < lost_before


def _worker_died(run: RunRow) -> PredictionError:
    times = "once" if run.attempts == 1 else f"{run.attempts} times"
    return PredictionError(
        f"The process that computed {run.label} died {times} on this diagnosis; it is not started again.",
        advice="It may have run out of memory: try frames with fewer atoms.",
    )
