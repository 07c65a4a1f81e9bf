"""Two or more reports beside each other: one table, slopes, force parity and errors over each other."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import dash
import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component

from softdash.softening import three_digits
from softdash.softening.quantities import COMPARED
from softdash.version import __version__
from softdash.web.context import web_context
from softdash.web.pages.compare_reports.figure import error_distribution_figure, overlaid_parity_figure, slopes_figure
from softdash.web.pages.compare_reports.named_reports import (
    MOST_REPORTS,
    ComparedResult,
    NamedReports,
    compared_results,
    named_reports,
    report_ids,
)
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_names import formula_text, subscripted, title_text
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import exact_number, figure_card, notice, page_header, table_tools
from softdash.web.parts.readings_panel import badge
from softdash.web.parts.statistics_table import number_cell, slope_text
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.parts.viewed_report import ViewedReport, compared_name, report_address
from softdash.web.server.figure_cache import cached
from softdash.web.theme import Theme, checked_theme

_LEAD = "The same potential on two materials, two potentials on one, or one material before and after a change of DFT."
_HEADINGS = (
    ("Report", ""),
    ("Material", ""),
    ("Potential", ""),
    *((quantity.label_with_unit, "number") for quantity in COMPARED),
    ("Frames", "number"),
    ("Reference", ""),
)


def layout(ids: str | None = None, **_: str) -> Component:
    """Return the page.

    Parameters
    ----------
    ids : str, optional
        Identifiers or links of reports, separated by commas.
    """
    field = dmc.TextInput(
        id=view_id("ids"),
        label="Links or identifiers of reports, separated by commas",
        placeholder=f"up to {MOST_REPORTS}",
        value=",".join(report_ids(ids)),
        debounce=600,
    )
    return html.Div(
        [
            page_header("Compare reports", _LEAD),
            view_defaults(ids=""),
            html.Div(field, className="compared-ids no-print"),
            html.Div(id="compared-reports", **{"aria-live": "polite"}),
        ],
        className="report compared",
    )


def register(app: Dash) -> None:
    """Register the page and its callback."""
    dash.register_page("compare_reports", path="/compare", title="Compare reports · softdash", layout=layout)
    app.callback(Output("compared-reports", "children"), Input(view_id("ids"), "value"), Input("theme", "data"))(show)


def show(ids: str | None, theme: str | None) -> list[Component] | Any:
    """Return the comparison, or what is missing for one."""
    if theme is None:
        return no_update
    service = web_context().service
    named = named_reports(service, ids)
    parts = [error_message(problem) for problem in named.problems]
    if named.left_out:
        parts.append(notice(html.P(f"{MOST_REPORTS} reports are compared at most; {named.left_out} were left out.")))
    parts += [_materials_to_choose(one, ids) for one in named.to_choose]
    if not named.reports:
        return parts if named.to_choose else [*parts, _empty()]
    if len(named.reports) == 1:
        parts.append(notice(html.P("This is one report. Add the link of a second one above to compare them.")))
    entries = compared_results(service, named.reports)
    if not entries:
        return [*parts, notice(html.P("None of these reports has a result to compare."), kind="warning")]
    return [
        *parts,
        *_doubtful(entries),
        _table(entries),
        *_differences(named),
        *_figures(entries, checked_theme(theme)),
    ]


def _empty() -> Component:
    return html.Div(
        [
            html.P("No report is chosen yet."),
            html.P(
                [
                    "Each report has a button that leads here; paste the link of a second one above. No report yet? ",
                    dcc.Link("Diagnose a material", href="/diagnose"),
                    ", or ",
                    dcc.Link("an example", href="/diagnose?example=mgo"),
                    ".",
                ]
            ),
        ],
        className="empty",
    )


def _materials_to_choose(viewed: ViewedReport, ids: str | None) -> Component:
    """Offer the materials of a report that has more of them than can be compared."""
    others = [name for name in report_ids(ids) if name != viewed.whole.id]
    links = []
    for name in viewed.names:
        query = urlencode(
            {"ids": ",".join([*others, compared_name(viewed.whole.id, name), viewed.whole.id])}, safe=",:"
        )
        # A whole page load: the field of links above takes its value from the address.
        links.append(html.Li(html.A(subscripted(name), href=f"/compare?{query}")))
    text = f"“{title_text(viewed.whole.title)}” has {len(viewed.names)} materials. Choose which to compare:"
    return notice([html.P(text), html.Ul(links, className="materials-to-choose")])


def _doubtful(entries: list[ComparedResult]) -> list[Component]:
    """Say of which reports the reading is in doubt: their slopes are no softening scales."""
    letters = dict.fromkeys(one.letter for one in entries if one.result.doubts)
    if not letters:
        return []
    which = "report" if len(letters) == 1 else "reports"
    text = f"How the files of {which} {', '.join(letters)} were read is in doubt; the slopes are of the forces as read."
    return [notice(html.P(text), kind="warning")]


def _table(entries: list[ComparedResult]) -> Component:
    head = html.Tr([html.Th(title, className=kind, scope="col") for title, kind in _HEADINGS])
    table = html.Table([html.Thead(head), html.Tbody([_row(one) for one in entries])], id="compared", className="data")
    scroll = html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": "Reports compared"})
    return html.Div([html.H2("Side by side"), scroll, table_tools("compared", "softdash-compared-reports")])


def _row(one: ComparedResult) -> Component:
    statistics, understood = one.statistics, one.report.understanding
    interval = statistics.slope_interval
    ends = None if interval is None else (interval.low, interval.high)
    mark = html.Span(className=f"swatch {one.symbol}", style={"background": one.colour})
    title = dcc.Link(f"{one.letter}: {title_text(one.report.title)}", href=report_address(one.report.id, one.material))
    return html.Tr(
        [
            html.Th(title, scope="row"),
            html.Td(", ".join(formula_text(formula) for formula in understood.formulas[:3])),
            html.Td([mark, one.result.potential.label], className="compared-potential"),
            html.Td(
                [slope_text(statistics.slope, interval), *([" ", badge("in doubt")] if one.result.doubts else [])],
                className="number",
                **exact_number(statistics.slope, ends),
            ),
            *(number_cell(quantity, statistics) for quantity in COMPARED[1:]),
            html.Td(f"{statistics.frame_count:,}", className="number"),
            html.Td(understood.functional or "not said"),
        ]
    )


def _differences(named: NamedReports) -> list[Component]:
    """Say what keeps slopes of these reports from being compared like with like."""
    reports = [viewed.shown for viewed in named.reports]
    sentences = []
    functionals = {report.understanding.functional or "not said" for report in reports}
    if len(functionals) > 1:
        sentences.append(
            f"The references differ in functional ({', '.join(sorted(functionals))}); their scales differ."
        )
    frames = {report.understanding.frames for report in reports}
    sha256 = {tuple(file.sha256 for file in report.files) for report in reports}
    several = any(viewed.material for viewed in named.reports)
    if len(reports) > 1 and len(sha256) == 1 and len(frames) == 1 and not several:
        sentences.append("All reports rest on the same files.")
    versions = {report.softdash_version for report in reports}
    if len(versions) > 1:
        sentences.append(f"They were computed with softdash {', '.join(sorted(versions))}.")
    return [html.P(" ".join(sentences), className="muted")] if sentences else []


def _figures(entries: list[ComparedResult], theme: Theme) -> list[Component]:
    key = (
        "compare reports",
        __version__,
        theme,
        [(one.report.result_sha256, one.name, one.material) for one in entries],
    )
    known = [one for one in entries if not one.result.doubts]
    low = min(known or entries, key=lambda one: one.statistics.slope)
    softest = f"Softest: {low.name}, {slope_text(low.statistics.slope, low.statistics.slope_interval)}"
    count = count_text(sum(one.statistics.component_count for one in entries), "force component")
    small = min(known or entries, key=lambda one: one.statistics.mae)
    slopes = figure_card(
        "compared-slopes",
        softest if known else "Slopes of the forces as read",
        "Softening scale with its 95 % interval, each of the forces of its own report.",
        file_name="compared-slopes",
        figure=cached(lambda: slopes_figure(entries, theme=theme).to_dict(), *key, "slopes"),
        height=140 + 46 * len(entries),
    )
    parity = figure_card(
        "compared-parity",
        "Predicted against DFT forces",
        f"{count} in all; thinned evenly where there are more than 4,000. Dashed: perfect agreement. Lines: fits "
        "through the origin.",
        file_name="compared-parity",
        figure=cached(lambda: overlaid_parity_figure(entries, theme=theme).to_dict(), *key, "parity"),
        height=460,
    )
    errors = figure_card(
        "compared-errors",
        f"Smallest error: {small.name}, mean {three_digits(small.statistics.mae)} eV/Å",
        "Distribution of predicted minus DFT force components; the outermost hundredth is beyond the edges.",
        file_name="compared-errors",
        figure=cached(lambda: error_distribution_figure(entries, theme=theme).to_dict(), *key, "errors"),
        height=460,
    )
    return [slopes, html.Div([parity, errors], className="columns")]
