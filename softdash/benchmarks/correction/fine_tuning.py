"""Fine-tuning of CHGNet 0.3.0 on one and on ten frames, against the pretrained potential and one factor.

Deng et al., npj Comput. Mater. 11, 9 (2025), Fig. 6a. A run (system, training frames, seed) takes minutes to half an
hour on one core. Finished runs are kept in the state folder, and the last epoch of one that was stopped, so that a
benchmark goes on where it was; the weights of a finished run are not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from softdash.benchmarks.correction.chgnet_training import (
    CHGNET_VERSION,
    Hyperparameters,
    fine_tune,
    load_pretrained,
    predict_forces,
)
from softdash.benchmarks.correction.fine_tuning_runs import FineTuningRun, TunedSystem
from softdash.benchmarks.correction.fine_tuning_systems import (
    FineTuningSystem,
    read_frames,
    system,
)
from softdash.benchmarks.correction.fine_tuning_tables import write_tables
from softdash.benchmarks.data.data_package import potential_version
from softdash.catalog.resources import PotentialVersion
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame

POTENTIAL = f"chgnet-{CHGNET_VERSION}"

Report = Callable[[str], None]
"""Called with one line for each step."""


class RunStore:
    """Folder with one file per finished run, named by all that the run rests on.

    Parameters
    ----------
    folder : pathlib.Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, atom_counts: Sequence[int]) -> FineTuningRun | None:
        """Return what was stored under `name`, or None."""
        try:
            with np.load(self._folder / f"{name}.npz", allow_pickle=False) as stored:
                validation = stored["validation_force_mae"]
                forces = np.split(stored["forces"], np.cumsum(atom_counts)[:-1])
                return FineTuningRun(
                    forces=tuple(forces),
                    epoch=int(stored["epoch"]),
                    energy_offset=float(stored["energy_offset"]),
                    train_force_mae=stored["train_force_mae"],
                    validation_force_mae=validation if validation.size else None,
                )
        except (ValueError, KeyError, OSError, EOFError, BadZipFile):
            return None  # not there, or half a file from a machine that went down: compute again

    def put(self, name: str, run: FineTuningRun) -> None:
        """Store a run; readers see the whole file or none."""
        self._folder.mkdir(parents=True, exist_ok=True)
        validation = np.array([]) if run.validation_force_mae is None else run.validation_force_mae
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".part-")
        with os.fdopen(handle, "wb") as stream:
            np.savez(
                stream,
                forces=np.concatenate(run.forces),
                epoch=run.epoch,
                energy_offset=run.energy_offset,
                train_force_mae=run.train_force_mae,
                validation_force_mae=validation,
            )
        Path(temporary).replace(self._folder / f"{name}.npz")


def run_benchmark(
    system_names: Sequence[str],
    seeds: Sequence[int],
    settings: Settings,
    report: Report = print,
    hyperparameters: Hyperparameters | None = None,
    *,
    own_system: FineTuningSystem | None = None,
) -> list[Path]:
    """Fine-tune on each system with each seed, and write the tables after each run.

    Parameters
    ----------
    system_names : sequence of str
        Names of `softdash.benchmarks.correction.fine_tuning_systems.SYSTEMS`.
    seeds : sequence of int
        Each draws its training frames anew; the seeds come one after another, over all systems.
    settings : Settings
        `data_dir` holds the labels, `state_dir` the finished runs, `precomputed_dir` the tables.
    report : callable
    hyperparameters : Hyperparameters, optional
    own_system : FineTuningSystem, optional
        One more, of a reader's own frames.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    NotFoundError, ReferenceDataError, PotentialUnavailableError
        Before anything is computed, if a system, its data or CHGNet is not here.
    """
    chosen = hyperparameters or Hyperparameters()
    stamp = potential_version(card(POTENTIAL))
    systems = {one.name: one for one in (*map(system, system_names), *filter(None, (own_system,)))}
    frames = {name: read_frames(one, settings) for name, one in systems.items()}
    pretrained: dict[str, tuple[NDArray[np.float64], ...]] = {}
    written: dict[Path, None] = {}
    for done in range(1, len(seeds) + 1):
        for name, labelled in frames.items():
            if name not in pretrained:
                pretrained[name] = tuple(predict_forces(load_pretrained(settings.torch_threads), labelled))
            tuned = TunedSystem(systems[name], tuple(labelled), pretrained[name], {})
            for seed in seeds[:done]:
                for count in tuned.system.train_counts:
                    tuned.runs[count, seed] = _run(tuned, count, seed, stamp, settings, chosen, report)
            written.update(dict.fromkeys(write_tables(tuned, stamp, chosen, settings.precomputed_dir)))
    return list(written)


def _run(
    tuned: TunedSystem,
    count: int,
    seed: int,
    stamp: PotentialVersion,
    settings: Settings,
    hyperparameters: Hyperparameters,
    report: Report,
) -> FineTuningRun:
    """Return one run, from the store where it is finished."""
    drawn = [tuned.frames[position] for position in tuned.split(seed).pool[:count]]
    folder = settings.state_dir / "benchmarks" / "fine_tuning"
    store = RunStore(folder)
    name = f"{tuned.system.name}-{count}-{seed}-{_fingerprint(tuned, drawn, seed, stamp, hyperparameters)}"
    present = store.get(name, [len(frame.atoms) for frame in tuned.frames])
    if present is not None:
        return present
    report(f"{tuned.system.label}: fine-tuning on {count} frame{'s' if count > 1 else ''}, seed {seed}")
    checkpoints = folder / "stopped" / name
    trained = fine_tune(drawn, hyperparameters, checkpoints, seed=seed, threads=settings.torch_threads)
    run = FineTuningRun(
        forces=tuple(predict_forces(trained.model, tuned.frames)),
        epoch=trained.epoch,
        energy_offset=trained.energy_offset,
        train_force_mae=trained.train_force_mae,
        validation_force_mae=trained.validation_force_mae,
    )
    store.put(name, run)
    shutil.rmtree(checkpoints)
    return run


def _fingerprint(
    tuned: TunedSystem,
    drawn: Sequence[LabelledFrame],
    seed: int,
    stamp: PotentialVersion,
    hyperparameters: Hyperparameters,
) -> str:
    """Hash all that a run rests on: potential, hyperparameters, seed, training frames, and the frames predicted."""
    digest = hashlib.sha256()
    digest.update(json.dumps([stamp.model_dump(mode="json"), asdict(hyperparameters), seed]).encode())
    for frame in (*drawn, *tuned.frames):
        for array in (frame.atoms.numbers, frame.atoms.cell.array, frame.atoms.positions, frame.reference_forces):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(str(frame.reference_energy).encode())
    return digest.hexdigest()[:24]
