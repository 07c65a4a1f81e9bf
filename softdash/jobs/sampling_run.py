"""A worker's part of a sampling: molecular dynamics in slices, then the frames and the zip archive of inputs."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from softdash.errors import PredictionError
from softdash.jobs.file_store import FileStore
from softdash.jobs.sampling_ledger import ClaimedSampling, SamplingLedger
from softdash.jobs.sampling_records import SamplingStep
from softdash.potentials.registry import card, load_potential
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames, save_frames
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames

if TYPE_CHECKING:
    from softdash.benchmarks.sampling.sample_states import SampledStates, SamplingProgress

logger = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.3


class SamplingPausedError(Exception):
    """The worker is asked to stop, or a diagnosis waits: the sampling goes on later from its checkpoint."""


class SamplingWithdrawnError(Exception):
    """The sampling was cancelled, or given to another worker."""


class SamplingRun:
    """Computes samplings for one worker.

    Parameters
    ----------
    ledger : SamplingLedger
    files : FileStore
    settings : Settings
    stopping : callable
        Whether the worker is asked to stop.
    others_wait : callable
        Whether a diagnosis waits in the same queue.
    """

    def __init__(
        self,
        ledger: SamplingLedger,
        files: FileStore,
        settings: Settings,
        stopping: Callable[[], bool],
        others_wait: Callable[[], bool],
    ) -> None:
        self._ledger = ledger
        self._files = files
        self._settings = settings
        self._stopping = stopping
        self._others_wait = others_wait
        self._present: tuple[ClaimedSampling, float] | None = None

    def compute(self, held: ClaimedSampling) -> None:
        """Sample, store the frames and the zip archive, and note the end.

        Raises
        ------
        SamplingPausedError, SamplingWithdrawnError
        SoftdashError
            If the structure cannot be sampled, it takes too long, or there are no inputs of it.
        """
        self._present = held, time.monotonic()
        try:
            states = self._sampled(held)
            with tempfile.TemporaryDirectory() as folder:
                frames_sha256 = self._files.add_file(_frames_file(Path(folder), states))
                zip_sha256 = self._files.add_file(_zip_file(Path(folder), states, held))
            self._ledger.finish(held, frames_sha256, zip_sha256, states.mean_temperature)
        finally:
            self._present = None

    def keep_alive(self) -> None:
        """Note that the present sampling, if there is one, is still computed; called from another thread.

        One that hangs is failed, and this process ends: a step of a potential cannot be stopped from Python.
        """
        present = self._present
        if present is None:
            return
        held, started = present
        limit = self._settings.job_seconds
        if held.seconds + time.monotonic() - started > limit + self._settings.worker_lost_seconds:
            logger.error("Sampling %s hangs; ending this worker", held.id)
            self._ledger.fail(held, _too_slow(limit))
            os._exit(1)
        self._ledger.keep_alive(held)

    def _sampled(self, held: ClaimedSampling) -> SampledStates:
        from softdash.benchmarks.sampling.sample_states import SamplingSettings, sample_states

        plan = held.origin.plan
        structure = load_frames(self._files.path(held.structure_sha256)).frames[0].atoms
        settings = SamplingSettings(plan.temperature, plan.time_ps, plan.equilibration_ps, plan.frame_count)
        potential = load_potential(held.origin.potential)
        started = last_report = time.monotonic()

        def report(progress: SamplingProgress) -> None:
            nonlocal last_report
            now = time.monotonic()
            seconds = held.seconds + now - started
            if self._stopping():
                raise SamplingPausedError
            if seconds > self._settings.job_seconds:
                raise _too_slow(self._settings.job_seconds)
            if now - last_report < _PROGRESS_SECONDS and progress.step < progress.step_count:
                return
            last_report = now
            if not self._ledger.report_progress(held, _step(progress, seconds)):
                raise SamplingWithdrawnError
            if now - started > self._settings.sampling_slice_seconds and self._others_wait():
                raise SamplingPausedError

        checkpoint = self._ledger.checkpoint(held.id)
        return sample_states(
            structure, potential, settings, label=held.origin.label, report=report, checkpoint=checkpoint
        )


def _too_slow(limit: float) -> PredictionError:
    return PredictionError(
        f"The sampling took longer than {limit:g} s, the limit of this server.",
        advice="Sample fewer states or a smaller cell, or set SOFTDASH_JOB_SECONDS.",
    )


def _step(progress: SamplingProgress, seconds: float) -> SamplingStep:
    return SamplingStep(
        step=progress.step,
        step_count=progress.step_count,
        time_ps=progress.time_ps,
        temperature=progress.temperature,
        frames=len(progress.frames),
        seconds=round(seconds, 3),
    )


def _frames_file(folder: Path, states: SampledStates) -> Path:
    """Write the frames in the form of stored frames; their forces are zero and mean nothing."""
    frames = tuple(
        LabelledFrame(
            atoms=atoms,
            reference_forces=np.zeros((len(atoms), 3)),
            origin=f"{atoms.info['time_ps']:g} ps, {atoms.info['temperature_K']:.0f} K"
            + (f", strained by {100 * atoms.info['strain']:+g} %" if atoms.info["strain"] else ""),
        )
        for atoms in states.frames
    )
    file = folder / "frames.npz"
    save_frames(file, LabelledFrames(frames=frames, refused=(), file_format="sampled states"))
    return file


def _zip_file(folder: Path, states: SampledStates, held: ClaimedSampling) -> Path:
    from softdash.benchmarks.sampling.calculation_inputs import write_inputs_zip

    origin, used = held.origin, states.settings
    lines = [
        f"Made by softdash from {origin.file_name} (cell repeated {' x '.join(map(str, origin.structure.supercell))})",
        f"with {origin.label}: NVT (Langevin) at {used.temperature:g} K, steps of {used.timestep_fs:g} fs;",
        f"{used.equilibration_ps:g} ps equilibration, then {used.time_ps:g} ps; seed {used.seed}.",
        f"Mean temperature: {states.mean_temperature:.0f} K.",
        "The protocol of Deng et al., npj Comput. Mater. 11, 9 (2025), whose runs are 20 ps long.",
        *([origin.expectation.sentence] if origin.expectation else []),
    ]
    file = folder / "inputs.zip"
    write_inputs_zip(file, states.frames, card(origin.potential).functional, "\n".join(lines))
    return file
