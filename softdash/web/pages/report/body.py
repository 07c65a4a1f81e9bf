"""A finished report as a page: verdict, ranking, parity plots, statistics, what to do, breakdowns, data, versions."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import PotentialResult, Report
from softdash.reports.shared_frames import have_other_frames
from softdash.softening.quantities import COMPARED, R_SQUARED, REFERENCE_MAX, SLOPE
from softdash.softening.statistics import Notice, SofteningStatistics
from softdash.web.pages.report.answer import answer_part
from softdash.web.pages.report.doubts import doubts_part
from softdash.web.pages.report.error_split import error_split_bar
from softdash.web.pages.report.figures import ReportFigures, one_series, series_of
from softdash.web.pages.report.labels import labels_part
from softdash.web.pages.report.material_overview import material_overview
from softdash.web.pages.report.plots import breakdowns_part, parity_part
from softdash.web.pages.report.ranking import ranking_part
from softdash.web.pages.report.record import citation_part, data_part, versions_part
from softdash.web.pages.report.to_do import to_do_part
from softdash.web.parts.error_message import error_message
from softdash.web.parts.page_parts import notice
from softdash.web.parts.statistics_table import interval_meaning, statistics_table
from softdash.web.parts.swatch import swatch
from softdash.web.parts.terms import tooltip
from softdash.web.parts.understanding import refused_part


def report_head(
    report: Report, chosen: PotentialResult, mode: str, figures: ReportFigures, corrections: str | None = None
) -> list[Component]:
    """Return what stands above the structure: verdict, ranking, parity plots, statistics; of several, their table.

    Parameters
    ----------
    report : Report
    chosen : PotentialResult
        The potential whose verdict is shown; the tables show all.
    mode : str
        How the parity plots of several potentials are shown, see `parity_part`.
    figures : ReportFigures
    corrections : str, optional
        Id of the store that takes corrections of the reading; without it nothing can be corrected.
    """
    if any(result.materials for result in report.results):
        return material_overview(report, chosen, figures, corrections)
    parts: list[Component] = [*answer_part(report, chosen), _verdict(report, chosen, corrections)]
    if len(report.results) > 1:
        parts.append(ranking_part(report, figures))
    if chosen.statistics is not None:
        parts.append(parity_part(report, chosen, mode, figures))
    if series_of(report):
        parts.append(_statistics(report))
    return parts


def report_details(
    report: Report, chosen: PotentialResult, figures: ReportFigures, corrections: str | None = None
) -> list[Component]:
    """Return what stands below the structure: what to do, other labels, breakdowns, data, versions, citation.

    Parameters are those of `report_head`. Data and versions are those of the whole report.
    """
    viewed = figures.viewed
    about = [data_part(viewed.whole, corrections), versions_part(viewed.whole), citation_part(viewed)]
    if viewed.are_several:
        return about
    parts: list[Component] = []
    series = one_series(chosen)
    if series is not None:
        parts.append(to_do_part(report, chosen, series.statistics, viewed.material))
    parts += labels_part(report, figures)
    if series is not None:
        # Forces that were perhaps read wrongly have no place among those of benchmark materials.
        shown = chosen.model_copy(update={"populations": ()}) if chosen.doubts else chosen
        parts.append(breakdowns_part(shown, series, figures))
    return [*parts, *about]


def chosen_result(report: Report, potential: str | None) -> PotentialResult:
    """Return the result of `potential`, else the first with statistics, else the first."""
    for result in report.results:
        if result.potential.name == potential:
            return result
    return next((result for result in report.results if result.statistics is not None), report.results[0])


def _verdict(report: Report, chosen: PotentialResult, corrections: str | None) -> Component:
    label, verdict = chosen.potential.label, chosen.verdict
    parts: list[Component] = []
    if chosen.doubts:
        headline = chosen.doubts[0].headline if verdict is None else verdict.headline
        parts.append(html.H2(headline, className="verdict doubt"))
        parts += doubts_part(chosen.doubts, headline, corrections)
        parts.append(html.P(html.A("How the files were read", href="#data-used"), className="small no-print"))
    elif verdict is not None:
        parts.append(html.H2(verdict.headline, className=f"verdict {verdict.level}"))
    elif chosen.error is not None:
        parts += [html.H2(f"{label} gave no result"), error_message(chosen.error)]
    if chosen.statistics is not None:
        parts.append(_numbers_as_read(chosen.statistics) if chosen.doubts else _headline_numbers(chosen.statistics))
        split = error_split_bar(chosen.statistics.slope, chosen.statistics.error_shares)
        if split is not None and not chosen.doubts:
            parts.append(split)
    if verdict is not None:
        doubted = {doubt.text for doubt in chosen.doubts}
        said = [
            html.P(sentence.text, className=f"verdict-{sentence.code}")
            for sentence in verdict.sentences
            if sentence.text not in doubted
        ]
        parts.append(html.Div(said, className="prose"))
    parts += [notice(html.P(found.message), kind="warning") for found in _warnings(chosen)]
    parts += refused_part(chosen.refused, f"not computed by {label}")
    others = _other_verdicts([result for result in report.results if result is not chosen])
    if others:
        parts.append(html.Ul(others, className="other-verdicts"))
    return html.Section(parts, className="report-verdict")


def _other_verdicts(results: Sequence[PotentialResult]) -> list[Component]:
    """Return the headlines of other potentials; those that name no potential and are equal stand once."""
    by_text: dict[str, list[PotentialResult]] = {}
    for result in results:
        label = result.potential.label
        text = result.verdict.headline if result.verdict is not None else f"{label} gave no result."
        by_text.setdefault(text, []).append(result)
    lines: list[Component] = []
    for text, of_same in by_text.items():
        first = of_same[0].potential
        if len(of_same) == 1 and first.label in text:
            lines.append(html.Li([swatch(first.name), text]))
            continue
        named: list[Component | str] = []
        for one in of_same:
            named += [", "] if named else []
            named.append(html.Span([swatch(one.potential.name), one.potential.label]))
        lines.append(html.Li([*named, f": {text}"]))
    return lines


def _warnings(result: PotentialResult) -> list[Notice]:
    """Return warnings about the potential and the fit, but for those that the verdict says in the same words.

    What a doubtful reading makes of the fit ("use hotter frames") would lead astray.
    """
    of_the_fit = result.statistics.notices if result.statistics is not None and not result.doubts else ()
    said = {sentence.text for sentence in result.verdict.sentences} if result.verdict is not None else set()
    return [found for found in (*result.notices, *of_the_fit) if found.message not in said]


def _headline_numbers(statistics: SofteningStatistics) -> Component:
    interval = statistics.slope_interval
    width = tooltip(f" ± {interval.half_width:.3f}", interval_meaning(interval)) if interval is not None else ""
    return _number_list(
        *((one.label, one.text(statistics), width if one is SLOPE else f" {one.unit}".rstrip()) for one in COMPARED)
    )


def _numbers_as_read(statistics: SofteningStatistics) -> Component:
    """Return what the doubtful reading gives: no softening scale, for the forces are perhaps not those of the files."""
    return _number_list(
        ("Slope of the forces as read", f"{statistics.slope:.3f}", ""),
        *((one.label, one.text(statistics), f" {one.unit}".rstrip()) for one in (R_SQUARED, REFERENCE_MAX)),
    )


def _number_list(*numbers: tuple[str, str, str | Component]) -> Component:
    return html.Dl(
        [
            html.Div([html.Dt(name), html.Dd([value.replace("-", "−"), html.Small(more)])])
            for name, value, more in numbers
        ],
        className="headline",
    )


def _statistics(report: Report) -> Component:
    caption = (
        "All Cartesian components of all frames count alike; x is DFT, y the potential. ± is half the 95 % interval. "
        "Each name leads to its definition."
    )
    if have_other_frames(report):
        caption += " Each column is of all frames that its potential computed; the ranking above is of the shared ones."
    columns = [(one.potential, one.label, one.statistics) for one in series_of(report)]
    return html.Section(
        [html.H2("Statistics"), statistics_table(columns, caption=caption)], className="report-statistics"
    )
