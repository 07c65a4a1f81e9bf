"""The table of force statistics, potentials side by side, each number with its definition."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from dash import html
from dash.development.base_component import Component

from softdash.reports.number_text import slope_text as slope_text
from softdash.softening import quantities
from softdash.softening.force_numbers import ForceNumbers
from softdash.softening.quantities import Quantity
from softdash.softening.statistics import Interval
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.swatch import swatch


def interval_meaning(interval: Interval | None) -> str:
    """Say how an interval of the slope was made."""
    if interval is None:
        return "No interval: these frames do not tell how well the slope is known."
    return f"{100 * interval.level:.0f} % interval from the spread between {_SPREAD.get(interval.method, 'frames')}"


_SPREAD = {
    "cluster by atom": "atoms, because there is one frame",
    "jackknife by block of frames": "blocks of frames, because frames near in time are alike",
    "spread between frames": "frames of other materials with this potential, because there is one frame",
}


MOST_COLUMNS_WITH_MEANING = 4
"""Potentials up to which the table says in words what each number is."""


def statistics_table(columns: Sequence[tuple[str, str, ForceNumbers]], *, caption: str) -> Component:
    """Return the table; each column is (potential, its label, its statistics).

    Parameters
    ----------
    columns : sequence of (str, str, ForceNumbers)
    caption : str
        One sentence above the table.
    """
    head = [html.Th("Statistic", scope="col")]
    head += [
        html.Th(
            [swatch(name), label],
            scope="col",
            className="number",
        )
        for name, label, _ in columns
    ]
    # Beside many columns no room is left for words; each name leads to its definition.
    has_room = len(columns) <= MOST_COLUMNS_WITH_MEANING
    head.append(html.Th("Unit", scope="col"))
    head += [html.Th("What it is", scope="col", className="meaning")] if has_room else []
    body = [
        html.Tr(
            [
                html.Th(
                    html.A(quantity.label, href=f"/methods#{quantity.anchor}", className="definition"),
                    scope="row",
                ),
                *(number_cell(quantity, statistics) for _, _, statistics in columns),
                html.Td(quantity.unit, className="unit muted"),
                *([html.Td(quantity.definition, className="meaning")] if has_room else []),
            ]
        )
        for quantity in quantities.QUANTITIES
    ]
    table = html.Div(
        html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], id="statistics-table", className="data statistics"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": "Statistics, scrolls sideways"},
    )
    tools = table_tools("statistics-table", "softdash-statistics")
    return html.Div([html.P(caption, className="muted small"), table, tools])


def number_cell(quantity: Quantity, statistics: ForceNumbers) -> html.Td:
    """Return a cell with a statistic as it is shown, and all its digits for downloads."""
    number, interval = quantity.shown(statistics), quantity.interval(statistics)
    ends = None if interval is None else (interval.low, interval.high)
    exact = exact_number(nan if number is None else number, ends)
    return html.Td(quantity.text_with_interval(statistics), className="number", **exact)
