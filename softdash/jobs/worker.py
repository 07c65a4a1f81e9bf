"""One worker process: keeps the potentials of one queue loaded and computes runs, one at a time.

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
from softdash.jobs.run_ledger import ClaimedRun
from softdash.jobs.sampling_run import SamplingPausedError, SamplingRun, SamplingWithdrawnError
from softdash.jobs.wiring import wire
from softdash.jobs.worker_registry import WorkerStatus
from softdash.potentials.memory import limit_memory
from softdash.potentials.registry import card, installed_cards, load_potential
from softdash.settings import Settings, settings_or_leave

logger = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.3
_EXPIRY_SECONDS = 60.0


class RunWithdrawnError(Exception):
    """The run was cancelled, deleted, or given to another worker: its result is not wanted any more."""


class WorkerStoppingError(Exception):
    """The worker was asked to stop in the middle of a run."""


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
        self._wiring = wire(settings, self.execute, self.sample)
        self._catalog = Catalog(settings.precomputed_dir)
        self._status = WorkerStatus(queue)
        self._stopping = threading.Event()
        self._present: tuple[ClaimedRun, float] | None = None
        self._sampling = SamplingRun(
            self._wiring.samplings,
            self._wiring.files,
            settings,
            stopping=lambda: self._stopping.is_set(),
            others_wait=lambda: bool(self._wiring.queues.waiting(queue)),
        )

    def run(self) -> None:
        """Load the potentials, then compute runs until a signal or the parent's end."""
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
            # The supervisor's SIGTERM lets the present run put itself back into the queue.
            graceful_signal="TERM",
        )
        self._stopping = consumer.stop_flag
        consumer.run()

    # One run

    def execute(self, number: int) -> None:
        """Compute one run and record how it ended; called with its number from the queue."""
        run = self._wiring.ledger.claim(number, self._status.id)
        if run is None:
            return
        started = time.monotonic()
        self._present = run, started
        try:
            self._compute(run, started)
        except RunWithdrawnError:
            logger.info("Run %d is not wanted any more", number)
        except WorkerStoppingError:
            self._wiring.ledger.give_back(run)
        except SoftdashError as error:
            self._wiring.ledger.fail(run, error)
        except Exception as error:  # the run must end; a foreign library may raise anything
            logger.exception("Run %d failed", number)
            self._wiring.ledger.fail(run, _unexpected(error, run.potential))
        finally:
            self._present = None

    def sample(self, sampling_id: str) -> None:
        """Compute one sampling, or a slice of it, and record how it ended; called with its name from the queue."""
        held = self._wiring.samplings.claim(sampling_id, self._status.id)
        if held is None:
            return
        try:
            self._sampling.compute(held)
        except SamplingWithdrawnError:
            logger.info("Sampling %s is not wanted any more", held.id)
            self._wiring.samplings.forget_when_ended(held.id)
        except SamplingPausedError:
            self._wiring.samplings.give_back(held)
        except SoftdashError as error:
            self._wiring.samplings.fail(held, error)
        except Exception as error:  # it must end; a foreign library may raise anything
            logger.exception("Sampling %s failed", held.id)
            self._wiring.samplings.fail(held, _unexpected(error, held.origin.potential))

    def _compute(self, run: ClaimedRun, started: float) -> None:
        frames = self._wiring.store.frames(run.frames_sha256)
        last_report = started

        def progress(done: int, _total: int) -> None:
            nonlocal last_report
            now = time.monotonic()
            if self._stopping.is_set():
                raise WorkerStoppingError
            if now - started > self._settings.job_seconds:
                raise _too_slow(self._settings.job_seconds)
            if now - last_report >= _PROGRESS_SECONDS:
                last_report = now
                if not self._wiring.ledger.report_progress(run, done):
                    raise RunWithdrawnError

        analysis = analyse(
            frames,
            card(run.potential),
            self._catalog,
            ranked_items=self._settings.ranked_items,
            label_noise=self._settings.label_noise,
            limits=Limits.of(self._settings),
            progress=progress,
        )
        predictions = self._wiring.store.add_predictions(stack_predictions(frames, analysis.predictions))
        self._wiring.ledger.finish(
            run, analysis.result.model_dump_json(), predictions, seconds=time.monotonic() - started
        )

    # Signs of life

    def _send_heartbeats(self) -> None:
        next_expiry = time.monotonic()
        while not self._stopping.wait(self._settings.heartbeat_seconds):
            if self._parent_process_id is not None and os.getppid() != self._parent_process_id:
                logger.warning("The parent process is gone; stopping")
                os.kill(os.getpid(), signal.SIGTERM)
                return
            try:
                self._wiring.workers.announce(self._status)
                self._keep_present_run_alive()
                self._sampling.keep_alive()
                self._wiring.sweeper.sweep()
                if time.monotonic() >= next_expiry:
                    next_expiry = time.monotonic() + _EXPIRY_SECONDS
                    self._wiring.store.remove_expired()
                    self._wiring.samplings.remove_expired()
            except Exception:  # a locked database must not silence the worker for good
                logger.exception("A heartbeat failed; trying again")

    def _keep_present_run_alive(self) -> None:
        present = self._present
        if present is None:
            return
        run, started = present
        if time.monotonic() - started > self._settings.job_seconds + self._settings.worker_lost_seconds:
            # The potential hangs inside one batch and cannot be stopped from Python.
            logger.error("Run %d hangs; ending this worker", run.id)
            self._wiring.ledger.fail(run, _too_slow(self._settings.job_seconds))
            os._exit(1)
        self._wiring.ledger.keep_alive(run)


def _too_slow(limit: float) -> PredictionError:
    return PredictionError(
        f"The computation took longer than {limit:g} s, the limit of this server.",
        advice="Use fewer frames, or set SOFTDASH_JOB_SECONDS.",
    )


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
