"""A report as ``.json`` and as ``.csv``; the ``.html`` is in `report_html`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ase.data import chemical_symbols

from softdash.diagnosis.records import MaterialResult, PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints, report_as_json
from softdash.reports.material_rows import material_rows
from softdash.reports.material_view import frames_of_material, material_names, material_points, report_of_one
from softdash.reports.reading_texts import shown_readings
from softdash.softening.statistics import Interval

_AXES = "xyz"
_ROWS_AT_ONCE = 2_000


def report_json(report: Report) -> str:
    """Return the report as JSON; all numbers keep all their digits, and its `result_sha256` holds."""
    return report_as_json(report)


def report_csv(report: Report, points: ForcePoints, *, material: str | None = None) -> Iterator[str]:
    """Yield the text of a table with one row per force component.

    Lines that begin with ``#`` say where the numbers come from. Frames and atoms count from 1, in the order of the
    frames that the header lists. With several materials, a first column says which one.

    Parameters
    ----------
    report : Report
    points : ForcePoints
    material : str, optional
        Only this one of several.

    Raises
    ------
    NotFoundError
        If the report has no such material.
    """
    shown = report
    if material is not None:
        shown = report_of_one(report, material)
        points = material_points(points, frames_of_material(report, material)) if shown is not report else points
    material_of = {
        frame: name for name in material_names(report) for frame in frames_of_material(report, name)
    }  # empty where it has one
    yield "".join(f"# {line}\r\n" for line in _header(shown))
    names = list(points.predicted)
    columns = ["frame", "atom", "element", "axis", "reference_eV_per_A", *(f"{n}_eV_per_A" for n in names)]
    yield _csv_line(["material", *columns] if material_of else columns)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in range(len(points.frame)):
        frame = int(points.frame[row])
        place = [frame + 1, int(points.atom[row]) + 1, chemical_symbols[points.atomic_number[row]]]
        if material_of:
            place = [material_of[frame], *place]
        for axis in range(3):
            forces = (points.reference[row, axis], *(points.predicted[name][row, axis] for name in names))
            # A frame that a potential could not compute leaves its cells empty.
            writer.writerow([*place, _AXES[axis], *("" if force != force else repr(float(force)) for force in forces)])
        if row % _ROWS_AT_ONCE == _ROWS_AT_ONCE - 1:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _csv_line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _header(report: Report) -> Iterator[str]:
    yield f"softdash {report.softdash_version}, report {report.id}, {report.created_at.isoformat()}"
    yield f"title: {_one_line(report.title)}"
    yield f"result sha256: {report.result_sha256}"
    for file in report.files:
        yield f"file: {_one_line(file.name)}, sha256 {file.sha256}"
    for reading in shown_readings(report.understanding, report.results):
        yield f"read: {reading.topic}: {_one_line(reading.value)} ({reading.ground})"
    for result in report.results:
        who = result.potential
        weights = who.weights_sha256 or "not known"
        yield f"potential: {who.name}, {who.package} {who.package_version}, weights sha256 {weights}"
        if result.materials:
            yield from _materials(result)
        elif result.statistics is not None:
            what = "slope of the forces as read" if result.doubts else "softening scale"
            yield f"{what} of {who.name}: {result.statistics.slope!r}"
            shares = result.statistics.error_shares
            if shares is not None and not result.doubts:
                yield f"shares of the squared error of {who.name}: softening {shares[0]!r}, scatter {shares[1]!r}"
            yield from _doubts(result, who.name)
            yield from _answers(result, who.name)
        else:
            yield f"failed: {who.name}: {_one_line(str((result.error or {}).get('message')))}"
        for refused in result.refused:
            yield f"frame not computed by {who.name}: {_one_line(refused.origin)}: {_one_line(refused.reason)}"
    for position, frame in enumerate(report.understanding.frames, start=1):
        yield f"frame {position}: {_one_line(frame.origin)}"


def _materials(result: PotentialResult) -> Iterator[str]:
    """Yield the table of materials, and what else is known about each."""
    name = result.potential.name
    for row, part in zip(material_rows(result), result.materials, strict=True):
        if row.slope is None:
            yield f"no slope of {name} for {row.name}: {_one_line(row.reason)}"
            continue
        what = "slope of the forces as read" if part.doubts else "softening scale"
        yield (
            f"{what} of {name} for {row.name}: {row.slope!r}{_ends(row.interval)}, MAE {row.mae!r} eV/A, "
            f"{row.frame_count} frames, {row.component_count} components: {row.answer}"
        )
        yield from _doubts(part, f"{name} for {row.name}")
        yield from _answers(part, f"{name} for {row.name}")


def _doubts(result: PotentialResult | MaterialResult, name: str) -> Iterator[str]:
    for doubt in result.doubts:
        yield f"doubt about the reading, by {name}: {doubt.code}: {_one_line(doubt.text)}"


def _answers(result: PotentialResult | MaterialResult, name: str) -> Iterator[str]:
    """Yield what findings say beside the softening scale; nothing for reports of version 1."""
    advice, influence = result.advice, result.influence
    if advice is not None:
        yield f"linear correction c* of {name}: {advice.linear_correction!r}{_ends(advice.linear_correction_interval)}"
        yield f"1/s of {name}: {advice.inverse_slope!r}{_ends(advice.inverse_slope_interval)}"
        if advice.held_out is not None:
            yield (
                f"MAE of held-out frames of {name}, eV/A: {advice.held_out.mae_before!r} before, "
                f"{advice.held_out.mae_after!r} after c*{_ends(advice.held_out.mae_after_interval)}"
            )
        if advice.frames_needed is not None:
            needed = advice.frames_needed
            yield (
                f"frames for +-{needed.half_width!r} of {name}: {needed.frames} "
                f"({needed.frames_low} to {needed.frames_high})"
            )
        yield f"advice for {name}: {advice.code}: {_one_line(advice.text)}"
    for comparison, what in ((result.energies, "energies"), (result.stresses, "stresses")):
        if comparison is not None and comparison.statistics is not None:
            found = comparison.statistics
            yield (
                f"slope of {what} of {name}: {found.slope!r}{_ends(found.slope_interval)}, MAE {found.mae!r} "
                f"{found.unit}, {found.frame_count} frames"
            )
        elif comparison is not None:
            yield f"{what} of {name}: {_one_line(comparison.refusal or '')}"
    if influence is not None and influence.most_influential_frame is not None:
        frame = influence.most_influential_frame
        yield f"slope of {name} without frame {frame.frame + 1}, which moves it most: {frame.slope_without!r}"
    if influence is not None:
        yield f"outliers of {name}: {influence.outlier_count}"


def _ends(interval: Interval | None) -> str:
    return "" if interval is None else f" ({interval.low!r} to {interval.high!r})"


def _one_line(text: str) -> str:
    return " ".join(text.split())
