"""What several tests of the benchmarks need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from file_server import FileServer, serving


@pytest.fixture
def server() -> Iterator[type[FileServer]]:
    with serving() as handler:
        yield handler
