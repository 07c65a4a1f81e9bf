"""The page of a sampling: what it shows while it waits, when it is done, cancelled or unknown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ase.build import bulk
from dash import Dash, dcc, no_update
from diagnosed import ids_of, parts_of, text_of

from softdash.diagnosis.records import DiagnosisState
from softdash.jobs.queues import JobQueues
from softdash.jobs.sampling_service import SamplingChoice
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.worker import Worker
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.context import web_context
from softdash.web.pages.sampling.callbacks import cancel, draw, show
from softdash.web.pages.sampling.page import is_found, layout
from tests.networks import needs_chgnet

PLAN = {"sampling_atoms": 4, "sampling_time_ps": 0.02, "sampling_equilibration_ps": 0.01, "sampling_frames": 3}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(state_dir=tmp_path_factory.mktemp("state"), **PLAN)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Dash]:
    app = create_app(settings)
    with app.server.app_context():
        yield app
        web_context().service.close()


@pytest.fixture(scope="module")
def service(app: Dash) -> DiagnosisService:
    return web_context().service


@pytest.fixture
def structure(tmp_path: Path) -> IncomingFile:
    bulk("Cu", cubic=True).write(tmp_path / "cu.cif")
    return IncomingFile("cu.cif", tmp_path / "cu.cif")


def links_of(page: object) -> list[str]:
    return [str(part.href) for part in parts_of(page) if getattr(part, "href", None)]


def test_it_waits_and_then_hands_out_the_states(
    service: DiagnosisService, settings: Settings, structure: IncomingFile
) -> None:
    record = service.samplings.create([structure], SamplingChoice("emt")).record
    lone = service.samplings.create([structure], SamplingChoice("emt", frame_count=1)).record
    assert "stretched" not in text_of(layout(lone.id))
    service.samplings.cancel(lone.id)
    page = layout(record.id)
    assert "Waiting for Effective medium theory" in text_of(page)
    assert "4 atoms" in text_of(page)
    assert not any(".zip" in link for link in links_of(page))
    poll = next(part for part in parts_of(page) if isinstance(part, dcc.Interval))
    assert poll.disabled is False
    shown = show(1, record.id, "queued")
    assert (shown["view"], shown["state"], shown["poll_disabled"]) == (no_update, "queued", False)
    before = draw(1, False, "light", record.id)
    assert "Largest DFT force" not in text_of(before["facts"])

    worker = Worker("classical", settings)
    for number in JobQueues(settings).waiting("classical"):
        worker.execute(number)
    shown = show(2, record.id, "queued")
    assert (shown["state"], shown["poll_disabled"], shown["cancel_hidden"]) == ("done", True, True)
    assert "3 states to label" in text_of(shown["progress"])
    assert "Mean temperature" in text_of(shown["facts"])
    assert "2 of them stretched or squeezed by 3\u00a0%" in text_of(shown["facts"])
    assert f"/api/v1/samplings/{record.id}.zip" in links_of(shown["progress"])
    assert "The states" in text_of(shown["view"])
    assert {"sampled-structure-graph", "sampled-structure-facts"} <= {str(one) for one in ids_of(shown["view"])}
    after = draw(3, False, "dark", record.id)
    assert after["number"] == "3"
    assert "strained by -3 %" in text_of(after["facts"])
    assert before["figure"] != after["figure"]
    assert show(3, record.id, "done")["view"] is no_update
    assert "3 states to label" in text_of(layout(record.id, frame="2"))


def test_it_can_be_cancelled(service: DiagnosisService, structure: IncomingFile) -> None:
    record = service.samplings.create([structure], SamplingChoice("emt")).record
    assert cancel(None, record.id) is False
    assert service.samplings.sampling(record.id).state is DiagnosisState.QUEUED
    assert cancel(1, record.id) is True
    shown = show(1, record.id, "queued")
    assert shown["poll_disabled"]
    assert "was cancelled" in text_of(shown["progress"])
    assert "/diagnose" in links_of(shown["progress"])


@needs_chgnet
def test_the_expectation_is_said_to_be_one(service: DiagnosisService, tmp_path: Path) -> None:
    bulk("NaCl", "rocksalt", 5.6, cubic=True).write(tmp_path / "nacl.cif")
    file = IncomingFile("nacl.cif", tmp_path / "nacl.cif")
    record = service.samplings.create([file], SamplingChoice("chgnet-0.3.0")).record
    text = text_of(layout(record.id))
    assert "Expected from the benchmark, not measured" in text
    assert f"{record.origin.expectation.median:.2f}" in text
    service.samplings.cancel(record.id)


def test_an_unknown_one_is_not_found(app: Dash) -> None:
    assert not is_found("none")
    assert "There is no such sampling" in text_of(layout("none"))
    assert app.server.test_client().get("/sampling/none").status_code == 404
