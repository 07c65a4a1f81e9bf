"""A folder with a small catalog."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_catalog import write_catalog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_catalog(tmp_path)
