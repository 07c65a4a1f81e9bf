"""Forces of made-up frames: predicted ones follow the reference with a slope and scatter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ase.geometry import cellpar_to_cell
from numpy.typing import NDArray

from softdash.diagnosis.plausibility.evidence import Evidence, FrameForces

TRICLINIC = np.asarray(cellpar_to_cell((5.0, 6.0, 7.0, 80.0, 75.0, 100.0)))
ORTHORHOMBIC = np.diag([5.0, 6.0, 7.0])


def made_frame(
    *,
    seed: int = 0,
    numbers: tuple[int, ...] = (22, 22, 8, 8, 8, 8),
    slope: float = 0.85,
    scatter: float = 0.1,
    cell: NDArray[np.float64] = ORTHORHOMBIC,
) -> FrameForces:
    """Return one frame; `scatter` is that of the predicted forces in units of their size."""
    generator = np.random.default_rng(seed)
    reference = generator.normal(size=(len(numbers), 3))
    reference -= reference.mean(axis=0)
    noise = generator.normal(scale=scatter * slope, size=reference.shape)
    positions = generator.uniform(size=reference.shape) @ cell
    return FrameForces(reference, slope * reference + noise, np.array(numbers), cell, positions)


def with_reference(frame: FrameForces, reference: NDArray[np.float64]) -> FrameForces:
    """Return the frame with other reference forces."""
    return replace(frame, reference=reference)


def evidence_of(*frames: FrameForces) -> Evidence:
    """Return the evidence of these frames."""
    return Evidence.of(frames)
