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
GRIDS_ARE_DRAWN = """() => [...document.querySelectorAll('.data-grid, .ag-root')].every(
    (grid) => grid.querySelector('.ag-header-cell') && grid.querySelector('.ag-cell'))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation(new_page: NewPage, path: str, scheme: str) -> None:
    page = new_page(scheme=scheme)
    # The second look meets a server that has drawn the page's figures before: nothing is drawn anew meanwhile.
    for _ in range(2):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1500)
    page.wait_for_load_state("networkidle")
    # A grid draws its cells a moment after its rows' places, and again when its rows come: wait until it stays drawn.
    page.wait_for_function(GRAPHS_ARE_DRAWN)
    for _ in range(3):
        page.wait_for_function(GRIDS_ARE_DRAWN)
        page.wait_for_timeout(1000)
    page.wait_for_function(GRIDS_ARE_DRAWN)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
