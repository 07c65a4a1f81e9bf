"""axe-core finds nothing on any page, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import NewPage

PAGES = (
    "/",
    "/softening",
    "/compare-potentials",
    "/phonons",
    "/benchmarks",
    "/surfaces",
    "/point-defects",
    "/solid-solution",
    "/ion-migration",
    "/correction",
    "/diagnose?example=nacl",
    "/methods",
)


GRAPHS_ARE_DRAWN = "() => [...document.querySelectorAll('.dash-graph')].every((one) => one.querySelector('.main-svg'))"
GRIDS_ARE_DRAWN = """() => [...document.querySelectorAll('.data-grid')].every(
    (grid) => ['.ag-header-cell', '.ag-cell'].every((part) => grid.querySelector(part)?.checkVisibility(
        { visibilityProperty: true, contentVisibilityAuto: true })))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation(new_page: NewPage, path: str, scheme: str) -> None:
    page = new_page(scheme=scheme)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.wait_for_function(GRAPHS_ARE_DRAWN)
    # Also below the window: a grid that waits to be scrolled to is empty in print.
    page.wait_for_function(GRIDS_ARE_DRAWN)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
