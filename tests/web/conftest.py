"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dash import Dash


@pytest.fixture
def in_app(app: Dash) -> Iterator[None]:
    """Run a test inside the `app` of its module, as a request does."""
    with app.server.app_context():
        yield
