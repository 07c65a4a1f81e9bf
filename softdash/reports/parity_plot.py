"""The parity plot of one result, where it has one, ready for a template."""

from __future__ import annotations

from markupsafe import Markup

from softdash.diagnosis.records import PotentialResult
from softdash.diagnosis.reports import ForcePoints
from softdash.reports.parity_svg import POINTS_DRAWN, parity_svg


def parity_plot(result: PotentialResult, points: ForcePoints, points_drawn: int = POINTS_DRAWN) -> Markup:
    """Return the SVG; empty without predictions or numbers, and for several materials, which have no common slope."""
    predicted = points.predicted.get(result.potential.name)
    if predicted is None or result.statistics is None or result.materials:
        return Markup("")
    svg = parity_svg(
        points.reference.ravel(),
        predicted.ravel(),
        result.statistics,
        label=result.potential.label,
        potential=result.potential.name,
        points_drawn=points_drawn,
    )
    return Markup(svg)  # noqa: S704 - made by us; labels are escaped where they enter
