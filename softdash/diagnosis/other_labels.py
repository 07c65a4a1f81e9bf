"""Energies and stresses of one potential against those of the upload, and their parity points for the page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.records import LabelComparison, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import RefusalError
from softdash.softening.answers import LabelStatistics
from softdash.softening.force_components import flatten
from softdash.softening.independent_frames import first_copies, observations, steps_of_relaxation
from softdash.softening.other_labels import (
    LabelPoints,
    energy_statistics,
    relative_energies,
    stress_components,
    stress_statistics,
)
from softdash.structures.frames.labelled_frame import LabelledFrame

_UNKNOWN_STRESS = np.full((3, 3), np.nan)


def compare_energies(pairs: ComparedFrames) -> LabelComparison:
    """Return how relative energies per atom compare, or why they cannot be compared."""
    copies, alike, relaxation = _frame_relations(pairs)
    reference = [np.nan if frame.reference_energy is None else frame.reference_energy for frame in pairs.frames]
    predicted = [prediction.energy for prediction in pairs.predictions]
    return _compared(
        lambda: energy_statistics(
            np.array(reference, dtype=np.float64),
            np.array(predicted, dtype=np.float64),
            np.array([len(frame.atoms) for frame in pairs.frames]),
            [frame.atoms.get_chemical_formula(mode="metal", empirical=True) for frame in pairs.frames],
            copies=copies,
            alike=alike,
            relaxation=relaxation,
        )
    )


def compare_stresses(pairs: ComparedFrames) -> LabelComparison:
    """Return how stresses compare, or why they cannot be compared."""
    copies, alike, relaxation = _frame_relations(pairs)
    reference = [_UNKNOWN_STRESS if f.reference_stress is None else f.reference_stress for f in pairs.frames]
    predicted = [_UNKNOWN_STRESS if p.stress is None else p.stress for p in pairs.predictions]
    return _compared(
        lambda: stress_statistics(
            np.array(reference, dtype=np.float64),
            np.array(predicted, dtype=np.float64),
            copies=copies,
            alike=alike,
            relaxation=relaxation,
        )
    )


def wants_stress(frame: LabelledFrame) -> bool:
    """Whether it has a reference stress, and the volume that a stress refers to: vacuum has no thickness of its own."""
    return frame.reference_stress is not None and bool(frame.atoms.pbc.all()) and frame.atoms.cell.rank == 3


def energy_parity(report: Report, points: ForcePoints, potential: str) -> LabelPoints | None:
    """Return one potential's parity points of relative energies, eV/atom; None where there are none.

    Parameters
    ----------
    report : Report
    points : ForcePoints
        Of that report.
    potential : str
        Name.
    """
    if points.cells is None or potential not in points.cells.predicted_energies:
        return None
    frames = report.understanding.frames
    found = relative_energies(
        points.cells.reference_energies,
        points.cells.predicted_energies[potential],
        np.array([frame.atom_count for frame in frames]),
        [frame.formula for frame in frames],
    )
    return found if len(found.frame) else None


def stress_parity(points: ForcePoints, potential: str) -> LabelPoints | None:
    """Return one potential's parity points of stress components, eV/Å³; None where there are none."""
    if points.cells is None or potential not in points.cells.predicted_stresses:
        return None
    found = stress_components(points.cells.reference_stresses, points.cells.predicted_stresses[potential])
    return found if len(found.frame) else None


def _frame_relations(pairs: ComparedFrames) -> tuple[NDArray[np.int_], NDArray[np.int_], bool]:
    """Return which frames are copies, which count as one, and whether they are a relaxation: by their forces."""
    components = flatten(pairs.reference, pairs.predicted, pairs.numbers)
    relaxation = steps_of_relaxation(components, [frame.atoms.positions for frame in pairs.frames])
    return first_copies(components), observations(components), relaxation


def _compared(compute: Callable[[], LabelStatistics]) -> LabelComparison:
    try:
        return LabelComparison(statistics=compute())
    except RefusalError as error:
        return LabelComparison(refusal=f"{error.what} {error.advice or ''}".strip())
