"""A report of several materials at its start: verdict, grouping, the table of materials, their slopes as a figure."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.records import PotentialResult, Report
from softdash.reports.material_names import subscripted
from softdash.reports.material_rows import (
    STATE_TEXTS,
    MaterialPopulation,
    MaterialRow,
    material_population,
    material_rows,
)
from softdash.softening import three_digits
from softdash.structures.frames.materials import GROUPED_BY
from softdash.web.pages.report.doubts import doubts_part
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.pages.report.material_slopes import FEWEST_FOR_HISTOGRAM, FEWEST_MATERIALS, figure_height
from softdash.web.pages.report.sorted_table import sorted_table
from softdash.web.parts.error_message import error_message
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import exact_number, figure_card, notice, table_tools
from softdash.web.parts.reading_choices import patch_button
from softdash.web.parts.swatch import swatch
from softdash.web.parts.understanding import refused_part
from softdash.web.parts.viewed_report import report_address

_HEADINGS = (
    ("Material", ""),
    ("Softening scale s", "number"),
    ("Against DFT", ""),
    ("Forces", ""),
    ("MAE (eV/Å)", "number"),
    ("R²", "number"),
    ("Frames", "number"),
)
_MOST_WITH_REASONS = 6
"""Materials up to which the table says why; beyond, only of those that have no slope or are in doubt."""
_GROUPINGS = {"formula": "by reduced formula", "elements": "by set of elements", "together": "all together"}


def material_overview(
    report: Report, chosen: PotentialResult, figures: ReportFigures, corrections: str | None = None
) -> list[Component]:
    """Return what stands at the start of a report of several materials.

    Parameters
    ----------
    report : Report
    chosen : PotentialResult
        The potential of verdict and table; further tables and the figure show all.
    figures : ReportFigures
    corrections : str, optional
        Id of the store that takes corrections of the reading; without it nothing can be merged or split.
    """
    parts = [_verdict(report, chosen, corrections)]
    if chosen.materials:
        parts.append(_materials(report, chosen))
    parts += _figure(report, chosen, figures)
    if sum(bool(result.materials) for result in report.results) > 1:
        parts.append(_all_potentials(report))
    return parts


def _verdict(report: Report, chosen: PotentialResult, corrections: str | None) -> Component:
    label, verdict = chosen.potential.label, chosen.verdict
    parts: list[Component] = []
    if verdict is not None:
        parts.append(html.H2(verdict.headline, className=f"verdict {verdict.level}"))
        # That a common slope describes none of them need not be said where none is shown.
        said = [html.P(sentence.text) for sentence in verdict.sentences if sentence.code != "several_materials"]
        parts.append(html.Div(said, className="prose"))
        parts += doubts_part(chosen.doubts, verdict.headline, corrections)
    elif chosen.error is not None:
        parts += [html.H2(f"{label} gave no result"), error_message(chosen.error)]
    parts += [notice(html.P(found.message), kind="warning") for found in chosen.notices]
    parts += refused_part(chosen.refused, f"not computed by {label}")
    others = [
        html.Li([swatch(result.potential.name), _headline(result)]) for result in report.results if result is not chosen
    ]
    if others:
        parts.append(html.Ul(others, className="other-verdicts"))
    parts.append(_grouping(report, corrections))
    return html.Section(parts, className="report-verdict")


def _headline(result: PotentialResult) -> str:
    label = result.potential.label
    text = result.verdict.headline if result.verdict is not None else f"{label} gave no result."
    return text if label in text else f"{label}: {text}"


def _grouping(report: Report, corrections: str | None) -> Component:
    """Say how materials were told apart, and offer the other ways."""
    present = report.understanding.materials.grouped_by
    text = html.P(f"Materials are told apart by {GROUPED_BY[present]}.", className="muted")
    if corrections is None:
        return html.Div(text, className="grouping")
    buttons = [
        patch_button(f"Group {words}" if way != "together" else "Take all together", {"materials": way})
        for way, words in _GROUPINGS.items()
        if way != present and _differs(report, way)
    ]
    row = html.Div(buttons, className="button-row no-print", **{"data-corrections": corrections})
    return html.Div([text, row], className="grouping")


def _differs(report: Report, way: str) -> bool:
    """Whether grouping that way gives other materials."""
    understanding = report.understanding
    other = understanding.model_copy(update={"options": understanding.options.model_copy(update={"materials": way})})
    found, present = other.materials.materials, understanding.materials.materials
    return [one.frames for one in found] != [one.frames for one in present]


def _materials(report: Report, chosen: PotentialResult) -> Component:
    rows = material_rows(chosen)
    label = chosen.potential.label
    table = sorted_table(
        "materials-table",
        _HEADINGS,
        [_row(report, chosen, row, len(rows) <= _MOST_WITH_REASONS) for row in rows],
        label=f"Materials by {label}",
        key=chosen.potential.name,
    )
    doubtful = any(row.state == "in doubt" for row in rows)
    caption = (
        "± is half the 95 % interval; frames are those of the upload. Each name leads to the report of that material."
    )
    if doubtful:
        caption += " Slopes of readings in doubt are of the forces as read, and count in no median."
    return html.Section(
        [
            html.H2([swatch(chosen.potential.name), f"Each material with {label}"]),
            table,
            html.P(caption, className="muted small"),
            table_tools("materials-table", f"softdash-materials-{report.id[:8]}"),
        ],
        className="report-materials",
    )


def _row(report: Report, chosen: PotentialResult, row: MaterialRow, has_reason: bool) -> Component:
    address = report_address(report.id, row.name, _unless_first(report, chosen))
    cells = [
        html.Th(dcc.Link(subscripted(row.name), href=address), scope="row"),
        _slope(row),
        html.Td(STATE_TEXTS[row.state]),
        _answer(chosen, row, has_reason),
        _number(row.mae, "–" if row.mae is None else three_digits(row.mae)),
        _number(row.r_squared, "–" if row.r_squared is None else f"{row.r_squared:.3f}"),
        html.Td(f"{row.frame_count:,}", className="number", **exact_number(row.frame_count)),
    ]
    return html.Tr(cells, className=row.state.replace(" ", "-"))


def _unless_first(report: Report, chosen: PotentialResult) -> str | None:
    """Return a potential for an address, where the first one need not be named."""
    return None if chosen is report.results[0] else chosen.potential.name


def _answer(chosen: PotentialResult, row: MaterialRow, has_reason: bool) -> Component:
    has_answer = row.state not in ("in doubt", "no result")
    parts: list[Component] = []
    if has_answer:
        parts.append(html.Span(row.answer, className=f"material-answer {_tone(chosen, row)}"))
    if has_reason or not has_answer:
        parts.append(html.Small(row.reason))
    return html.Td(parts, className="material-said")


def _tone(chosen: PotentialResult, row: MaterialRow) -> str:
    part = next(part for part in chosen.materials if part.name == row.name)
    return part.answer.code if part.answer is not None and row.state != "in doubt" else "do_not_conclude"


def _slope(row: MaterialRow) -> Component:
    if row.slope is None:
        return html.Td("–", className="number")
    ends = None if row.interval is None else (row.interval.low, row.interval.high)
    return html.Td(row.slope_text, className="number", **exact_number(row.slope, ends))


def _number(value: float | None, text: str) -> Component:
    exact = {} if value is None else exact_number(value)
    return html.Td(text.replace("-", "−"), className="number", **exact)


def _figure(report: Report, chosen: PotentialResult, figures: ReportFigures) -> list[Component]:
    population = material_population(chosen.materials)
    if len(population.names) < FEWEST_MATERIALS:
        return []
    rows = sum(bool(material_population(result.materials).names) for result in report.results)
    has_histogram = len(population.names) >= FEWEST_FOR_HISTOGRAM
    left_out = len(chosen.materials) - len(population.names)
    card = figure_card(
        "materials-slopes",
        _finding(chosen.potential.label, population),
        f"One mark per material, with its 95 % interval; upright lines: medians. "
        f"{f'Bars: materials of {chosen.potential.label} per 0.05 of the scale. ' if has_histogram else ''}"
        f"{count_text(len(population.names), 'material')}"
        f"{f'; {left_out} left out, without a slope that means something' if left_out else ''}.",
        file_name=f"materials-{report.id[:8]}",
        figure=figures.materials(chosen),
        height=figure_height(rows, len(population.names)),
    )
    return [card]


def _finding(label: str, population: MaterialPopulation) -> str:
    softest, stiffest = subscripted(population.names[0]), subscripted(population.names[-1])
    return (
        f"{label}: median slope {population.median:.3f}, from {softest} ({population.slopes[0]:.3f}) "
        f"to {stiffest} ({population.slopes[-1]:.3f})"
    )


def _all_potentials(report: Report) -> Component:
    """Return the table of slopes, materials by potentials."""
    results = [result for result in report.results if result.materials]
    by_name = [{row.name: row for row in material_rows(result)} for result in results]
    names = list(dict.fromkeys(name for rows in by_name for name in rows))
    headings = [("Material", ""), *(([swatch(r.potential.name), r.potential.label], "number") for r in results)]
    lines = []
    for name in names:
        link = dcc.Link(subscripted(name), href=report_address(report.id, name))
        cells = [_slope(rows[name]) if name in rows else html.Td("–", className="number") for rows in by_name]
        lines.append(html.Tr([html.Th(link, scope="row"), *cells]))
    populations = [material_population(result.materials) for result in results]
    medians = [_number(p.median, f"{p.median:.3f}") if p.names else _number(None, "–") for p in populations]
    table = sorted_table("materials-potentials", headings, lines, label="Slopes of all potentials")
    table.children.children.append(html.Tfoot(html.Tr([html.Th("Median", scope="row"), *medians])))
    return html.Section(
        [
            html.H2("The potentials compared"),
            table,
            html.P(
                "Softening scale of each material with each potential, ± half its 95 % interval. Errors of several "
                "materials have no common mean: which potential is best is said for each material by itself.",
                className="muted small",
            ),
            table_tools("materials-potentials", f"softdash-materials-potentials-{report.id[:8]}"),
        ],
        className="report-ranking",
    )
