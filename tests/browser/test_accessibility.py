"""axe-core finds nothing on any page, light and dark; each potential has its one colour on all of them."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from softdash.potentials.look import look_of
from softdash.potentials.registry import cards
from softdash.web.parts.names import potential_label
from tests.browser.conftest import NewPage, Watch
from tests.browser.pages import PAGES, Shown, wait_until_drawn

ONLY_COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
INKS = """() => JSON.stringify([...document.querySelectorAll('.js-plotly-plot')].filter((one) => one.data?.length).map(
    (graph) => graph._fullLayout.font.color))"""


COLOURS = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap((graph) => graph._fullData || []).map(
    (trace) => [trace.name, trace.line?.color || '', trace.marker?.color || ''])"""


def _check_colours(page: Page) -> None:
    """Fail where a trace that is named like a potential has the colour of another family of potentials."""
    own = {potential_label(card.name): look_of(card.name).colour.lower() for card in cards()}
    for name, *drawn in page.evaluate(COLOURS):
        colours = {one.lower() for one in drawn if isinstance(one, str)} & set(own.values())
        assert name not in own or colours <= {own[name]}, (name, drawn)


def _darken(page: Page) -> None:
    """Change to dark as a visitor does; pages without the button follow the system."""
    button = page.locator("#theme-button")
    if not button.count():
        page.emulate_media(color_scheme="dark")
        return
    before = page.evaluate(INKS)
    button.click()
    page.wait_for_function(
        f"(before) => {{ const old = JSON.parse(before), now = JSON.parse(({INKS})());"
        "return old.every((ink, place) => now[place] !== ink); }",
        arg=before,
    )


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation(new_page: NewPage, shown: Shown, watch: Watch, path: str) -> None:
    watch.expected = ("404",) if path == "/nowhere" else ()
    page = new_page()
    page.goto(shown.address(path))
    wait_until_drawn(page)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    _check_colours(page)
    # The second scheme has the same parts in other colours.
    _darken(page)
    results = Axe().run(page, options=ONLY_COLOURS)
    assert results.violations_count == 0, f"dark: {results.generate_report()}"
