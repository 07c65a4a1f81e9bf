"""The supervisor starts a dead child again, and ends every child with itself."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from softdash.jobs.supervisor import Program, Supervisor, child_environment
from softdash.settings import Settings

# Notes its process number; the first one ends at once, later ones stay until they are told to go.
CHILD = """
import os, pathlib, sys, time
notes = pathlib.Path(sys.argv[1])
first = not notes.exists()
with notes.open("a") as file:
    file.write(f"{os.getpid()}\\n")
if not first:
    time.sleep(600)
"""
STUBBORN = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(600)
"""


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_dead_child_is_started_again_and_ends_with_the_supervisor(tmp_path: Path) -> None:
    notes, deaths = tmp_path / "notes", []
    program = Program("child", [sys.executable, "-c", CHILD, str(notes)])
    supervisor = Supervisor([program], os.environ, lambda: deaths.append(time.monotonic()))

    def look() -> None:
        if notes.exists() and len(notes.read_text().split()) == 2:
            supervisor.stop()

    supervisor.run(look)
    first, second = map(int, notes.read_text().split())
    assert first != second
    assert len(deaths) == 1
    assert not is_alive(second)


def test_a_child_that_ignores_the_polite_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softdash.jobs.supervisor._GRACE_SECONDS", 0.3)
    ready = tmp_path / "ready"
    supervisor = Supervisor([Program("stubborn", [sys.executable, "-c", STUBBORN, str(ready)])], os.environ)
    supervisor.run(lambda: supervisor.stop() if ready.exists() else None)
    assert supervisor._children[0].process.returncode == -9


def test_children_get_the_settings_of_their_parent(tmp_path: Path) -> None:
    environment = child_environment(Settings(state_dir=tmp_path, port=9123, torch_threads=3))
    assert environment["SOFTDASH_STATE_DIR"] == str(tmp_path)
    assert environment["SOFTDASH_PORT"] == "9123"
    assert environment["OMP_NUM_THREADS"] == "3"
