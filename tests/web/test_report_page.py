from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from dash import Dash, dcc, no_update
from diagnosed import add_copper, diagnose, ids_of, parts_of, text_of
from plotly.utils import PlotlyJSONEncoder

from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse, identify
from softdash.diagnosis.records import DiagnosisState, PopulationComparison, Report, UploadRecord
from softdash.diagnosis.reports import points_from_bytes
from softdash.errors import PredictionError, ReferenceDataError
from softdash.jobs.service import CreatedDiagnosis, DiagnosisService
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import card
from softdash.softening.quantities import QUANTITIES
from softdash.web import create_app
from softdash.web.context import web_context
from softdash.web.pages.methods import page as methods
from softdash.web.pages.report.body import chosen_result, report_details, report_head
from softdash.web.pages.report.callbacks import cancel, delete, report_view, show
from softdash.web.pages.report.figures import ReportFigures
from softdash.web.pages.report.page import is_found, layout
from softdash.web.pages.report.structure import draw_structure
from softdash.web.pages.report.worst import worst_part
from tests.networks import needs_chgnet


@pytest.fixture(scope="module")
def copper(service: DiagnosisService, tmp_path_factory: pytest.TempPathFactory) -> UploadRecord:
    return add_copper(service, tmp_path_factory.mktemp("copper"))


@pytest.fixture(scope="module")
def created(service: DiagnosisService, copper: UploadRecord) -> CreatedDiagnosis:
    return diagnose(service, web_context().settings, copper)


@pytest.fixture
def done(created: CreatedDiagnosis) -> str:
    return created.record.id


def content(report_id: str, potential: str | None = None, theme: str = "light", plots: str | None = None) -> list[Any]:
    """Return all that a finished report shows."""
    view = report_view(report_id, potential, theme, plots)
    return [*view.progress, *(view.body or []), *(view.details or [])]


def graphs(page: object) -> dict[str, dcc.Graph]:
    return {part.id: part for part in parts_of(page) if isinstance(part, dcc.Graph)}


def test_unknown_report_is_not_found(app: Dash) -> None:
    assert not is_found("nonsense")
    assert "There is no such report" in text_of(layout("nonsense"))
    assert app.server.test_client().get("/report/nonsense").status_code == 404


def test_waiting_report_shows_progress_and_asks_again(
    app: Dash, service: DiagnosisService, copper: UploadRecord
) -> None:
    report_id = service.create(copper.id, ["emt"]).record.id
    assert is_found(report_id)
    page = layout(report_id)
    assert "waiting" in text_of(page)
    assert not next(part.disabled for part in parts_of(page) if isinstance(part, dcc.Interval))
    view = report_view(report_id, None, "light")
    assert (view.body, view.is_final) == (None, False)
    assert "No worker serves Effective medium theory" in text_of(view.progress)
    assert "Waiting to start" in text_of(view.progress)


def test_a_second_waiting_diagnosis_counts_the_first(service: DiagnosisService, copper: UploadRecord) -> None:
    records = [service.create(copper.id, ["emt"]).record for _ in range(2)]
    places = [service.diagnosis(record.id).place_in_queue or 0 for record in records]
    assert places[1] == places[0] + 1
    assert f"Waiting: {places[0]} diagnos" in text_of(report_view(records[1].id, None, "light").progress)


def test_nothing_is_drawn_before_the_colour_scheme_is_known(app: Dash, done: str) -> None:
    assert set(show(None, 0, None, None, done).values()) == {no_update}


def test_done_report_has_every_statistic_of_the_record(app: Dash, service: DiagnosisService, done: str) -> None:
    view = report_view(done, None, "light")
    assert view.is_final
    text = text_of([view.body, view.details])
    statistics = service.report(done).results[0].statistics
    assert statistics is not None
    assert all(one.label in text and one.text(statistics) in text for one in QUANTITIES)
    verdict = service.report(done).results[0].verdict
    assert verdict is not None
    assert verdict.headline in text
    assert all(sentence.text in text for sentence in verdict.sentences)


def test_done_report_draws_the_forces_of_the_record(app: Dash, service: DiagnosisService, done: str) -> None:
    drawn = graphs(content(done))
    assert {"report-parity", "report-residuals", "report-magnitude", "report-elements", "report-frames"} <= set(drawn)
    points = service.points(done)
    traces = drawn["report-parity"].figure["data"]
    parity = [t for t in traces if t.get("mode") == "markers" and not (t.get("meta") or {}).get("decoration")]
    x = np.sort(np.concatenate([_values(trace["x"]) for trace in parity]))
    assert x == pytest.approx(np.sort(points.reference.ravel()), abs=6e-4)


def _values(given: object) -> np.ndarray:
    if isinstance(given, dict):
        return np.frombuffer(base64.b64decode(given["bdata"]), dtype=given["dtype"])
    return np.asarray(given)


def test_done_report_names_hashes_versions_and_files(app: Dash, service: DiagnosisService, done: str) -> None:
    report, text = service.report(done), text_of(content(done, theme="dark"))
    identity = report.results[0].potential
    for part in (report.result_sha256, report.points_sha256, report.files[0].sha256, identity.weights_sha256):
        assert part in text
    assert f"{identity.package} {identity.package_version}" in text
    assert "10.1038/s41524-024-01500-6" in text


def test_report_is_the_same_for_everybody_with_the_link(app: Dash, done: str) -> None:
    first = json.dumps(content(done), cls=PlotlyJSONEncoder)
    other = create_app(web_context().settings)
    with other.server.app_context():
        again = json.dumps(content(done), cls=PlotlyJSONEncoder)
    assert again == first


def test_ids_on_the_page_are_unique_and_token_is_not_on_it(app: Dash, created: CreatedDiagnosis) -> None:
    page = [layout(created.record.id), content(created.record.id)]
    ids = [json.dumps(one, sort_keys=True) for one in ids_of(page)]
    assert len(ids) == len(set(ids))
    assert created.delete_token not in json.dumps(page, cls=PlotlyJSONEncoder)


def test_unknown_potential_in_the_address_is_dropped(app: Dash, done: str) -> None:
    text = text_of(content(done, "made-up"))
    assert "Effective medium theory" in text
    assert "made-up" not in text_of(layout(done, potential="made-up"))


def test_cancelled_report_says_so_and_offers_the_same_files(
    app: Dash, service: DiagnosisService, copper: UploadRecord
) -> None:
    record = service.create(copper.id, ["emt"]).record
    assert cancel(None, record.id) is False
    assert service.diagnosis(record.id).state is DiagnosisState.QUEUED
    assert cancel(1, record.id) is True
    view = report_view(record.id, None, "light")
    assert view.is_final
    assert "was cancelled" in text_of(view.progress)
    links = [part.href for part in parts_of(view.progress) if isinstance(part, dcc.Link)]
    assert links == [f"/diagnose?upload={record.upload_id}"]


def test_failed_report_says_why(
    app: Dash, service: DiagnosisService, copper: UploadRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the weights melted")

    monkeypatch.setattr("softdash.jobs.worker.analyse", broken)
    created = diagnose(service, web_context().settings, copper)
    view = report_view(created.record.id, None, "light")
    assert (view.body, view.is_final) == (None, True)
    assert "failed" in text_of(view.progress)
    assert "the weights melted" in text_of(view.progress)


def test_deleting_needs_the_token(app: Dash, service: DiagnosisService, copper: UploadRecord) -> None:
    created = diagnose(service, web_context().settings, copper)
    report_id = created.record.id
    assert delete(None, report_id, created.delete_token) == (no_update, no_update)
    message, is_form_hidden = delete(1, report_id, "guess")
    assert "not the delete token" in text_of(message)
    assert not is_form_hidden
    assert is_found(report_id)
    message, is_form_hidden = delete(1, report_id, f" {created.delete_token}\n")
    assert "was deleted" in text_of(message)
    assert is_form_hidden
    assert not is_found(report_id)
    assert "no " in text_of(report_view(report_id, None, "light").progress)


def test_place_among_the_benchmark_is_drawn_only_from_the_table_compared_with(
    app: Dash, service: DiagnosisService, done: str
) -> None:
    result = service.report(done).results[0]
    slopes = np.linspace(0.7, 1.1, 41)
    comparison = PopulationComparison(
        dataset="a-set", dataset_label="A set", material_count=41, softer_than=3, median=0.9, sentence="Softer."
    )

    class FakeCatalog:
        def __init__(self, found: np.ndarray | None) -> None:
            self._found = found

        def materials(self, dataset: str, potential: str) -> pd.DataFrame:
            if self._found is None:
                raise ReferenceDataError("The table is damaged.")
            rms = np.where(self._found > 2, 9.0, 1.0)
            return pd.DataFrame({"slope": self._found, "reference_rms": rms, "pressure_gpa": 0.0})

    def drawn(found: np.ndarray | None, comparison: PopulationComparison = comparison) -> dict[str, Any] | None:
        catalog = cast(Catalog, FakeCatalog(found))
        figures = ReportFigures(service.report(done), "light", service=service, catalog=catalog, max_points=100)
        return figures.population(result, comparison)

    assert drawn(slopes) is not None
    assert drawn(slopes[:-1]) is None
    assert drawn(slopes + 0.01) is None
    assert drawn(None) is None
    like = comparison.model_copy(update={"rms_range": (0.5, 2.0), "pressure_range": (-10.0, 10.0)})
    assert drawn(np.append(slopes, 3.0), like) is not None
    assert drawn(slopes, like.model_copy(update={"is_enough": False})) is None


def test_every_statistic_leads_to_its_definition(app: Dash) -> None:
    anchors = ids_of(methods.layout())
    assert [one.anchor for one in QUANTITIES if one.anchor not in anchors] == []


@needs_chgnet
def test_one_failed_potential_leaves_the_others_their_results(
    app: Dash, service: DiagnosisService, copper: UploadRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_for_chgnet(frames: Any, chosen: PotentialCard, *more: Any, **named: Any) -> Any:
        if chosen.family == "chgnet":
            raise PredictionError("CHGNet ran out of memory.", where="frame 2", advice="Use a smaller supercell.")
        return analyse(frames, chosen, *more, **named)

    monkeypatch.setattr("softdash.jobs.worker.analyse", fails_for_chgnet)
    report_id = diagnose(service, web_context().settings, copper, ["chgnet-0.3.0", "emt"]).record.id
    first = report_view(report_id, None, "light")
    assert first.can_switch
    assert "report-parity" in graphs(first.body)
    assert "CHGNet 0.3.0 gave no result" in text_of(first.body)
    failed = report_view(report_id, "chgnet-0.3.0", "light")
    assert "report-parity" not in graphs(failed.body)
    for words in ("CHGNet ran out of memory.", "frame 2", "Use a smaller supercell."):
        assert words in text_of(failed.body)


@pytest.fixture(scope="module")
def two(app: Dash, service: DiagnosisService, copper: UploadRecord) -> Iterator[str]:
    """A report of two potentials: effective medium theory, and the same 20 % too soft in CHGNet's place."""
    with pytest.MonkeyPatch.context() as patch:

        def softened(frames: Any, chosen: PotentialCard, *more: Any, **named: Any) -> Any:
            found = analyse(frames, card("emt"), *more, **named)
            if chosen.family != "chgnet":
                return found
            assert found.result.statistics is not None
            soft = dataclasses.replace(found.result.statistics, slope=0.8 * found.result.statistics.slope, mae=9.0)
            identity = identify(chosen)
            return dataclasses.replace(
                found, result=found.result.model_copy(update={"potential": identity, "statistics": soft})
            )

        patch.setattr("softdash.jobs.worker.analyse", softened)
        yield diagnose(service, web_context().settings, copper, ["chgnet-0.3.0", "emt"]).record.id


@needs_chgnet
def test_several_potentials_are_ranked_by_error_in_one_table(app: Dash, service: DiagnosisService, two: str) -> None:
    table = next(part for part in parts_of(content(two)) if getattr(part, "id", None) == "ranking-table")
    rows = [text_of(row) for row in parts_of(table) if type(row).__name__ == "Tr"][1:]
    assert len(rows) == 2
    assert rows[0].startswith("1")
    assert "Effective medium theory" in rows[0]
    assert "CHGNet 0.3.0" in rows[1]
    statistics = service.report(two).results[1].statistics
    assert statistics is not None
    assert f"{statistics.slope:.3f}" in rows[0]
    assert "Effective medium theory has the smallest error" in text_of(content(two))


@needs_chgnet
def test_parity_plots_stand_alone_side_by_side_or_over_each_other(app: Dash, two: str) -> None:
    assert {"report-parity", "report-residuals"} <= set(graphs(content(two, plots="one")))
    beside = graphs(content(two, plots="beside"))
    assert {"report-parity-0", "report-parity-1"} <= set(beside)
    assert "report-residuals" not in beside
    over = graphs(content(two, plots="over"))["report-parity"].figure
    groups = {trace.get("legendgroup") for trace in over["data"] if trace.get("mode") == "markers"}
    assert {"chgnet-0.3.0", "emt"} <= groups
    assert {"report-parity", "report-residuals"} <= set(graphs(content(two, plots="nonsense")))


def test_what_to_do_names_factors_and_leads_to_the_files(app: Dash, service: DiagnosisService, done: str) -> None:
    page = content(done)
    advice = service.report(done).results[0].advice
    assert advice is not None
    text = text_of(page)
    assert f"c* = {advice.linear_correction:.3f}" in text
    assert f"1/s = {advice.inverse_slope:.3f}" in text
    assert advice.text in text
    addresses = [part.href for part in parts_of(page) if getattr(part, "href", None)]
    client = app.server.test_client()
    for ending in ("/recipe/emt.json", "/snippet/emt.py", ".extxyz", ".csv", ".html", ".json"):
        (address,) = {one for one in addresses if str(one).endswith(f"{done}{ending}")}
        assert client.get(address).status_code == 200


def draw(report_id: str, **given: Any) -> dict[str, Any]:
    chosen = {"frame": 1, "atom": "", "arrows": "both", "colours": "error", "bonds": False, "potential": None}
    return draw_structure(**(chosen | {"is_hidden": False, "theme": "light", "report_id": report_id} | given))


def atoms_of(figure: dict[str, Any]) -> dict[str, Any]:
    return next(trace for trace in figure["data"] if (trace.get("meta") or {}).get("atoms"))


def test_structure_is_coloured_by_the_force_error(app: Dash, service: DiagnosisService, done: str) -> None:
    points = service.points(done)
    errors = np.linalg.norm(points.predicted["emt"] - points.reference, axis=1)
    shown = draw(done, frame=2)
    atoms = atoms_of(shown["figure"])
    coloured = {row[1]: colour for row, colour in zip(atoms["customdata"], atoms["marker"]["color"], strict=True)}
    here = errors[points.frame == 1]
    assert coloured == pytest.approx({atom + 1: value for atom, value in enumerate(here)}, abs=1e-4)
    assert atoms["marker"]["cmax"] == pytest.approx(errors.max())
    assert (shown["number"], shown["marked"]) == ("2", None)
    assert "8 atoms" in shown["caption"]
    assert "copper.extxyz, frame 2" in text_of(shown["facts"])


def test_marked_atom_gets_a_ring_and_its_components(app: Dash, service: DiagnosisService, done: str) -> None:
    shown = draw(done, frame=3, atom="5")
    points = service.points(done)
    row = (points.frame == 2) & (points.atom == 4)
    assert shown["marked"]["emt"][0] == pytest.approx(points.reference[row].ravel(), abs=1e-4)
    assert shown["marked"]["emt"][1] == pytest.approx(points.predicted["emt"][row].ravel(), abs=1e-4)
    rings = [trace for trace in shown["figure"]["data"] if (trace.get("meta") or {}).get("ring")]
    assert [trace["name"] for trace in rings] == ["marked atom"]
    influence = service.report(done).results[0].influence
    assert influence is not None
    buttons = [part for part in parts_of(shown["worst"]) if hasattr(part, "data-atom")]
    assert [(getattr(part, "data-frame"), getattr(part, "data-atom")) for part in buttons] == [
        (str(item.frame + 1), str(item.atom + 1)) for item in influence.worst_atoms
    ]


@pytest.mark.parametrize("odd", [{"frame": "x"}, {"frame": 99}, {"atom": "77"}, {"arrows": "?"}, {"colours": "?"}])
def test_odd_views_of_the_structure_are_drawn_all_the_same(app: Dash, done: str, odd: dict[str, Any]) -> None:
    assert atoms_of(draw(done, **odd)["figure"])["customdata"]


def test_structure_waits_for_report_and_colour_scheme(app: Dash, done: str) -> None:
    assert set(draw(done, theme=None).values()) == {no_update}
    assert set(draw(done, is_hidden=True).values()) == {no_update}


def test_report_of_the_first_version_is_shown_without_what_it_lacks(app: Dash) -> None:
    fixtures = Path(__file__).parent.parent / "fixtures"
    report = Report.model_validate_json((fixtures / "report_version_1.json").read_text(encoding="utf-8"))
    points = points_from_bytes((fixtures / "report_version_1_points.npz").read_bytes())
    service = cast(DiagnosisService, SimpleNamespace(points=lambda _: points))
    figures = ReportFigures(report, "light", service=service, catalog=web_context().catalog, max_points=4000)
    chosen = chosen_result(report, None)
    text = text_of([report_head(report, chosen, "over", figures), report_details(report, chosen, figures)])
    assert chosen.statistics is not None
    assert f"{chosen.statistics.slope:.3f}" in text
    assert f"c* = {chosen.statistics.linear_correction:.3f}" in text
    assert "Energies and stresses" not in text
    assert worst_part(report, chosen, 1, None) == []
