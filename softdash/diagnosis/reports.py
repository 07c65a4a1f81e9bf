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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softdash import __version__
from softdash.diagnosis.records import (
    REPORT_SCHEMA_VERSION,
    PotentialResult,
    Report,
    UploadRecord,
)
from softdash.settings import Settings
from softdash.structures.labelled_frame import LabelledFrames

_SETTINGS_IN_REPORT = ("shortest_distance_refused", "force_max", "batch_atoms", "torch_threads")
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
    """

    frame: NDArray[np.int64]
    atom: NDArray[np.int64]
    atomic_number: NDArray[np.int64]
    reference: NDArray[np.float64]
    predicted: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One potential's result, and its forces for all atoms of all frames (n, 3), or None where it failed."""

    result: PotentialResult
    predicted: NDArray[np.float64] | None


def stack_predictions(frames: LabelledFrames, predicted: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64]:
    """Return the predicted forces of all frames below each other, NaN where a frame has none; shape (n, 3)."""
    parts = [
        np.full((len(frame.atoms), 3), np.nan) if forces is None else forces
        for frame, forces in zip(frames.frames, predicted, strict=True)
    ]
    return np.concatenate(parts)


def collect_points(frames: LabelledFrames, outcomes: Sequence[Outcome]) -> ForcePoints:
    """Return the forces of all frames and all potentials that succeeded."""
    counts = [len(frame.atoms) for frame in frames.frames]
    return ForcePoints(
        frame=np.repeat(np.arange(len(counts)), counts),
        atom=np.concatenate([np.arange(count) for count in counts]),
        atomic_number=np.concatenate([frame.atoms.numbers for frame in frames.frames]).astype(np.int64),
        reference=np.concatenate([frame.reference_forces for frame in frames.frames]),
        predicted={o.result.potential.name: o.predicted for o in outcomes if o.predicted is not None},
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
    return arrays_as_bytes(arrays)


def points_from_bytes(content: bytes) -> ForcePoints:
    """Read what `points_as_bytes` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        names = [str(name) for name in archive["potentials"]]
        return ForcePoints(
            frame=archive["frame"],
            atom=archive["atom"],
            atomic_number=archive["atomic_number"],
            reference=archive["reference"],
            predicted={name: archive[f"predicted_{position}"] for position, name in enumerate(names)},
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
        settings={name: getattr(settings, name) for name in _SETTINGS_IN_REPORT},
        results=tuple(outcome.result for outcome in outcomes),
        points_sha256=points_sha256,
        result_sha256="",
    )
    return report.model_copy(update={"result_sha256": result_sha256(report.model_dump(mode="json"))})


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
