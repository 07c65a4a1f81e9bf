"""What to do with a potential that is too soft: factors, what they bring, labels that are missing, downloads."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import CorrectionAdvice, PotentialResult, Report
from softdash.softening import three_digits
from softdash.softening.statistics import Interval, SofteningStatistics
from softdash.web.components.number_text import count_text, force_text
from softdash.web.components.page_parts import Children, notice

_FINE_TUNING_ADVICE = (
    "Where one factor is not enough (low R², slopes that differ between elements), fine-tune the potential on a few "
    "tens of frames with DFT forces of this material."
)
_LABEL_NEXT, _FINE_TUNE = "Label next", "Fine-tune"
_ON_SCREEN = (_LABEL_NEXT, _FINE_TUNE)


def to_do_part(report: Report, chosen: PotentialResult, statistics: SofteningStatistics) -> Component:
    """Return the panel of one potential."""
    label, advice = chosen.potential.label, chosen.advice
    parts: list[Component] = [html.H2(f"What to do with {label}")]
    if advice is not None:
        parts.append(notice(html.P(html.Strong(advice.text)), kind="info" if advice.is_recommended else "warning"))
    rows: list[tuple[Children, Children]] = [
        (
            _factor("c*", statistics.linear_correction, advice.linear_correction_interval if advice else None),
            _linear_correction(label, statistics),
        ),
        (
            _factor("1/s", statistics.inverse_slope, advice.inverse_slope_interval if advice else None),
            _inverse_slope(statistics),
        ),
    ]
    if advice is not None:
        rows.append(("On unseen frames", _held_out(advice)))
        rows.append((f"± {statistics.labels_needed.half_width:.2f}", _frames_needed(advice)))
        if advice.next_frames:
            rows.append((_LABEL_NEXT, _next_frames(report, advice)))
    else:
        rows.append((f"± {statistics.labels_needed.half_width:.2f}", _labels_needed(statistics)))
    rows.append((_FINE_TUNE, _FINE_TUNING_ADVICE))
    # Printed, a report has two pages; these rows are for who reads on.
    listed = [
        html.Div([html.Dt(name), html.Dd(text)], className="no-print" if name in _ON_SCREEN else "")
        for name, text in rows
    ]
    parts.append(html.Dl(listed, className="to-do"))
    if advice is not None and chosen.reference_states and advice.linear_correction > 0:
        parts.append(_downloads(report, chosen))
    return html.Section(parts, className="report-to-do")


def _factor(name: str, value: float, interval: Interval | None) -> Children:
    text = f"{name} = {value:.3f}".replace("-", "−")
    if interval is None:
        return text
    return [text, html.Small(f" {interval.low:.3f} to {interval.high:.3f}".replace("-", "−"))]


def _linear_correction(label: str, statistics: SofteningStatistics) -> str:
    before, after = three_digits(statistics.mae), force_text(statistics.mae_at_linear_correction)
    return (
        f"Multiply energies and forces of {label} by this one number: the mean error of these forces goes from "
        f"{before} to {after}. It is the best single factor for errors, and leaves the slope at "
        f"R² = {statistics.r_squared:.3f}."
    )


def _inverse_slope(statistics: SofteningStatistics) -> str:
    return (
        "This factor instead turns the cloud back onto the diagonal (slope 1) and enlarges the scatter: mean error "
        f"{force_text(statistics.corrected_mae)}."
    )


def _held_out(advice: CorrectionAdvice) -> str:
    gain = advice.held_out
    if gain is None:
        return advice.held_out_refusal or "Not known."
    change = f"{100 * abs(gain.gain):.0f} % {'less' if gain.gain >= 0 else 'more'}"
    low, high = sorted((100 * gain.gain_interval.low, 100 * gain.gain_interval.high))
    return (
        f"Expect a mean error of {force_text(gain.mae_after)} (95 % interval "
        f"{three_digits(gain.mae_after_interval.low)} to {three_digits(gain.mae_after_interval.high)}) in frames that "
        f"were not used for the factor, against {force_text(gain.mae_before)} without it: {change} "
        f"(gain between {low:.0f} and {high:.0f} %). Each of the {count_text(gain.frame_count, 'frame')} was left out "
        "once and corrected with the factor of the others."
    ).replace("-", "−")


def _frames_needed(advice: CorrectionAdvice) -> str:
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


def _labels_needed(statistics: SofteningStatistics) -> str:
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


def _next_frames(report: Report, advice: CorrectionAdvice) -> Children:
    buttons = [
        html.Button(
            str(item.frame + 1),
            type="button",
            className="text-button",
            title=f"{report.understanding.frames[item.frame].origin}; rms of predicted forces "
            f"{force_text(item.predicted_rms)}",
            **{"data-frame": str(item.frame + 1), "aria-label": f"Show frame {item.frame + 1}"},
        )
        for item in advice.next_frames
    ]
    spaced = [part for button in buttons for part in (button, " ")]
    return [
        html.Span("Frames ", className="muted"),
        *spaced,
        html.Div(advice.next_frames_rule, className="muted small"),
    ]


def _downloads(report: Report, chosen: PotentialResult) -> Component:
    name, address = chosen.potential.name, f"/report/{report.id}"
    links = (
        ("Recipe (.json)", f"{address}/recipe/{name}.json", "The factor with its data, for ScaledCalculator"),
        ("Python lines (.py)", f"{address}/snippet/{name}.py", "Loads the recipe as an ASE calculator"),
        ("Frames (.extxyz)", f"{address}.extxyz", "All frames with DFT and predicted forces"),
        ("Report (.json)", f"{address}.json", "Everything on this page as numbers"),
        ("Forces (.csv)", f"{address}.csv", "One row per force component"),
        ("Page (.html)", f"{address}.html", "One file that opens without a network"),
    )
    return html.Div(
        [
            html.Span("Download", className="muted"),
            *(html.A(text, href=href, title=what) for text, href, what in links),
        ],
        className="figure-tools no-print",
    )
