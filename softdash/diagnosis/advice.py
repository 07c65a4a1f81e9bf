"""What to do about a softened potential: the two factors, what they bring, how many labels are wanted, and which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.factor_advice import (
    FactorEvidence,
    caveat_of,
    factor_interval,
    held_out_or_reason,
    judge,
    quantities_of,
)
from softdash.diagnosis.next_labels import RULE_LABELLED, frames_worth_labelling
from softdash.diagnosis.records import CorrectionAdvice, LabelComparison, ReadingDoubt
from softdash.errors import RefusalError
from softdash.softening.answers import FramesNeeded
from softdash.softening.relative_error import relative_errors
from softdash.softening.sample_size import frames_needed
from softdash.softening.statistics import Interval, Notice, SofteningStatistics


def advise(
    pairs: ComparedFrames,
    statistics: SofteningStatistics,
    notices: Sequence[Notice],
    ranked_items: int,
    doubts: Sequence[ReadingDoubt] = (),
    energies: LabelComparison | None = None,
    stresses: LabelComparison | None = None,
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
    energies : LabelComparison, optional
        Of these frames: they may want another factor.
    stresses : LabelComparison, optional
        Of these frames: where they want another factor, the advice says so, and the factor is not for them.
    """
    relaxation = statistics.no_interval_reason == "relaxation_steps"
    factor_ends = factor_interval(
        pairs.reference,
        pairs.predicted,
        relaxation=relaxation,
        slope=statistics.slope,
        slope_interval=statistics.slope_interval,
    )
    held_out, no_held_out = held_out_or_reason(pairs.reference, pairs.predicted, relaxation=relaxation)
    needed, no_needed = _frames_needed(pairs, statistics)
    evidence = FactorEvidence(
        statistics, factor_ends, held_out, {notice.code for notice in notices}, energies, doubts, stresses
    )
    code, text = judge(evidence)
    caveat = "" if doubts else caveat_of(evidence)
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
        text=f"{text} {caveat}" if code == "multiply" and caveat else text,
        next_frames=frames_worth_labelling(
            [frame.atoms for frame in pairs.frames], pairs.predicted, ranked_items, pairs.positions
        ),
        next_frames_rule=RULE_LABELLED,
        relative_errors=relative_errors(
            pairs.reference,
            pairs.predicted,
            pairs.numbers,
            relaxation=relaxation,
        ),
        holds_for=quantities_of(evidence),
        caveat=caveat,
    )


def inverted(interval: Interval | None) -> Interval | None:
    """Return the interval of 1/s from that of s; None where that holds zero."""
    if interval is None or interval.low <= 0 <= interval.high:
        return None
    return Interval(low=1 / interval.high, high=1 / interval.low, level=interval.level, method=interval.method)


def _frames_needed(pairs: ComparedFrames, statistics: SofteningStatistics) -> tuple[FramesNeeded | None, str | None]:
    interval = statistics.slope_interval
    by_frame = interval is not None and interval.compares_frames
    informative = sum(bool(np.any(forces)) for forces in pairs.reference)
    if statistics.effective_frames is not None:  # of frames near in time, or copies
        informative = min(informative, statistics.effective_frames)
    try:
        return frames_needed(
            statistics.slope_standard_error if by_frame else None,
            informative,
            degrees_of_freedom=statistics.degrees_of_freedom,
        ), None
    except RefusalError as error:
        return None, f"{error.what} {error.advice or ''}".strip()
