"""A process that may hold so much memory gets an error beyond it, and goes on."""

from __future__ import annotations

import os
import subprocess
import sys

from softdash.potentials.memory import half_of_the_memory

PROGRAM = """
import torch
from softdash.potentials.batches import failed_batch
from softdash.potentials.memory import limit_memory
from ase import Atoms

assert limit_memory(1_500_000_000) == 1_500_000_000
try:
    torch.ones(400_000_000)
except RuntimeError as error:
    print(failed_batch("CHGNet", error, [Atoms("H64")], range(1)))
print(int(torch.ones(1_000_000).sum()))
"""


def test_an_allocation_beyond_the_limit_is_an_error_and_not_the_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    message, number = done.stdout.splitlines()
    assert "needs more memory for 64 atoms" in message
    assert number == "1000000"


def test_the_usual_limit_is_less_than_the_machine_has() -> None:
    assert 0 < half_of_the_memory() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2
