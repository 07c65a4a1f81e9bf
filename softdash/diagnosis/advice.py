"""What to do about a softened potential: the two factors, what they bring, how many labels are wanted, and which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.correction import factor_interval, held_out_or_reason, judge, not_before
from softdash.diagnosis.next_labels import RULE_LABELLED, frames_worth_labelling
from softdash.diagnosis.records import AdviceCode, CorrectionAdvice, ReadingDoubt
from softdash.diagnosis.verdict import decide
from softdash.errors import RefusalError
from softdash.softening import three_digits
from softdash.softening.answers import FramesNeeded, HeldOutGain
from softdash.softening.sample_size import frames_needed
from softdash.softening.statistics import Interval, Notice, SofteningStatistics

# By the code of the notice with which a factor would not measure softening.
_UNSUITABLE = {
    "functional_mismatch": "the labels come from another functional than the potential learnt, so that the factor "
    "would mix softening with the difference of the functionals",
    "element_outside_training_set": "the potential has not learnt every element, and a factor does not teach it",
    "demonstration_potential": "this is a classical potential for demonstrations",
}

# By the reason for which the verdict concludes nothing.
_INCONCLUSIVE = {
    "one_component": "Not before the one force that decides the slope has been checked: it decides the factor, too.",
    "elements_opposite": "No: one element is too soft and another too stiff, and one factor makes one of them worse.",
    "near_equilibrium": "Not on these labels: their forces are so small that noise may decide the factor.",
}


def advise(
    pairs: ComparedFrames,
    statistics: SofteningStatistics,
    notices: Sequence[Notice],
    ranked_items: int,
    doubts: Sequence[ReadingDoubt] = (),
) -> CorrectionAdvice:
    """Return the advice for one potential and one material.

    Parameters
    ----------
    pairs : ComparedFrames
    statistics : SofteningStatistics
        Of these frames.
    notices : sequence of Notice
        About this potential for this material (`softdash.diagnosis.suitability`).
    ranked_items : int
        Frames worth labelling that are named.
    doubts : sequence of ReadingDoubt
        While one stands, no factor is recommended.
    """
    factor_ends = factor_interval(pairs.reference, pairs.predicted)
    held_out, no_held_out = held_out_or_reason(pairs.reference, pairs.predicted)
    needed, no_needed = _frames_needed(pairs, statistics)
    code, text = _decide(statistics, factor_ends, held_out, notices)
    if doubts:
        code, text = "doubtful_reading", not_before(doubts)
    return CorrectionAdvice(
        inverse_slope=statistics.inverse_slope,
        inverse_slope_interval=inverted(statistics.slope_interval),
        linear_correction=statistics.linear_correction,
        linear_correction_interval=factor_ends,
        held_out=held_out,
        held_out_refusal=no_held_out,
        frames_needed=needed,
        frames_needed_refusal=no_needed,
        is_recommended=code == "multiply",
        code=code,
        text=text,
        next_frames=frames_worth_labelling(
            [frame.atoms for frame in pairs.frames], pairs.predicted, ranked_items, pairs.positions
        ),
        next_frames_rule=RULE_LABELLED,
    )


def inverted(interval: Interval | None) -> Interval | None:
    """Return the interval of 1/s from that of s; None where that holds zero."""
    if interval is None or interval.low <= 0 <= interval.high:
        return None
    return Interval(low=1 / interval.high, high=1 / interval.low, level=interval.level, method=interval.method)


def _frames_needed(pairs: ComparedFrames, statistics: SofteningStatistics) -> tuple[FramesNeeded | None, str | None]:
    interval = statistics.slope_interval
    by_frame = interval is not None and interval.method == "cluster by frame"
    informative = sum(bool(np.any(forces)) for forces in pairs.reference)
    try:
        return frames_needed(statistics.slope_standard_error if by_frame else None, informative), None
    except RefusalError as error:
        return None, f"{error.what} {error.advice or ''}".strip()


def _decide(
    statistics: SofteningStatistics, interval: Interval | None, held_out: HeldOutGain | None, notices: Sequence[Notice]
) -> tuple[AdviceCode, str]:
    if statistics.linear_correction <= 0:
        return "wrong_way", (
            "No factor can help: the predicted forces point against the reference forces. Check the sign of the forces "
            "and the order of the atoms."
        )
    level, reason = decide(statistics)
    if reason in ("one_component", "elements_opposite"):
        return "inconclusive", _INCONCLUSIVE[reason]
    code, text = judge(statistics, interval, held_out)
    if code != "multiply":
        return code, text
    if level == "unbiased":
        return "unbiased", "No: the softening scale agrees with 1, so there is nothing to correct."
    if level == "inconclusive":
        return "inconclusive", _INCONCLUSIVE.get(reason, "Not yet: the softening scale is not known well enough.")
    present = {notice.code for notice in notices}
    for reason_against, words in _UNSUITABLE.items():
        if reason_against in present:
            return "unsuitable", (
                f"No: {words}. Mathematically, c* = {three_digits(statistics.linear_correction)} would make the error "
                "smallest."
            )
    return code, text
