"""What helps a visitor: definitions of terms, the tour, keys alone up to the report, and pages that keep still."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.pages import Shown, wait_until_drawn

FIXTURES = Path(__file__).parent.parent / "fixtures"
MOST_STOPS = 60

HAS_VISIBLE_FOCUS = """() => {
    const marked = (one) => { const style = getComputedStyle(one);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'; };
    const focused = document.activeElement;
    return marked(focused) || [...(focused.parentElement?.children || [])].some(marked);
}"""
MOVING = """() => {
    const seconds = (text) => Math.max(...text.split(',').map(parseFloat));
    const slow = [...document.querySelectorAll('*')].filter((one) => [null, '::before', '::after'].some((part) => {
        const style = getComputedStyle(one, part);
        return seconds(style.transitionDuration) > .01 || seconds(style.animationDuration) > .01
            || style.scrollBehavior === 'smooth';
    }));
    const graphs = [...document.querySelectorAll('.js-plotly-plot')].filter(
        (graph) => graph._fullLayout.transition?.duration);
    return [...slow, ...graphs].map((one) => one.outerHTML.slice(0, 120));
}"""


def _definition(page: Page) -> str:
    shown = page.locator("#term-definition")
    expect(shown).to_be_visible()
    return shown.inner_text()


def test_definitions_open_by_mouse_keys_and_touch(page: Page, shown: Shown) -> None:
    page.goto("/softening")
    wait_until_drawn(page)
    heading = page.locator("#softening-headline-table th", has_text="Interval below")
    expect(heading).to_have_attribute("tabindex", "0")
    heading.hover()
    assert "own 95 % interval" in _definition(page)
    page.mouse.move(2, 2)
    expect(page.locator("#term-definition")).to_be_hidden()
    heading.focus()
    page.keyboard.press("Shift+Tab")
    assert "on the soft side" in _definition(page)  # the heading before it
    focused = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    assert page.evaluate(focused) == _definition(page)
    page.keyboard.press("Escape")
    expect(page.locator("#term-definition")).to_be_hidden()
    page.locator("#softening-grid .ag-header-cell", has_text="cMAE").dispatch_event("click")  # what a tap sends
    assert _definition(page).startswith("Corrected MAE")
    page.locator("#softening-caption .term", has_text="95 % interval").dispatch_event("click")
    assert "95 of 100" in _definition(page)
    page.goto(f"/report/{shown.first}")
    wait_until_drawn(page)
    expect(page.locator("#worst-atoms thead th[data-term]", has_text="DFT")).to_be_attached()
    unnamed = page.locator("table.statistics tbody th:not([data-term])")
    expect(page.locator("table.statistics tbody th[data-term]").first).to_be_attached()
    assert unnamed.all_inner_texts() == []


def test_the_tour_is_offered_once_and_can_be_walked_and_skipped_by_keys(new_page: NewPage) -> None:
    page = new_page(width=390, height=844)
    page.goto("/")
    offer, card = page.locator(".tour-offer"), page.locator("dialog.tour .tour-card")
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Take the tour").press("Enter")
    expect(card.get_by_role("heading")).to_have_text("What softening is")
    for _ in range(7):  # the focus does not leave the tour
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    card.get_by_role("button", name="Next").focus()
    titles = []
    while card.count() and card.is_visible():
        titles.append(card.get_by_role("heading").inner_text())
        box = card.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 844
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.keyboard.press("Enter")
    assert len(titles) == len(set(titles)) == 6
    expect(offer).to_be_hidden()
    page.goto("/methods")
    page.get_by_role("contentinfo").get_by_role("button", name="Tour").click()
    expect(card.get_by_role("heading")).to_have_text("What softening is")
    expect(offer).to_be_hidden()  # and it is not offered again
    page.keyboard.press("ArrowRight")
    expect(card.get_by_role("heading")).to_have_text("Drag it")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus; each stop on the way shows it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(HAS_VISIBLE_FOCUS), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} was not reached by {MOST_STOPS} Tabs")


def test_from_files_to_the_report_with_keys_alone(page: Page) -> None:
    page.on("filechooser", lambda _: None)  # from now on, so that Enter never opens a window of the system
    page.goto("/diagnose")
    wait_until_drawn(page)  # a part that is drawn again loses the focus
    _tab_to(page, "#upload-button")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(FIXTURES / "NaCl.extxyz")
    expect(page.locator("#understood")).to_contain_text("NaCl")
    expect(page.locator("#diagnose-button")).to_be_enabled()
    page.locator("#step-2 h2").evaluate("heading => { heading.tabIndex = -1; heading.focus(); }")
    _tab_to(page, "#diagnose-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/*")
    expect(page.locator("#report-body")).to_contain_text("R²")
    page.locator("#report-body").evaluate("body => { body.tabIndex = -1; body.focus(); }")
    _tab_to(page, "#statistics-table a")


def test_nothing_moves_where_motion_is_to_be_reduced(page: Page, shown: Shown) -> None:
    page.emulate_media(reduced_motion="reduce")
    for path in ("/softening", f"/report/{shown.first}"):
        page.goto(path)
        wait_until_drawn(page)
        assert page.evaluate(MOVING) == []
