"""Batches cover all frames in order and keep their size."""

from __future__ import annotations

import itertools

from ase import Atoms
from hypothesis import given
from hypothesis import strategies as st

from softdash.potentials.batches import batches_by_atoms, failed_batch


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(1, 60))
def test_batches(sizes: list[int], batch_atoms: int) -> None:
    frames = [Atoms("H" * size) for size in sizes]
    batches = list(batches_by_atoms(frames, batch_atoms))
    assert [position for batch in batches for position in batch] == list(range(len(frames)))
    for batch in batches:
        assert len(batch) == 1 or sum(sizes[position] for position in batch) <= batch_atoms
    for first, second in itertools.pairwise(batches):
        # No batch could have taken the next frame as well.
        assert sum(sizes[position] for position in first) + sizes[second.start] > batch_atoms


def test_a_frame_too_large_is_told_from_other_failures() -> None:
    frames = [Atoms("H"), Atoms("H2000")]
    for error in (MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried")):
        told = failed_batch("CHGNet", error, frames, range(1, 2))
        assert "needs more memory for 2,000 atoms at once" in str(told)
        assert told.where == "frame 2"
    assert "shape mismatch" in str(failed_batch("CHGNet", RuntimeError("shape mismatch"), frames, range(2)))
