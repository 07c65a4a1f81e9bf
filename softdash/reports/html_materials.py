"""Several materials in the HTML of a report: one table of all, and a short part for each."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.reports.material_rows import MaterialRow, material_rows
from softdash.reports.material_view import frames_of_material, material_names, material_points, material_report
from softdash.reports.parity_plot import parity_plot
from softdash.reports.parity_svg import POINTS_DRAWN

_POINTS_IN_ALL = 160_000
"""Drawn in all plots of a file together: some 2 MB."""
_FEWEST_POINTS = 200


@dataclass(frozen=True, slots=True)
class MaterialPart:
    """What one potential says about one material, with its parity plot, which is empty where there is no slope."""

    result: PotentialResult
    row: MaterialRow
    plot: Markup
    points_drawn: int


def overview_rows(report: Report) -> list[tuple[PotentialResult, MaterialRow]]:
    """Return the rows of the table of all materials: material by material, each with all potentials."""
    of_potentials = [(result, material_rows(result)) for result in report.results if result.materials]
    by_name = {name: place for place, name in enumerate(material_names(report))}
    rows = [(result, row) for result, rows in of_potentials for row in rows]
    return sorted(rows, key=lambda pair: by_name[pair[1].name])


def material_parts(report: Report, points: ForcePoints) -> list[tuple[str, list[MaterialPart]]]:
    """Return each material with the parts of all potentials; none where the report has one material.

    Parameters
    ----------
    report : Report
    points : ForcePoints
        Of the report.
    """
    names = material_names(report)
    plots = max(1, len(names) * len(report.results))
    points_drawn = min(POINTS_DRAWN, max(_FEWEST_POINTS, _POINTS_IN_ALL // plots))
    rows = {(result.potential.name, row.name): row for result, row in overview_rows(report)}
    parts = []
    for name in names:
        own = material_points(points, frames_of_material(report, name))
        results = material_report(report, name).results
        parts.append(
            (
                name,
                [
                    MaterialPart(
                        result, rows[result.potential.name, name], parity_plot(result, own, points_drawn), points_drawn
                    )
                    for result in results
                    if (result.potential.name, name) in rows
                ],
            )
        )
    return parts
