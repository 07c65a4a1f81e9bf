"""Measure what a diagnosis computes after the potential: statistics, comparisons, influence, advice and verdict.

    python checks/diagnosis_statistics.py [--atoms 100000] [--atoms-per-frame 100] [--rounds 3]

Prints processor and wall-clock seconds of each step for synthetic frames (median over the rounds): the largest upload
that the default settings allow is 100,000 atoms in 1,000 frames. Processor time is what a busy machine leaves
comparable.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from ase import Atoms

from softdash.diagnosis.advice import advise
from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.next_labels import frames_worth_labelling
from softdash.diagnosis.other_labels import compare_energies, compare_stresses
from softdash.diagnosis.verdict import Answers, reach_verdict
from softdash.potentials.interface import Prediction
from softdash.softening import analyse_forces
from softdash.softening.influence import analyse_influence
from softdash.structures.frames.labelled_frame import LabelledFrame

_RANKED = 10


def synthetic_pairs(atom_count: int, atoms_per_frame: int) -> ComparedFrames:
    """Return frames of rock salt with random displacements, and predictions that are 15 % too soft."""
    generator = np.random.default_rng(0)
    edge = (atoms_per_frame / 0.045) ** (1 / 3)
    numbers = np.resize([11, 17], atoms_per_frame)
    frames, predictions = [], []
    for place in range(max(1, atom_count // atoms_per_frame)):
        positions = generator.uniform(0, edge, (atoms_per_frame, 3))
        reference = generator.normal(size=(atoms_per_frame, 3))
        stress = generator.normal(scale=0.02, size=(3, 3))
        energy = float(generator.normal(scale=3.0))
        atoms = Atoms(numbers, positions, cell=[edge] * 3, pbc=True)
        frames.append(LabelledFrame(atoms, reference, f"frame {place + 1}", energy, stress + stress.T))
        predicted = 0.85 * reference + generator.standard_t(4, size=reference.shape) * 0.1
        predictions.append(Prediction(predicted, 0.85 * energy, 0.85 * (stress + stress.T)))
    return ComparedFrames(tuple(range(len(frames))), tuple(frames), tuple(predictions))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--atoms", type=int, default=100_000)
    parser.add_argument("--atoms-per-frame", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    pairs = synthetic_pairs(given.atoms, given.atoms_per_frame)
    forces = (pairs.reference, pairs.predicted, pairs.numbers)
    known = analyse_forces(*forces)
    answers = Answers(advice=advise(pairs, known, (), _RANKED), influence=analyse_influence(*forces, known))
    steps: dict[str, Callable[[], object]] = {
        "force statistics": lambda: analyse_forces(*forces),
        "influence, worst atoms": lambda: analyse_influence(*forces, known, listed=_RANKED),
        "energies": lambda: compare_energies(pairs),
        "stresses": lambda: compare_stresses(pairs),
        "advice": lambda: advise(pairs, known, (), _RANKED),
        "  of that, frames worth labelling": lambda: frames_worth_labelling(
            [frame.atoms for frame in pairs.frames], pairs.predicted, _RANKED
        ),
        "verdict": lambda: reach_verdict("A potential", known, (), (), answers),
    }
    atoms = sum(len(frame.atoms) for frame in pairs.frames)
    print(f"{len(pairs.frames)} frames, {atoms} atoms, {given.rounds} rounds: seconds of processor and wall clock")
    total = 0.0
    for name, step in steps.items():
        processor, wall = [], []
        for _ in range(given.rounds):
            start = time.process_time(), time.perf_counter()
            step()
            processor.append(time.process_time() - start[0])
            wall.append(time.perf_counter() - start[1])
        total += 0.0 if name.startswith(" ") else statistics.median(processor)
        print(f"{name:36s}{statistics.median(processor):8.3f}{statistics.median(wall):8.3f}")
    print(f"{'together':36s}{total:8.3f}")


if __name__ == "__main__":
    main()
