"""Compare softdash's CHGNet with the library's own on the shipped DFT states, frame by frame on both sides.

    python performance/throughput.py [--version 0.3.0] [--rounds 3]

softdash computes CHGNet one frame at a time, as the library does: batches take no less time on a processor, and a frame
of the weights 0.2.0 gets other forces in a batch than alone. What softdash adds is the check of elements and cells and
the search for lonely atoms; this shows what that costs, and that the forces are the library's. Prints frames per second
of `Potential.predict` and of `CHGNet.predict_structure`, the ratio, and the largest difference of the forces. Both
compute the same frames in this process with the same number of threads; the rounds alternate, so that a machine which
changes its speed changes both.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import ase.io
import numpy as np
import torch
from ase import Atoms
from chgnet.model import CHGNet
from pymatgen.io.ase import AseAtomsAdaptor

from softdash.potentials.registry import load_potential
from softdash.settings import get_settings


def shipped_frames() -> list[Atoms]:
    """Return all frames of softdash's own reference set, 4 to 12 atoms each."""
    folder = get_settings().precomputed_dir / "references" / "gpaw_pbe"
    return [atoms for file in sorted(folder.glob("*.extxyz")) for atoms in ase.io.read(file, ":", format="extxyz")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", default="0.3.0", help="version of CHGNet")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    frames = shipped_frames()
    structures = [AseAtomsAdaptor.get_structure(atoms) for atoms in frames]
    torch.set_num_threads(get_settings().torch_threads)
    potential = load_potential(f"chgnet-{given.version}")
    library = CHGNet.load(model_name=given.version, use_device="cpu", verbose=False)
    potential.predict(frames[:5])
    library.predict_structure(structures[0], task="ef")
    by_softdash, by_library, difference = [], [], 0.0
    for _ in range(given.rounds):
        start = time.perf_counter()
        ours = potential.predict(frames)
        by_softdash.append(len(frames) / (time.perf_counter() - start))
        start = time.perf_counter()
        theirs: list[Any] = [library.predict_structure(structure, task="ef") for structure in structures]
        by_library.append(len(frames) / (time.perf_counter() - start))
        pairs = zip(ours, theirs, strict=True)
        difference = max(difference, *(float(np.abs(one.forces - two["f"]).max()) for one, two in pairs))
    ratio = statistics.median(one / two for one, two in zip(by_softdash, by_library, strict=True))
    print(f"{len(frames)} frames, {given.rounds} rounds, {torch.get_num_threads()} thread(s), one frame at a time")
    print(f"softdash                     {statistics.median(by_softdash):7.1f} frames/s")
    print(f"CHGNet's own                 {statistics.median(by_library):7.1f} frames/s")
    print(f"ratio                        {ratio:7.2f}")
    print(f"largest difference of forces {difference:7.1e} eV/Å")


if __name__ == "__main__":
    main()
