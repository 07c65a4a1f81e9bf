"""The figures of a report with their findings and captions."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.records import PopulationComparison, PotentialResult, Report
from softdash.softening.statistics import Interval
from softdash.web.components.number_text import count_text, force_text
from softdash.web.components.page_parts import figure_card
from softdash.web.components.report_figures import ReportFigures
from softdash.web.components.statistics_table import interval_meaning, slope_text
from softdash.web.figures.diagnosis import DiagnosisSeries, element_finding, frame_finding, magnitude_finding

_PARITY_HEIGHT = 460
_BREAKDOWN_HEIGHT = 360


def parity_part(report: Report, chosen: PotentialResult, series: DiagnosisSeries, figures: ReportFigures) -> Component:
    """Return parity plot and residual plot of one potential."""
    statistics, label = series.statistics, series.label
    count = f"{statistics.component_count:,} force components of {count_text(statistics.frame_count, 'frame')}."
    understood = report.understanding
    code = f" by {understood.code}" if understood.code else ""
    source = f"Reference: {understood.functional or 'DFT'}{code}; {', '.join(file.name for file in report.files)}."
    meaning = interval_meaning(statistics.slope_interval)
    parity = figure_card(
        "report-parity",
        f"{label}: predicted against DFT forces, slope {slope_text(statistics.slope, statistics.slope_interval)}",
        f"{count} Dashed: perfect agreement. Line: fit through the origin; shaded: {meaning}. Right of zero, points "
        "below the diagonal mean softening (force underprediction), above it stiffening (force overprediction). "
        f"{source}",
        file_name=f"parity-{chosen.potential.name}",
        figure=figures.parity(chosen),
        height=_PARITY_HEIGHT,
    )
    residuals = figure_card(
        "report-residuals",
        f"{label}: what is left, mean absolute error {force_text(statistics.mae)}",
        f"Predicted minus DFT against DFT. {count} The sloped line is what the softening scale explains. {source}",
        file_name=f"residuals-{chosen.potential.name}",
        figure=figures.residuals(chosen),
        height=_PARITY_HEIGHT,
    )
    return html.Div([parity, residuals], className="columns parity-figures")


def breakdowns_part(chosen: PotentialResult, series: DiagnosisSeries, figures: ReportFigures) -> Component:
    """Return slope by force, by element and by frame of all potentials, and the place among benchmark materials."""
    statistics = series.statistics
    bars = _bars(statistics.slope_interval)
    cards: list[Component] = []
    if statistics.magnitude_bins:
        cards.append(
            figure_card(
                "report-magnitude",
                magnitude_finding(series),
                f"Slope through the origin in bins of the size of the DFT force component. {bars}",
                file_name="slope-by-force",
                figure=figures.by_magnitude(),
                height=_BREAKDOWN_HEIGHT,
            )
        )
    if statistics.elements:
        cards.append(
            figure_card(
                "report-elements",
                element_finding(series),
                "Slope (least squares with intercept) over the components on each element; elements with fewer than 30 "
                f"components are left out. {bars}",
                file_name="slope-by-element",
                figure=figures.by_element(),
                height=_BREAKDOWN_HEIGHT,
            )
        )
    if statistics.frame_count > 1:
        cards.append(
            figure_card(
                "report-frames",
                frame_finding(series),
                "Markers: slope of each frame alone. Dashes: slope of all other frames without it.",
                file_name="slope-by-frame",
                figure=figures.by_frame(),
                height=_BREAKDOWN_HEIGHT,
            )
        )
    cards += _populations(chosen, figures)
    parts: list[Component] = [html.H2("The slope taken apart"), html.Div(cards, className="columns")]
    if not cards:
        parts = [html.H2("The slope taken apart"), html.P("Too few force components to take the slope apart.")]
    return html.Section(parts, className="report-breakdowns")


def _bars(interval: Interval | None) -> str:
    unit = "atoms" if interval is not None and interval.method == "cluster by atom" else "frames"
    return f"Bars: 95 % intervals from the spread between {unit}."


def _populations(chosen: PotentialResult, figures: ReportFigures) -> list[Component]:
    cards: list[Component] = []
    for comparison in chosen.populations:
        figure = figures.population(chosen, comparison)
        if figure is None:
            continue
        drawn = f"{comparison.material_count:,} compounds of {comparison.dataset_label}. Line and band: this material."
        cards.append(
            figure_card(
                f"report-population-{comparison.dataset}",
                comparison.sentence.rstrip("."),
                [f"{drawn} ", dcc.Link("All about this distribution", href=_softening_page(chosen, comparison))],
                file_name=f"place-in-{comparison.dataset}",
                figure=figure,
                height=_BREAKDOWN_HEIGHT,
            )
        )
    return cards


def _softening_page(chosen: PotentialResult, comparison: PopulationComparison) -> str:
    return f"/softening?data={comparison.dataset}&potentials={chosen.potential.name}"
