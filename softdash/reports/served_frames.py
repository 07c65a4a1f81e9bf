"""The frames of a server's report, read back from its ``.extxyz`` with all forces: the other end of `report_extxyz`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.records import Report
from softdash.diagnosis.reports import CellLabels, Diagnosed, ForcePoints
from softdash.errors import ServerUnavailableError
from softdash.reports.extxyz import prediction_key
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.readers.comment_line import Column, read_columns, read_pairs
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.labels_in_xyz import LabelNames, read_labelled_frame

_UNKNOWN_STRESS = np.full((3, 3), np.nan)


def read_served_frames(report: Report, text: str) -> Diagnosed:
    """Return a report with the forces and frames of its extended XYZ.

    Parameters
    ----------
    report : Report
    text : str
        What `softdash.reports.extxyz.report_extxyz` wrote for it.

    Raises
    ------
    ServerUnavailableError
        If the text is not that of the report.
    """
    try:
        served = [_Served(*parts) for parts in _frames(text, report)]
    except (FrameProblem, ValueError, IndexError, StopIteration) as error:
        raise ServerUnavailableError(
            "The frames that the server sent are not those of its report.",
            where=report.id,
            advice="Is it a softdash server, and of the same version?",
        ) from error
    frames = [one.frame for one in served]
    counts = [len(frame.atoms) for frame in frames]
    names = [result.potential.name for result in report.results if result.error is None]
    energies = [np.nan if frame.reference_energy is None else frame.reference_energy for frame in frames]
    stresses = [_UNKNOWN_STRESS if frame.reference_stress is None else frame.reference_stress for frame in frames]
    points = ForcePoints(
        frame=np.repeat(np.arange(len(counts)), counts),
        atom=np.concatenate([np.arange(count) for count in counts]),
        atomic_number=np.concatenate([frame.atoms.numbers for frame in frames]).astype(np.int64),
        reference=np.concatenate([frame.reference_forces for frame in frames]),
        predicted={name: np.concatenate([one.forces(name) for one in served]) for name in names},
        cells=CellLabels(
            reference_energies=np.array(energies, dtype=np.float64),
            reference_stresses=np.array(stresses, dtype=np.float64),
            predicted_energies={name: np.array([one.energy(name) for one in served]) for name in names},
            predicted_stresses={name: np.array([one.stress(name) for one in served]) for name in names},
        ),
    )
    read = report.understanding
    about = {name: getattr(read, name) for name in ("file_format", "functional", "code", "force_unit")}
    read_frames = LabelledFrames(frames=tuple(frames), refused=(), grouping=read.options.materials, **about)
    return Diagnosed(report, points, read_frames)


class _Served:
    """One frame, and what each potential made of it; what it could not compute is NaN."""

    def __init__(self, frame: LabelledFrame, pairs: Mapping[str, str], rows: list[list[str]]) -> None:
        self.frame, self._pairs, self._rows = frame, pairs, rows
        self._columns: Mapping[str, Column] = read_columns(pairs["Properties"])

    def forces(self, name: str) -> NDArray[np.float64]:
        column = self._columns.get(f"{prediction_key(name)}_forces")
        if column is None:
            return np.full((len(self._rows), 3), np.nan)
        return np.array([column.of(row) for row in self._rows], dtype=np.float64)

    def energy(self, name: str) -> float:
        return float(self._pairs.get(f"{prediction_key(name)}_energy", "nan"))

    def stress(self, name: str) -> NDArray[np.float64]:
        words = self._pairs.get(f"{prediction_key(name)}_stress")
        return _UNKNOWN_STRESS if words is None else np.array(words.split(), dtype=np.float64).reshape(3, 3)


def _frames(text: str, report: Report) -> Iterator[tuple[LabelledFrame, Mapping[str, str], list[list[str]]]]:
    lines = iter(text.splitlines())
    for understood in report.understanding.frames:
        count, comment = int(next(lines)), next(lines)
        if count != understood.atom_count:
            raise ValueError(count)
        rows = [next(lines).split() for _ in range(count)]
        frame = read_labelled_frame(comment, rows, understood.origin, LabelNames())
        frame = replace(frame, functional=understood.functional)
        yield frame, read_pairs(comment), rows
