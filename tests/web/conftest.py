"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dash import Dash

from softdash.diagnosis.service import DiagnosisService
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
