"""Several materials on the page of a report: its start, the report of each, other groupings."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash import Dash, dcc, html, no_update
from diagnosed import compute_all, diagnose, ids_of, parts_of, text_of
from several_materials import METALS, SOFTNESS, UNKNOWN, add_materials, rows_of, slope_of

from softdash.diagnosis.records import PotentialResult, UploadRecord
from softdash.jobs.service import DiagnosisService
from softdash.reports.material_rows import material_population, material_rows
from softdash.reports.reading_texts import shown_readings
from softdash.web.context import web_context
from softdash.web.pages.diagnose import page as diagnose_page
from softdash.web.pages.report.body import report_head
from softdash.web.pages.report.callbacks import read_again, report_view, show
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.pages.report.page import layout
from softdash.web.pages.report.structure import draw_structure, frames_shown
from softdash.web.parts.reading_choices import other_readings
from softdash.web.parts.viewed_report import report_address, viewed_report


def content(report_id: str, material: str | None = None) -> list[Any]:
    view = report_view(report_id, None, "light", None, material)
    return [*view.progress, *(view.body or []), *(view.details or [])]


def test_report_begins_with_a_table_of_its_materials(app: Dash, service: DiagnosisService, mixed: str) -> None:
    view, report = report_view(mixed, None, "light"), service.report(mixed)
    assert view.are_several
    rows = rows_of(view.body, "materials-table")
    assert len(rows) == len(METALS)
    for row, name, soft in zip(rows, METALS, SOFTNESS, strict=True):
        assert row.startswith(name)
        assert slope_of(report, name) == pytest.approx(soft, abs=0.02)
        assert f"{slope_of(report, name):.3f} ±" in row
    verdict = report.results[0].verdict
    assert verdict is not None
    assert verdict.headline in text_of(view.body)
    assert "report-parity" not in ids_of(view.body)


def test_rows_of_the_table_are_those_of_all_other_forms(app: Dash, service: DiagnosisService, mixed: str) -> None:
    cells = [
        part
        for part in parts_of(report_view(mixed, None, "light").body)
        if isinstance(part, html.Td) and "±" in text_of(part)
    ]
    rows = material_rows(service.report(mixed).results[0])
    assert [getattr(cell, "data-value") for cell in cells] == [repr(row.slope) for row in rows]
    assert [getattr(cell, "data-low") for cell in cells] == [repr(row.interval.low) for row in rows if row.interval]
    assert [row.component_count for row in rows] == [4 * 4 * 3] * 5
    assert [row.frame_count for row in rows] == [4] * 5


def test_slopes_are_drawn_with_their_median_from_four_materials_on(
    app: Dash, service: DiagnosisService, mixed: str, interleaved: str
) -> None:
    graph = next(part for part in parts_of(content(mixed)) if getattr(part, "id", None) == "materials-slopes")
    marks, median = graph.figure["data"]
    slopes = sorted(slope_of(service.report(mixed), name) for name in METALS)
    assert np.allclose(marks["x"], slopes, atol=1e-6)
    assert [row[0] for row in marks["customdata"]] == list(METALS)
    assert median["x"][0] == slopes[2]
    assert f"median slope {slopes[2]:.3f}" in text_of(content(mixed))
    assert "materials-slopes" not in ids_of(content(interleaved))


def test_every_name_leads_to_its_report(app: Dash, mixed: str) -> None:
    links = [part.href for part in parts_of(content(mixed)) if isinstance(part, dcc.Link)]
    assert [f"/report/{mixed}?material={name}" for name in METALS] == links[: len(METALS)]


def test_report_of_a_material_is_a_report_with_a_way_back(app: Dash, service: DiagnosisService, mixed: str) -> None:
    page = content(mixed, "Cu")
    text = text_of(page)
    assert f"{slope_of(service.report(mixed), 'Cu'):.3f}" in text
    assert {"report-parity", "report-residuals", "report-frames"} <= set(map(str, ids_of(page)))
    assert "materials-table" not in ids_of(page)
    links = [part.href for part in parts_of(page) if isinstance(part, dcc.Link)]
    assert links[:3] == [f"/report/{mixed}", f"/report/{mixed}?material=Al", f"/report/{mixed}?material=Ag"]
    choice = next(part for part in parts_of(page) if getattr(part, "id", None) == "report-material-choice")
    assert [one["label"] for one in choice.data] == list(METALS)
    assert choice.value == f"/report/{mixed}?material=Cu"
    assert choice.label
    assert f"/report/{mixed}/recipe/emt.json?material=Cu" in [getattr(part, "href", "") for part in parts_of(page)]


def test_figures_of_a_material_have_its_forces_alone(app: Dash, service: DiagnosisService, mixed: str) -> None:
    report, points = service.report(mixed), service.points(mixed)

    def drawn(name: str) -> Any:
        viewed = viewed_report(report, name)
        figures = ReportFigures(viewed, "light", service=service, catalog=web_context().catalog, max_points=4000)
        return figures.parity(viewed.shown.results[0]), figures.by_frame()

    parity, frames = drawn("Ag")
    own = points.reference[(points.frame >= 8) & (points.frame < 12)].ravel()
    marks = [
        trace
        for trace in parity["data"]
        if trace.get("mode") == "markers" and not (trace.get("meta") or {}).get("decoration")
    ]
    drawn_at = np.sort(np.concatenate([_values(trace["x"]) for trace in marks]))
    assert drawn_at == pytest.approx(np.sort(own), abs=6e-4)
    assert list(frames["layout"]["xaxis"]["ticktext"]) == ["9", "10", "11", "12"]
    # The cache must tell materials apart.
    assert json.dumps(drawn("Au")[1]["layout"]["xaxis"]["ticktext"]) == '["13", "14", "15", "16"]'


def _values(given: Any) -> Any:
    if isinstance(given, dict):
        return np.frombuffer(base64.b64decode(given["bdata"]), dtype=given["dtype"])
    return np.asarray(given)


def test_structure_shows_the_frames_of_the_material(app: Dash, service: DiagnosisService, mixed: str) -> None:
    understanding = service.report(mixed).understanding
    assert frames_shown(understanding, "Ag") == (9, 12)
    assert frames_shown(understanding, "Xx") == (1, 20)
    page = layout(mixed, material="Ag")
    slider = next(part for part in parts_of(page) if type(part).__name__ == "Slider")
    assert (slider.min, slider.max, slider.value) == (9, 12, 9)
    assert not next(part.hidden for part in parts_of(page) if getattr(part, "id", None) == "report-structure")
    whole = layout(mixed)
    assert next(part.hidden for part in parts_of(whole) if getattr(part, "id", None) == "report-structure")
    drawn = draw_structure(10, None, "both", "error", False, None, False, "light", mixed, "Ag")
    assert "MAE here" in text_of(drawn["facts"])
    assert "Atoms with the largest error" in text_of(drawn["worst"])


def test_frames_of_other_materials_between_are_named_as_such(app: Dash, interleaved: str) -> None:
    other = draw_structure(2, None, "both", "error", False, None, False, "light", interleaved, "Cu")
    assert "not Cu" in text_of(other["facts"])
    own = draw_structure(4, None, "both", "error", False, None, False, "light", interleaved, "Cu")
    assert "not Cu" not in text_of(own["facts"])


def test_material_that_failed_says_why_in_table_and_report(app: Dash, interleaved: str) -> None:
    rows = rows_of(content(interleaved), "materials-table")
    assert "no slope" in rows[2]
    assert "does not know Si" in rows[2]
    text = text_of(content(interleaved, UNKNOWN))
    assert "gave no result" in text
    assert "does not know Si" in text


def test_doubtful_materials_count_in_no_median(app: Dash, service: DiagnosisService, tmp_path: Path) -> None:
    elements, softness = METALS, (0.02, 0.8, 0.9, 1.0, 1.1)  # the forces of aluminium 50 times as large
    upload = add_materials(service, tmp_path, elements, softness)
    report_id = diagnose(service, web_context().settings, upload).record.id
    report = service.report(report_id)
    row = material_rows(report.results[0])[0]
    assert row.state == "in doubt"
    assert not row.is_counted
    population = material_population(report.results[0].materials)
    assert population.names == METALS[1:]
    assert population.median == pytest.approx(0.95, abs=0.02)
    page = content(report_id)
    assert "reading in doubt" in rows_of(page, "materials-table")[0]
    assert "1 left out, without a slope that means something" in text_of(page)


def test_unknown_materials_of_an_address_are_named_and_all_are_shown(app: Dash, mixed: str) -> None:
    text = text_of(content(mixed, "<b>Xx"))
    assert "no material “<b>Xx”" in text
    assert "Each material with" in text


def test_view_of_a_report_of_one_material_is_the_report(app: Dash, service: DiagnosisService, tmp_path: Path) -> None:
    report_id = diagnose(service, web_context().settings, add_materials(service, tmp_path, ("Cu",), (0.8,))).record.id
    assert not report_view(report_id, None, "light").are_several
    assert text_of(content(report_id, "Cu")) == text_of(content(report_id))
    # The hidden flags that the page's callback sets.
    assert show("light", 0, None, None, report_id, "")["structure_hidden"] is False


def test_page_hides_the_structure_of_all_together(app: Dash, mixed: str) -> None:
    assert show("light", 0, None, None, mixed, "")["structure_hidden"] is True
    assert show("light", 0, None, None, mixed, "Cu")["structure_hidden"] is False
    assert set(show(None, 0, None, None, mixed, "Cu").values()) == {no_update}


def test_ids_are_unique_and_all_together_have_no_to_do(app: Dash, mixed: str) -> None:
    for material in (None, "Cu"):
        ids = [
            json.dumps(one, sort_keys=True)
            for one in ids_of([layout(mixed, material=material), content(mixed, material)])
        ]
        assert len(ids) == len(set(ids))
    assert "What to do with" not in text_of(content(mixed))
    assert "What to do with" in text_of(content(mixed, "Cu"))


def test_addresses_quote_their_parts() -> None:
    assert report_address("abc") == "/report/abc"
    assert report_address("abc", "Li-F", "emt") == "/report/abc?material=Li-F&potential=emt"
    assert report_address("abc", "a&b c") == "/report/abc?material=a%26b+c"


# ---- grouping


def test_grouping_is_offered_before_and_after_the_run(
    app: Dash, service: DiagnosisService, upload: UploadRecord
) -> None:
    understood = diagnose_page._understood(upload, None)
    values = [
        part.value for part in parts_of(understood) if isinstance(part, html.Option) and "materials" in part.value
    ]
    assert [json.loads(value) for value in values] == [
        {"materials": way} for way in ("formula", "elements", "together")
    ]
    for name in METALS:
        assert f"{name} (4)" in text_of(understood) or name == METALS[-1]


def test_reader_merges_the_materials_of_a_report(app: Dash, service: DiagnosisService, mixed: str) -> None:
    patches = [
        json.loads(getattr(part, "data-patch")) for part in parts_of(content(mixed)) if hasattr(part, "data-patch")
    ]
    assert patches == [{"materials": "together"}]  # by elements they are the same
    created, error = read_again({"options": {"materials": "together"}}, mixed)
    assert error == ""
    again = service.diagnosis(created["id"])
    understanding = service.upload(again.upload_id).understanding
    assert understanding.options.materials == "together"
    assert not understanding.materials.are_several


def test_chosen_grouping_can_be_taken_back(app: Dash, service: DiagnosisService, upload: UploadRecord) -> None:
    reading = next(one for one in shown_readings(upload.understanding) if one.topic == "materials")
    options = upload.understanding.options.model_copy(update={"materials": "together"})
    assert {"materials": "auto"} in [dict(one.patch) for one in other_readings(reading, options)]


# ---- several potentials, earlier reports


def test_potential_without_any_result_leaves_the_others_theirs(
    app: Dash, service: DiagnosisService, mixed: str
) -> None:
    report = service.report(mixed)
    (result,) = report.results
    identity = result.potential.model_copy(update={"name": "b", "label": "B"})
    broken = PotentialResult(potential=identity, seconds=1.0, statistics=None, error={"message": "It melted."})
    both = report.model_copy(update={"results": (broken, result)})

    def shown(material: str | None, chosen: int) -> Any:
        viewed = viewed_report(both, material)
        figures = ReportFigures(viewed, "light", service=service, catalog=web_context().catalog, max_points=400)
        return report_head(viewed.shown, viewed.shown.results[chosen], "one", figures)

    assert len(rows_of(shown(None, 1), "materials-table")) == 5
    assert "B gave no result" in text_of(shown(None, 1))
    failed = shown(None, 0)
    assert "It melted." in text_of(failed)
    assert "materials-table" not in ids_of(failed)
    of_material = text_of(shown("Cu", 0))
    assert "It melted." in of_material
    assert f"{slope_of(report, 'Cu'):.3f}" in of_material


def test_potentials_stand_beside_each_other_with_their_medians(
    app: Dash, service: DiagnosisService, mixed: str
) -> None:
    report = service.report(mixed)
    (result,) = report.results
    other = result.model_copy(update={"potential": result.potential.model_copy(update={"name": "b", "label": "B"})})
    both = report.model_copy(update={"results": (result, other)})
    figures = ReportFigures(both, "light", service=service, catalog=web_context().catalog, max_points=400)
    page = report_head(both, other, "one", figures)
    rows = rows_of(page, "materials-potentials")
    assert [row.count("±") for row in rows] == [2] * 5
    foot = next(part for part in parts_of(page) if isinstance(part, html.Tfoot))
    assert text_of(foot).count(f"{material_population(result.materials).median:.3f}") == 2
    hrefs = [part.href for part in parts_of(page) if isinstance(part, dcc.Link)]
    assert f"/report/{mixed}?material=Cu&potential=b" in hrefs
    graph = next(part for part in parts_of(page) if getattr(part, "id", None) == "materials-slopes")
    assert list(graph.figure["layout"]["yaxis"]["ticktext"]) == ["B", result.potential.label]


def test_earlier_reports_of_several_formulas_are_shown_as_they_were(
    app: Dash, service: DiagnosisService, mixed: str, upload: UploadRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, _ = read_again({"options": {"materials": "together"}}, mixed)
    compute_all(web_context().settings)
    pooled = service.report(together["id"])
    early = pooled.model_copy(update={"schema_version": 4, "id": mixed, "understanding": upload.understanding})
    monkeypatch.setattr(service, "report", lambda _: early)
    view = report_view(mixed, None, "light", None, "Cu")
    assert not view.are_several
    statistics = pooled.results[0].statistics
    assert statistics is not None
    assert f"{statistics.slope:.3f}" in text_of(view.body)
    assert "report-parity" in ids_of(view.body)
