"""Which frames are worth labelling next.

The rule, which needs no reference force: the weight of a frame in the softening scale is its share of Σx², and where
x is unknown, y = s·x stands for it. So the first frame is that of the largest Σy². Each further one has the largest
product of weight (Σy² relative to the largest) and distance to the nearest frame chosen before: a second frame that
repeats the first tells nothing new. Distance is between fingerprints that neither rotation nor the order of the atoms
changes: distribution of interatomic distances up to 6 Å, composition, and volume per atom.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.softening.answers import FrameToLabel

RULE_LABELLED = (
    "All frames here are labelled. When you label more, take configurations like these, and others far from them: they "
    "carry the largest predicted forces (the weight of a frame in the slope), and differ from each other in "
    "interatomic distances, composition or density."
)
"""What the list means for frames that all have their labels."""

_CUTOFF = 6.0
_BIN = 0.25
_ATOMS_MAX = 400
_LARGEST_ATOMIC_NUMBER = 118


def frames_worth_labelling(
    frames: Sequence[Atoms],
    predicted: Sequence[NDArray[np.float64]],
    count: int,
    positions: Sequence[int] | None = None,
) -> tuple[FrameToLabel, ...]:
    """Rank frames by what their label would tell about the softening scale; the rule is in the module's text.

    Parameters
    ----------
    frames : sequence of ase.Atoms
    predicted : sequence of ndarray, shape (N_g, 3)
        Predicted forces, eV/Å.
    count : int
        Frames wanted; fewer where the others would add nothing (equal to a chosen one, or without force).
    positions : sequence of int, optional
        By which numbers the result names the frames; default 0, 1, 2, …
    """
    names = range(len(frames)) if positions is None else positions
    squares = np.array([np.sum(forces * forces) for forces in predicted])
    if not len(frames) or squares.max() <= 0:
        return ()
    weights = squares / squares.max()
    fingerprints = np.array([_fingerprint(atoms) for atoms in frames])
    nearest = np.full(len(frames), np.inf)
    chosen: list[FrameToLabel] = []
    best = int(np.argmax(weights))
    while True:
        distance = float(nearest[best])
        chosen.append(
            FrameToLabel(
                frame=int(names[best]),
                predicted_rms=float(np.sqrt(squares[best] / predicted[best].size)),
                weight=float(weights[best]),
                distance=None if np.isinf(distance) else distance,
            )
        )
        if len(chosen) == count:
            break
        nearest = np.minimum(nearest, np.linalg.norm(fingerprints - fingerprints[best], axis=1))
        scores = weights * nearest
        best = int(np.argmax(scores))
        if scores[best] <= 1e-9:
            break
    return tuple(chosen)


def _fingerprint(atoms: Atoms) -> NDArray[np.float64]:
    """Return distances (density of neighbours per atom and Å of the first 6 Å, scaled), composition, and density."""
    numbers = atoms.numbers
    composition = np.bincount(numbers, minlength=_LARGEST_ATOMIC_NUMBER + 1) / len(numbers)
    volume = float(atoms.cell.volume) if atoms.cell.rank == 3 else 0.0
    return np.concatenate([_distances(atoms), composition, [np.cbrt(volume / len(numbers))]])


def _distances(atoms: Atoms) -> NDArray[np.float64]:
    # Of very large frames some atoms stand for all, evenly spaced in the list.
    centres = np.unique(np.linspace(0, len(atoms) - 1, min(len(atoms), _ATOMS_MAX)).astype(np.int_))
    separations = atoms.positions[None, :, :] - atoms.positions[centres, None, :]
    if atoms.cell.rank == 3:
        # Nearest image by rounding: exact for cells that are not very skew, and a fingerprint need not be exact.
        cell = atoms.cell.array
        shifts = np.rint(separations @ np.linalg.inv(cell)) * np.asarray(atoms.pbc)
        separations = separations - shifts @ cell
    lengths = np.linalg.norm(separations, axis=2)
    lengths[np.arange(len(centres)), centres] = np.inf
    near = lengths[lengths < _CUTOFF]
    # Triangles over two bins instead of steps: a small shift changes the fingerprint a little.
    place = near / _BIN
    lower = np.floor(place).astype(np.int_)
    bins = int(_CUTOFF / _BIN) + 2
    counts = np.bincount(lower, weights=1 - (place - lower), minlength=bins)
    counts = counts + np.bincount(lower + 1, weights=place - lower, minlength=bins)
    # Divided by the distance squared, as there are more and more distant neighbours.
    density: NDArray[np.float64] = counts / len(centres) / np.maximum((np.arange(bins) * _BIN) ** 2, 1.0)
    return density
