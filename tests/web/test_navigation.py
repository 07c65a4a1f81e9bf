"""The header: which pages its menu lists."""

from __future__ import annotations

from pathlib import Path

import dash
from dash.development.base_component import Component

from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.shell import BENCHMARKS, layout


def _addresses(page: Component) -> list[str]:
    return [part.href for part in page._traverse() if type(part).__name__ == "Link"]


def test_menu_lists_registered_pages_only(tmp_path: Path) -> None:
    create_app(Settings(state_dir=tmp_path))
    registered = {page["path"] for page in dash.page_registry.values()}
    expected = [entry.href for entry in BENCHMARKS if entry.href in registered]
    assert {"/softening", "/phonons", "/surfaces", "/point-defects"} <= set(expected)
    header = layout("icon.svg").children[2]
    assert [address for address in _addresses(header) if address in expected] == expected
    lost = dash.page_registry.pop("surfaces")
    try:
        assert "/surfaces" not in _addresses(layout("icon.svg").children[2])
    finally:
        dash.page_registry["surfaces"] = lost
