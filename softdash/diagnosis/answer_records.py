"""The answer that a report begins with, and what the benchmark shows beside it: records only."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from softdash.softening.relative_error import RelativeErrors
from softdash.softening.statistics import Interval

AnswerCode = Literal["good_enough", "one_factor", "fine_tune", "do_not_conclude"]

AnswerReason = Literal[
    "within_limits",
    "better_with_factor",
    "factor_within_limits",
    "error_too_large",
    "factor_not_enough",
    "factor_not_advised",
    "slope_too_far",
    "at_the_limit",
    "factor_at_the_limit",
    "slope_at_the_limit",
    "factor_not_known",
    "doubtful_reading",
    "demonstration_potential",
    "functional_mismatch",
    "hubbard_u_unknown",
    "element_outside_training_set",
    "negative_slope",
    "near_equilibrium",
    "one_component",
    "single_frame",
    "no_interval",
    "wide_interval",
]

Topic = Literal["phonons", "barriers", "energies"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BenchmarkFinding(_Record):
    """What the benchmark shows for a potential on other materials; it says nothing about the material of the upload.

    Attributes
    ----------
    topic : {"phonons", "barriers", "energies"}
    quantity : str
        What is compared with DFT, in words.
    statistic : {"median ratio", "mean difference", "mean relative difference"}
        Of the potential against DFT, each relaxed by itself. Relative differences are shares of DFT's value.
    unit : str
        Of `value`; empty for ratios and shares.
    count : int
        Crystals or cases.
    value : float or None
        None where the benchmark has none.
    interval : Interval or None
        Of `value`; None for fewer than ten cases, which have their range only.
    smallest, largest : float or None
        Single cases.
    table : str
        Under ``precomputed/``.
    text : str
    """

    topic: Topic
    quantity: str
    statistic: Literal["median ratio", "mean difference", "mean relative difference"]
    unit: str
    count: int
    value: float | None
    interval: Interval | None
    smallest: float | None
    largest: float | None
    table: str
    text: str


class Answer(_Record):
    """Whether the forces of a potential are good enough near the configurations of the labels.

    Attributes
    ----------
    code : str
        ``good_enough`` (as it is), ``one_factor`` (multiplied by c*), ``fine_tune``, ``do_not_conclude``.
    reason : str
        Why: which limit was kept or passed, or what forbids an answer.
    title : str
        The answer in a few words.
    text : str
        The reason in one or two sentences.
    numbers : dict
        That `text` shows.
    errors : RelativeErrors or None
        Root mean square force error over that of the forces. None in doubt, when the forces may be others.
    force_error_limit, slope_error_limit : float
        The settings ``answer_force_error`` and ``answer_slope_error`` at the time.
    findings : tuple of BenchmarkFinding
        Barriers, phonons and energies of other materials in the benchmark, with this potential.
    """

    code: AnswerCode
    reason: AnswerReason
    title: str
    text: str
    numbers: dict[str, float]
    errors: RelativeErrors | None
    force_error_limit: float
    slope_error_limit: float
    findings: tuple[BenchmarkFinding, ...] = ()
