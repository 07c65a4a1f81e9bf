"""One potential's part of a report as a small HTML page for frames on other sites: no script, nothing to press."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, Template

from softdash.diagnosis.answer_texts import QUESTION, answer_words, answers_of
from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import SoftdashError
from softdash.reports.html_environment import html_environment
from softdash.reports.material_names import subscripted, title_text
from softdash.reports.material_rows import material_rows
from softdash.reports.parity_plot import parity_plot
from softdash.reports.reading_texts import proposal_numbers
from softdash.softening import three_digits

_MOST_MATERIALS = 10
"""Rows of the table of several materials; a frame is small."""


def embedded_html(
    report: Report, points: ForcePoints, *, link: str, potential: str | None = None, theme: str | None = None
) -> str:
    """Return the page: verdict, numbers and parity plot; of several materials, the start of their table.

    Parameters
    ----------
    report : Report
    points : ForcePoints
    link : str
        Address of the whole report.
    potential : str, optional
        Which one to show; default, and for unknown names: the first with a result.
    theme : {"light", "dark"}, optional
        Default: what the browser prefers.
    """
    chosen = _chosen(report, potential)
    rows = material_rows(chosen)
    # The points of several materials have no common slope.
    statistics = None if rows else chosen.statistics
    svg = parity_plot(chosen, points)
    numbers: list[tuple[str, str]] = []
    if statistics is not None:
        interval = statistics.slope_interval
        width = "" if interval is None else f" ± {interval.half_width:.3f}"
        scale = ("Slope of the forces as read", f"{statistics.slope:.3f}")
        numbers = [
            scale if chosen.doubts else ("Softening scale", f"{statistics.slope:.3f}{width}"),
            ("R²", f"{statistics.r_squared:.3f}"),
            ("MAE", f"{three_digits(statistics.mae)} eV/Å"),
            ("Frames", f"{statistics.frame_count:,}"),
        ]
    return _template("embed.html").render(
        report=report,
        chosen=chosen,
        question=QUESTION,
        answers=() if rows else answers_of(chosen),
        materials=rows[:_MOST_MATERIALS],
        materials_more=max(0, len(rows) - _MOST_MATERIALS),
        numbers=numbers,
        plot=svg,
        link=link,
        theme=theme,
        error=None,
    )


def missing_html(error: SoftdashError, theme: str | None = None) -> str:
    """Return the page that stands in the place of a report that is not there."""
    return _template("embed.html").render(
        report=None,
        chosen=None,
        materials=[],
        materials_more=0,
        numbers=[],
        plot="",
        link=None,
        theme=theme,
        error=error,
    )


def _chosen(report: Report, potential: str | None) -> PotentialResult:
    named = next((result for result in report.results if result.potential.name == potential), None)
    first = next((result for result in report.results if result.statistics is not None), report.results[0])
    return named or first


@cache
def _environment() -> Environment:
    return html_environment(
        "softdash.reports",
        title_text=title_text,
        subscripted=subscripted,
        answer_words=answer_words,
        proposal_numbers=proposal_numbers,
    )


def _template(name: str) -> Template:
    return _environment().get_template(name)
