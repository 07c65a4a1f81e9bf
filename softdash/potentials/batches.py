"""Frames on their way into a graph network: cut into batches, made periodic, and named in messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from ase import Atoms

from softdash.errors import PredictionError

# Space left on each side of an isolated structure, in Å: two of them exceed every cutoff (5 to 6 Å).
VACUUM = 8.0


def batches_by_atoms(frames: Sequence[Atoms], batch_atoms: int) -> Iterator[range]:
    """Yield ranges of consecutive frames with at most `batch_atoms` atoms together.

    A frame larger than `batch_atoms` gets a batch of its own.

    Parameters
    ----------
    frames : sequence of ase.Atoms
    batch_atoms : int

    Yields
    ------
    range
        Positions in `frames`; together they cover it in order.
    """
    start, atoms = 0, 0
    for position, frame in enumerate(frames):
        if position > start and atoms + len(frame) > batch_atoms:
            yield range(start, position)
            start, atoms = position, 0
        atoms += len(frame)
    if start < len(frames):
        yield range(start, len(frames))


def with_vacuum(atoms: Atoms) -> Atoms:
    """Return the frame for a network that is always periodic: other directions get vacuum on a copy."""
    if atoms.pbc.all():
        return atoms
    boxed = atoms.copy()
    boxed.center(vacuum=VACUUM, axis=tuple(int(axis) for axis in np.flatnonzero(~atoms.pbc)))
    return boxed


def frame_names(positions: range) -> str:
    """Name frames for people, who count from one: ``"frame 3"``, ``"frames 3 to 5"``."""
    first, last = positions.start + 1, positions.stop
    return f"frame {first}" if first == last else f"frames {first} to {last}"


def failed_batch(
    label: str, error: RuntimeError | MemoryError, frames: Sequence[Atoms], batch: range
) -> PredictionError:
    """Return what to tell of a batch that a library gave up.

    Parameters
    ----------
    label : str
        The potential's name for people.
    error : RuntimeError or MemoryError
        What the library raised.
    frames : sequence of ase.Atoms
    batch : range
        Positions in `frames`.
    """
    atom_count = max(len(frames[position]) for position in batch)
    # torch tells of memory by the text of a RuntimeError.
    if isinstance(error, MemoryError) or "allocate memory" in str(error) or "not enough memory" in str(error):
        return PredictionError(
            f"{label} needs more memory for {atom_count:,} atoms at once than it has on this server.",
            where=frame_names(batch),
            advice="Use frames with fewer atoms, or a machine with more memory (SOFTDASH_WORKER_MEMORY_BYTES).",
        )
    return PredictionError(
        f"{label} could not compute this frame ({error}).",
        where=frame_names(batch),
        advice="Leave this frame out, or try another potential.",
    )
