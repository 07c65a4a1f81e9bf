"""Which points decide the slope, in sentences: for the page of a report and its file."""

from __future__ import annotations

from softdash.diagnosis.records import PotentialResult, Report
from softdash.reports.number_text import count_text
from softdash.softening import three_digits
from softdash.softening.answers import Influence


def outlier_text(influence: Influence) -> str:
    """Say how far atoms scatter, which deviate, and on how few components the slope rests."""
    weights = influence.weights
    scatter = (
        f"the scatter of a component is {three_digits(influence.residual_scale)} eV/Å"
        if influence.outlier_count
        else f"no atom deviates more than {influence.outlier_limit:g} times the scatter of "
        f"{three_digits(influence.residual_scale)} eV/Å"
    )
    many = f"{count_text(influence.outlier_count, 'atom')} marked ● or further down the list deviate as outliers; "
    count = weights.top_component_count
    largest = "largest component carries" if count == 1 else f"{count:,} largest components (1 %) carry"
    weight = f" The {largest} {100 * weights.top_component_share:.0f} % of the slope's weight."
    start = many if influence.outlier_count else ""
    text = start + scatter
    return f"{text[0].upper()}{text[1:]}.{weight}"


def influence_text(report: Report, chosen: PotentialResult) -> str:
    """Say which frame moves the slope most."""
    influence, statistics = chosen.influence, chosen.statistics
    found = influence.most_influential_frame if influence is not None else None
    if found is None or statistics is None or statistics.leave_one_frame_out is None:
        return "One frame: the spread between frames is unknown."
    low, high = statistics.leave_one_frame_out
    return (
        f"Leaving one frame out keeps the slope within {low:.3f} and {high:.3f}. Without frame {found.frame + 1} "
        f"({report.understanding.frames[found.frame].origin}) it changes most, by {found.change:+.3f}; that frame has "
        f"{100 * found.weight:.0f} % of the weight."
    ).replace("-0.", "−0.")
