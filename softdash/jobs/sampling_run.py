"""A worker's part of a sampling: molecular dynamics in slices, then the frames and the zip archive of inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from softdash.jobs.file_store import FileStore
from softdash.jobs.running_job import JobPausedError, RunningJob
from softdash.jobs.sampling_records import SamplingOrigin, SamplingStep
from softdash.jobs.sampling_store import SamplingStore
from softdash.potentials.registry import card, load_potential
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames, save_frames
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames

if TYPE_CHECKING:
    from softdash.benchmarks.sampling.sample_states import SampledStates, SamplingProgress


class SamplingRun:
    """Computes samplings for one worker.

    Parameters
    ----------
    samplings : SamplingStore
    files : FileStore
    settings : Settings
    diagnosis_waits : callable
        Whether a diagnosis waits in the same queue. It goes first: the sampling goes back to the end of the queue, and
        later goes on where it stopped.
    """

    def __init__(
        self, samplings: SamplingStore, files: FileStore, settings: Settings, diagnosis_waits: Callable[[], bool]
    ) -> None:
        self._samplings = samplings
        self._files = files
        self._settings = settings
        self._diagnosis_waits = diagnosis_waits

    def compute(self, job: RunningJob) -> None:
        """Sample, store the frames and the zip archive, and note the end.

        Raises
        ------
        JobPausedError, JobWithdrawnError
        SoftdashError
            If the structure cannot be sampled, it takes too long, or there are no inputs of it.
        """
        row = self._samplings.row(job.lease.owner_id)
        origin = SamplingOrigin.model_validate_json(row.origin)
        states = self._sampled(job, origin, row.structure_sha256)
        with tempfile.TemporaryDirectory() as folder:
            frames_sha256 = self._files.add_file(_frames_file(Path(folder), states))
            zip_sha256 = self._files.add_file(_zip_file(Path(folder), states, origin))
        self._samplings.finish(job.lease, frames_sha256, zip_sha256, states.mean_temperature)

    def _sampled(self, job: RunningJob, origin: SamplingOrigin, structure_sha256: str) -> SampledStates:
        from softdash.benchmarks.sampling.sample_states import SamplingSettings, sample_states

        plan = origin.plan
        structure = load_frames(self._files.path(structure_sha256)).frames[0].atoms
        settings = SamplingSettings(plan.temperature, plan.time_ps, plan.equilibration_ps, plan.frame_count)
        potential = load_potential(origin.potential)

        def report(progress: SamplingProgress) -> None:
            step = _step(progress, job.seconds)
            noted = job.report(
                is_last=progress.step == progress.step_count,
                done=step.step,
                total=step.step_count,
                seconds=step.seconds,
                progress=step.model_dump_json(),
            )
            if noted and job.seconds_now > self._settings.sampling_slice_seconds and self._diagnosis_waits():
                raise JobPausedError

        checkpoint = self._samplings.checkpoint(job.lease.owner_id)
        return sample_states(structure, potential, settings, label=origin.label, report=report, checkpoint=checkpoint)


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


def _zip_file(folder: Path, states: SampledStates, origin: SamplingOrigin) -> Path:
    from softdash.benchmarks.sampling.calculation_inputs import write_inputs_zip

    used = states.settings
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
