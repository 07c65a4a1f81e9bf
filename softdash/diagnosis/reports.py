"""Builds the immutable report of a diagnosis, and reads the forces behind it.

The command line builds its report with the same functions, so that equal files give an equal `result_sha256`.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.records import (
    REPORT_SCHEMA_VERSION,
    PotentialResult,
    Report,
    UploadRecord,
)
from softdash.diagnosis.shared_doubts import with_shared_doubts
from softdash.potentials.interface import Prediction
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.version import __version__

SETTINGS_IN_REPORT = (
    "shortest_distance_refused",
    "force_max",
    "batch_atoms",
    "torch_threads",
    "ranked_items",
    "label_noise",
    "answer_force_error",
    "answer_slope_error",
)
_LATER_STATISTICS = {
    4: frozenset({"softening_share", "scatter_share", "label_noise", "effective_frames", "no_interval_reason"}),
    5: frozenset({"distinct_frames", "degrees_of_freedom"}),
}
"""Fields of the statistics by the form of report that has them first."""
_UNKNOWN_STRESS = np.full((3, 3), np.nan)
_HASHED = ("schema_version", "files", "understanding", "settings", "results", "points_sha256")


@dataclass(frozen=True, slots=True)
class ForcePoints:
    """Forces behind a report, one row per atom of the frames used.

    Attributes
    ----------
    frame, atom, atomic_number : ndarray of int, shape (n,)
        `frame` is the position in ``report.understanding.frames``, `atom` the index in the frame; both 0-based.
    reference : ndarray, shape (n, 3)
        eV/Å.
    predicted : mapping of potential name to ndarray, shape (n, 3)
        eV/Å; rows of frames that a potential could not compute are NaN. Potentials that failed are absent.
    cells : CellLabels or None
        Energies and stresses; None in reports of version 1, which did not keep them.
    """

    frame: NDArray[np.int64]
    atom: NDArray[np.int64]
    atomic_number: NDArray[np.int64]
    reference: NDArray[np.float64]
    predicted: Mapping[str, NDArray[np.float64]]
    cells: CellLabels | None = None


class Diagnosed(NamedTuple):
    """A report, and the forces and frames behind it."""

    report: Report
    points: ForcePoints
    frames: LabelledFrames


@dataclass(frozen=True, slots=True)
class CellLabels:
    """Energies and stresses behind a report, one entry per frame used; what is not known is NaN.

    Attributes
    ----------
    reference_energies : ndarray, shape (F,)
        eV, whole cell, as the file has them; their zero is the code's.
    reference_stresses : ndarray, shape (F, 3, 3)
        eV/Å³, ASE's sign.
    predicted_energies, predicted_stresses : mapping of potential name to ndarray
        In the same shapes and units. Stresses are computed only for frames with a reference stress.
    """

    reference_energies: NDArray[np.float64]
    reference_stresses: NDArray[np.float64]
    predicted_energies: Mapping[str, NDArray[np.float64]]
    predicted_stresses: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class StackedPredictions:
    """One potential's predictions for all frames of an upload; what it could not or need not compute is NaN.

    Attributes
    ----------
    forces : ndarray, shape (n, 3)
        eV/Å, all frames below each other.
    energies : ndarray, shape (F,)
        eV, whole cell.
    stresses : ndarray, shape (F, 3, 3)
        eV/Å³, ASE's sign.
    """

    forces: NDArray[np.float64]
    energies: NDArray[np.float64]
    stresses: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One potential's result, and its predictions for all frames of the upload, or None where it failed."""

    result: PotentialResult
    predicted: StackedPredictions | None


def stack_predictions(frames: LabelledFrames, predictions: Sequence[Prediction | None]) -> StackedPredictions:
    """Return the predictions of all frames below each other, NaN where a frame has none."""
    pairs = list(zip(frames.frames, predictions, strict=True))
    return StackedPredictions(
        forces=np.concatenate([np.full((len(f.atoms), 3), np.nan) if p is None else p.forces for f, p in pairs]),
        energies=np.array([np.nan if p is None else p.energy for _, p in pairs], dtype=np.float64),
        stresses=np.array([_UNKNOWN_STRESS if p is None or p.stress is None else p.stress for _, p in pairs]),
    )


def predictions_as_bytes(predicted: StackedPredictions) -> bytes:
    """Return predictions as an ``.npz`` archive."""
    return arrays_as_bytes({"forces": predicted.forces, "energies": predicted.energies, "stresses": predicted.stresses})


def predictions_from_bytes(content: bytes, frame_count: int) -> StackedPredictions:
    """Read what `predictions_as_bytes` wrote, or the forces alone that earlier versions wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        if "forces" in archive:
            return StackedPredictions(archive["forces"], archive["energies"], archive["stresses"])
        unknown = np.full(frame_count, np.nan)
        return StackedPredictions(archive["predicted"], unknown, np.full((frame_count, 3, 3), np.nan))


def collect_points(frames: LabelledFrames, outcomes: Sequence[Outcome]) -> ForcePoints:
    """Return the labels of all frames and the predictions of all potentials that succeeded."""
    counts = [len(frame.atoms) for frame in frames.frames]
    succeeded = {o.result.potential.name: o.predicted for o in outcomes if o.predicted is not None}
    energies = [np.nan if f.reference_energy is None else f.reference_energy for f in frames.frames]
    stresses = [_UNKNOWN_STRESS if f.reference_stress is None else f.reference_stress for f in frames.frames]
    return ForcePoints(
        frame=np.repeat(np.arange(len(counts)), counts),
        atom=np.concatenate([np.arange(count) for count in counts]),
        atomic_number=np.concatenate([frame.atoms.numbers for frame in frames.frames]).astype(np.int64),
        reference=np.concatenate([frame.reference_forces for frame in frames.frames]),
        predicted={name: predicted.forces for name, predicted in succeeded.items()},
        cells=CellLabels(
            reference_energies=np.array(energies, dtype=np.float64),
            reference_stresses=np.array(stresses, dtype=np.float64),
            predicted_energies={name: predicted.energies for name, predicted in succeeded.items()},
            predicted_stresses={name: predicted.stresses for name, predicted in succeeded.items()},
        ),
    )


def points_as_bytes(points: ForcePoints) -> bytes:
    """Return the points as an ``.npz`` archive; equal points give equal bytes."""
    arrays: dict[str, Any] = {
        "frame": points.frame,
        "atom": points.atom,
        "atomic_number": points.atomic_number,
        "reference": points.reference,
        "potentials": np.array(list(points.predicted), dtype="U"),
    }
    arrays |= {f"predicted_{position}": forces for position, forces in enumerate(points.predicted.values())}
    if points.cells is not None:
        arrays["reference_energies"] = points.cells.reference_energies
        arrays["reference_stresses"] = points.cells.reference_stresses
        for position, name in enumerate(points.predicted):
            arrays[f"predicted_energies_{position}"] = points.cells.predicted_energies[name]
            arrays[f"predicted_stresses_{position}"] = points.cells.predicted_stresses[name]
    return arrays_as_bytes(arrays)


def points_from_bytes(content: bytes) -> ForcePoints:
    """Read what `points_as_bytes` wrote, in this or an earlier version."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        names = {position: str(name) for position, name in enumerate(archive["potentials"])}
        cells = None
        if "reference_energies" in archive:
            cells = CellLabels(
                reference_energies=archive["reference_energies"],
                reference_stresses=archive["reference_stresses"],
                predicted_energies={name: archive[f"predicted_energies_{i}"] for i, name in names.items()},
                predicted_stresses={name: archive[f"predicted_stresses_{i}"] for i, name in names.items()},
            )
        return ForcePoints(
            frame=archive["frame"],
            atom=archive["atom"],
            atomic_number=archive["atomic_number"],
            reference=archive["reference"],
            predicted={name: archive[f"predicted_{i}"] for i, name in names.items()},
            cells=cells,
        )


def arrays_as_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return numeric and text arrays as an ``.npz`` archive without time stamps."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def build_report(
    *,
    identifier: str,
    title: str,
    created_at: datetime,
    finished_at: datetime,
    upload: UploadRecord,
    outcomes: Sequence[Outcome],
    points_sha256: str,
    settings: Settings,
) -> Report:
    """Put the results of all potentials into a report, sealed with the hash of its results."""
    report = Report(
        schema_version=REPORT_SCHEMA_VERSION,
        id=identifier,
        title=title,
        created_at=created_at,
        finished_at=finished_at,
        softdash_version=__version__,
        files=upload.files,
        example=upload.example,
        understanding=upload.understanding,
        settings={name: getattr(settings, name) for name in SETTINGS_IN_REPORT},
        results=with_shared_doubts([outcome.result for outcome in outcomes]),
        points_sha256=points_sha256,
        result_sha256="",
    )
    content = report.model_dump(mode="json")
    # Read back, so that every field counts as given: `report_as_json` then repeats a report as it was made.
    return Report.model_validate(content | {"result_sha256": result_sha256(content)})


def report_as_json(report: Report) -> str:
    """Return a report as JSON in the form in which it was made, all numbers with all their digits.

    Fields that did not exist when it was made are left out, so that its `result_sha256` holds for what is returned.
    """
    later = {name for form, names in _LATER_STATISTICS.items() if report.schema_version < form for name in names}
    # Statistics are a dataclass, which does not know what was given to it.
    return report.model_dump_json(
        indent=2, exclude_unset=True, exclude={"results": {"__all__": {"statistics": later}}} if later else None
    )


def result_sha256(report: Mapping[str, Any]) -> str:
    """Return the hash of a report's results: anybody can compute it again from the ``.json`` of a link.

    It covers the files' hashes, what was understood, settings, versions, all numbers and the forces; not the link's
    identifier, its title, times, and how long the computation took. The form hashed is JSON with sorted keys, no
    spaces, UTF-8.

    Parameters
    ----------
    report : mapping
        The parsed JSON of a report.
    """
    content = {name: report[name] for name in _HASHED}
    content["results"] = [
        {name: value for name, value in result.items() if name != "seconds"} for result in report["results"]
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
