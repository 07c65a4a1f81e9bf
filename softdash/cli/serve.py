"""``softdash serve`` and ``softdash worker``: processes that are watched, announced and ended together."""

from __future__ import annotations

import logging
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

import click

from softdash.cli.exit_codes import ExitCode
from softdash.errors import PotentialUnavailableError
from softdash.jobs.supervisor import Program, Supervisor, child_environment, worker_program
from softdash.jobs.wiring import Wiring, wire
from softdash.potentials.registry import card, installed_cards
from softdash.settings import Settings

_LOOK_SECONDS = 0.5
_EVERY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not bound to


def serve(settings: Settings, *, with_workers: bool) -> None:
    """Run the web server, and workers, until Ctrl-C.

    Parameters
    ----------
    settings : Settings
    with_workers : bool
        False where workers run on another machine.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    _leave_if_port_is_taken(settings)
    programs = [_web_program()]
    if with_workers:
        programs += [worker_program(queue) for queue in _installed_queues()]
    wiring = wire(settings)
    announcer = _Announcer(settings, wiring, announce_web=True)
    click.echo(f"softdash is starting; it writes into {settings.state_dir.resolve()} …")
    Supervisor(programs, child_environment(settings), wiring.reaper.reap).run(announcer.look)
    click.echo("softdash has stopped.")


def run_workers(settings: Settings, queues: Sequence[str]) -> None:
    """Run one worker per queue until Ctrl-C; all queues with an installed potential when none is named."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    installed = _installed_queues()
    for queue in queues:
        if queue not in installed:
            raise PotentialUnavailableError(
                f"No installed potential belongs to the queue '{queue}'.",
                advice=f"Queues here: {', '.join(installed)}.",
            )
    wiring = wire(settings)
    programs = [worker_program(queue) for queue in queues or installed]
    announcer = _Announcer(settings, wiring, announce_web=False)
    Supervisor(programs, child_environment(settings), wiring.reaper.reap).run(announcer.look)


def _web_program() -> Program:
    # Without docstrings the libraries of the web process are 20 MB smaller.
    command = [sys.executable, "-OO", "-m", "gunicorn", "--config", "python:softdash.cli.gunicorn_config"]
    return Program("web server", [*command, "softdash.web:create_server()"])


def _installed_queues() -> list[str]:
    return list(dict.fromkeys(known.queue for known in installed_cards()))


def _leave_if_port_is_taken(settings: Settings) -> None:
    # Before anything starts: gunicorn would only say so again and again from a child.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            click.echo(
                f"softdash: cannot listen on {settings.host}:{settings.port} ({error.strerror}). Another program may "
                "use this port: choose one with --port or SOFTDASH_PORT.",
                err=True,
            )
            sys.exit(ExitCode.COMMAND_LINE)


class _Announcer:
    """Says once when the web server answers, and when each potential is loaded."""

    def __init__(self, settings: Settings, wiring: Wiring, *, announce_web: bool) -> None:
        host = "127.0.0.1" if settings.host in _EVERY_ADDRESS else settings.host
        self._address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
        self._wiring = wiring
        self._web_pending = announce_web
        self._announced: set[str] = set()
        self._next_look = 0.0

    def look(self) -> None:
        """Look at most twice a second."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_SECONDS
        if self._web_pending and _answers(f"{self._address}/api/v1/health"):
            self._web_pending = False
            click.echo(f"softdash is ready: {self._address}")
        for worker in self._wiring.workers.living():
            self._say_once(f"{worker.id} {worker.state}", f"worker '{worker.queue}' is {worker.state}")
            for name in worker.potentials:
                self._say_once(f"{worker.id} {name}", f"  {card(name).label} is loaded")
            for name, problem in worker.problems.items():
                self._say_once(f"{worker.id} {name}", f"  {card(name).label} is not available: {problem}")

    def _say_once(self, key: str, text: str) -> None:
        if key not in self._announced:
            self._announced.add(key)
            click.echo(text)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
