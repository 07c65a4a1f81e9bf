"""Reference and predicted forces of an upload, as the tests of its reading compare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FrameForces:
    """Forces of one frame.

    Attributes
    ----------
    reference, predicted : ndarray, shape (N, 3)
        eV/Å.
    numbers : ndarray of int, shape (N,)
    cell : ndarray, shape (3, 3)
        Rows are lattice vectors, Å.
    positions : ndarray, shape (N, 3)
        Å.
    """

    reference: Vectors
    predicted: Vectors
    numbers: NDArray[np.int64]
    cell: Vectors
    positions: Vectors


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well predicted forces follow reference forces read in one way.

    Attributes
    ----------
    slope : float
        Σxy/Σx², the softening scale.
    r_squared : float
        Square of the cosine between both, (Σxy)²/(Σx²Σy²), with the sign of the slope: unlike R² about the mean it does
        not change when both are turned together.
    """

    slope: float
    r_squared: float

    @property
    def unexplained(self) -> float:
        """Share of the predicted forces' square that the slope leaves."""
        return 1.0 - max(self.r_squared, 0.0)


def agreement(reference: Vectors, predicted: Vectors) -> Agreement:
    """Return slope and R² of `predicted` against `reference`, arrays of one shape; zeros for forces of zero."""
    return agreement_of_sums(
        float(np.vdot(reference, predicted)), float(np.vdot(reference, reference)), float(np.vdot(predicted, predicted))
    )


def agreement_of_sums(crossed: float, reference_square: float, predicted_square: float) -> Agreement:
    """Return slope and R² from Σxy, Σx² and Σy²."""
    if reference_square <= 0 or predicted_square <= 0:
        return Agreement(0.0, 0.0)
    r_squared = crossed * abs(crossed) / (reference_square * predicted_square)
    return Agreement(crossed / reference_square, r_squared)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All frames that one potential computed.

    Attributes
    ----------
    frames : tuple of FrameForces
    reference, predicted : ndarray, shape (n, 3)
        The same, below each other.
    as_read : Agreement
    """

    frames: tuple[FrameForces, ...]
    reference: Vectors
    predicted: Vectors
    as_read: Agreement

    @classmethod
    def of(cls, frames: Sequence[FrameForces]) -> Evidence:
        """Return the evidence of at least one frame."""
        reference = np.concatenate([frame.reference for frame in frames])
        predicted = np.concatenate([frame.predicted for frame in frames])
        return cls(tuple(frames), reference, predicted, agreement(reference, predicted))

    def with_opposite_sign(self) -> Evidence:
        """Return the evidence with the reference taken as gradients."""
        return Evidence.of([replace(frame, reference=-frame.reference) for frame in self.frames])

    @property
    def free_components(self) -> int:
        """Components that are independent of each other: the forces of a frame sum to zero."""
        return sum(max(3 * len(frame.reference) - 3, 0) for frame in self.frames)

    @property
    def reference_rms(self) -> float:
        """Root mean square of the reference components, eV/Å."""
        return float(np.sqrt(np.mean(self.reference**2)))

    @property
    def predicted_rms(self) -> float:
        """Root mean square of the predicted components, eV/Å."""
        return float(np.sqrt(np.mean(self.predicted**2)))
