"""Cut a sequence of frames into batches that a graph network computes at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ase import Atoms


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
