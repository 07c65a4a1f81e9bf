"""The ranking on the page of a report whose potentials did not compute the same frames."""

from __future__ import annotations

from typing import Any, cast

import pytest
from page_content import plain_text, text_of

from softdash.diagnosis.reports import ForcePoints
from softdash.jobs.service import DiagnosisService
from softdash.web.context import web_context
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.pages.report.ranking import ranking_part
from tests.unequal_frames import zns_report


class _Forces:
    """Stands for the service: it gives the forces, and counts how often."""

    def __init__(self, points: ForcePoints) -> None:
        self._points, self.asked = points, 0

    def points(self, report_id: str) -> ForcePoints:
        assert report_id
        self.asked += 1
        return self._points


def _ranking(frames: tuple[int, ...]) -> tuple[Any, _Forces]:
    report, points = zns_report(frames)
    forces, catalog = _Forces(points), web_context().catalog
    service = cast(DiagnosisService, forces)
    return ranking_part(report, ReportFigures(report, "light", service=service, catalog=catalog, max_points=10)), forces


@pytest.mark.parametrize(
    ("frames", "slope", "said", "asked"),
    [
        ((1, 2, 3, 4, 5), 0.738213, "Compared on the 4 frames that all potentials computed", 1),
        ((1, 2, 4, 5), 0.738213, "All on the same frames.", 0),
    ],
)
def test_ranking(in_app: None, frames: tuple[int, ...], slope: float, said: str, asked: int) -> None:
    part, forces = _ranking(frames)
    assert said in plain_text(part)
    assert ("SevenNet-0 has no forces for ZnS frame 3" in plain_text(part)) == bool(asked)
    assert f'"data-value": "{slope:.4f}' in text_of(part) or f"{slope:.3f} ±" in plain_text(part)
    assert forces.asked == asked
