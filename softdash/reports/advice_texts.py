"""What to do about a potential that is too soft, in sentences: for the page of a report and its file."""

from __future__ import annotations

from softdash.diagnosis.records import CorrectionAdvice
from softdash.reports.number_text import count_text, force_text
from softdash.softening import three_digits
from softdash.softening.statistics import SofteningStatistics

FINE_TUNING_ADVICE = (
    "Where one factor is not enough (low R², slopes that differ between elements), fine-tune the potential on a few "
    "tens of frames with DFT forces of this material."
)


def linear_correction_text(label: str, statistics: SofteningStatistics) -> str:
    """Say what the factor of least error brings."""
    before, after = three_digits(statistics.mae), force_text(statistics.mae_at_linear_correction)
    return (
        f"With energies and forces of {label} times this one number, the mean error of these forces goes from "
        f"{before} to {after}. It is the best single factor for errors, and leaves the slope at "
        f"R² = {statistics.r_squared:.3f}."
    )


def inverse_slope_text(statistics: SofteningStatistics) -> str:
    """Say what the factor that turns the cloud back brings."""
    return (
        "This factor instead turns the cloud back onto the diagonal (slope 1) and enlarges the scatter: mean error "
        f"{force_text(statistics.corrected_mae)}."
    )


def held_out_text(advice: CorrectionAdvice) -> str:
    """Say what to expect in frames that the factor was not fitted to."""
    gain = advice.held_out
    if gain is None:
        return advice.held_out_refusal or "Not known."
    change = f"{100 * abs(gain.gain):.0f} % {'less' if gain.gain >= 0 else 'more'}"
    known = gain.mae_after_interval, gain.gain_interval
    ends = bounds = ""
    if known[0] is not None and known[1] is not None:
        ends = f" (95 % interval {three_digits(known[0].low)} to {three_digits(known[0].high)})"
        bounds = f" (gain between {100 * known[1].low:.0f} and {100 * known[1].high:.0f} %)"
    return (
        f"Expect a mean error of {force_text(gain.mae_after)}{ends} in frames that were not used for the factor, "
        f"against {force_text(gain.mae_before)} without it: {change}{bounds}. Each of the "
        f"{count_text(gain.frame_count, 'frame')} was left out once and corrected with the factor of the others."
    ).replace("-", "−")


def frames_needed_text(advice: CorrectionAdvice) -> str:
    """Say how many labelled frames the wanted interval takes."""
    needed = advice.frames_needed
    if needed is None:
        return advice.frames_needed_refusal or "Not known."
    if not needed.further_frames:
        return f"The softening scale is known this well already, by these {count_text(needed.frames_present, 'frame')}."
    return (
        f"To know the softening scale this well takes about {count_text(needed.frames, 'frame')} like these "
        f"({needed.frames_low:,} to {needed.frames_high:,}), {needed.further_frames:,} more than now, by the spread of "
        f"the slope between frames ({needed.frame_spread:.3f})."
    )


def labels_needed_text(statistics: SofteningStatistics) -> str:
    """Return the same for reports of version 1, which did not keep an interval of it."""
    needed = statistics.labels_needed
    components = f"about {count_text(needed.components, 'force component')} in all, if components were independent"
    if needed.frames is None:
        return (
            f"To know the softening scale this well takes {components}. With one frame the spread between frames is "
            "unknown; a second one tells it."
        )
    frames = f"about {count_text(needed.frames, 'frame')} like these"
    return f"To know the softening scale this well takes {frames} ({components})."
