"""The header: which pages its menu lists."""

from __future__ import annotations

from pathlib import Path

import dash
from dash.development.base_component import Component

from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.pages import menu
from softdash.web.shell import layout


def _addresses(page: Component) -> list[str]:
    return [part.href for part in page._traverse() if type(part).__name__ == "Link"]


def test_the_menu_lists_pages_that_are_there_in_its_order(tmp_path: Path) -> None:
    create_app(Settings(state_dir=tmp_path))
    expected = [entry.href for entry in menu()]
    assert expected[:3] == ["/benchmarks", "/softening", "/compare-potentials"]
    assert {"/phonons", "/surfaces", "/point-defects", "/correction"} <= set(expected)
    assert set(expected) <= {page["path"] for page in dash.page_registry.values()}
    header = layout("icon.svg").children[2]
    assert [address for address in _addresses(header) if address in expected] == expected
