"""Energies and stresses in a report: their own slopes, parity plots, or why they cannot be compared."""

from __future__ import annotations

from typing import Literal

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import PotentialResult, Report
from softdash.softening import three_digits
from softdash.softening.answers import LabelStatistics
from softdash.web.pages.report.figures import ReportFigures, label_results
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import exact_number, figure_card, table_tools
from softdash.web.parts.statistics_table import slope_text
from softdash.web.parts.swatch import swatch

_HEIGHT = 380
_NAMES: dict[Literal["energy", "stress"], str] = {"energy": "Energies", "stress": "Stresses"}
_HEADINGS = (
    ("Quantity", ""),
    ("Potential", ""),
    ("Slope", "number"),
    ("R²", "number"),
    ("MAE", "number"),
    ("Offset", "number"),
    ("n", "number"),
    ("Unit", ""),
)


def labels_part(report: Report, figures: ReportFigures) -> list[Component]:
    """Return the section; empty for reports that did not compare them."""
    if all(result.energies is None and result.stresses is None for result in report.results):
        return []
    compared = {quantity: label_results(report, quantity) for quantity in _NAMES}
    parts: list[Component] = [html.H2("Energies and stresses")]
    rows = [_row(quantity, *pair) for quantity, pairs in compared.items() for pair in pairs]
    cards = [_card(quantity, pairs, figures) for quantity, pairs in compared.items() if pairs]
    parts += [html.Div(cards, className="columns")] if cards else []
    if rows:
        head = html.Tr([html.Th(title, className=kind, scope="col") for title, kind in _HEADINGS])
        table = html.Table([html.Thead(head), html.Tbody(rows)], id="labels-table", className="data")
        label = {"aria-label": "Slopes of energies and stresses"}
        parts.append(html.Div(table, className="table-scroll", tabIndex=0, role="region", **label))
        parts.append(table_tools("labels-table", f"softdash-labels-{report.id[:8]}"))
    parts += [html.P(text, className="muted") for text in _refusals(report)]
    return [html.Section(parts, className="report-labels")]


def _card(
    quantity: Literal["energy", "stress"], pairs: list[tuple[PotentialResult, LabelStatistics]], figures: ReportFigures
) -> Component:
    result, statistics = pairs[0]
    value = slope_text(statistics.slope, statistics.slope_interval)
    return figure_card(
        f"report-{quantity}",
        f"{_NAMES[quantity]}: slope {value} with {result.potential.label}",
        _caption(quantity, statistics),
        file_name=f"parity-{quantity}",
        figure=figures.labels(quantity),
        height=_HEIGHT,
    )


def _caption(quantity: Literal["energy", "stress"], statistics: LabelStatistics) -> str:
    frames = count_text(statistics.frame_count, "frame")
    left_out = f"; {count_text(statistics.frames_left_out, 'frame')} left out" if statistics.frames_left_out else ""
    if quantity == "energy":
        return (
            f"Energies per atom relative to the mean of all frames of equal composition, {frames}{left_out}. Codes and "
            "potentials count energies from different zeros, so only differences compare. Dashed: perfect agreement; a "
            "slope below 1 is a landscape that is too flat."
        )
    return (
        f"The six independent stress components (ASE's sign: positive is tension), {frames}{left_out}. The slope is "
        "taken after the common offset of all pressures is removed (Pulay stress, another lattice constant)."
    )


def _row(quantity: Literal["energy", "stress"], result: PotentialResult, statistics: LabelStatistics) -> Component:
    interval = statistics.slope_interval
    offset = statistics.offset
    return html.Tr(
        [
            html.Td(_NAMES[quantity]),
            html.Th([swatch(result.potential.name), result.potential.label], scope="row"),
            html.Td(
                slope_text(statistics.slope, interval),
                className="number",
                **exact_number(statistics.slope, None if interval is None else (interval.low, interval.high)),
            ),
            html.Td(f"{statistics.r_squared:.3f}", className="number", **exact_number(statistics.r_squared)),
            html.Td(three_digits(statistics.mae), className="number", **exact_number(statistics.mae)),
            html.Td("–", className="number")
            if offset is None
            else html.Td(three_digits(offset), className="number", **exact_number(offset)),
            html.Td(f"{statistics.value_count:,}", className="number"),
            html.Td(statistics.unit, className="unit muted"),
        ]
    )


def _refusals(report: Report) -> list[str]:
    """Return why there is no comparison, each reason once with the potentials it holds for."""
    said: dict[str, list[str]] = {}
    for result in report.results:
        for name, compared in (("Energies", result.energies), ("Stresses", result.stresses)):
            if compared is not None and compared.refusal:
                said.setdefault(f"{name}: {compared.refusal}", []).append(result.potential.label)
    count = sum(result.statistics is not None for result in report.results)
    return [text if len(labels) == count else f"{text} ({', '.join(labels)})" for text, labels in said.items()]
