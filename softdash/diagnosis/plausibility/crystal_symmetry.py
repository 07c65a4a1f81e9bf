"""Whether reference forces keep the symmetry of their structure, as every force field of that very structure does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.plausibility.evidence import Evidence, FrameForces
from softdash.diagnosis.records import ReadingDoubt
from softdash.softening import three_digits

LARGEST_BREAKING = 0.03
"""Share of the rms force that may break the symmetry: magnetic order and loose convergence do, a little."""

LARGEST_BREAKING_FORCE = 0.05
"""eV/Å (rms); smaller breakings are noise."""

_TOLERANCE = 1e-3  # Å
_MOST_ATOMS = 200
_MOST_MAPPINGS = 20_000


def doubt_about_symmetry(
    evidence: Evidence,
    rows: NDArray[np.intp] | None = None,
    matrices: Sequence[NDArray[np.float64]] | None = None,
) -> ReadingDoubt | None:
    """Return the doubt that the forces are of a frame less symmetric than the structure, or None.

    Parameters
    ----------
    evidence : Evidence
    rows : ndarray of int, shape (N,), optional
        For each atom the row of forces that is its own; as listed by default.
    matrices : sequence of ndarray, shape (3, 3), optional
        For each frame T with ``reference @ T`` in the axes of the cell; as read by default.
    """
    breaking = size = 0.0
    for place, frame in enumerate(evidence.frames):
        forces = frame.reference if rows is None else frame.reference[rows]
        forces = forces if matrices is None else forces @ matrices[place]
        found = _breaking(frame, forces)
        if found > breaking:
            breaking, size = found, float(np.sqrt(np.mean(forces**2)))
    if breaking <= LARGEST_BREAKING_FORCE:
        return None
    if breaking <= LARGEST_BREAKING * size:
        return None
    return ReadingDoubt(
        code="equilibrium_structure",
        headline="The forces break the symmetry of the structure: they seem to be of another frame.",
        text=(
            f"The forces of a structure have its symmetry; these break it by {three_digits(breaking)} eV/Å of "
            f"{three_digits(size)} (rms). A symmetrised CIF beside the forces of a displaced frame looks so. Upload "
            "the positions of that very frame: vasprun.xml, OUTCAR or extended XYZ hold both."
        ),
        numbers={"breaking": breaking, "reference_rms": size, "r_squared": evidence.as_read.r_squared},
    )


def _breaking(frame: FrameForces, forces: NDArray[np.float64]) -> float:
    """Return the rms of what the forces have beside their symmetric part, eV/Å; 0 without symmetry."""
    import spglib

    count = len(forces)
    if count > _MOST_ATOMS or abs(np.linalg.det(frame.cell)) < 1e-9:
        return 0.0
    fractional = np.linalg.solve(frame.cell.T, frame.positions.T).T
    found = spglib.get_symmetry_dataset(
        (frame.cell, fractional, frame.numbers),  # type: ignore[arg-type]
        symprec=_TOLERANCE,
    )
    if found is None or not 1 < len(found.rotations) <= max(_MOST_MAPPINGS // count, 1):
        return 0.0
    in_fractions = np.linalg.solve(frame.cell.T, forces.T).T
    total = np.zeros_like(forces)
    for rotation, translation in zip(found.rotations, found.translations, strict=True):
        moved = fractional @ rotation.T + translation
        differences = moved[:, None, :] - fractional[None, :, :]
        differences -= np.rint(differences)
        images = np.linalg.norm(differences @ frame.cell, axis=2).argmin(axis=1)
        total[images] += in_fractions @ rotation.T @ frame.cell
    symmetric = total / len(found.rotations)
    return float(np.sqrt(np.mean((forces - symmetric) ** 2)))
