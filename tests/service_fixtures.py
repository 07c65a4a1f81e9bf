"""A service with a state folder of its own, and worker processes that end with the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase.build import bulk

from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.supervisor import child_environment
from softdash.jobs.worker import Worker
from softdash.potentials import registry
from softdash.settings import Settings

StartWorker = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", heartbeat_seconds=0.2, worker_lost_seconds=5.0)


@pytest.fixture
def service(settings: Settings) -> Iterator[DiagnosisService]:
    service = DiagnosisService(settings)
    yield service
    service.close()


@pytest.fixture
def compute_all(settings: Settings) -> Callable[[], None]:
    """Compute everything that waits for a classical potential, in this process."""
    worker = Worker("classical", settings)

    def compute() -> None:
        for job_id in sorted(JobQueues(settings).waiting("classical")):
            worker.execute(job_id)

    return compute


@pytest.fixture
def copper(tmp_path: Path) -> Callable[..., IncomingFile]:
    """Make an extended XYZ file of rattled copper; as reference, springs (eV/Å²) tie the atoms to their sites."""

    def make(frames: int = 3, repeat: int = 1, spring: float = 9.0, noise: float = 0.01) -> IncomingFile:
        generator = np.random.default_rng(7)
        written = []
        for _ in range(frames):
            atoms = bulk("Cu", cubic=True) * (repeat, repeat, repeat)
            displacements = generator.normal(scale=0.08, size=(len(atoms), 3))
            atoms.positions += displacements
            forces = -spring * displacements + generator.normal(scale=noise, size=(len(atoms), 3))
            atoms.arrays["forces"] = forces - forces.mean(axis=0)
            atoms.info["functional"] = "PBE"
            written.append(atoms)
        path = tmp_path / "copper.extxyz"
        ase.io.write(path, written, format="extxyz")
        return IncomingFile("copper.extxyz", path)

    return make


SLOW_POTENTIAL = """
import time
from dataclasses import replace

import numpy as np

from softdash.potentials.classical import POTENTIALS as CLASSICAL
from softdash.potentials.interface import Prediction


class Slow:
    def predict(self, frames, *, stress=False, progress=None):
        predictions = []
        for atoms in frames:
            time.sleep(0.05)
            predictions.append(Prediction(np.sin(atoms.positions), 0.0))
            if progress is not None:
                progress(len(predictions), len(frames))
        return predictions


POTENTIALS = (replace(CLASSICAL[0], name="slow", label="Slow", queue="slow", load=Slow, known_energies=()),)
"""


@pytest.fixture
def slow_potential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Install a plug-in, here and in child processes, whose potential sleeps 0.05 s per frame; return its name."""
    folder = tmp_path / "plug-in"
    (folder / "slow_potential-1.0.dist-info").mkdir(parents=True)
    (folder / "slow_potential.py").write_text(SLOW_POTENTIAL)
    information = folder / "slow_potential-1.0.dist-info"
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-potential\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[softdash.potentials]\nslow = slow_potential:POTENTIALS\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(folder)
    registry._discover.cache_clear()
    yield "slow"
    registry._discover.cache_clear()


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[StartWorker]:
    """Start a worker process for a queue; keyword arguments change its settings."""
    started: list[subprocess.Popen[bytes]] = []

    def start(queue: str = "slow", **changes: object) -> subprocess.Popen[bytes]:
        environment = child_environment(
            Settings(**{**settings.model_dump(include=settings.model_fields_set), **changes})
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "softdash.jobs.worker", queue, str(os.getpid())], env=environment
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
