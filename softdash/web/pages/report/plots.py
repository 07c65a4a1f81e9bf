"""The figures of a report with their findings and captions."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.records import PopulationComparison, PotentialResult, Report
from softdash.softening.statistics import Interval, SofteningStatistics
from softdash.web.figures.diagnosis import DiagnosisSeries, element_finding, frame_finding, magnitude_finding
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.parts.number_text import count_text, force_text
from softdash.web.parts.page_parts import exact_number, figure_card, table_tools
from softdash.web.parts.statistics_table import interval_meaning, slope_text

_PARITY_HEIGHT = 460
_BREAKDOWN_HEIGHT = 360
_SIDES = (
    "Right of zero, points below the diagonal mean softening (force underprediction), above it stiffening (force "
    "overprediction)."
)
PARITY_MODES = {"one": "One potential", "beside": "Side by side", "over": "Overlaid"}
"""Ways to show the parity plots of several potentials, by their names in addresses."""


def parity_part(report: Report, chosen: PotentialResult, mode: str, figures: ReportFigures) -> Component:
    """Return parity and residual plots.

    Parameters
    ----------
    report : Report
    chosen : PotentialResult
        The potential that is shown where only one is.
    mode : str
        ``"one"``, ``"beside"`` (a plot for each potential) or ``"over"`` (all in one).
    figures : ReportFigures
    """
    results = [result for result in report.results if result.statistics is not None]
    if mode == "over" and len(results) > 1:
        cards = _overlaid(report, results, figures)
    elif mode == "beside" and len(results) > 1:
        cards = [_parity_card(report, result, figures, f"report-parity-{k}") for k, result in enumerate(results)]
    else:
        cards = [_parity_card(report, chosen, figures, "report-parity"), _residual_card(report, chosen, figures)]
    return html.Div(cards, className="columns parity-figures")


def _parity_card(report: Report, result: PotentialResult, figures: ReportFigures, graph_id: str) -> Component:
    statistics, label = result.statistics, result.potential.label
    assert statistics is not None  # noqa: S101 - callers draw only results that have statistics
    meaning = interval_meaning(statistics.slope_interval)
    return figure_card(
        graph_id,
        f"{label}: predicted against DFT forces, slope {slope_text(statistics.slope, statistics.slope_interval)}",
        f"{_count(statistics)} Dashed: perfect agreement. Line: fit through the origin; shaded: {meaning}. {_SIDES} "
        f"{_source(report)}",
        file_name=f"parity-{result.potential.name}",
        figure=figures.parity(result),
        height=_PARITY_HEIGHT,
    )


def _residual_card(report: Report, result: PotentialResult, figures: ReportFigures) -> Component:
    statistics = result.statistics
    assert statistics is not None  # noqa: S101 - callers draw only results that have statistics
    return figure_card(
        "report-residuals",
        f"{result.potential.label}: residuals, mean absolute error {force_text(statistics.mae)}",
        f"Predicted minus DFT against DFT. {_count(statistics)} The sloped line is what the softening scale explains. "
        f"{_source(report)}",
        file_name=f"residuals-{result.potential.name}",
        figure=figures.residuals(result),
        height=_PARITY_HEIGHT,
    )


def _overlaid(report: Report, results: list[PotentialResult], figures: ReportFigures) -> list[Component]:
    labels = ", ".join(result.potential.label for result in results)
    slopes = [result.statistics.slope for result in results if result.statistics is not None]
    first = results[0].statistics
    assert first is not None  # noqa: S101 - callers draw only results that have statistics
    return [
        figure_card(
            "report-parity",
            f"All potentials: slopes from {min(slopes):.3f} to {max(slopes):.3f}",
            f"Predicted against DFT forces of {labels}. {_count(first)} Dashed: perfect agreement. Lines: fits through "
            f"the origin with their 95 % intervals. {_SIDES} {_source(report)}",
            file_name="parity-all",
            figure=figures.parity_overlaid(results),
            height=_PARITY_HEIGHT,
        ),
        figure_card(
            "report-residuals",
            "Residuals of all potentials",
            f"Predicted minus DFT against DFT. {_count(first)} The sloped lines are what the softening scales explain. "
            f"{_source(report)}",
            file_name="residuals-all",
            figure=figures.residuals_overlaid(results),
            height=_PARITY_HEIGHT,
        ),
    ]


def _count(statistics: SofteningStatistics) -> str:
    return f"{statistics.component_count:,} force components of {count_text(statistics.frame_count, 'frame')}."


def _source(report: Report) -> str:
    understood = report.understanding
    code = f" by {understood.code}" if understood.code else ""
    return f"Reference: {understood.functional or 'DFT'}{code}; {', '.join(file.name for file in report.files)}."


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
    """Return the place among all benchmark materials as a figure, and among those with each element as a table."""
    cards: list[Component] = []
    for comparison in chosen.populations:
        figure = figures.population(chosen, comparison) if comparison.element is None else None
        if figure is None:
            continue
        like = " at like forces and pressure" if comparison.rms_range is not None else ""
        drawn = f"{comparison.material_count:,} compounds of {comparison.dataset_label}{like}. "
        drawn += "Line and band: this material."
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
    by_element = [comparison for comparison in chosen.populations if comparison.element is not None]
    return cards + ([_chemistry_table(chosen, by_element)] if by_element else [])


def _chemistry_table(chosen: PotentialResult, comparisons: list[PopulationComparison]) -> Component:
    titles = (("Compounds with", ""), ("n", "number"), ("Median s", "number"), ("Middle half", "number"))
    head = html.Tr(
        [
            *(html.Th(title, className=kind, scope="col") for title, kind in titles),
            html.Th("Stiffer than this material (%)", className="number", scope="col"),
        ]
    )
    table = html.Table(
        [html.Thead(head), html.Tbody([_chemistry_row(one) for one in comparisons])],
        id="chemistry-table",
        className="data",
    )
    label = chosen.potential.label
    return html.Div(
        [
            html.H3("Place among compounds that share an element"),
            html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": "By element"}),
            html.P(
                f"Softening scales of the compounds of {comparisons[0].dataset_label}, computed with {label}. Middle "
                "half: between the quartiles.",
                className="muted small",
            ),
            table_tools("chemistry-table", "softdash-chemistry"),
        ],
        className="figure-card",
    )


def _chemistry_row(one: PopulationComparison) -> Component:
    share = 100 * one.softer_than / max(1, one.material_count)
    quartiles = "–"
    if one.quartile_low is not None and one.quartile_high is not None:
        quartiles = f"{one.quartile_low:.3f} to {one.quartile_high:.3f}"
    return html.Tr(
        [
            html.Th(one.element, scope="row"),
            html.Td(f"{one.material_count:,}", className="number"),
            html.Td("–", className="number")
            if one.median is None
            else html.Td(f"{one.median:.3f}", className="number", **exact_number(one.median)),
            html.Td(quartiles, className="number"),
            html.Td(f"{share:.0f}", className="number", **exact_number(share)),
        ]
    )


def _softening_page(chosen: PotentialResult, comparison: PopulationComparison) -> str:
    return f"/softening?data={comparison.dataset}&potentials={chosen.potential.name}"
