"""The records that the page, the API and the command line share: uploads, diagnoses, reports.

All are plain pydantic models; `Report` is the immutable result that a link shows, and its JSON form is the ``.json``
of the link. Times are UTC, ISO 8601. Forces are in eV/Å.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from softdash.diagnosis.answer_records import Answer as Answer
from softdash.diagnosis.doubt_records import DoubtCode as DoubtCode
from softdash.diagnosis.doubt_records import ReadingDoubt as ReadingDoubt
from softdash.diagnosis.doubt_records import ReadingProposal as ReadingProposal
from softdash.potentials.correction_recipe import Quantity, ReferenceState
from softdash.softening.answers import FramesNeeded, FrameToLabel, HeldOutGain, Influence, LabelStatistics
from softdash.softening.relative_error import RelativeErrors
from softdash.softening.statistics import Interval, Notice, SofteningStatistics

# What the sandbox hands over is part of the records as it is.
from softdash.structures.frames.read_options import ReadOptions as ReadOptions
from softdash.structures.frames.readings import Reading as Reading
from softdash.structures.upload.summary import FrameRecord as FrameRecord
from softdash.structures.upload.summary import RefusedFrameRecord as RefusedFrameRecord
from softdash.structures.upload.summary import Understanding as Understanding

REPORT_SCHEMA_VERSION = 5
"""Form of a report. Version 1 had the forces alone, version 2 no readings and doubts, version 3 no parts of the error
and the whole benchmark as population, version 4 one result for all materials of an upload and no answer; what came
later is empty when such a report is opened."""


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

    Attributes
    ----------
    material_count : int
        Compounds of the benchmark compared with, at like forces and pressure: all, or those with `element`.
    softer_than : int
        Those of them whose slope is larger than this material's.
    median : float or None
        Of their slopes; None where there are none.
    element : str or None
        Symbol of the element of this material that they all contain; None for all compounds.
    quartile_low, quartile_high : float or None
        Of their slopes. None in reports of version 1.
    softer_share_interval : Interval or None
        Of ``softer_than / material_count``, Wilson's. None in reports of version 1.
    is_enough : bool
        Whether there are enough compounds to say where the material stands.
    rms_range, pressure_range : (float, float) or None
        In which compounds count as like this material: rms force, eV/Å, and mean pressure, GPa (None where that of the
        material is not known). Both None in earlier reports, which compared with the whole set.
    pressure_offset_gpa : float or None
        Common offset of the potential's pressures to the labels', GPa, where it is so large that the pressure of the
        labels is no measure; `pressure_range` is None then.
    """

    dataset: str
    dataset_label: str
    material_count: int
    softer_than: int
    median: float | None
    sentence: str
    element: str | None = None
    quartile_low: float | None = None
    quartile_high: float | None = None
    softer_share_interval: Interval | None = None
    is_enough: bool = True
    rms_range: tuple[float, float] | None = None
    pressure_range: tuple[float, float] | None = None
    pressure_offset_gpa: float | None = None


class LabelComparison(_Record):
    """Energies or stresses, if the frames have them: `statistics`, or the sentence that says why there are none."""

    statistics: LabelStatistics | None = None
    refusal: str | None = None


AdviceCode = Literal[
    "multiply",
    "unsuitable",
    "wrong_way",
    "scatter",
    "unbiased",
    "no_interval",
    "no_gain",
    "unsure_gain",
    "inconclusive",
    "doubtful_reading",
    "weak_relation",
    "single_frame",
    "unlike_forces",
    "energies_disagree",
]


class CorrectionAdvice(_Record):
    """What to do: the two factors, what they bring, how many labels are wanted, and which ones.

    Attributes
    ----------
    inverse_slope : float
        1/s, which turns the cloud onto the diagonal. ``linear_correction × slope`` is R².
    inverse_slope_interval : Interval or None
        From the interval of s; None where that holds zero or does not exist.
    linear_correction : float
        c*, which makes the squared error smallest: the factor of the recipe.
    linear_correction_interval : Interval or None
    held_out : HeldOutGain or None
        Expected error after c* in frames that were not used for it.
    held_out_refusal : str or None
        Why `held_out` is None.
    frames_needed : FramesNeeded or None
    frames_needed_refusal : str or None
        Why `frames_needed` is None.
    is_recommended : bool
        Whether to multiply by c*.
    code : str
        The reason: ``multiply`` (do it), ``unsuitable`` (another functional, an element not learnt, a demonstration),
        ``wrong_way`` (negative factor), ``scatter`` (scatter is so large that a factor brings nothing),
        ``weak_relation`` (softening is the larger part of the error, but a factor lifts too much scatter with it),
        ``unbiased`` (the factor cannot be told from 1), ``single_frame`` (nothing says what it does to others),
        ``no_interval``, ``no_gain`` (held-out frames do not gain), ``unsure_gain`` (their gain may be none),
        ``unlike_forces`` (it makes one element, or small or large forces, worse), ``energies_disagree`` (they want
        another factor), ``inconclusive`` (the verdict concludes nothing: one force decides, elements
        differ in sign, forces too small), ``doubtful_reading`` (the files were perhaps read wrongly: see the doubts).
    text : str
        The advice in one or two sentences.
    next_frames : tuple of FrameToLabel
        Frames worth labelling, best first, as many as the setting ``ranked_items`` says.
    next_frames_rule : str
        How they were chosen, and what to make of it, in words.
    relative_errors : RelativeErrors or None
        Force errors over the forces, as they are and in frames left out of the factor. None in earlier reports.
    is_optional : bool
        Whether the force error lies below its limit without the factor.
    holds_for : tuple of {"energy", "forces", "stress"}
        Quantities of which the labels say nothing against the factor.
    caveat : str
        What the factor is not good for, and why; part of `text`. Empty where nothing is known.
    """

    inverse_slope: float
    inverse_slope_interval: Interval | None
    linear_correction: float
    linear_correction_interval: Interval | None
    held_out: HeldOutGain | None
    held_out_refusal: str | None
    frames_needed: FramesNeeded | None
    frames_needed_refusal: str | None
    is_recommended: bool
    code: AdviceCode
    text: str
    next_frames: tuple[FrameToLabel, ...]
    next_frames_rule: str
    relative_errors: RelativeErrors | None = None
    is_optional: bool = False
    holds_for: tuple[Quantity, ...] = ("energy", "forces", "stress")
    caveat: str = ""


class VerdictSentence(_Record):
    """One plain sentence, and the numbers it rests on (names as in the records they come from)."""

    code: str
    text: str
    numbers: dict[str, float]


class Verdict(_Record):
    """Plain-language outcome.

    `level`: ``softened``, ``stiffened``, ``unbiased``, ``inconclusive``; ``several_materials`` where each has its own.
    """

    level: str
    headline: str
    sentences: tuple[VerdictSentence, ...]


class _Identified(_Record):
    # Statistics stand here too, so that fields keep their order: earlier reports are served byte for byte.
    potential: PotentialIdentity
    seconds: float
    statistics: SofteningStatistics | None
    refused: tuple[RefusedFrameRecord, ...] = ()


class _Findings(_Record):
    """What one potential's forces say about one material; without `statistics`, `error` says why.

    Frame numbers inside `statistics` and `influence` are positions in ``understanding.frames``. `notices` warns about
    this potential for this material (functional, elements).

    Later than version 1 of the report, and None or empty in such reports: `energies`, `stresses` (how they compare),
    `influence` (most influential frame, weights, outliers, worst atoms and frames; frames as above), `advice` (what to
    do), `reference_states` (per composition the frame of lowest predicted energy, which a correction recipe needs).

    Later than version 2, and empty in such reports: `doubts` (the physics contradicts how the files were read, worst
    first), `tested` (readings that the physics confirmed).

    `answer` is what the report begins with; None in earlier reports.
    """

    statistics: SofteningStatistics | None
    notices: tuple[Notice, ...] = ()
    populations: tuple[PopulationComparison, ...] = ()
    verdict: Verdict | None = None
    error: dict[str, Any] | None = None
    energies: LabelComparison | None = None
    stresses: LabelComparison | None = None
    influence: Influence | None = None
    advice: CorrectionAdvice | None = None
    reference_states: tuple[ReferenceState, ...] = ()
    doubts: tuple[ReadingDoubt, ...] = ()
    tested: tuple[Reading, ...] = ()
    answer: Answer | None = None


class MaterialResult(_Findings):
    """One potential's findings about one material of an upload of several.

    `frames` are positions in ``understanding.frames``; `name` is the reduced formula, or the elements where frames were
    grouped by them. Where every frame failed, or no slope can be had, `statistics` is None and `error` says why.
    """

    name: str
    frames: tuple[int, ...]


class PotentialResult(_Findings, _Identified):
    """One potential's part of a report.

    `refused` lists the frames that this potential could not compute.

    `materials` has the findings per material where the upload holds several; earlier than version 5, and for one
    material, it is empty. With several, nothing is concluded about all of them together: `statistics` describes the
    cloud of all points and has no interval, `verdict` counts the materials, and there are no `advice`, `answer`,
    `populations`, `influence`, `energies` and `stresses`.
    """

    materials: tuple[MaterialResult, ...] = ()


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
    """A diagnosis as the page polls it; `title` and `note` are its owner's, plain text."""

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
    note: str = ""


class Report(_Record):
    """The immutable result of a diagnosis.

    `points_sha256` names the stored predicted and reference forces, energies and stresses.
    """

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

    @model_validator(mode="before")
    @classmethod
    def _without_address_of_schema(cls, content: Any) -> Any:
        # The ``.json`` of a link names its schema, for editors; that is no part of the report.
        if isinstance(content, dict):
            return {name: value for name, value in content.items() if name != "$schema"}
        return content

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        resolved = handler.resolve_ref_schema(schema)
        address = {"type": "string", "description": "Address of the schema, where a server gives one."}
        resolved["properties"] = {"$schema": address, **resolved["properties"]}
        return schema
