"""Frames that a potential could compute, with labels and predictions side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.potentials.interface import Prediction
from softdash.structures.frames.labelled_frame import LabelledFrame


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFrames:
    """All frames used for one potential's result.

    Attributes
    ----------
    positions : tuple of int
        Places among the frames of the upload.
    frames : tuple of LabelledFrame
    predictions : tuple of Prediction
    """

    positions: tuple[int, ...]
    frames: tuple[LabelledFrame, ...]
    predictions: tuple[Prediction, ...]

    @property
    def reference(self) -> list[NDArray[np.float64]]:
        """Reference forces, shapes (N_g, 3), eV/Å."""
        return [frame.reference_forces for frame in self.frames]

    @property
    def predicted(self) -> list[NDArray[np.float64]]:
        """Predicted forces, shapes (N_g, 3), eV/Å."""
        return [prediction.forces for prediction in self.predictions]

    @property
    def numbers(self) -> list[NDArray[np.int_]]:
        """Atomic numbers, shapes (N_g,)."""
        return [frame.atoms.numbers for frame in self.frames]
