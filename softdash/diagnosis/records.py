"""The records that the page, the API and the command line share: uploads, diagnoses, reports.

All are plain pydantic models; `Report` is the immutable result that a link shows, and its JSON form is the ``.json``
of the link. Times are UTC, ISO 8601. Forces are in eV/Å.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from softdash.softening.statistics import Notice, SofteningStatistics

# What the sandbox hands over is part of the records as it is.
from softdash.structures.read_options import ReadOptions as ReadOptions
from softdash.structures.summary import FrameRecord as FrameRecord
from softdash.structures.summary import RefusedFrameRecord as RefusedFrameRecord
from softdash.structures.summary import Understanding as Understanding

REPORT_SCHEMA_VERSION = 1


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DiagnosisState(StrEnum):
    """Where a diagnosis, or one potential's run inside it, stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether it can change no more."""
        return self in (DiagnosisState.DONE, DiagnosisState.FAILED, DiagnosisState.CANCELLED)


class UploadedFile(_Record):
    """One file of an upload, by content."""

    name: str
    sha256: str
    byte_count: int


class UploadRecord(_Record):
    """An upload that was read. `frames_sha256` names the stored labelled frames; `example` which shipped one it is."""

    id: str
    created_at: datetime
    files: tuple[UploadedFile, ...]
    frames_sha256: str
    understanding: Understanding
    example: str | None = None


class PotentialIdentity(_Record):
    """Which potential, exactly."""

    name: str
    label: str
    family: str
    version: str
    package: str
    package_version: str
    weights_sha256: str
    functional: str
    training_set: str
    citation: str
    licence: str
    notes: tuple[str, ...]


class PopulationComparison(_Record):
    """Place of this material in a benchmark's distribution of the same potential.

    `softer_than` counts benchmark materials whose slope is larger than this one's.
    """

    dataset: str
    dataset_label: str
    material_count: int
    softer_than: int
    median: float
    sentence: str


class VerdictSentence(_Record):
    """One plain sentence, and the numbers it rests on (names as in `SofteningStatistics`)."""

    code: str
    text: str
    numbers: dict[str, float]


class Verdict(_Record):
    """Plain-language outcome. `level`: ``softened``, ``stiffened``, ``unbiased``, ``inconclusive``."""

    level: str
    headline: str
    sentences: tuple[VerdictSentence, ...]


class PotentialResult(_Record):
    """One potential's part of a report; `statistics` is None when it failed, and `error` says why.

    Frame numbers inside `statistics` are positions in ``understanding.frames``. `refused` lists the frames that this
    potential could not compute; `notices` warns about this potential for this material (functional, elements).
    """

    potential: PotentialIdentity
    seconds: float
    statistics: SofteningStatistics | None
    refused: tuple[RefusedFrameRecord, ...] = ()
    notices: tuple[Notice, ...] = ()
    populations: tuple[PopulationComparison, ...] = ()
    verdict: Verdict | None = None
    error: dict[str, Any] | None = None


class RunRecord(_Record):
    """Progress of one potential in a diagnosis."""

    potential: str
    label: str
    state: DiagnosisState
    done: int
    total: int
    attempts: int
    error: dict[str, Any] | None = None


class DiagnosisRecord(_Record):
    """A diagnosis as the page polls it."""

    id: str
    upload_id: str
    title: str
    state: DiagnosisState
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    runs: tuple[RunRecord, ...]
    place_in_queue: int | None = None
    message: str | None = None


class Report(_Record):
    """The immutable result of a diagnosis. `points_sha256` names the stored predicted and reference forces."""

    schema_version: int
    id: str
    title: str
    created_at: datetime
    finished_at: datetime
    softdash_version: str
    files: tuple[UploadedFile, ...]
    example: str | None
    understanding: Understanding
    settings: dict[str, Any]
    results: tuple[PotentialResult, ...]
    points_sha256: str
    result_sha256: str
