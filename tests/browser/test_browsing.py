"""What a visitor does who reads: first page, filters kept in the address, from a distribution to one parity plot."""

from __future__ import annotations

import csv
import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

DRAWN = ".js-plotly-plot .main-svg"


def _softening(page: Page, query: str = "") -> None:
    page.goto(f"/softening{query}")
    expect(page.locator("#softening-finding")).to_contain_text("median")


def test_first_page_explains_and_answers_the_slider(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("soft"))
    scale = page.locator("#overview-scale")
    expect(scale).to_have_text("0.801")  # the real slope of LiF by CHGNet 0.3.0
    cloud = page.locator("#overview-parity circle, #overview-parity path").last
    expect(cloud).to_be_attached()
    drawn = page.locator("#overview-parity").inner_html()
    page.get_by_role("slider").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(scale).not_to_have_text("0.801")
    assert float(scale.inner_text()) < 0.801
    assert page.locator("#overview-parity").inner_html() != drawn
    page.wait_for_function("location.search.includes('scale=')")
    page.locator("#overview-reset").click()
    expect(scale).to_have_text("0.801")


def test_headline_table_keeps_published_and_recomputed_apart(page: Page) -> None:
    page.goto("/")
    table = page.get_by_role("table").first
    expect(table).to_contain_text("98.1")  # CHGNet below 1 in the paper's Fig. 5b
    expect(table).to_contain_text("97.4")  # M3GNet phonons in its Fig. 4b
    expect(table).to_contain_text("published")
    expect(table).to_contain_text("recomputed")


def test_filter_goes_into_the_address_and_survives_a_reload(page: Page) -> None:
    _softening(page)
    everything = page.locator("#softening-finding").inner_text()
    page.get_by_text("Violin", exact=True).click()
    page.wait_for_function("location.search.includes('view=violin')")
    elements = page.get_by_role("combobox", name="Contains elements").or_(page.get_by_label("Contains elements")).first
    elements.click()
    elements.fill("Li")
    page.get_by_role("option", name="Li", exact=True).click()
    page.keyboard.press("Escape")
    page.wait_for_function("location.search.includes('elements=Li')")
    expect(page.locator("#softening-finding")).not_to_have_text(everything)
    filtered = page.locator("#softening-finding").inner_text()
    page.reload()
    expect(page.locator("#softening-finding")).to_have_text(filtered)
    assert "elements=Li" in page.url


def test_back_restores_the_view_after_another_page(page: Page) -> None:
    _softening(page, "?view=violin")
    navigation = page.get_by_role("navigation", name="Pages")
    navigation.get_by_text("Benchmarks", exact=True).click()
    navigation.get_by_role("link", name="Phonons").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phonons")
    page.go_back()
    expect(page.locator("#softening-finding")).to_contain_text("median")
    assert "view=violin" in page.url


def test_choice_of_digitised_points_goes_into_the_address(page: Page) -> None:
    page.goto("/surfaces")
    caption = page.locator("#surfaces-paper-caption")
    expect(caption).to_contain_text("of the 147 surfaces")
    everything = caption.inner_text()
    page.get_by_text("In all three", exact=True).click()
    page.wait_for_function("location.search.includes('points=complete')")
    expect(caption).not_to_have_text(everything)
    chosen = caption.inner_text()
    page.reload()
    expect(caption).to_have_text(chosen)


@pytest.mark.parametrize("width", [1440, 390])
def test_menu_of_benchmarks_works_by_keyboard(new_page: NewPage, width: int) -> None:
    page = new_page(width=width, height=844)
    page.goto("/surfaces")
    menu = page.locator(".nav-menu")
    expect(menu).to_have_attribute("data-here", "")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Surfaces")).to_have_attribute("aria-current", "page")
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Surfaces")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
    page.keyboard.press("ArrowUp")  # opens and goes to the last entry
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    menu.get_by_role("link", name="Point defects").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Point defects")
    expect(menu.get_by_role("link", name="Point defects")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_row_leads_to_its_parity_plot(page: Page) -> None:
    _softening(page)
    row = page.locator("#softening-grid .ag-row[row-index='2']")
    name = row.locator("[col-id='formula']").first.inner_text()
    row.locator("[col-id='formula']").first.click()
    expect(page.locator("#softening-parity-title")).to_contain_text(name)
    page.wait_for_function("location.search.includes('material=')")
    points = page.locator("#softening-parity .js-plotly-plot").evaluate(
        "graph => Math.max(...graph._fullData.map(trace => (trace.x || []).length))"
    )
    assert points >= 12
    expect(page.locator("#softening-material-detail")).to_contain_text("Huber")


def test_a_bar_lists_its_materials(page: Page) -> None:
    _softening(page)
    page.wait_for_selector("#softening-distribution .barlayer .point")
    bars = page.locator("#softening-distribution .barlayer .point")
    tallest = max(range(bars.count()), key=lambda place: (bars.nth(place).bounding_box() or {"height": 0})["height"])
    bars.nth(tallest).scroll_into_view_if_needed()
    box = bars.nth(tallest).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("location.search.includes('slope=')")
    page.wait_for_function("location.search.includes('material=')")


def test_phonon_material_is_view_state(page: Page) -> None:
    page.goto("/phonons")
    page.wait_for_selector(DRAWN)
    expect(page.locator("main")).to_contain_text("CsF")
    expect(page.locator("main")).to_contain_text("6.65")  # THz, DFT; PhononDB mp-1784
    page.goto("/phonons?material=mp-149")
    expect(page.locator("main")).to_contain_text("15.29")  # THz, DFT; PhononDB mp-149
    page.wait_for_selector(DRAWN)


@pytest.mark.parametrize("path", ["/nowhere", "/report/not-a-report", "/report/x/y"])
def test_unknown_addresses_are_404(page: Page, watch, path: str) -> None:  # type: ignore[no-untyped-def]
    watch.expected = ("404",)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="To the overview")).to_be_visible()


def test_dark_mode_is_kept_and_redraws_figures(page: Page) -> None:
    _softening(page)
    page.wait_for_selector(DRAWN)
    graph = page.locator("#softening-distribution .js-plotly-plot")
    light = graph.evaluate("graph => graph._fullLayout.font.color")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.wait_for_function(
        "light => document.querySelector('#softening-distribution .js-plotly-plot')._fullLayout.font.color !== light",
        arg=light,
    )
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_figures_and_tables_download(page: Page) -> None:
    _softening(page)
    page.wait_for_selector("#softening-distribution .barlayer .point")
    card = page.locator("figure", has=page.locator("#softening-distribution"))
    for kind, start in (("CSV", b"# softdash"), ("JSON", b"{"), ("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as waiting:
            card.get_by_role("button", name=f"Download this figure as {kind}").click()
        assert waiting.value.path().read_bytes().lstrip().startswith(start), kind
    with page.expect_download() as waiting:
        page.locator("#softening-csv").click()
    table = waiting.value.path().read_text()
    assert sum(not line.startswith("#") for line in table.splitlines()) > 200


def test_html_tables_download_with_all_digits(page: Page) -> None:
    page.goto("/")
    table = page.locator("#headline-table")
    shown = table.locator("td[data-low]").first
    exact = {end: shown.get_attribute(f"data-{end}") for end in ("value", "low", "high")}
    with page.expect_download() as waiting:
        page.locator('[data-table="headline-table"]').get_by_text("CSV").click()
    address, head, *rows = list(csv.reader(waiting.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert address[0].startswith("# softdash table")
    assert len(rows) == table.locator("tbody tr:not(.group)").count()
    assert all(len(row) == len(head) for row in rows)
    assert any(set(exact.values()) <= set(row) for row in rows)
    with page.expect_download() as waiting:
        page.locator('[data-table="headline-table"]').get_by_text("JSON").click()
    records = json.loads(waiting.value.path().read_text())["rows"]
    assert [record["Materials"] for record in records] == [int(row[head.index("Materials")]) for row in rows]
