"""A report as one HTML file: no script, no outside file, readable in print, by a screen reader and in twenty years."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ase.data import chemical_symbols
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from softdash.diagnosis.answer_rows import answer_rows
from softdash.diagnosis.parity_svg import POINTS_DRAWN, parity_svg
from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import SoftdashError
from softdash.softening import three_digits
from softdash.softening.statistics import Interval, SofteningStatistics

PAPER = (
    "B. Deng et al., Systematic softening in universal machine learning interatomic potentials, "
    "npj Comput. Mater. 11, 9 (2025), doi:10.1038/s41524-024-01500-6"
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table of statistics: a name, a value with its unit, and what it is."""

    name: str
    value: str
    meaning: str


def report_html(report: Report, points: ForcePoints, *, link: str | None = None) -> str:
    """Return the report as a self-contained HTML document.

    Parameters
    ----------
    report : Report
    points : ForcePoints
    link : str, optional
        Address of the report, printed at its head.
    """
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            link=link,
            parts=[(result, _plot(result, points), _rows(result)) for result in report.results],
            symbols=chemical_symbols,
            points_drawn=POINTS_DRAWN,
            paper=PAPER,
        )
    )


def error_html(error: SoftdashError) -> str:
    """Return the page shown in the place of a report that is not there, with the error's own words."""
    return _environment().get_template("no_report.html").render(error=error)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("softdash.diagnosis"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["digits"] = _digits
    environment.filters["interval"] = _interval
    return environment


def _digits(value: float | None) -> str:
    return "–" if value is None else three_digits(value)


def _interval(interval: Interval | None) -> str:
    return "" if interval is None else f"{three_digits(interval.low)} to {three_digits(interval.high)}"


def _plot(result: PotentialResult, points: ForcePoints) -> Markup:
    predicted = points.predicted.get(result.potential.name)
    if predicted is None or result.statistics is None:
        return Markup("")
    svg = parity_svg(
        points.reference.ravel(),
        predicted.ravel(),
        result.statistics,
        label=result.potential.label,
        family=result.potential.family,
    )
    return Markup(svg)  # noqa: S704 - made by us; labels are escaped where they enter


def _rows(result: PotentialResult) -> list[_Row]:
    statistics = result.statistics
    if statistics is None:
        return []
    rows = [
        _Row(
            "Softening scale s",
            three_digits(statistics.slope),
            "slope of predicted on reference forces through the origin",
        )
    ]
    if statistics.slope_interval is not None:
        interval = statistics.slope_interval
        rows.append(_Row(f"{100 * interval.level:.0f} % interval of s", _interval(interval), interval.method))
    rows += [_Row(name, f"{three_digits(value)}{unit}", meaning) for name, value, unit, meaning in _values(statistics)]
    return rows + [_Row(*row) for row in answer_rows(result)]


def _values(statistics: SofteningStatistics) -> list[tuple[str, Any, str, str]]:
    leverage = statistics.largest_leverage
    place = f"{leverage.axis} on atom {leverage.atom + 1} of frame {leverage.frame + 1}"
    return [
        ("Slope with intercept", statistics.slope_with_intercept, "", "ordinary least squares"),
        ("Intercept", statistics.intercept, " eV/Å", "of that fit"),
        ("R²", statistics.r_squared, "", "of the fit through the origin"),
        ("MAE", statistics.mae, " eV/Å", "mean absolute error over components"),
        ("RMSE", statistics.rmse, " eV/Å", "root mean square error over components"),
        ("Corrected MAE", statistics.corrected_mae, " eV/Å", "after dividing by s"),
        ("Error reduction", 100 * statistics.error_reduction, " %", "1 − corrected MAE / MAE"),
        ("1/s", statistics.inverse_slope, "", "turns the cloud onto the diagonal"),
        ("Linear correction c*", statistics.linear_correction, "", "factor of least squared error"),
        ("MAE at c*", statistics.mae_at_linear_correction, " eV/Å", "after multiplying by c*"),
        ("Huber slope", statistics.huber_slope, "", "robust against outliers"),
        ("Largest leverage", 100 * leverage.share, " %", f"share of one component, {place}"),
        ("Largest reference force", statistics.reference_max, " eV/Å", "absolute value of a component"),
        ("Reference rms", statistics.reference_rms, " eV/Å", "root mean square over components"),
    ]
