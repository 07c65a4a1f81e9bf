"""Frames written in two ways: each pair is one piece of matter, with the same labels, as two files would hold it."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from numpy.typing import NDArray

from softdash.potentials.contract_crystals import crystals_of
from softdash.potentials.interface import Potential, PotentialCard, Prediction

TRUE_SLOPE = 0.8
"""About that of every pair: the labels are what the potential says of the plain form, divided by it, and noise."""
FRAME_COUNT = 4
_GAP = 20.0


@dataclass(frozen=True, slots=True)
class Twins:
    """One piece of matter, `plain` in a right-handed cell that is periodic in all directions, and in other cells.

    Attributes
    ----------
    plain : list of ase.Atoms
    others : dict of str to list of ase.Atoms
        By what is unusual in them: the same atoms in the same order, as many frames.
    """

    plain: list[Atoms]
    others: dict[str, list[Atoms]]


def twins_of(card: PotentialCard) -> dict[str, Twins]:
    """Return a crystal, a slab and a molecule of elements that a potential knows, each in several cells."""
    crystals = _displaced_crystals(card)
    slabs = [_in_other_cell(one, _stretched(one, [False, False, True])) for one in crystals]
    molecules = [_in_other_cell(one, _stretched(one, [True, True, True])) for one in crystals]
    return {
        "crystal": Twins(
            crystals,
            {
                "left-handed by two vectors": _each(
                    crystals, lambda one: _in_other_cell(one, one.cell.array[[1, 0, 2]])
                ),
                "left-handed by inversion": _each(crystals, lambda one: _in_other_cell(one, -one.cell.array)),
                "skewed": _each(crystals, lambda one: _in_other_cell(one, _skewed(one, 40))),
                "a little skewed": _each(crystals, lambda one: _in_other_cell(one, _skewed(one, 1))),
                "atoms outside": _each(crystals, _scattered),
            },
        ),
        "slab": Twins(
            slabs,
            {
                "T T F": _each(slabs, lambda one: _in_other_cell(one, one.cell.array, (True, True, False))),
                "T T F and a short third vector": _each(
                    crystals, lambda one: _in_other_cell(one, one.cell.array, (True, True, False))
                ),
                "T T F without a third vector": _each(
                    slabs, lambda one: _in_other_cell(one, one.cell.array * [[1], [1], [0]], (True, True, False))
                ),
            },
        ),
        "molecule": Twins(
            molecules,
            {
                "F F F in a box": _each(molecules, lambda one: _in_other_cell(one, one.cell.array, False)),
                "F F F in a tight box": _each(crystals, lambda one: _in_other_cell(one, one.cell.array, False)),
                "F F F without a cell": _each(molecules, lambda one: _in_other_cell(one, np.zeros((3, 3)), False)),
            },
        ),
    }


def labels_of(potential: Potential, plain: list[Atoms]) -> list[Prediction]:
    """Return labels of which a potential is about one fifth too soft, in forces, energies and stresses."""
    generator = np.random.default_rng(11)
    predictions = [potential.predict([one], stress=True)[0] for one in plain]
    mean = float(np.mean([one.energy for one in predictions]))
    labels = []
    for one in predictions:
        forces = one.forces / TRUE_SLOPE
        forces += generator.normal(scale=0.05 * np.sqrt(np.mean(forces**2)), size=forces.shape)
        stress = None if one.stress is None else one.stress / TRUE_SLOPE
        labels.append(Prediction(forces - forces.mean(axis=0), mean + (one.energy - mean) / TRUE_SLOPE, stress))
    return labels


def labelled(frames: list[Atoms], labels: list[Prediction], *, stress: bool, material_id: str = "") -> list[Atoms]:
    """Return copies of frames with labels, as a file of reference data has them."""
    found = []
    for frame, label in zip(frames, labels, strict=True):
        one = frame.copy()
        results = {"energy": label.energy, "forces": label.forces}
        if stress and label.stress is not None:
            results["stress"] = label.stress
        one.calc = SinglePointCalculator(one, **results)
        one.info = {"functional": "PBE"} | ({"material_id": material_id} if material_id else {})
        found.append(one)
    return found


def write_frames(path: Path, frames: list[Atoms]) -> Path:
    """Write extended XYZ, compressed where the name says so, and return its path."""
    text = StringIO()
    write(text, frames, format="extxyz")
    content = text.getvalue().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(content) if path.suffix == ".xz" else content)
    return path


def _displaced_crystals(card: PotentialCard) -> list[Atoms]:
    crystal = crystals_of(card.elements)[0]
    # Argon is soft, and already far displaced.
    amplitude = 0.15 if card.elements == {"Ar"} else 0.06
    frames = []
    for seed in range(FRAME_COUNT):
        frame = crystal.copy()
        frame.positions += np.random.default_rng(seed).normal(scale=amplitude, size=frame.positions.shape)
        # Different stresses, so that they have a slope.
        frame.set_cell(crystal.cell.array * (0.985 + 0.01 * seed), scale_atoms=True)
        frames.append(frame)
    return frames


def _each(frames: list[Atoms], change: Callable[[Atoms], Atoms]) -> list[Atoms]:
    return [change(frame) for frame in frames]


def _in_other_cell(frame: Atoms, vectors: NDArray[np.float64], pbc: bool | tuple[bool, bool, bool] = True) -> Atoms:
    return Atoms(frame.numbers, frame.positions, cell=vectors, pbc=pbc)


def _stretched(frame: Atoms, directions: list[bool]) -> NDArray[np.float64]:
    vectors = frame.cell.array.copy()
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(np.array(directions)[:, np.newaxis], vectors * (1 + _GAP / lengths), vectors)


def _skewed(frame: Atoms, count: int) -> NDArray[np.float64]:
    vectors = frame.cell.array.copy()
    vectors[2] += count * (vectors[0] - vectors[1])
    return vectors


def _scattered(frame: Atoms) -> Atoms:
    moved = frame.copy()
    for place in range(len(moved)):
        moved.positions[place] += np.array([3, -1, 40])[place % 3] * moved.cell.array[place % 3]
    return moved
