"""Every page of the site, and how a test knows that one has been drawn."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from softdash.web.pages import menu

PAGES = (
    "/",
    *(entry.href for entry in menu()),
    "/diagnose?example=nacl",
    "/methods",
    "/report/{first}?frame=2&atom=3",
    "/compare?ids={first},{second}",
    "/compare",
    "/sampling/{sampling}",
    "/embed/{first}",
    "/api",
    "/nowhere",
)
"""Addresses; names in braces are attributes of `Shown`."""

GRAPHS_ARE_DRAWN = "() => [...document.querySelectorAll('.dash-graph')].every((one) => one.querySelector('.main-svg'))"
_GRIDS_ARE_DRAWN = """() => [...document.querySelectorAll('.data-grid')].every(
    (grid) => ['.ag-header-cell', '.ag-cell'].every((part) => grid.querySelector(part)?.checkVisibility(
        { visibilityProperty: true, contentVisibilityAuto: true })))"""
_ARRIVE_LATER = {"/report/": "#worst-atoms", "/compare?ids": "#compared", "/sampling/": "#sampled-structure-graph"}
"""What a page has only once its callbacks have answered."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Identifiers of two finished reports and of one finished sampling, made once."""

    first: str
    second: str
    sampling: str

    def address(self, page: str) -> str:
        """Return the address of one of `PAGES`."""
        return page.format(first=self.first, second=self.second, sampling=self.sampling)


def wait_until_drawn(page: Page) -> None:
    """Wait for the heading, the answers of the server, and the content of figures and grids."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    address = page.evaluate("location.pathname + location.search")
    for start, part in _ARRIVE_LATER.items():
        if address.startswith(start):
            expect(page.locator(part)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.wait_for_function(GRAPHS_ARE_DRAWN)
    # Also below the window: a grid that waits to be scrolled to is empty in print.
    page.wait_for_function(_GRIDS_ARE_DRAWN)
