"""The service behind "upload and diagnose": what the pages, the API and the command line call.

Free of torch and of structure parsers: reading an upload happens in a child process with limits, computing in a worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.records import DiagnosisRecord, Report, UploadRecord
from softdash.potentials.interface import PotentialCard
from softdash.settings import Settings
from softdash.softening.statistics import Notice


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as it came in: the name its owner gave it, and where its bytes lie now."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class CreatedDiagnosis:
    """A new diagnosis, and the token that deletes it (shown once; only its hash is kept)."""

    record: DiagnosisRecord
    delete_token: str


@dataclass(frozen=True, slots=True)
class ShippedExample:
    """A shipped example: `name` for URLs, a title, one sentence on what it teaches, and its size."""

    name: str
    title: str
    lesson: str
    formula: str
    frame_count: int
    atom_count: int


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
class PotentialAvailability:
    """Whether a potential can be run now.

    `state` is ``"online"`` (a worker holds it loaded), ``"loading"``, ``"offline"`` (no worker serves it at present),
    ``"failed"`` (a worker could not load it, `problem` says why) or ``"not installed"``.
    """

    card: PotentialCard
    state: Literal["online", "loading", "offline", "failed", "not installed"]
    worker_count: int
    problem: str | None = None


class DiagnosisService:
    """Everything one can do with uploads and diagnoses.

    Parameters
    ----------
    settings : Settings
        Where the state lies, and all limits.
    """

    def __init__(self, settings: Settings) -> None:
        raise NotImplementedError

    def add_upload(self, files: Sequence[IncomingFile]) -> UploadRecord:
        """Read files in the sandbox, keep them, and return what was understood.

        Raises
        ------
        InputError
            If nothing usable is in the files (or one of its kinds: too large, unsupported format, refused).
        """
        raise NotImplementedError

    def upload(self, upload_id: str) -> UploadRecord:
        """Return an upload. Raises NotFoundError."""
        raise NotImplementedError

    def examples(self) -> tuple[ShippedExample, ...]:
        """Return the shipped examples."""
        raise NotImplementedError

    def add_example(self, name: str) -> UploadRecord:
        """Return the upload of a shipped example; it is read once and shared by all. Raises NotFoundError."""
        raise NotImplementedError

    def notices(self, upload_id: str, potential: str) -> tuple[Notice, ...]:
        """Return the warnings about running `potential` on an upload (functional, elements), before running.

        Raises
        ------
        NotFoundError, PotentialUnavailableError, InputError
        """
        raise NotImplementedError

    def estimated_seconds(self, upload: UploadRecord, potential: str) -> float:
        """Return how long a warm worker is likely to take, from past runs on this machine."""
        raise NotImplementedError

    def create(self, upload_id: str, potentials: Sequence[str], title: str | None = None) -> CreatedDiagnosis:
        """Record a diagnosis and put one run per potential into the queues.

        Raises
        ------
        NotFoundError
            If the upload is unknown.
        PotentialUnavailableError
            If a potential is unknown or not installed.
        InputError
            If no potential is named, one is named twice, or a classical one lacks an element.
        ConflictError
            If the queue is full.
        """
        raise NotImplementedError

    def diagnosis(self, diagnosis_id: str) -> DiagnosisRecord:
        """Return the present state of a diagnosis. Raises NotFoundError."""
        raise NotImplementedError

    def cancel(self, diagnosis_id: str) -> DiagnosisRecord:
        """Cancel what has not ended; runs that are done keep their result. Raises NotFoundError."""
        raise NotImplementedError

    def delete(self, diagnosis_id: str, token: str) -> None:
        """Delete a diagnosis and its report. Raises NotFoundError, ForbiddenError."""
        raise NotImplementedError

    def report(self, diagnosis_id: str) -> Report:
        """Return the report of a finished diagnosis.

        Raises
        ------
        NotFoundError
            If there is no such diagnosis.
        ConflictError
            If it has not finished, or ended without a result; the message says which.
        """
        raise NotImplementedError

    def points(self, diagnosis_id: str) -> ForcePoints:
        """Return the forces behind a report. Raises as `report`."""
        raise NotImplementedError

    def online_potentials(self) -> dict[str, PotentialAvailability]:
        """Return every known potential by name, and whether it can be run now."""
        raise NotImplementedError
