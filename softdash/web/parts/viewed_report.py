"""What of a report is looked at: all of it, or one of its materials as if that had been uploaded alone."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from softdash.diagnosis.records import Report
from softdash.diagnosis.reports import ForcePoints
from softdash.reports.material_view import frames_of_material, material_names, material_points, material_report


@dataclass(frozen=True, slots=True, eq=False)
class ViewedReport:
    """A report and the part of it that is shown.

    Attributes
    ----------
    whole : Report
        As stored.
    shown : Report
        `whole`, or the view of one material.
    names : tuple of str
        All its materials; empty where it has one.
    material : str or None
        The one that is shown; None for all together.
    unknown : str or None
        A material that was asked for and is not there.
    """

    whole: Report
    shown: Report
    names: tuple[str, ...]
    material: str | None
    unknown: str | None = None

    @property
    def are_several(self) -> bool:
        """Whether several materials are shown together."""
        return bool(self.names) and self.material is None

    @property
    def frames(self) -> tuple[int, ...]:
        """Positions of the frames that are shown."""
        if self.material is None:
            return tuple(range(len(self.whole.understanding.frames)))
        return frames_of_material(self.whole, self.material)

    def points(self, points: ForcePoints) -> ForcePoints:
        """Return what of the report's forces is shown."""
        return points if self.material is None else material_points(points, self.frames)


def viewed_report(report: Report, material: str | None) -> ViewedReport:
    """Return the view of a report that an address asks for; a material that is not there gives all of it.

    Parameters
    ----------
    report : Report
    material : str or None
        From the address. Reports of one material have no other, so that there it is passed over.
    """
    names = material_names(report)
    if material and material in names:
        return ViewedReport(report, material_report(report, material), names, material)
    return ViewedReport(report, report, names, None, material if material and names else None)


def report_address(report_id: str, material: str | None = None, potential: str | None = None) -> str:
    """Return the address of a report's page, of one material and with one potential chosen."""
    chosen = {"material": material, "potential": potential}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/report/{report_id}{'?' if query else ''}{query}"


def compared_name(report_id: str, material: str | None) -> str:
    """Return how addresses of comparisons name a report, or one of its materials."""
    return f"{report_id}:{material}" if material else report_id
