"""All Cartesian force components of one material as flat arrays, with the frame, atom, axis and element of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ForceComponents:
    """Flat components; all arrays have the shape (n,), n = 3 × atoms of all frames.

    Attributes
    ----------
    x, y : ndarray of float
        Reference and predicted components, eV/Å.
    frame : ndarray of int
        Position of the frame.
    atom : ndarray of int
        Atom counted through all frames, so that it names an atom of one frame.
    number : ndarray of int
        Atomic number.
    atoms_per_frame : ndarray of int, shape (frames,)
    unit_of_frame : ndarray of int, shape (frames,), or None
        Label of what each frame counts as for an interval (`softdash.softening.independent_frames`); None for itself.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    frame: NDArray[np.int_]
    atom: NDArray[np.int_]
    number: NDArray[np.int_]
    atoms_per_frame: NDArray[np.int_]
    unit_of_frame: NDArray[np.int_] | None = None

    @property
    def unit(self) -> NDArray[np.int_]:
        """Label of the unit that an interval compares, of each component, shape (n,)."""
        return self.frame if self.unit_of_frame is None else self.unit_of_frame[self.frame]

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return len(self.atoms_per_frame)

    def sum_by_frame(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of `values`, shape (n,), over each frame, shape (frames,)."""
        return np.bincount(self.frame, weights=values, minlength=self.frame_count).astype(np.float64)

    def place(self, index: int) -> tuple[int, int, int]:
        """Frame, atom in that frame, and axis (0, 1, 2) of the component at `index`."""
        frame = int(self.frame[index])
        first_atom = int(self.atoms_per_frame[:frame].sum())
        return frame, int(self.atom[index]) - first_atom, index % 3


def flatten(
    reference: Sequence[NDArray[np.float64]],
    predicted: Sequence[NDArray[np.float64]],
    numbers: Sequence[NDArray[np.int_]],
) -> ForceComponents:
    """Flatten checked frames (see `softdash.softening.refusals.check_frames`).

    Parameters
    ----------
    reference, predicted : sequence of ndarray, shape (N_g, 3)
        eV/Å.
    numbers : sequence of ndarray, shape (N_g,)
        Atomic numbers.
    """
    atoms_per_frame = np.array([len(frame) for frame in numbers], dtype=np.int_)
    components_per_frame = 3 * atoms_per_frame
    return ForceComponents(
        x=np.concatenate([np.asarray(forces, dtype=np.float64).ravel() for forces in reference]),
        y=np.concatenate([np.asarray(forces, dtype=np.float64).ravel() for forces in predicted]),
        frame=np.repeat(np.arange(len(numbers)), components_per_frame),
        atom=np.repeat(np.arange(int(atoms_per_frame.sum())), 3),
        number=np.repeat(np.concatenate([np.asarray(frame, dtype=np.int_) for frame in numbers]), 3),
        atoms_per_frame=atoms_per_frame,
    )


def sum_of_others(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over all other frames, from both ends: total − own would lose digits where one frame dominates."""
    before = np.concatenate(([0.0], np.cumsum(sums)[:-1]))
    after = np.concatenate((np.cumsum(sums[::-1])[::-1][1:], [0.0]))
    return before + after
