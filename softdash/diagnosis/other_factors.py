"""Whether energies or stresses want another factor than the forces: then the surface is not too flat by one number."""

from __future__ import annotations

from softdash.diagnosis.records import LabelComparison
from softdash.softening.answers import LabelStatistics
from softdash.softening.statistics import SofteningStatistics

OTHER_LABELS_TOLERANCE = 0.1
"""Distance from 1, after the factor, beyond which energies or stresses with their whole interval want another one."""


def other_factor(statistics: SofteningStatistics, comparison: LabelComparison | None) -> LabelStatistics | None:
    """Return the statistics of energies or stresses if they want another factor than the forces.

    They lie, with their whole interval, on the other side of one than the forces, so that the factor makes them worse,
    or after the factor still more than `OTHER_LABELS_TOLERANCE` away from one.

    Parameters
    ----------
    statistics : SofteningStatistics
        Of the forces.
    comparison : LabelComparison or None
        Energies or stresses of the same frames.
    """
    found = None if comparison is None else comparison.statistics
    if found is None:
        return None
    interval = found.slope_interval
    if interval is None:
        return None
    is_opposite = interval.low > 1 if statistics.slope < 1 else interval.high < 1
    low, high = sorted(statistics.linear_correction * end for end in (interval.low, interval.high))
    is_far = low > 1 + OTHER_LABELS_TOLERANCE or high < 1 - OTHER_LABELS_TOLERANCE
    return found if is_opposite or is_far else None
