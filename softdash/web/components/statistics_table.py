"""The table of force statistics, potentials side by side, each number with its definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from softdash.softening import three_digits
from softdash.softening.statistics import Interval
from softdash.web.components.shown_statistics import ShownStatistics
from softdash.web.components.swatch import swatch


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """One statistic: name, unit, definition in a sentence, place on the methods page, and its text."""

    name: str
    unit: str
    definition: str
    anchor: str
    text: Callable[[ShownStatistics], str]


def slope_text(slope: float, interval: Interval | None) -> str:
    """Return ``"0.851 ± 0.012"``, or the slope alone where there is no interval."""
    value = f"{slope:.3f}".replace("-", "−")
    return value if interval is None else f"{value} ± {interval.half_width:.3f}"


def interval_meaning(interval: Interval | None) -> str:
    """Say how an interval of the slope was made."""
    if interval is None:
        return "No interval: all forces act on one atom."
    unit = "frames" if interval.method == "cluster by frame" else "atoms, because there is one frame"
    return f"{100 * interval.level:.0f} % interval from the spread between {unit}"


def _leverage_text(statistics: ShownStatistics) -> str:
    leverage = statistics.largest_leverage
    return f"{100 * leverage.share:.1f} %"


ROWS: tuple[StatisticRow, ...] = (
    StatisticRow(
        "Softening scale s",
        "",
        "Σxy / Σx²: least squares of predicted (y) on DFT (x) components through the origin. 1 is unbiased.",
        "softening-scale",
        lambda s: slope_text(s.slope, s.slope_interval),
    ),
    StatisticRow(
        "Slope with intercept",
        "",
        "Ordinary least squares of y on x. A difference from s tells of a constant offset.",
        "slope-with-intercept",
        lambda s: slope_text(s.slope_with_intercept, None),
    ),
    StatisticRow(
        "Huber slope",
        "",
        "Robust slope through the origin: few odd components count little.",
        "huber-slope",
        lambda s: slope_text(s.huber_slope, None),
    ),
    StatisticRow(
        "R²",
        "",
        "(Σxy)² / (Σx² Σy²): share of the predicted forces that is proportional to DFT; 1 means no scatter.",
        "r-squared",
        lambda s: f"{s.r_squared:.3f}",
    ),
    StatisticRow("MAE", "eV/Å", "Mean of |y − x| over components.", "mae", lambda s: three_digits(s.mae)),
    StatisticRow("RMSE", "eV/Å", "Root mean square of y − x over components.", "rmse", lambda s: three_digits(s.rmse)),
    StatisticRow(
        "cMAE",
        "eV/Å",
        "Mean of |y/s − x|: the error left when the cloud is turned back onto the diagonal.",
        "corrected-mae",
        lambda s: three_digits(s.corrected_mae),
    ),
    StatisticRow(
        "Error reduction",
        "%",
        "1 − cMAE/MAE for this material; negative where turning the cloud enlarges the scatter too much.",
        "error-reduction",
        lambda s: three_digits(100 * s.error_reduction),
    ),
    StatisticRow(
        "1/s",
        "",
        "Factor that turns the cloud back onto the diagonal.",
        "inverse-slope",
        lambda s: f"{s.inverse_slope:.3f}",
    ),
    StatisticRow(
        "c*",
        "",
        "Σxy / Σy²: the one factor on energies and forces that makes the squared force error smallest.",
        "linear-correction",
        lambda s: f"{s.linear_correction:.3f}",
    ),
    StatisticRow(
        "MAE at c*",
        "eV/Å",
        "Mean of |c*·y − x|.",
        "mae-at-linear-correction",
        lambda s: three_digits(s.mae_at_linear_correction),
    ),
    StatisticRow(
        "Largest leverage",
        "",
        "max x² / Σx²: share of the slope that hangs on one force component.",
        "largest-leverage",
        _leverage_text,
    ),
    StatisticRow("Frames used", "", "Frames with forces that entered.", "intervals", lambda s: str(s.frame_count)),
    StatisticRow("Force components", "", "Three per atom and frame.", "intervals", lambda s: f"{s.component_count:,}"),
)
"""All statistics shown, in order."""


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
    head += [html.Th("Unit", scope="col"), html.Th("What it is", scope="col", className="meaning")]
    body = [
        html.Tr(
            [
                html.Th(
                    html.A(row.name, href=f"/methods#{row.anchor}", title=row.definition, className="definition"),
                    scope="row",
                ),
                *(html.Td(row.text(statistics), className="number") for _, _, statistics in columns),
                html.Td(row.unit, className="unit muted"),
                html.Td(row.definition, className="meaning"),
            ]
        )
        for row in ROWS
    ]
    table = html.Div(
        html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="data statistics"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": "Statistics, scrolls sideways"},
    )
    return html.Div([html.P(caption, className="muted small"), table])
