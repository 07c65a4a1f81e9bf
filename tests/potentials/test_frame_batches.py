"""Batches cover all frames in order and keep their size."""

from __future__ import annotations

import itertools

from ase import Atoms
from hypothesis import given
from hypothesis import strategies as st

from softdash.potentials.batches import batches_by_atoms


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
