"""The table of force statistics, potentials side by side, each number with its definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan

from dash import html
from dash.development.base_component import Component

from softdash.reports.number_text import slope_text as slope_text
from softdash.softening import three_digits
from softdash.softening.statistics import Interval
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.shown_statistics import ShownStatistics
from softdash.web.parts.swatch import swatch
from softdash.web.parts.terms import DEFINITIONS


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """One statistic: name, unit, definition, place on the methods page, its text, and its value in that unit."""

    name: str
    unit: str
    definition: str
    anchor: str
    text: Callable[[ShownStatistics], str]
    value: Callable[[ShownStatistics], float]


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


def _share(statistics: ShownStatistics, which: int) -> float:
    shares = statistics.error_shares
    return nan if shares is None else 100 * shares[which]


def _share_text(statistics: ShownStatistics, which: int) -> str:
    share = _share(statistics, which)
    return "–" if isnan(share) else f"{share:.0f}"


ROWS: tuple[StatisticRow, ...] = (
    StatisticRow(
        "Softening scale s",
        "",
        DEFINITIONS["softening scale"],
        "softening-scale",
        lambda s: slope_text(s.slope, s.slope_interval),
        lambda s: s.slope,
    ),
    StatisticRow(
        "Slope with intercept",
        "",
        DEFINITIONS["slope with intercept"],
        "slope-with-intercept",
        lambda s: slope_text(s.slope_with_intercept, None),
        lambda s: s.slope_with_intercept,
    ),
    StatisticRow(
        "Huber slope",
        "",
        DEFINITIONS["Huber slope"],
        "huber-slope",
        lambda s: slope_text(s.huber_slope, None),
        lambda s: s.huber_slope,
    ),
    StatisticRow(
        "R²",
        "",
        DEFINITIONS["R²"],
        "r-squared",
        lambda s: f"{s.r_squared:.3f}",
        lambda s: s.r_squared,
    ),
    StatisticRow("MAE", "eV/Å", DEFINITIONS["MAE"], "mae", lambda s: three_digits(s.mae), lambda s: s.mae),
    StatisticRow(
        "RMSE",
        "eV/Å",
        DEFINITIONS["RMSE"],
        "rmse",
        lambda s: three_digits(s.rmse),
        lambda s: s.rmse,
    ),
    StatisticRow(
        "Softening's share",
        "%",
        "Of the squared force error, what comes with the slope; the rest is scatter.",
        "error-split",
        lambda s: _share_text(s, 0),
        lambda s: _share(s, 0),
    ),
    StatisticRow(
        "Scatter's share",
        "%",
        "Of the squared force error, what no factor repairs.",
        "error-split",
        lambda s: _share_text(s, 1),
        lambda s: _share(s, 1),
    ),
    StatisticRow(
        "cMAE",
        "eV/Å",
        DEFINITIONS["cMAE"],
        "corrected-mae",
        lambda s: three_digits(s.corrected_mae),
        lambda s: s.corrected_mae,
    ),
    StatisticRow(
        "Error reduction",
        "%",
        DEFINITIONS["error reduction"],
        "error-reduction",
        lambda s: three_digits(100 * s.error_reduction),
        lambda s: 100 * s.error_reduction,
    ),
    StatisticRow(
        "1/s",
        "",
        DEFINITIONS["1/s"],
        "inverse-slope",
        lambda s: f"{s.inverse_slope:.3f}",
        lambda s: s.inverse_slope,
    ),
    StatisticRow(
        "c*",
        "",
        DEFINITIONS["c*"],
        "linear-correction",
        lambda s: f"{s.linear_correction:.3f}",
        lambda s: s.linear_correction,
    ),
    StatisticRow(
        "MAE at c*",
        "eV/Å",
        DEFINITIONS["MAE at c*"],
        "mae-at-linear-correction",
        lambda s: three_digits(s.mae_at_linear_correction),
        lambda s: s.mae_at_linear_correction,
    ),
    StatisticRow(
        "Largest leverage",
        "%",
        DEFINITIONS["largest leverage"],
        "largest-leverage",
        lambda s: f"{100 * s.largest_leverage.share:.1f}",
        lambda s: 100 * s.largest_leverage.share,
    ),
    StatisticRow(
        "Frames used",
        "",
        "Frames with forces that entered.",
        "intervals",
        lambda s: str(s.frame_count),
        lambda s: s.frame_count,
    ),
    StatisticRow(
        "Force components",
        "",
        "Three per atom and frame.",
        "intervals",
        lambda s: f"{s.component_count:,}",
        lambda s: s.component_count,
    ),
)
"""All statistics shown, in order."""


MOST_COLUMNS_WITH_MEANING = 4
"""Potentials up to which the table says in words what each number is."""


def statistics_table(columns: Sequence[tuple[str, str, ShownStatistics]], *, caption: str) -> Component:
    """Return the table; each column is (potential, its label, its statistics).

    Parameters
    ----------
    columns : sequence of (str, str, ShownStatistics)
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
                    html.A(row.name, href=f"/methods#{row.anchor}", className="definition"),
                    scope="row",
                ),
                *(_number_cell(row, statistics) for _, _, statistics in columns),
                html.Td(row.unit, className="unit muted"),
                *([html.Td(row.definition, className="meaning")] if has_room else []),
            ]
        )
        for row in ROWS
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


def _number_cell(row: StatisticRow, statistics: ShownStatistics) -> html.Td:
    interval = statistics.slope_interval if row.anchor == "softening-scale" else None
    ends = None if interval is None else (interval.low, interval.high)
    return html.Td(row.text(statistics), className="number", **exact_number(row.value(statistics), ends))
