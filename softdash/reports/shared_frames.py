"""Frames that all potentials of a report computed: a comparison of potentials rests on these alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import RefusalError
from softdash.reports.number_text import count_text
from softdash.softening import analyse_forces
from softdash.softening.notices import LABEL_NOISE
from softdash.softening.statistics import SofteningStatistics

FEWEST_FOR_INTERVAL = 4
"""Frames from which on their own spread gives an interval; fewer need a spread that a report does not keep."""

_MOST_NAMED = 3


def have_other_frames(report: Report) -> bool:
    """Whether the potentials that gave a result used different frames of the upload."""
    return len({frozenset(used_frames(result)) for result in report.results if result.statistics is not None}) > 1


def used_frames(result: PotentialResult) -> set[int]:
    """Return the positions of the frames behind a potential's statistics."""
    return set() if result.statistics is None else {frame.frame for frame in result.statistics.frames}


def shared_frames(report: Report) -> set[int]:
    """Return the positions of the frames that all potentials with a result computed."""
    used = [used_frames(result) for result in report.results if result.statistics is not None]
    return set.intersection(*used) if used else set()


def shared_statistics(report: Report, points: ForcePoints, result: PotentialResult) -> SofteningStatistics | None:
    """Return a potential's statistics on the frames that all computed; None where these allow none.

    With fewer than `FEWEST_FOR_INTERVAL` frames, or where the result itself has no interval, there is none here either.

    Parameters
    ----------
    report : Report
    points : ForcePoints
        Of the report.
    result : PotentialResult
        One of the report's.
    """
    predicted, whole = points.predicted.get(result.potential.name), result.statistics
    if predicted is None or whole is None:
        return None
    frames = sorted(shared_frames(report))
    if set(frames) == used_frames(result):
        return whole
    of_frame = [points.frame == frame for frame in frames]
    try:
        found = analyse_forces(
            [points.reference[rows] for rows in of_frame],
            [predicted[rows] for rows in of_frame],
            [points.atomic_number[rows].astype(np.int_) for rows in of_frame],
            relaxation=whole.slope_interval is None,
            label_noise=LABEL_NOISE if whole.label_noise is None else whole.label_noise,
        )
    except RefusalError:
        return None
    if len(frames) < FEWEST_FOR_INTERVAL or whole.slope_interval is None:
        return replace(found, slope_interval=None, slope_standard_error=None)
    return found


def frames_sentence(report: Report) -> str:
    """Say on which frames potentials are compared, and who has no forces for which; empty where all used the same."""
    if not have_other_frames(report):
        return ""
    shared = shared_frames(report)
    where = (
        f"Compared on the {count_text(len(shared), 'frame')} that all potentials computed"
        if shared
        else "Not to be compared: no frame was computed by all potentials"
    )
    return f"{where}. {lost_sentence(report)}"


def lost_sentence(report: Report) -> str:
    """Say which potential has no forces for which frames that others computed; empty where all used the same."""
    origins = [frame.origin for frame in report.understanding.frames]
    used = [used_frames(result) for result in report.results]
    missing = [
        f"{result.potential.label} has no forces for {_named([origins[one] for one in sorted(lost)])}"
        for result, own in zip(report.results, used, strict=True)
        if result.statistics is not None and (lost := set().union(*used) - own)
    ]
    return f"{'; '.join(missing)}." if missing else ""


def _named(origins: list[str]) -> str:
    return ", ".join(origins) if len(origins) <= _MOST_NAMED else count_text(len(origins), "frame")
