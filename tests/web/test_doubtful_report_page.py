"""A report whose reading is in doubt: the doubt first, what would settle it in one click, nothing about softening."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dash import html
from diagnosed import parts_of, text_of

from softdash.diagnosis.records import Report
from softdash.diagnosis.reports import ForcePoints
from softdash.jobs.service import DiagnosisService
from softdash.softening.statistics import Notice
from softdash.web.context import web_context
from softdash.web.pages.report.body import chosen_result, report_details, report_head
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.server.report_picture import picture_content
from tests.doubtful import ORDER, UNIT, doubtful_report, stored_report

STORE = "a-store"


def shown(report: Report, points: ForcePoints, corrections: str | None = STORE) -> tuple[list[Any], list[Any]]:
    service = cast(DiagnosisService, SimpleNamespace(points=lambda _: points))
    figures = ReportFigures(report, "light", service=service, catalog=web_context().catalog, max_points=4000)
    chosen = chosen_result(report, None)
    return report_head(report, chosen, "one", figures, corrections), report_details(
        report, chosen, figures, corrections
    )


def test_doubts_stand_first_with_their_proposals(in_app: None) -> None:
    head, _ = shown(*doubtful_report())
    headings = [part for part in parts_of(head) if isinstance(part, html.H2)]
    assert headings[0].children == UNIT.headline
    assert headings[0].className == "verdict doubt"
    text = text_of(head)
    assert text.index(UNIT.text) < text.index(ORDER.text) < text.index("R²", text.index(ORDER.text))
    assert len([part for part in parts_of(head) if getattr(part, "data-patch", None)]) == len(UNIT.proposals)
    links = [part.href for part in parts_of(head) if isinstance(part, html.A)]
    assert "#data-used" in links


def test_nothing_about_softening_stands_beside_a_doubt(in_app: None) -> None:
    report, points = doubtful_report()
    result = report.results[0]
    assert result.statistics is not None
    head, details = shown(report, points)
    lists = [text_of(part) for part in parts_of(head) if getattr(part, "className", None) == "headline"]
    assert lists
    assert not any("Softening scale" in text or "c*" in text for text in lists)
    to_do = next(part for part in parts_of(details) if getattr(part, "className", None) == "report-to-do")
    assert "c* =" not in text_of(to_do)
    assert "recipe" not in text_of(to_do).lower()
    population = next(iter(result.populations)).sentence if result.populations else "Softer than"
    assert population not in text_of(details)


def test_notices_about_the_fit_are_left_out_while_the_reading_is_in_doubt(in_app: None) -> None:
    for make, is_said in ((stored_report, True), (doubtful_report, False)):
        report, points = make()
        first, *others = report.results
        assert first.statistics is not None
        notices = (Notice(code="near_equilibrium", message="Use hotter frames."),)
        statistics = dataclasses.replace(first.statistics, notices=notices)
        changed = first.model_copy(update={"statistics": statistics})
        head, _ = shown(report.model_copy(update={"results": (changed, *others)}), points)
        assert ("Use hotter frames." in text_of(head)) is is_said


def test_readings_stand_with_the_data_and_can_be_corrected_there(in_app: None) -> None:
    _, details = shown(*doubtful_report())
    data = next(part for part in parts_of(details) if getattr(part, "className", None) == "report-data")
    assert "data-used" in [getattr(part, "id", None) for part in parts_of(data)]
    assert "in doubt" in text_of(data)
    assert len([part for part in parts_of(data) if isinstance(part, html.Select)]) == 2


def test_without_a_store_nothing_can_be_pressed(in_app: None) -> None:
    head, details = shown(*doubtful_report(), corrections=None)
    parts = parts_of([head, details])
    assert not [part for part in parts if getattr(part, "data-patch", None) or isinstance(part, html.Select)]
    assert UNIT.proposals[0].label in text_of(head)


@pytest.mark.parametrize(("make", "value"), [(stored_report, None), (doubtful_report, "in doubt")])
def test_picture_of_a_link_gives_no_scale_that_is_in_doubt(in_app: None, make: Any, value: str | None) -> None:
    report, points = make()
    content = picture_content(report, points)
    assert (content["rows"][0]["value"] == "in doubt") is (value is not None)
    if value is not None:
        assert content["verdict"] == UNIT.headline
