"""Frames on their way into a graph network: cut into batches, and named in messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ase import Atoms

from softdash.errors import PredictionError


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


def frame_names(positions: range) -> str:
    """Name frames for people, who count from one: ``"frame 3"``, ``"frames 3 to 5"``."""
    first, last = positions.start + 1, positions.stop
    return f"frame {first}" if first == last else f"frames {first} to {last}"


def frame_name(position: int) -> str:
    """Name one frame for people, by its position from zero: ``"frame 3"``."""
    return frame_names(range(position, position + 1))


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
