"""Several materials beside the page of their report: comparison, embedding, previews of links, the figure of slopes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from dash import Dash, dcc, html
from diagnosed import ids_of, parts_of, text_of
from several_materials import METALS, rows_of, slope_of

from softdash.diagnosis.verdict import decide
from softdash.errors import NotFoundError
from softdash.jobs.service import DiagnosisService
from softdash.reports.material_rows import material_population
from softdash.reports.material_view import material_report
from softdash.softening.statistics import Interval
from softdash.web.context import web_context
from softdash.web.pages.compare_reports import page as compare_reports
from softdash.web.pages.compare_reports.named_reports import named_reports, report_ids
from softdash.web.pages.report.body import chosen_result, report_details, report_head
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.pages.report.material_slopes import MaterialSlope, PotentialSlopes, material_slopes_figure
from softdash.web.pages.report.page import page_description, page_picture, page_title
from softdash.web.parts.viewed_report import viewed_report
from softdash.web.server.report_picture import picture_content

# ---- comparison, embedding, previews


def test_materials_of_one_report_are_compared(
    app: Dash, service: DiagnosisService, mixed: str, interleaved: str
) -> None:
    page = compare_reports.show(f"{mixed}:Cu,{interleaved}:Cu", "light")
    rows = rows_of(page, "compared")
    slopes = [slope_of(service.report(one), "Cu") for one in (mixed, interleaved)]
    assert [f"{slope:.3f}" in row for slope, row in zip(slopes, rows, strict=True)] == [True, True]
    hrefs = [part.href for part in parts_of(page) if isinstance(part, dcc.Link)]
    assert f"/report/{mixed}?material=Cu" in hrefs


def test_all_materials_are_compared_where_none_is_named_and_they_are_few(
    app: Dash, service: DiagnosisService, mixed: str, interleaved: str
) -> None:
    named = named_reports(service, mixed)
    assert [viewed.material for viewed in named.reports] == list(METALS)
    assert len(rows_of(compare_reports.show(mixed, "light"), "compared")) == len(METALS)
    both = named_reports(service, f"{mixed},{interleaved}")
    assert [viewed.whole.id for viewed in both.to_choose] == [interleaved]
    links = [
        part.href
        for part in parts_of(compare_reports.show(f"{mixed},{interleaved}", "light"))
        if isinstance(part, html.A)
    ]
    assert f"/compare?ids={mixed},{interleaved}:Cu,{interleaved}" in links


def test_links_to_materials_name_them_and_unknown_ones_are_said(
    app: Dash, service: DiagnosisService, mixed: str
) -> None:
    assert report_ids("http://x/report/abc?material=Li-F&plots=over#a, def") == ["abc:Li-F", "def"]
    (problem,) = named_reports(service, f"{mixed}:Xx").problems
    assert isinstance(problem, NotFoundError)


def test_embedded_page_shows_the_table_or_one_material(app: Dash, service: DiagnosisService, mixed: str) -> None:
    client, report = app.server.test_client(), service.report(mixed)
    whole = client.get(f"/embed/{mixed}").text
    for name in METALS:
        assert f"{slope_of(report, name):.3f}" in whole
    assert "<svg" not in whole
    one = client.get(f"/embed/{mixed}?material=Cu").text
    assert f"{slope_of(report, 'Cu'):.3f}" in one
    assert "<svg" in one
    assert f"/report/{mixed}?material=Cu" in one
    missing = client.get(f"/embed/{mixed}?material=%3Cb%3E")
    assert missing.status_code == 404
    assert "<b>" not in missing.text


def test_preview_of_a_link_to_a_material_is_of_that_material(app: Dash, service: DiagnosisService, mixed: str) -> None:
    head = app.server.test_client().get(f"/report/{mixed}?material=Cu").text
    assert 'property="og:title" content="Cu · ' in head
    assert f"/report/{mixed}.png?material=Cu" in head
    verdict = material_report(service.report(mixed), "Cu").results[0].verdict
    assert verdict is not None
    assert page_description(mixed, "Cu").startswith(verdict.headline)
    assert page_title(mixed, "<b>") == page_title(mixed)
    assert page_picture(mixed, "<b>") == f"/report/{mixed}.png"


def test_picture_of_several_names_the_softest_first(app: Dash, service: DiagnosisService, mixed: str) -> None:
    report, points = service.report(mixed), service.points(mixed)
    picture = picture_content(report, points)
    assert [row["label"] for row in picture["rows"]] == list(METALS)
    assert picture["rows"][0]["value"].startswith(f"{slope_of(report, 'Al'):.3f}")
    viewed = viewed_report(report, "Cu")
    one = picture_content(viewed.shown, viewed.points(points), len(viewed.frames))
    assert one["title"] == "Cu"
    assert one["facts"].startswith("4 frames")


# ---- the population


def test_slopes_with_wide_intervals_count_and_those_without_meaning_do_not(
    app: Dash, service: DiagnosisService, mixed: str
) -> None:
    parts = service.report(mixed).results[0].materials
    gold = parts[3]  # near one
    statistics = gold.statistics
    assert statistics is not None
    wide = replace(statistics, slope_interval=Interval(0.7, 1.3, 0.95, "jackknife by frame"))
    assert decide(wide)[0] == "inconclusive"
    open_parts = [*parts[:3], gold.model_copy(update={"statistics": wide}), parts[4]]
    assert material_population(open_parts).slopes == material_population(parts).slopes
    loose = gold.model_copy(update={"statistics": replace(statistics, r_squared=0.1)})
    assert material_population([*parts[:3], loose, parts[4]]).names == ("Al", "Cu", "Ag", "Ni")


# ---- the figure


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_histogram_of_many_counts_every_material(theme: Any) -> None:
    slopes = np.linspace(0.5, 1.1, 61)
    items = tuple(
        MaterialSlope(f"M{k}", float(slope), Interval(slope - 0.1, slope + 0.1, 0.95, "jackknife by frame"), 3)
        for k, slope in enumerate(slopes)
    )
    figure = material_slopes_figure([PotentialSlopes("emt", "EMT", items)] * 2, theme=theme)
    bars = figure.data[0]
    assert sum(bars.y) == 61
    assert sum(y for x, y in zip(bars.x, bars.y, strict=True) if x < 0.8) == sum(slopes < 0.8 - 1e-9)
    names = [note.text for note in figure.layout.annotations]
    assert {"M0 0.500", "M60 1.100"} <= set(names)


def test_wide_intervals_do_not_squeeze_the_figure() -> None:
    wide = Interval(-40.0, 41.0, 0.95, "jackknife by frame")
    items = tuple(
        MaterialSlope(name, slope, wide, 2) for name, slope in (("A", 0.7), ("B", 0.8), ("C", 0.9), ("D", 1.0))
    )
    figure = material_slopes_figure([PotentialSlopes("emt", "EMT", items)], theme="light")
    low, high = figure.layout.xaxis.range
    assert (low, high) == (pytest.approx(0.6, abs=0.1), pytest.approx(1.1, abs=0.1))


def test_body_takes_a_report_as_it_is(app: Dash, service: DiagnosisService, mixed: str) -> None:
    report = service.report(mixed)
    figures = ReportFigures(report, "light", service=service, catalog=web_context().catalog, max_points=400)
    chosen = chosen_result(report, None)
    assert "materials-table" in ids_of(report_head(report, chosen, "one", figures))
    assert "Data used" in text_of(report_details(report, chosen, figures))
