"""Keeps child processes alive: starts them, starts a dead one again after a pause, ends all together.

Children are new programs, never forks of a process in which torch may have run: such a child hangs.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from softdash.settings import Settings

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_STEADY_SECONDS = 30.0
_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Program:
    """A child to keep alive: its name for messages and its command line."""

    name: str
    command: Sequence[str]


class _Child:
    """One program, and how it has been doing."""

    def __init__(self, program: Program, environment: Mapping[str, str]) -> None:
        self.program = program
        self._environment = environment
        self._pause = _FIRST_PAUSE
        self.start()

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the children in order.
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            list(self.program.command), env=dict(self._environment), start_new_session=True
        )
        self._started = time.monotonic()
        self._again_at: float | None = None

    def look_after(self) -> bool:
        """Start the program again when it has died and its pause is over; return whether it has just died."""
        now = time.monotonic()
        if self._again_at is not None:
            if now >= self._again_at:
                self.start()
            return False
        status = self.process.poll()
        if status is None:
            return False
        self._pause = _FIRST_PAUSE if now - self._started > _STEADY_SECONDS else min(2 * self._pause, _LONGEST_PAUSE)
        self._again_at = now + self._pause
        logger.warning("%s ended with status %d; starting it again in %.1f s", self.program.name, status, self._pause)
        return True


class Supervisor:
    """Runs programs until it is told to stop.

    Parameters
    ----------
    programs : iterable of Program
    environment : mapping
        Environment variables of the children.
    on_death : callable, optional
        Called after a child died, before it is started again.
    """

    def __init__(
        self,
        programs: Iterable[Program],
        environment: Mapping[str, str],
        on_death: Callable[[], None] = lambda: None,
    ) -> None:
        self._programs = tuple(programs)
        self._environment = environment
        self._on_death = on_death
        self._children: list[_Child] = []
        self._stopping = False

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Start everything, then watch until SIGINT or SIGTERM; end all children before returning.

        Parameters
        ----------
        meanwhile : callable
            Called at each look, ten times a second.
        """
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._children = [_Child(program, self._environment) for program in self._programs]
            while not self._stopping:
                deaths = [child.program.name for child in self._children if child.look_after()]
                try:
                    if deaths:
                        self._on_death()
                    meanwhile()
                except Exception:  # a locked database must not end the watch over the children
                    logger.exception("The supervisor goes on after an error")
                time.sleep(_LOOK_SECONDS)
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Let `run` return at its next look."""
        self._stopping = True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        living = [child.process for child in self._children if child.process.poll() is None]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in living:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # With its whole session: a web server leaves its own children behind otherwise.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def worker_program(queue: str) -> Program:
    """Return the program of a worker that ends with this process."""
    command = [sys.executable, "-m", "softdash.jobs.worker", queue, str(os.getpid())]
    return Program(f"worker '{queue}'", command)


def child_environment(settings: Settings) -> dict[str, str]:
    """Return environment variables that give a child these settings, and numerical libraries their threads."""
    given = settings.model_dump(mode="json", include=settings.model_fields_set)
    chosen = {f"SOFTDASH_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    # Set before the libraries start: later calls reach only the thread that makes them.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(settings.torch_threads))
    return {**os.environ, **chosen, **threads}
