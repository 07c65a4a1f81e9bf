"""The potentials of one report by rank, and what that says."""

from __future__ import annotations

from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.reports.number_text import slope_text
from softdash.reports.shared_frames import have_other_frames, shared_statistics, used_frames
from softdash.softening import three_digits
from softdash.softening.statistics import Interval, SofteningStatistics


def ranked(report: Report, points: ForcePoints | None) -> list[tuple[PotentialResult, SofteningStatistics]]:
    """Return the potentials that gave a result, on the frames that all computed, the smallest mean error first.

    Parameters
    ----------
    report : Report
    points : ForcePoints or None
        Of the report; needed only where the potentials used different frames (`have_other_frames`). Where these share
        no frame that allows a slope, each keeps the statistics of its own frames.
    """
    found = [(result, result.statistics) for result in report.results if result.statistics is not None]
    if points is not None and have_other_frames(report):
        shared = [(result, shared_statistics(report, points, result)) for result, _ in found]
        alike = [(result, statistics) for result, statistics in shared if statistics is not None]
        found = alike if len(alike) == len(found) else found
    return sorted(found, key=lambda pair: pair[1].mae)


def ranking_finding(order: list[tuple[PotentialResult, SofteningStatistics]]) -> str:
    """Say which potential has the smallest error and which is least biased, and whether that is sure."""
    if not order:
        return "No potential gave a result."
    if any(result.doubts for result, _ in order):
        return "How the files were read is in doubt: slopes and errors are those of the forces as read."
    best, best_statistics = order[0]
    text = f"{best.potential.label} has the smallest error ({three_digits(best_statistics.mae)} eV/Å)."
    if len(order) < 2:
        return text
    if not set.intersection(*(used_frames(result) for result, _ in order)):
        return "No frame was computed by all potentials: their errors do not compare."
    straight, straight_statistics = min(order, key=lambda pair: abs(pair[1].slope - 1))
    value = slope_text(straight_statistics.slope, straight_statistics.slope_interval)
    text += f" The slope of {straight.potential.label} is nearest to 1 ({value})"
    same = [
        result.potential.label
        for result, statistics in order
        if result is not straight and _overlap(statistics.slope_interval, straight_statistics.slope_interval)
    ]
    if same:
        return f"{text}; its interval overlaps with that of {_listed(same)}."
    return f"{text}; no other interval overlaps with its own."


def _overlap(one: Interval | None, other: Interval | None) -> bool:
    return one is not None and other is not None and one.low <= other.high and other.low <= one.high


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
