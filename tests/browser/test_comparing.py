"""Comparing potentials in a browser: view state, from a point or a link to the parity plot, and back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage


def _open(page: Page, query: str = "") -> None:
    page.goto(f"/compare-potentials{query}")
    expect(page.locator("#compare-pairs-title")).to_contain_text("rank correlation")


def test_a_point_opens_its_parity_plot_and_back_restores_the_view(page: Page) -> None:
    _open(page, "?x=m3gnet-matpes-pbe&form=box")
    title = page.locator("#compare-pairs-title").inner_text()
    assert "M3GNet MatPES PBE" in title
    page.locator("#compare-pairs").scroll_into_view_if_needed()
    # The rightmost point on the axes: no other covers it.
    place = page.locator("#compare-pairs .js-plotly-plot").evaluate(
        """graph => {
            const trace = graph._fullData.find((one) => one.mode === "markers");
            const box = graph.getBoundingClientRect(), { xaxis, yaxis } = graph._fullLayout;
            const isInside = (i) => trace.x[i] < xaxis.range[1] && trace.y[i] > yaxis.range[0];
            const inside = [...trace.x.keys()].filter(isInside);
            const at = inside.reduce((best, i) => (trace.x[i] > trace.x[best] ? i : best), inside[0]);
            return {
                x: box.x + xaxis._offset + xaxis.d2p(trace.x[at]),
                y: box.y + yaxis._offset + yaxis.d2p(trace.y[at]),
                material: trace.customdata[at][0],
            };
        }"""
    )
    page.mouse.move(place["x"], place["y"])
    page.mouse.click(place["x"], place["y"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Softening scale")
    expect(page.locator("#softening-parity-caption")).to_contain_text(place["material"])
    page.go_back()
    expect(page.locator("#compare-pairs-title")).to_have_text(title)
    assert "form=box" in page.url


def test_choices_go_into_the_address_and_the_links_lead_on(page: Page) -> None:
    _open(page)
    page.get_by_text("Box", exact=True).click()
    page.wait_for_function("location.search.includes('form=box')")
    page.get_by_role("combobox", name="Vertical axis").or_(page.get_by_label("Vertical axis")).first.click()
    page.get_by_role("option", name="TensorNet MatPES PBE").click()
    page.wait_for_function("location.search.includes('y=tensornet-matpes-pbe')")
    expect(page.locator("#compare-pairs-title")).to_contain_text("TensorNet MatPES PBE")
    expect(page.locator("#compare-error-table")).to_contain_text("digitised")
    page.locator("#compare-pairs-grid").get_by_role("link", name="parity plot").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Softening scale")
    expect(page).to_have_url(re.compile(r"potentials=chgnet-0\.3\.0(,|%2C)tensornet-matpes-pbe.*material="))
    expect(page.locator("#softening-parity-title")).to_contain_text("TensorNet MatPES PBE")


def test_it_fits_a_phone(new_page: NewPage) -> None:
    page = new_page(width=390, height=844)
    _open(page)
    expect(page.locator("#compare-median-table")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
