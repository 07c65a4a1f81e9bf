"""The phonon page in a browser: from the distribution of ratios to the bands of one crystal."""

from __future__ import annotations

from playwright.sync_api import Page, expect

DOTS = "#phonon-ratios .scatterlayer .point"


def _click_dot(page: Page, material: str) -> None:
    """Click the dot of one crystal in the topmost histogram."""
    place = page.locator("#phonon-ratios .js-plotly-plot").evaluate(
        """(graph, material) => {
          const traces = graph._fullData.filter((trace) => trace.type === "scatter");
          return traces[0].customdata.indexOf(material);
        }""",
        material,
    )
    assert place >= 0
    dot = page.locator("#phonon-ratios .scatterlayer").first.locator(".point").nth(place)
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.click(*middle)


def test_a_ratio_point_leads_to_its_bands(page: Page) -> None:
    page.goto("/phonons")
    title = page.locator("#phonon-bands-title")
    expect(title).to_contain_text("CsF")
    page.wait_for_selector(DOTS)
    _click_dot(page, "mp-661")
    expect(title).to_contain_text("AlN")
    expect(title).to_be_in_viewport()
    expect(page.locator("#phonon-recomputed")).to_contain_text("AlN")
    page.wait_for_function("location.search.includes('material=mp-661')")
    expect(page.locator("#phonon-list-title")).to_have_text("Crystal mp-661")


def test_a_point_without_bands_says_how_to_compute_them(page: Page) -> None:
    page.goto("/phonons?values=published")
    page.wait_for_selector(DOTS)
    expect(page.locator("#phonon-ratios-title")).to_contain_text("97.4")
    _click_dot(page, "mp-667369")
    expect(page.locator("#phonon-not-computed")).to_contain_text("softdash benchmark phonons mp-667369")
    expect(page.locator("#phonon-bands-title")).to_contain_text("CsF")


def test_a_crystal_is_found_by_typing(page: Page) -> None:
    page.goto("/phonons")
    expect(page.locator("#phonon-bands-title")).to_contain_text("CsF")
    box = page.get_by_role("textbox", name="Crystal")
    box.click()
    box.fill("MgO")
    page.get_by_role("option", name="MgO (mp-1265)").click()
    expect(page.locator("#phonon-bands-title")).to_contain_text("MgO")
