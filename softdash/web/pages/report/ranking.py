"""Several potentials of one report beside each other, by rank."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import PotentialResult, Report
from softdash.reports.ranking import ranking_finding
from softdash.reports.shared_frames import frames_sentence
from softdash.softening.quantities import COMPARED, LINEAR_CORRECTION
from softdash.softening.statistics import SofteningStatistics
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.statistics_table import number_cell
from softdash.web.parts.swatch import swatch

_COLUMNS = (
    ("Rank", "number"),
    ("Potential", ""),
    *((quantity.label_with_unit, "number") for quantity in COMPARED),
    (LINEAR_CORRECTION.symbol, "number"),
    ("Computed in (s)", "number"),
)


def ranking_part(report: Report, figures: ReportFigures) -> Component:
    """Return the table of all potentials with the finding above it, on the frames that all of them computed."""
    order = figures.ranking()
    rows = [_row(place, result, statistics) for place, (result, statistics) in enumerate(order, start=1)]
    failed = [result for result in report.results if result.statistics is None]
    rows += [
        html.Tr(
            [
                html.Td("–", className="number"),
                html.Th([swatch(result.potential.name), result.potential.label], scope="row"),
                html.Td("gave no result", colSpan=len(_COLUMNS) - 2),
            ]
        )
        for result in failed
    ]
    head = html.Tr([html.Th(title, className=kind, scope="col") for title, kind in _COLUMNS])
    table = html.Table([html.Thead(head), html.Tbody(rows)], id="ranking-table", className="data ranking")
    return html.Section(
        [
            html.H2("The potentials compared"),
            html.P(ranking_finding(order), className="prose"),
            html.Div(
                table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": "Potentials by rank"}
            ),
            html.P(
                "By mean absolute error of the force components, smallest first. "
                f"{frames_sentence(report) or 'All on the same frames.'} ± is half the 95 % interval.",
                className="muted small",
            ),
            table_tools("ranking-table", f"softdash-ranking-{report.id[:8]}"),
        ],
        className="report-ranking",
    )


def _row(place: int, result: PotentialResult, statistics: SofteningStatistics) -> Component:
    name = [swatch(result.potential.name), result.potential.label]
    return html.Tr(
        [
            html.Td(str(place), className="number"),
            html.Th(name, scope="row"),
            *(number_cell(quantity, statistics) for quantity in (*COMPARED, LINEAR_CORRECTION)),
            html.Td(f"{result.seconds:.2g}", className="number", **exact_number(result.seconds)),
        ]
    )
