"""The records of a sampling: states of a structure without forces, and the inputs that label them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from softdash.diagnosis.expectation import SofteningExpectation
from softdash.diagnosis.records import DiagnosisState
from softdash.structures.sampled_structure import StructureSummary


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
    """How far a sampling is: steps, simulated time, temperature at that moment (K), frames so far."""

    step: int
    step_count: int
    time_ps: float
    temperature: float
    frames: int


class SamplingOrigin(_Record):
    """What does not change: the structure, the potential, the plan, and what the benchmark lets one expect."""

    file_name: str
    structure: StructureSummary
    potential: str
    label: str
    functional: str
    plan: SamplingPlan
    expectation: SofteningExpectation | None
    warnings: tuple[str, ...] = ()


class SamplingRecord(_Record):
    """A sampling as the page polls it. `mean_temperature` (K, of the sampled part) is there when it is done."""

    id: str
    state: DiagnosisState
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    origin: SamplingOrigin
    progress: SamplingStep | None
    mean_temperature: float | None = None
    message: str | None = None
    error: dict[str, Any] | None = None
