"""Which frames are worth labelling next.

The rule, which needs no reference force: the weight of a frame in the softening scale is its share of Σx², and where
x is unknown, y = s·x stands for it. So the first frame is that of the largest Σy². Each further one has the largest
product of weight (Σy² relative to the largest) and distance to the nearest frame chosen before: a second frame that
repeats the first tells nothing new. Distance is between fingerprints that neither rotation nor the order of the atoms
changes: distribution of interatomic distances up to 6 Å (about some of the atoms, where there are very many),
composition, and volume per atom.
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
_PAIRS_MAX = 4_000_000  # of all frames together: half a second
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
    fingerprints = np.array([_fingerprint(atoms, _PAIRS_MAX // len(frames)) for atoms in frames])
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


def _fingerprint(atoms: Atoms, pair_count: int) -> NDArray[np.float64]:
    """Return distances (density of neighbours per atom and Å of the first 6 Å, scaled), composition, and density."""
    numbers = atoms.numbers
    composition = np.bincount(numbers, minlength=_LARGEST_ATOMIC_NUMBER + 1) / len(numbers)
    volume = float(atoms.cell.volume) if atoms.cell.rank == 3 else 0.0
    return np.concatenate([_distances(atoms, pair_count), composition, [np.cbrt(volume / len(numbers))]])


def _distances(atoms: Atoms, pair_count: int) -> NDArray[np.float64]:
    positions = atoms.positions
    # Evenly spaced in the list, where there are too many atoms to take all.
    centre_count = min(len(atoms), max(1, pair_count // len(atoms)))
    centres = np.unique(np.linspace(0, len(atoms) - 1, centre_count).astype(np.int_))
    if atoms.cell.rank == 3:
        # Nearest image by rounding: exact for cells that are not very skew, and a fingerprint need not be exact.
        cell = atoms.cell.array
        inside = positions @ np.linalg.inv(cell)
        separations = inside[None, :, :] - inside[centres, None, :]
        separations -= np.rint(separations) * np.asarray(atoms.pbc)
        separations = separations @ cell
    else:
        separations = positions[None, :, :] - positions[centres, None, :]
    squares = np.einsum("ijk,ijk->ij", separations, separations)
    squares[np.arange(len(centres)), centres] = np.inf
    # Triangles over two bins instead of steps: a small shift changes the fingerprint a little.
    place = np.sqrt(squares[squares < _CUTOFF**2]) / _BIN
    lower = place.astype(np.int_)
    bins = int(_CUTOFF / _BIN) + 2
    upper_weight = np.bincount(lower, weights=place - lower, minlength=bins)
    counts = np.bincount(lower, minlength=bins) - upper_weight
    counts[1:] += upper_weight[:-1]
    # Divided by the distance squared, as there are more and more distant neighbours.
    density: NDArray[np.float64] = counts / len(centres) / np.maximum((np.arange(bins) * _BIN) ** 2, 1.0)
    return density
