"""A report as one HTML file: no script, no outside file, readable in print, by a screen reader and in twenty years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase.data import chemical_symbols
from jinja2 import Environment
from markupsafe import Markup

from softdash.diagnosis.answer_texts import BEYOND_FORCES, QUESTION, answer_words, answers_of, findings_by_topic
from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import SoftdashError
from softdash.potentials.look import look_of
from softdash.reports.advice_texts import (
    FINE_TUNING_ADVICE,
    frames_needed_text,
    held_out_text,
    inverse_slope_text,
    labels_needed_text,
    linear_correction_text,
)
from softdash.reports.answer_rows import answer_rows
from softdash.reports.citation import PAPER, bibtex
from softdash.reports.html_environment import html_environment
from softdash.reports.html_materials import material_parts, overview_rows
from softdash.reports.influence_texts import influence_text, outlier_text
from softdash.reports.material_names import title_text
from softdash.reports.material_view import frames_of_material, material_names, material_points, report_of_one
from softdash.reports.parity_plot import parity_plot
from softdash.reports.parity_svg import POINTS_DRAWN
from softdash.reports.ranking import ranked, ranking_finding
from softdash.reports.reading_texts import proposal_numbers, shown_readings
from softdash.reports.shared_frames import frames_sentence
from softdash.reports.structure_svg import structure_svg
from softdash.softening import quantities, three_digits
from softdash.softening.statistics import Interval, Leverage
from softdash.structures.frames.frame_geometry import FrameGeometry

Frames = Callable[[int], FrameGeometry]
"""Gives a frame of the report's upload by its position, for its picture."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table of statistics: a name, a value with its unit, and what it is."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class _Part:
    """What one potential's part shows beside the report itself; pictures are empty where there is nothing to draw."""

    result: PotentialResult
    plot: Markup
    structure: Markup
    structure_frame: str
    rows: list[_Row]
    to_do: list[tuple[str, str]]
    outliers: str
    influence: str


def report_html(
    report: Report,
    points: ForcePoints,
    *,
    link: str | None = None,
    note: str = "",
    frames: Frames | None = None,
    material: str | None = None,
) -> str:
    """Return the report as a self-contained HTML document.

    Parameters
    ----------
    report : Report
    points : ForcePoints
    link : str, optional
        Address of the report, printed at its head.
    note : str
        Of its owner.
    frames : callable, optional
        Gives frames by position; without it there are no pictures of structures.
    material : str, optional
        Only this one of several, at full length; all together have a table and a short part for each.

    Raises
    ------
    NotFoundError
        If the report has no such material.
    """
    frame_count = len(report.understanding.frames)
    if material is not None and material_names(report):
        points = material_points(points, of_material := frames_of_material(report, material))
        frame_count = len(of_material)
        report = report_of_one(report, material)
    materials = material_parts(report, points)
    order = [] if materials else ranked(report, points)
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            link=link,
            note=[line for line in note.splitlines() if line.strip()],
            order=order,
            compared=quantities.COMPARED,
            linear_correction=quantities.LINEAR_CORRECTION,
            finding=ranking_finding(order) if len(report.results) > 1 and not materials else "",
            frames_compared=frames_sentence(report),
            materials=materials,
            heading=f"{len(materials)} materials" if materials else report.understanding.formula,
            frame_count=frame_count,
            overview=overview_rows(report),
            parts=[_part(report, result, points, frames) for result in report.results],
            answers=[answers for result in report.results if (answers := answers_of(result))],
            answering=[result.potential.label for result in report.results if answers_of(result)],
            question=QUESTION,
            beyond_forces=BEYOND_FORCES,
            readings=shown_readings(report.understanding, report.results),
            symbols=chemical_symbols,
            points_drawn=POINTS_DRAWN,
            paper=PAPER,
            bibtex=bibtex(report),
        )
    )


def error_html(error: SoftdashError) -> str:
    """Return the page shown in the place of a report that is not there, with the error's own words."""
    return _environment().get_template("no_report.html").render(error=error)


@cache
def _environment() -> Environment:
    return html_environment(
        "softdash.reports",
        title_text=title_text,
        answer_words=answer_words,
        topics=findings_by_topic,
        digits=_digits,
        interval=_interval,
        norm=lambda vector: three_digits(float(np.linalg.norm(vector))),
        proposal_numbers=proposal_numbers,
        colour=lambda result: look_of(result.potential.name).colour,
    )


def _digits(value: float | None) -> str:
    return "–" if value is None else three_digits(value)


def _interval(interval: Interval | None) -> str:
    return "" if interval is None else f"{three_digits(interval.low)} to {three_digits(interval.high)}"


def _part(report: Report, result: PotentialResult, points: ForcePoints, frames: Frames | None) -> _Part:
    picture, frame = _structure(report, result, points, frames)
    return _Part(
        result,
        parity_plot(result, points),
        picture,
        frame,
        _rows(result),
        _to_do(result),
        "" if result.influence is None else outlier_text(result.influence),
        influence_text(report, result),
    )


def _structure(
    report: Report, result: PotentialResult, points: ForcePoints, frames: Frames | None
) -> tuple[Markup, str]:
    """Return the picture of the frame of largest error, and where that came from."""
    predicted, influence = points.predicted.get(result.potential.name), result.influence
    if frames is None or predicted is None or influence is None or result.statistics is None:
        return Markup(""), ""
    frame = influence.worst_frames[0].frame
    lengths = np.linalg.norm(predicted - points.reference, axis=1)
    try:
        geometry = frames(frame)
    except SoftdashError:  # the frames are gone or damaged; the numbers stand
        return Markup(""), ""
    svg = structure_svg(geometry, predicted[points.frame == frame], result, largest=float(np.nanmax(lengths)) or 1.0)
    return Markup(svg), report.understanding.frames[frame].origin  # noqa: S704 - made by us, texts escaped


def _to_do(result: PotentialResult) -> list[tuple[str, str]]:
    """Return what to do as on the page: names and sentences; nothing while the reading of the files is in doubt."""
    statistics, advice = result.statistics, result.advice
    if statistics is None or result.doubts or result.materials:
        return []
    rows = [
        (
            f"c* = {three_digits(statistics.linear_correction)}",
            linear_correction_text(result.potential.label, statistics),
        ),
        (f"1/s = {three_digits(statistics.inverse_slope)}", inverse_slope_text(statistics)),
    ]
    width = f"± {statistics.labels_needed.half_width:.2f}"
    if advice is None:
        rows.append((width, labels_needed_text(statistics)))
    else:
        rows += [("On unseen frames", held_out_text(advice)), (width, frames_needed_text(advice))]
        if advice.next_frames:
            numbers = ", ".join(str(item.frame + 1) for item in advice.next_frames)
            rows.append(("Label next", f"Frames {numbers}. {advice.next_frames_rule}"))
    return [*rows, ("Fine-tune", FINE_TUNING_ADVICE)]


def _rows(result: PotentialResult) -> list[_Row]:
    statistics = result.statistics
    if statistics is None or result.materials:
        return []
    rows: list[_Row] = []
    for quantity in quantities.QUANTITIES:
        meaning = quantity.definition
        if quantity is quantities.LARGEST_LEVERAGE:
            meaning += f" Here: {_place(statistics.largest_leverage)}."
        as_read = quantity is quantities.SLOPE and result.doubts
        label = "Slope of the forces as read" if as_read else quantity.label
        rows.append(_Row(label, f"{quantity.text(statistics)} {quantity.unit}".rstrip(), meaning))
        if (interval := quantity.interval(statistics)) is not None:
            name = f"{100 * interval.level:.0f} % interval of {quantity.symbol}"
            rows.append(_Row(name, quantity.written_ends(interval), interval.method))
    return rows + [_Row(*row) for row in answer_rows(result)]


def _place(leverage: Leverage) -> str:
    return f"{leverage.axis} on atom {leverage.atom + 1} of frame {leverage.frame + 1}"
