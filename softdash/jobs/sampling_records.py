"""The records of a sampling: states of a structure without forces, and the inputs that label them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from softdash.diagnosis.expectation import SofteningExpectation
from softdash.diagnosis.records import DiagnosisState
from softdash.structures.upload.sampled_structure import StructureSummary


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SamplingPlan(_Record):
    """What is computed.

    Attributes
    ----------
    temperature : float
        K.
    time_ps, equilibration_ps : float
        Simulated time that frames are taken from, and before it.
    frame_count : int
    """

    temperature: float
    time_ps: float
    equilibration_ps: float
    frame_count: int


class SamplingStep(_Record):
    """How far a sampling is.

    Attributes
    ----------
    step, step_count : int
    time_ps : float
        Simulated time, equilibration included.
    temperature : float
        K, at this moment.
    frames : int
        So far.
    seconds : float
        Time that was spent computing so far.
    """

    step: int
    step_count: int
    time_ps: float
    temperature: float
    frames: int
    seconds: float = 0.0

    @property
    def seconds_left(self) -> float:
        """Time that the rest takes at the pace so far."""
        return self.seconds * (self.step_count - self.step) / max(1, self.step)


class SamplingOrigin(_Record):
    """What does not change: the structure, the potential, the plan, and what the benchmark lets one expect.

    `estimated_seconds` is how long it was likely to take when it was created.
    """

    file_name: str
    structure: StructureSummary
    potential: str
    label: str
    functional: str
    plan: SamplingPlan
    expectation: SofteningExpectation | None
    warnings: tuple[str, ...] = ()
    estimated_seconds: float | None = None


class SamplingRecord(_Record):
    """A sampling as the page polls it. `mean_temperature` (K, of the sampled part) is there when it is done."""

    id: str
    title: str
    state: DiagnosisState
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    origin: SamplingOrigin
    progress: SamplingStep | None
    mean_temperature: float | None = None
    message: str | None = None
    error: dict[str, Any] | None = None


class SamplingOffer(_Record):
    """One potential that could sample a structure, and about how long it takes here.

    Attributes
    ----------
    potential, label, functional : str
    is_universal : bool
    state : str
        Whether it can be run now, as of a potential.
    seconds_before : float
        Of computing, before states are taken.
    seconds_per_state : float
    warnings : tuple of str
    """

    potential: str
    label: str
    functional: str
    is_universal: bool
    state: str
    seconds_before: float
    seconds_per_state: float
    warnings: tuple[str, ...]


class SamplingPreview(_Record):
    """What would be sampled, with what, and how one may choose; nothing of it is kept.

    Attributes
    ----------
    structure : StructureSummary
    potentials : tuple of SamplingOffer
        The one taken without a choice first.
    plan : SamplingPlan
        As without a choice.
    frame_count_max : int
    temperature_max : float
        K.
    seconds_max : float
        Longest computing time here.
    """

    structure: StructureSummary
    potentials: tuple[SamplingOffer, ...]
    plan: SamplingPlan
    frame_count_max: int
    temperature_max: float
    seconds_max: float
