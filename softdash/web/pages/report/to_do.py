"""What to do with a potential that is too soft: factors, what they bring, labels that are missing, downloads."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import CorrectionAdvice, PotentialResult, Report
from softdash.reports.advice_texts import (
    FINE_TUNING_ADVICE,
    frames_needed_text,
    held_out_text,
    inverse_slope_text,
    labels_needed_text,
    linear_correction_text,
)
from softdash.softening import quantities
from softdash.softening.quantities import Quantity
from softdash.softening.statistics import Interval, SofteningStatistics
from softdash.web.parts.number_text import force_text
from softdash.web.parts.page_parts import Children, notice

_LABEL_NEXT, _FINE_TUNE = "Label next", "Fine-tune"
_ON_SCREEN = (_LABEL_NEXT, _FINE_TUNE)


def to_do_part(
    report: Report, chosen: PotentialResult, statistics: SofteningStatistics, material: str | None = None
) -> Component:
    """Return the panel of one potential; `material` is the one among several that `report` is a view of."""
    label, advice = chosen.potential.label, chosen.advice
    parts: list[Component] = [html.H2(f"What to do with {label}")]
    if advice is not None:
        parts.append(notice(html.P(html.Strong(advice.text)), kind="info" if advice.is_recommended else "warning"))
    if chosen.doubts:  # factors of forces that were perhaps read wrongly help nobody
        text = "First settle how the files are read: see the top of this report." if advice is None else ""
        return html.Section([*parts, html.P(text)] if text else parts, className="report-to-do")
    rows: list[tuple[Children, Children]] = [
        (
            _factor(quantities.LINEAR_CORRECTION, statistics, advice.linear_correction_interval if advice else None),
            linear_correction_text(label, statistics),
        ),
        (
            _factor(quantities.INVERSE_SLOPE, statistics, advice.inverse_slope_interval if advice else None),
            inverse_slope_text(statistics),
        ),
    ]
    if advice is not None:
        rows.append(("On unseen frames", held_out_text(advice)))
        rows.append((f"± {statistics.labels_needed.half_width:.2f}", frames_needed_text(advice)))
        if advice.next_frames:
            rows.append((_LABEL_NEXT, _next_frames(report, advice)))
    else:
        rows.append((f"± {statistics.labels_needed.half_width:.2f}", labels_needed_text(statistics)))
    rows.append((_FINE_TUNE, FINE_TUNING_ADVICE))
    # Printed, a report has two pages; these rows are for who reads on.
    listed = [
        html.Div([html.Dt(name), html.Dd(text)], className="no-print" if name in _ON_SCREEN else "")
        for name, text in rows
    ]
    parts.append(html.Dl(listed, className="to-do"))
    if advice is not None and chosen.reference_states and advice.linear_correction > 0:
        parts.append(_downloads(report, chosen, material))
    return html.Section(parts, className="report-to-do")


def _factor(quantity: Quantity, statistics: SofteningStatistics, interval: Interval | None) -> Children:
    text = f"{quantity.symbol} = {quantity.text(statistics)}"
    return text if interval is None else [text, html.Small(f" {quantity.written_ends(interval)}")]


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


def _downloads(report: Report, chosen: PotentialResult, material: str | None) -> Component:
    name, address = chosen.potential.name, f"/report/{report.id}"
    of_material = f"?{urlencode({'material': material})}" if material else ""
    recipes = (
        (
            "Recipe (.json)",
            f"{address}/recipe/{name}.json{of_material}",
            "The factor with its data, for ScaledCalculator",
        ),
        ("Python lines (.py)", f"{address}/snippet/{name}.py{of_material}", "Loads the recipe as an ASE calculator"),
    )
    files = (
        ("Frames (.extxyz)", f"{address}.extxyz", "All frames with DFT and predicted forces"),
        ("Report (.json)", f"{address}.json", "Everything on this page as numbers"),
        ("Forces (.csv)", f"{address}.csv", "One row per force component"),
        ("Page (.html)", f"{address}.html", "One file that opens without a network"),
    )
    # Files of the whole report stand at its head.
    links = recipes if material else (*recipes, *files)
    return html.Div(
        [
            html.Span("Download", className="muted"),
            *(html.A(text, href=href, title=what) for text, href, what in links),
        ],
        className="figure-tools no-print",
    )
