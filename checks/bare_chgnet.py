"""Slopes of CHGNet by its own library alone, frame by frame, against the shipped table.

    python checks/bare_chgnet.py [--dataset mpf-TP] [--model 0.2.0] FILE.extxyz[.xz] [FILE ...]

No line of softdash takes part: ase reads the frames, chgnet computes one after the other, numpy sums. Prints the
compounds that differ most from ``precomputed/high_energy/materials.csv``, and exits with 1 where one does by 1e-4.
"""

from __future__ import annotations

import argparse
import csv
import lzma
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import iread

TABLE = Path(__file__).parents[1] / "precomputed" / "high_energy" / "materials.csv"
TOLERANCE = 1e-4
# Frames without forces say nothing of a slope; the table leaves them out.
_SMALLEST_RMS = 1e-3


def read(files: Iterable[Path]) -> Iterator[Atoms]:
    """Yield the frames of extended XYZ files."""
    for file in files:
        content = file.read_bytes()
        text = (lzma.decompress(content) if file.suffix == ".xz" else content).decode()
        yield from iread(StringIO(text), index=":", format="extxyz")


def slopes(frames: Iterable[Atoms], model_name: str) -> dict[str, tuple[int, float]]:
    """Return the number of frames and Σxy/Σx² of each ``material_id``; a frame that chgnet refuses is left out."""
    from chgnet.model import CHGNet
    from pymatgen.io.ase import AseAtomsAdaptor

    model = CHGNet.load(model_name=model_name, use_device="cpu", verbose=False)
    sums: dict[str, list[tuple[float, float]]] = {}
    for frame in frames:
        x = np.asarray(frame.get_forces(apply_constraint=False), dtype=np.float64)
        if np.sqrt(np.mean(x * x)) < _SMALLEST_RMS:
            continue
        try:
            structure = AseAtomsAdaptor.get_structure(frame)
            predicted: Any = model.predict_structure(structure, task="ef")
        except ValueError as error:  # an isolated atom
            print(f"{frame.info['material_id']}: {error}")
            continue
        y = np.asarray(predicted["f"], dtype=np.float64)
        sums.setdefault(str(frame.info["material_id"]), []).append((float(np.sum(x * x)), float(np.sum(x * y))))
    return {name: (len(pairs), sum(xy for _, xy in pairs) / sum(xx for xx, _ in pairs)) for name, pairs in sums.items()}


def shipped(dataset: str, model_name: str) -> dict[str, tuple[int, float]]:
    """Return frames and slope of each material in the shipped table."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["material_id"]: (int(row["frame_count"]), float(row["slope"]))
            for row in csv.DictReader(lines)
            if (row["dataset"], row["potential"]) == (dataset, f"chgnet-{model_name}")
        }


def main() -> None:
    """Compute and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--dataset", default="mpf-TP")
    parser.add_argument("--model", default="0.2.0")
    given = parser.parse_args()
    bare, table = slopes(read(given.files), given.model), shipped(given.dataset, given.model)
    missing = sorted(bare.keys() ^ table.keys())
    apart = sorted(((abs(bare[name][1] - table[name][1]), name) for name in bare.keys() & table.keys()), reverse=True)
    for difference, name in apart[:5]:
        print(f"{name}: {table[name][1]} in the table, {bare[name][1]:.7g} by chgnet alone ({difference:.1e})")
    unlike = [name for _, name in apart if bare[name][0] != table[name][0]]
    print(f"{len(apart)} compounds; on one side only: {missing}; other numbers of frames: {unlike}")
    raise SystemExit(bool(missing or unlike or not apart or apart[0][0] > TOLERANCE))


if __name__ == "__main__":
    main()
