"""What leaves the page of a report: its print, the file that opens from disk, links, citation, embedded frame."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server, Watch
from tests.browser.pages import Shown

_DRAWN = (
    "() => { const graphs = [...document.querySelectorAll('.figure-card .dash-graph')];"
    " return graphs.length && graphs.every((one) => one.querySelector('.main-svg')); }"
)
# Chromium writes the page tree of a PDF uncompressed.
_PDF_PAGES = re.compile(rb"/Type\s*/Page[^s]")
_CLIPBOARD = """() => { window.copied = [];
    const writeText = async (text) => { window.copied.push(text); };
    Object.defineProperty(navigator, 'clipboard', { value: { writeText } }); }"""


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator(".report-versions, #compared").first).to_be_visible()
    page.wait_for_function(_DRAWN)


def test_report_prints_as_two_light_pages(new_page: NewPage, shown: Shown) -> None:
    page = new_page(scheme="dark")
    _open(page, f"/report/{shown.first}")
    for paper in ("A4", "Letter"):
        assert len(_PDF_PAGES.findall(page.pdf(format=paper, print_background=True))) == 2, paper
    page.emulate_media(media="print")
    for hidden in (".site-header", ".site-footer", ".button-row", "#report-switch"):
        expect(page.locator(hidden).first).to_be_hidden()
    background = "getComputedStyle(document.{}).backgroundColor"
    assert {page.evaluate(background.format(part)) for part in ("body", "documentElement")} == {"rgb(255, 255, 255)"}
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") in {"rgb(0, 0, 0)", "rgb(23, 26, 32)"}
    expect(page.locator("#report-address")).to_have_text(page.url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_file_of_a_report_opens_from_disk(
    new_page: NewPage, server: Server, shown: Shown, watch: Watch, tmp_path: Path, scheme: str
) -> None:
    page = new_page(width=390, scheme=scheme)
    file = tmp_path / "report.html"
    file.write_bytes(page.request.get(f"/report/{shown.first}.html").body())
    page.goto(file.as_uri())
    watch.outside.remove(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("svg.parity, svg.structure")).to_have_count(2)
    for text in ("What to do", "Atoms with the largest error", "How to cite", "Result SHA-256"):
        expect(page.get_by_text(text).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    dark = "getComputedStyle(document.body).color"
    assert (page.evaluate(dark) == "rgb(255, 255, 255)") == (scheme == "dark")


def test_citation_link_and_frame_are_copied(
    new_page: NewPage, server: Server, shown: Shown, watch: Watch, tmp_path: Path
) -> None:
    page = new_page()
    _open(page, f"/report/{shown.first}")
    page.evaluate(_CLIPBOARD)
    for name in ("Copy link", "Copy BibTeX", "Copy code for an iframe"):
        page.get_by_role("button", name=name).click()
    page.wait_for_function("() => window.copied.length === 3")
    link, bibtex, frame = page.evaluate("window.copied")
    assert link == f"{server.url}/report/{shown.first}"
    assert "@article{deng2025softening" in bibtex
    assert f"report {shown.first}, result SHA-256" in bibtex
    assert f'src="{server.url}/embed/{shown.first}"' in frame
    # From disk, as slides are: the strictest page that may show it.
    elsewhere = tmp_path / "slides.html"
    elsewhere.write_text(f"<!DOCTYPE html><title>Slides</title>{frame}", encoding="utf-8")
    page.goto(elsewhere.as_uri())
    watch.outside.remove(elsewhere.as_uri())
    embedded = page.frame_locator("iframe")
    expect(embedded.get_by_text("Softening scale").first).to_be_visible()
    expect(embedded.get_by_role("link", name="The whole report on softdash")).to_have_attribute("href", link)


def test_report_leads_to_another_potential_and_to_a_comparison(new_page: NewPage, shown: Shown) -> None:
    page = new_page()
    _open(page, f"/report/{shown.first}")
    expect(page.locator(".page-header .eyebrow")).to_contain_text("kept until it is deleted")
    page.get_by_role("link", name="Try another potential").click()
    expect(page.locator("#understood")).to_contain_text("MgO")
    expect(page.locator("#diagnose-button")).to_be_enabled()


def test_compared_reports_keep_the_colour_of_their_potential(new_page: NewPage, shown: Shown) -> None:
    page = new_page()
    page.goto(f"/compare?ids={shown.first}")
    expect(page.get_by_text("This is one report.")).to_be_visible()
    page.get_by_label("Links or identifiers of reports").fill(f"{shown.first}, {shown.second}, gone")
    expect(page.locator("#compared tbody tr")).to_have_count(2)
    expect(page.get_by_text("There is no diagnosis with this link.")).to_be_visible()
    marks = page.locator("#compared .swatch")
    looks = marks.evaluate_all("(all) => all.map((one) => [one.style.background, one.className])")
    assert looks[0][0] == looks[1][0]
    assert looks[0][1] != looks[1][1]
