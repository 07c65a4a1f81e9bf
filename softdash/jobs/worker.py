"""One worker process: keeps the potentials of one queue loaded and computes jobs, one at a time.

``python -m softdash.jobs.worker QUEUE [PARENT_PROCESS_ID]``; `softdash worker` starts one per queue.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time

from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.answer import Limits
from softdash.diagnosis.reports import stack_predictions
from softdash.errors import PredictionError, SoftdashError
from softdash.jobs.running_job import JobPausedError, JobWithdrawnError, RunningJob
from softdash.jobs.sampling_run import SamplingRun
from softdash.jobs.tables import JobKind
from softdash.jobs.wiring import wire
from softdash.jobs.worker_registry import WorkerStatus
from softdash.potentials.memory import limit_memory
from softdash.potentials.registry import card, installed_cards, load_potential
from softdash.settings import Settings, settings_or_leave

logger = logging.getLogger(__name__)

_EXPIRY_SECONDS = 60.0


class Worker:
    """See the module.

    Parameters
    ----------
    queue : str
        The queue whose potentials it serves.
    settings : Settings
    parent_process_id : int, optional
        The worker ends when its parent has.
    """

    def __init__(self, queue: str, settings: Settings, parent_process_id: int | None = None) -> None:
        self._settings = settings
        self._parent_process_id = parent_process_id
        self._wiring = wire(settings, self.execute)
        self._catalog = Catalog(settings.precomputed_dir)
        self._status = WorkerStatus(queue)
        self._stopping = threading.Event()
        self._present: RunningJob | None = None
        self._sampling = SamplingRun(
            self._wiring.samplings, self._wiring.files, settings, lambda: self._wiring.jobs.diagnosis_waits(queue)
        )

    def run(self) -> None:
        """Load the potentials, then compute jobs until a signal or the parent's end."""
        self._wiring.workers.announce(self._status)
        signal.signal(signal.SIGTERM, lambda *_: self._stopping.set())
        threading.Thread(target=self._send_heartbeats, name="heartbeats", daemon=True).start()
        self._load_potentials()
        if not self._stopping.is_set():
            self._status.state = "online"
            self._wiring.workers.announce(self._status)
            self._consume()
        self._stopping.set()
        self._wiring.workers.remove(self._status.id)

    def _load_potentials(self) -> None:
        for known in installed_cards():
            if known.queue != self._status.queue or self._stopping.is_set():
                continue
            try:
                load_potential(known.name)
            except SoftdashError as error:
                logger.error("%s is not served: %s", known.name, error)
                self._status.problems = {**self._status.problems, known.name: str(error)}
            else:
                self._status.potentials = [*self._status.potentials, known.name]
                logger.info("%s is loaded", known.name)

    def _consume(self) -> None:
        poll = self._settings.queue_poll_seconds
        consumer = self._wiring.queues.huey(self._status.queue).create_consumer(
            workers=1,
            periodic=False,
            initial_delay=poll,
            max_delay=poll,
            backoff=1.0,
            health_check_interval=1,
            # The supervisor's SIGTERM lets the present job put itself back into the queue.
            graceful_signal="TERM",
        )
        self._stopping = consumer.stop_flag
        consumer.run()

    # One job

    def execute(self, job_id: int) -> None:
        """Compute one job, or a part of a sampling, and record how it ended; called with its number from the queue."""
        jobs, samplings = self._wiring.jobs, self._wiring.samplings
        lease = jobs.lease(job_id, self._status.id)
        if lease is None:
            return
        self._present = RunningJob(lease, jobs, self._settings, lambda: self._stopping.is_set())
        try:
            if lease.kind is JobKind.SAMPLING:
                self._sampling.compute(self._present)
            else:
                self._diagnose(self._present)
        except JobWithdrawnError:
            logger.info("Job %d (%s) is not wanted any more", job_id, lease.owner_id)
        except JobPausedError:
            jobs.give_back(lease)
        except SoftdashError as error:
            jobs.fail(lease, error)
        except Exception as error:  # the job must end; a foreign library may raise anything
            logger.exception("Job %d (%s) failed", job_id, lease.owner_id)
            jobs.fail(lease, _unexpected(error, lease.potential))
        finally:
            self._present = None
        if lease.kind is JobKind.SAMPLING:
            samplings.remove_checkpoint(lease.owner_id)
        else:
            self._wiring.store.assemble(lease.owner_id)

    def _diagnose(self, job: RunningJob) -> None:
        store, settings = self._wiring.store, self._settings
        frames = store.frames_of(job.lease.owner_id)

        def report(done: int, _total: int) -> None:
            job.report(done=done)

        analysis = analyse(
            frames,
            card(job.lease.potential),
            self._catalog,
            ranked_items=settings.ranked_items,
            label_noise=settings.label_noise,
            limits=Limits.of(settings),
            progress=report,
        )
        self._wiring.jobs.finish(
            job.lease,
            result=analysis.result.model_dump_json(),
            predictions_sha256=store.add_predictions(stack_predictions(frames, analysis.predictions)),
            seconds=job.seconds_now,
        )

    # Heartbeats

    def _send_heartbeats(self) -> None:
        next_expiry = time.monotonic()
        while not self._stopping.wait(self._settings.heartbeat_seconds):
            if self._parent_process_id is not None and os.getppid() != self._parent_process_id:
                logger.warning("The parent process is gone; stopping")
                os.kill(os.getpid(), signal.SIGTERM)
                return
            try:
                self._wiring.workers.announce(self._status)
                if (present := self._present) is not None:
                    present.keep_alive()
                self._wiring.reaper.reap()
                if time.monotonic() >= next_expiry:
                    next_expiry = time.monotonic() + _EXPIRY_SECONDS
                    self._wiring.store.remove_expired()
                    self._wiring.samplings.remove_expired()
            except Exception:  # a locked database must not silence the worker for good
                logger.exception("A heartbeat failed; trying again")


def _unexpected(error: Exception, potential: str) -> PredictionError:
    return PredictionError(
        f"The potential ended with an unexpected error ({type(error).__name__}: {error}).",
        where=f"potential {potential}",
        advice="Please report it with the files that led to it.",
    )


def main() -> None:
    """Run a worker for the queue named on the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)
    queue = sys.argv[1]
    parent = int(sys.argv[2]) if len(sys.argv) > 2 else None
    settings = settings_or_leave()
    limit_memory(settings.worker_memory_bytes)
    with contextlib.suppress(KeyboardInterrupt):
        Worker(queue, settings, parent).run()


if __name__ == "__main__":
    main()
