from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from dash import Dash, dcc, no_update
from diagnosed import add_copper, diagnose, parts_of, text_of

from softdash.errors import ForbiddenError, InputError
from softdash.jobs.service import CreatedDiagnosis, DiagnosisService
from softdash.potentials.look import look_of
from softdash.web.context import web_context
from softdash.web.pages.compare_reports.named_reports import compared_results, named_reports, report_ids
from softdash.web.pages.compare_reports.page import layout, show
from softdash.web.pages.report.callbacks import edit, report_view
from softdash.web.pages.report.page import page_description, page_title
from softdash.web.parts.report_heading import kept_until
from tests.doubtful import UNIT, doubting


@pytest.fixture(scope="module")
def created(service: DiagnosisService, tmp_path_factory: pytest.TempPathFactory) -> list[CreatedDiagnosis]:
    uploads = [add_copper(service, tmp_path_factory.mktemp("copper"), frames=frames) for frames in (3, 5)]
    return [diagnose(service, web_context().settings, upload) for upload in uploads]


@pytest.fixture
def ids(created: list[CreatedDiagnosis]) -> list[str]:
    return [one.record.id for one in created]


def test_links_and_identifiers_are_taken_alike() -> None:
    text = "abc, https://soft.example/report/def?plots=over#data; http://localhost/report/ghi.html/ abc"
    assert report_ids(text) == ["abc", "def", "ghi.html"]
    assert report_ids(None) == []


def test_two_reports_stand_in_one_table_and_in_each_figure(
    app: Dash, service: DiagnosisService, ids: list[str]
) -> None:
    page = show(",".join(ids), "light")
    table = next(part for part in parts_of(page) if getattr(part, "id", None) == "compared")
    rows = [text_of(row) for row in parts_of(table) if type(row).__name__ == "Tr"][1:]
    for row, letter, report_id in zip(rows, "AB", ids, strict=True):
        statistics = service.report(report_id).results[0].statistics
        assert statistics is not None
        assert f"{letter}:" in row
        assert f"{statistics.slope:.3f}" in row
    figures = {part.id: part.figure for part in parts_of(page) if isinstance(part, dcc.Graph)}
    assert set(figures) == {"compared-slopes", "compared-parity", "compared-errors"}
    for figure in figures.values():
        names = {trace["name"] for trace in figure["data"]}
        assert {"A: Effective medium theory", "B: Effective medium theory"} <= names


def test_reports_of_one_potential_share_its_colour_and_differ_in_line_and_marker(
    app: Dash, service: DiagnosisService, ids: list[str]
) -> None:
    entries = compared_results(service, named_reports(service, ",".join(ids)).reports)
    assert {one.colour for one in entries} == {look_of("emt").colour}
    assert (entries[0].dash, entries[0].symbol) == (look_of("emt").dash, look_of("emt").symbol)
    assert len({one.dash for one in entries}) == len({one.symbol for one in entries}) == 2
    assert all(np.isfinite(one.predicted).all() for one in entries)


def test_each_of_many_entries_has_a_look_of_its_own(service: DiagnosisService, ids: list[str]) -> None:
    report = service.report(ids[0])
    (result,) = report.results
    names = ("chgnet-0.2.0", "chgnet-0.3.0")
    results = tuple(
        result.model_copy(update={"potential": result.potential.model_copy(update={"name": name})}) for name in names
    )
    points = service.points(ids[0])
    predicted = dict.fromkeys(names, points.predicted["emt"])
    stand_in = cast(
        DiagnosisService, SimpleNamespace(points=lambda _: dataclasses.replace(points, predicted=predicted))
    )
    entries = compared_results(stand_in, (report.model_copy(update={"results": results}),) * 6)
    assert len({(one.dash, one.symbol) for one in entries}) == len(entries) == 12
    assert {one.colour for one in entries} == {look_of("chgnet-0.3.0").colour}
    assert (entries[0].dash, entries[0].symbol) == (look_of("chgnet-0.2.0").dash, look_of("chgnet-0.2.0").symbol)


def test_more_reports_than_fit_are_said_to_be_left_out(app: Dash, ids: list[str]) -> None:
    page = text_of(show(",".join([*ids, "a", "b", "c", "d", "e", "f"]), "light"))
    assert "6 reports are compared at most; 2 were left out." in page
    assert page.count("There is no diagnosis with this link") == 4


def test_missing_reports_are_named_and_the_others_shown(app: Dash, ids: list[str]) -> None:
    text = text_of(show(f"{ids[0]},gone", "dark"))
    assert "gone" in text
    assert "There is no diagnosis with this link" in text
    assert "This is one report" in text


def test_empty_comparison_says_how_to_begin(app: Dash) -> None:
    assert "No report is chosen yet" in text_of(show("", "light"))
    assert show("x", None) is no_update
    assert "Compare reports" in text_of(layout(ids="<script>"))


def test_owner_changes_title_and_note_and_the_results_stay(
    app: Dash, service: DiagnosisService, created: list[CreatedDiagnosis]
) -> None:
    one = created[0]
    before = service.report(one.record.id)
    written = "First.\n\nSecond \x07."
    title, note, message = edit(1, one.record.id, one.delete_token, " Copper, <b>hot</b> ", written)
    assert title == "Copper, <b>hot</b>"
    assert [text_of(part) for part in note] == ["First.", "Second ."]
    assert "Saved" in text_of(message)
    after = service.report(one.record.id)
    assert after.title == "Copper, <b>hot</b>"
    assert after.result_sha256 == before.result_sha256
    assert after.results == before.results
    assert page_title(one.record.id) == "Copper, <b>hot</b> · softdash"
    assert "First." in page_description(one.record.id)
    raw = app.server.test_client().get(f"/report/{one.record.id}").text
    assert "<b>hot</b>" not in raw
    assert 'property="og:title" content="Copper, &lt;b&gt;hot' in raw
    assert edit(None, one.record.id, "", "", "") == (no_update,) * 3


@pytest.mark.parametrize(
    ("token", "title", "note", "kind"),
    [
        ("guess", "A", "", ForbiddenError),
        (None, "  ", "", InputError),
        (None, "A" * 201, "", InputError),
        (None, "A", "n" * 2001, InputError),
    ],
)
def test_edits_have_limits(
    service: DiagnosisService,
    created: list[CreatedDiagnosis],
    token: str | None,
    title: str,
    note: str,
    kind: type[Exception],
) -> None:
    one = created[1]
    with pytest.raises(kind):
        service.edit(one.record.id, token or one.delete_token, title, note)
    assert service.diagnosis(one.record.id).title == one.record.title


def test_only_the_embedded_report_may_stand_in_a_frame(app: Dash, ids: list[str]) -> None:
    client = app.server.test_client()
    embedded = client.get(f"/embed/{ids[1]}?potential=emt&theme=dark")
    assert embedded.status_code == 200
    assert "default-src 'none'" in embedded.headers["Content-Security-Policy"]
    assert "frame-ancestors" not in embedded.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in embedded.headers
    assert "<script" not in embedded.text
    assert "<nav" not in embedded.text
    assert f"/report/{ids[1]}" in embedded.text
    assert len(embedded.data) < 200_000
    for path in ("/", "/diagnose", f"/report/{ids[1]}", f"/report/{ids[1]}.html", "/api/v1/health"):
        answer = client.get(path)
        assert answer.headers["X-Frame-Options"] == "DENY", path
    missing = client.get("/embed/none")
    assert missing.status_code == 404
    assert "There is no report here" in missing.text


def test_embedded_report_shows_the_numbers_of_the_page(app: Dash, service: DiagnosisService, ids: list[str]) -> None:
    statistics = service.report(ids[1]).results[0].statistics
    assert statistics is not None
    text = app.server.test_client().get(f"/embed/{ids[1]}?potential=made-up&theme=%22onload").text
    assert f"{statistics.slope:.3f}" in text
    assert "onload" not in text
    assert f"{statistics.slope:.3f}" in text_of(report_view(ids[1], None, "light").body)


def test_page_says_until_when_it_is_kept() -> None:
    assert kept_until(datetime(2027, 3, 4, 12, tzinfo=UTC)) == " · kept until 4 March 2027"
    assert kept_until(None) == " · kept until it is deleted"


def test_report_whose_reading_is_in_doubt_is_not_the_softest(
    app: Dash, service: DiagnosisService, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = {one: service.report(one) for one in ids}
    reports[ids[0]] = doubting(reports[ids[0]], UNIT)
    monkeypatch.setattr(service, "report", reports.__getitem__)
    page = show(",".join(ids), "light")
    text = text_of(page)
    assert "report A were read is in doubt" in text
    assert "Softest: B:" in text
    table = next(part for part in parts_of(page) if getattr(part, "id", None) == "compared")
    rows = [text_of(row) for row in parts_of(table) if type(row).__name__ == "Tr"][1:]
    assert ["in doubt" in row for row in rows] == [True, False]
    monkeypatch.setattr(service, "report", lambda one: doubting(reports[one], UNIT))
    assert "Softest" not in text_of(show(",".join(ids), "light"))
