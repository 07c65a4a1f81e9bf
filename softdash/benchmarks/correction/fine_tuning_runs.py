"""What is kept of runs of fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.benchmarks.correction.fine_tuning_systems import FineTuningSystem, Split, split_frames
from softdash.structures.frames.labelled_frame import LabelledFrame


@dataclass(frozen=True, slots=True, eq=False)
class FineTuningRun:
    """What is kept of one run.

    Attributes
    ----------
    forces : tuple of ndarray, shape (N, 3)
        eV/Å, of every frame of the system by the fine-tuned model, in the order of the system.
    epoch : int
        Whose weights were taken, counted from 1.
    energy_offset : float
        eV/atom, taken off the labels' energies.
    train_force_mae : ndarray, shape (epochs,)
    validation_force_mae : ndarray, shape (epochs,), or None
    """

    forces: tuple[NDArray[np.float64], ...]
    epoch: int
    energy_offset: float
    train_force_mae: NDArray[np.float64]
    validation_force_mae: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True, eq=False)
class TunedSystem:
    """A system with all its runs: `pretrained` forces per frame, and the run of each (training frames, seed)."""

    system: FineTuningSystem
    frames: tuple[LabelledFrame, ...]
    pretrained: tuple[NDArray[np.float64], ...]
    runs: dict[tuple[int, int], FineTuningRun]

    def split(self, seed: int) -> Split:
        """Return the split of a seed."""
        return split_frames(self.system, len(self.frames), seed)
