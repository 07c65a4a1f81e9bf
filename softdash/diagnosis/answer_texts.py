"""The words of the answer that a report begins with, and the evidence they are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ase.data import chemical_symbols

from softdash.diagnosis.answer_records import Answer, AnswerReason, Topic
from softdash.diagnosis.records import CorrectionAdvice, PotentialResult, ReadingDoubt
from softdash.settings import Settings
from softdash.softening import three_digits
from softdash.softening.notices import noise_assumed, why_no_interval
from softdash.softening.relative_error import RelativeError
from softdash.softening.statistics import ElementSlope, Notice, SofteningStatistics

QUESTION = "Are its forces good enough near these configurations?"
BEYOND_FORCES = (
    "Beyond forces: what the benchmark shows for this potential on other materials, mean difference from DFT where not "
    "said otherwise. Yours may behave otherwise."
)
TOPICS: dict[Topic, str] = {"phonons": "Phonons", "barriers": "Barriers", "energies": "Energies"}

_WIDEST_SHOWN = 10.0
_COVERED = "That is about forces near these frames, not about barriers, phonons, energies or other phases."

FORCE_ERROR_LIMIT: float = Settings.model_fields["answer_force_error"].default
SLOPE_ERROR_LIMIT: float = Settings.model_fields["answer_slope_error"].default


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as good enough.

    Attributes
    ----------
    force_error : float
        Root mean square force error over that of the forces (setting ``answer_force_error``).
    slope_error : float
        Distance of the softening scale, of all forces and of each element, from 1 (setting ``answer_slope_error``).
    """

    force_error: float = FORCE_ERROR_LIMIT
    slope_error: float = SLOPE_ERROR_LIMIT

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that an installation sets."""
        return cls(settings.answer_force_error, settings.answer_slope_error)


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """What an answer rests on; see `softdash.diagnosis.answer.reach_answer`."""

    label: str
    statistics: SofteningStatistics
    notices: tuple[Notice, ...]
    advice: CorrectionAdvice
    doubts: tuple[ReadingDoubt, ...]
    limits: Limits


def element_beyond(statistics: SofteningStatistics, limits: Limits) -> ElementSlope | None:
    """Return the element farthest from 1 among those whose whole interval lies beyond the limit of the slope."""
    low, high = 1 - limits.slope_error, 1 + limits.slope_error
    found = [
        element
        for element in statistics.elements
        if element.interval is not None and (element.interval.high < low or element.interval.low > high)
    ]
    return max(found, key=lambda element: abs(element.slope - 1), default=None)


def in_doubt(doubts: Sequence[ReadingDoubt]) -> str:
    """Return the words of an answer while the physics contradicts how the files were read."""
    return f"First settle how the files are read. {doubts[0].headline}"


def answer_text(reason: AnswerReason, evidence: AnswerEvidence) -> tuple[str, dict[str, float]]:
    """Return the sentences of an answer, and the numbers that they show."""
    if reason == "doubtful_reading":
        return in_doubt(evidence.doubts), {}
    text, numbers = _told(reason, evidence)
    if reason in ("factor_within_limits", "better_with_factor") and "stress" not in evidence.advice.holds_for:
        text += " The factor is not for stresses, which want another one: keep the cell as it is."
    unknown = next((notice for notice in evidence.notices if notice.code == "functional_unknown"), None)
    if unknown is not None:
        text += " The functional of the labels or of the potential is not stated: this holds if it is the same one."
    return text, numbers


def factor_beside(reason: str, advice: CorrectionAdvice) -> str | None:
    """Return the advice for a factor beside an answer with this reason; None where its own words do."""
    gain = advice.held_out
    change = "" if gain is None else f", from {three_digits(gain.mae_before)} to {three_digits(gain.mae_after)} eV/Å"
    words = {
        "better_with_factor": "Optional: force errors lie below the limit without it. One factor would lower the error "
        f"of frames left out of its fit{change}.",
        "factor_at_the_limit": f"Yes: one factor lowers the error of frames left out of its fit{change}. Whether it is "
        "enough, more frames would tell.",
        "factor_not_enough": f"One factor lowers the error of frames left out of its fit{change}, but not below the "
        "limit: it helps until the potential is fine-tuned.",
    }.get(reason)
    return words if words is None else f"{words} {advice.caveat}".strip()


def _told(reason: AnswerReason, evidence: AnswerEvidence) -> tuple[str, dict[str, float]]:
    told = next((notice.message for notice in evidence.notices if notice.code == reason), None)
    if told is not None:
        return told, {}
    if reason in ("negative_slope", "near_equilibrium", "one_component", "single_frame", "no_interval"):
        return _no_evidence(reason, evidence)
    return _of_the_errors(reason, evidence)


def _no_evidence(reason: AnswerReason, evidence: AnswerEvidence) -> tuple[str, dict[str, float]]:
    statistics, errors = evidence.statistics, evidence.advice.relative_errors
    if reason == "negative_slope":
        return "The predicted forces point against the reference: check signs and the order of the atoms.", {}
    if reason == "near_equilibrium":
        numbers = {"reference_rms": statistics.reference_rms, "label_noise": noise_assumed(statistics)}
        text = (
            f"The forces are so small ({three_digits(statistics.reference_rms)} eV/Å, root mean square) that noise of "
            f"{three_digits(numbers['label_noise'])} eV/Å in the labels counts. Use hotter frames."
        )
        return text, numbers
    if reason == "one_component":
        leverage = statistics.largest_leverage
        text = (
            f"One force has {three_digits(100 * leverage.share)} % of the weight: atom {leverage.atom + 1} of frame "
            f"{leverage.frame + 1}, along {leverage.axis}. Check that DFT run, or leave the frame out."
        )
        return text, {
            "weight_percent": 100 * leverage.share,
            "atom": leverage.atom + 1.0,
            "frame": leverage.frame + 1.0,
        }
    if reason == "single_frame":
        numbers = {} if errors is None else {"force_error_percent": 100 * errors.uncorrected.value}
        own = "" if errors is None else f" ({three_digits(100 * errors.uncorrected.value)} % of the forces)"
        return (
            f"One frame shows its own errors{own}, not those of the material. Label a second one, far from it.",
            numbers,
        )
    return why_no_interval(statistics), {}


def _of_the_errors(reason: AnswerReason, evidence: AnswerEvidence) -> tuple[str, dict[str, float]]:
    advice, statistics = evidence.advice, evidence.statistics
    errors = advice.relative_errors
    if errors is None or errors.corrected is None:  # `choose` gives none of these reasons then
        return advice.text, {}
    if reason == "slope_too_far":
        return _slope_too_far(evidence, errors.uncorrected)
    limit = _percent(evidence.limits.force_error)
    now = f"Force errors are {_shown(errors.uncorrected)} of the forces"
    ends = errors.uncorrected.interval
    is_beyond = ends is not None and ends.low > evidence.limits.force_error
    so_far = f"Not good enough as it is: {now[0].lower()}{now[1:]}" if is_beyond else now
    before, after = (three_digits(100 * error.value) for error in (errors.uncorrected, errors.corrected))
    factor = f"c* = {three_digits(advice.linear_correction)}"
    left = f"{_shown(errors.corrected)} in frames left out of its fit"
    slope, allowed = _slope(statistics), _percent(evidence.limits.slope_error)
    texts: dict[AnswerReason, str] = {
        "within_limits": f"{now}, below your limit of {limit}; {slope}. {_COVERED}",
        "better_with_factor": f"{now}, below your limit of {limit}; {slope}. A factor is optional: {factor} "
        f"would leave {after} %. {_COVERED}",
        "factor_within_limits": f"Multiplied by {factor}, force errors are {left}, below your limit of {limit}; "
        f"without it {before} %. {_COVERED}",
        "factor_not_enough": f"{now}. One factor, {factor}, helps, but leaves {left}: above the limit of {limit}.",
        "error_too_large": f"{now}, above the limit of {limit}, and one factor leaves {left}.",
        "factor_not_advised": f"{now}, above the limit of {limit}, and one factor does not mend it: see the advice.",
        "at_the_limit": f"{now}: the interval holds the limit of {limit}. More frames would decide.",
        "factor_at_the_limit": f"{so_far}. With {factor} they are {left}: the interval holds the limit of {limit}. "
        "More frames would decide.",
        "slope_at_the_limit": f"{now}, but whether they are too small or large by more than {allowed} is open: "
        f"{slope}. More frames would decide.",
        "wide_interval": f"{now}, but the frames do not tell whether they are too small: {slope}. Add frames.",
        "factor_not_known": f"{so_far}, and whether one factor mends that is not known: with {factor} they are {left}. "
        "Add frames.",
    }
    numbers = {
        **_limit_numbers(evidence.limits),
        **_numbers("force_error", errors.uncorrected),
        **_numbers("corrected_error", errors.corrected),
        "linear_correction": advice.linear_correction,
        "slope": statistics.slope,
    }
    interval = statistics.slope_interval
    if interval is not None:
        numbers |= {"slope_low": interval.low, "slope_high": interval.high}
    return texts[reason], numbers


def _slope_too_far(evidence: AnswerEvidence, error: RelativeError) -> tuple[str, dict[str, float]]:
    limits, statistics = evidence.limits, evidence.statistics
    element = element_beyond(statistics, limits)
    which, slope = "on average they are", statistics.slope
    if element is not None:
        which, slope = f"those on {chemical_symbols[element.atomic_number]} are", element.slope
    percent = 100 * abs(1 - slope)
    text = (
        f"Force errors are {_shown(error)} of the forces, below the limit of {_percent(limits.force_error)}, but "
        f"{which} {three_digits(percent)} % too {'small' if slope < 1 else 'large'}, more than "
        f"{_percent(limits.slope_error)}, and no factor mends it."
    )
    return text, {**_limit_numbers(limits), **_numbers("force_error", error), "slope_error_percent": percent}


def _limit_numbers(limits: Limits) -> dict[str, float]:
    return {
        "force_error_limit_percent": 100 * limits.force_error,
        "slope_error_limit_percent": 100 * limits.slope_error,
    }


def _slope(statistics: SofteningStatistics) -> str:
    interval = statistics.slope_interval
    ends = "" if interval is None else f" ({three_digits(interval.low)} to {three_digits(interval.high)})"
    return f"the softening scale is {three_digits(statistics.slope)}{ends}"


def _shown(error: RelativeError) -> str:
    interval = error.interval
    ends = ""
    if interval is not None and interval.high > _WIDEST_SHOWN:
        ends = f" ({100 * interval.level:.0f} % interval to over ten times)"
    elif interval is not None:
        ends = (
            f" ({100 * interval.level:.0f} % interval {three_digits(100 * interval.low)} to "
            f"{three_digits(100 * interval.high)} %)"
        )
    return f"{three_digits(100 * error.value)} %{ends}"


def _numbers(name: str, error: RelativeError) -> dict[str, float]:
    found = {f"{name}_percent": 100 * error.value}
    if error.interval is not None:
        found |= {f"{name}_low": 100 * error.interval.low, f"{name}_high": 100 * error.interval.high}
    return found


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def answers_of(result: PotentialResult) -> list[tuple[str, Answer]]:
    """Return the answers of one potential with their headings: one, or one per material of the upload."""
    if result.answer is not None:
        return [(result.potential.label, result.answer)]
    return [
        (f"{result.potential.label}, {material.name}", material.answer)
        for material in result.materials
        if material.answer is not None
    ]


def answer_words(answer: Answer) -> str:
    """Return the reason of an answer, in the words of all forms of a report."""
    return answer.text


def findings_by_topic(answers: Sequence[tuple[str, Answer]]) -> list[tuple[str, str]]:
    """Return name and words of each topic that the answers of one potential have findings on; the same in all."""
    findings = answers[0][1].findings if answers else ()
    found = [(name, [one.text for one in findings if one.topic == topic]) for topic, name in TOPICS.items()]
    return [(name, "; ".join(texts)) for name, texts in found if texts]
