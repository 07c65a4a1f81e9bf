"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dash import Dash
from diagnosed import diagnose
from several_materials import UNKNOWN, add_materials

from softdash.diagnosis.records import UploadRecord
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.context import web_context


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dash]:
    """The application with a service of its own; modules that show tables of their own make theirs."""
    app = create_app(Settings(state_dir=tmp_path_factory.mktemp("state")))
    with app.server.app_context():
        yield app
        web_context().service.close()


@pytest.fixture(scope="module")
def service(app: Dash) -> DiagnosisService:
    """The service behind `app`."""
    return web_context().service


@pytest.fixture
def in_app(app: Dash) -> Iterator[None]:
    """Run a test inside the `app` of its module, as a request does."""
    with app.server.app_context():
        yield


@pytest.fixture(scope="module")
def upload(service: DiagnosisService, tmp_path_factory: pytest.TempPathFactory) -> UploadRecord:
    """An upload of five materials in one file."""
    return add_materials(service, tmp_path_factory.mktemp("mix"))


@pytest.fixture(scope="module")
def mixed(service: DiagnosisService, upload: UploadRecord) -> str:
    """The report of `upload`."""
    return diagnose(service, web_context().settings, upload).record.id


@pytest.fixture(scope="module")
def interleaved(service: DiagnosisService, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report whose third material effective medium theory does not know, frames in turn."""
    folder = tmp_path_factory.mktemp("interleaved")
    upload = add_materials(service, folder, ("Cu", "Au", UNKNOWN), (0.8, 1.2, 1.0), interleaved=True)
    return diagnose(service, web_context().settings, upload).record.id
