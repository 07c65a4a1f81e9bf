"""Five frames of LiF and five of Si in one file: two verdicts, the way between them, and the same link for others."""

from __future__ import annotations

import re
from pathlib import Path

import ase.io
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from softdash.settings import Settings
from tests.browser.conftest import NewPage
from tests.browser.pages import wait_until_drawn

BECOMES_RESULT = 90_000
SLOPES = {"LiF": "0.799", "Si": "0.661"}


@pytest.fixture(scope="module")
def mixed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    references = Settings().precomputed_dir / "references" / "gpaw_pbe"
    frames = [frame for name in SLOPES for frame in ase.io.read(references / f"{name}.extxyz", ":5")]
    path = tmp_path_factory.mktemp("mix") / "mix.extxyz"
    ase.io.write(path, frames, format="extxyz")
    return path


@pytest.fixture(scope="module")
def addresses() -> dict[str, str]:
    """What the first test made, for the others."""
    return {}


def _report(page: Page, mixed_file: Path, addresses: dict[str, str]) -> str:
    if "report" not in addresses:
        page.goto("/diagnose")
        expect(page.locator("#upload-zone")).to_be_visible()
        page.locator("#upload-input").set_input_files(mixed_file)
        expect(page.locator(".readings")).to_contain_text("2 materials, by reduced formula: LiF (5), Si (5)")
        page.locator("#diagnose-button").click()
        page.wait_for_url("**/report/*", timeout=BECOMES_RESULT)
        addresses["report"] = page.url.split("?")[0]
    else:
        page.goto(addresses["report"])
    expect(page.locator("#materials-table")).to_be_visible(timeout=BECOMES_RESULT)
    return addresses["report"]


def _names(page: Page) -> list[str]:
    return page.locator("#materials-table tbody th").all_inner_texts()


def test_two_verdicts_and_the_way_between_them(new_page: NewPage, mixed_file: Path, addresses: dict[str, str]) -> None:
    page = new_page()
    report = _report(page, mixed_file, addresses)
    for name, slope in SLOPES.items():
        expect(page.locator("#materials-table tr", has_text=name)).to_contain_text(slope)
    page.get_by_role("link", name="LiF", exact=True).click()
    expect(page).to_have_url(f"{report}?material=LiF")
    expect(page.locator("#report-body .headline")).to_contain_text("0.799")
    expect(page.locator("#worst-atoms")).to_be_visible()
    expect(page.locator("#report-structure-frame-number")).to_have_text("1")
    page.get_by_role("textbox", name="Material").click()
    page.get_by_role("option", name="Si").click()
    expect(page).to_have_url(f"{report}?material=Si")
    expect(page.locator("#report-body .headline")).to_contain_text("0.661")
    expect(page.locator("#report-structure-frame-number")).to_have_text("6")
    page.get_by_role("button", name="Next frame").click()
    expect(page).to_have_url(f"{report}?material=Si&frame=7")
    page.go_back()
    expect(page.locator("#report-body .headline")).to_contain_text("0.799")
    page.get_by_role("link", name=re.compile("All 2 materials")).click()
    expect(page.locator("#materials-table")).to_be_visible()
    expect(page.locator("#report-structure")).to_be_hidden()
    other = new_page(width=390, height=844, scheme="dark")
    other.goto(f"{report}?material=Si")
    expect(other.locator("#report-body .headline")).to_contain_text("0.661")
    assert other.evaluate("document.documentElement.scrollWidth") <= 390


def test_table_sorts_and_leads_on_by_keyboard(new_page: NewPage, mixed_file: Path, addresses: dict[str, str]) -> None:
    page = new_page()
    report = _report(page, mixed_file, addresses)
    assert _names(page) == ["LiF", "Si"]
    button = page.locator("#materials-table thead button", has_text="Softening scale")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#materials-table th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    assert _names(page) == ["Si", "LiF"]
    page.keyboard.press("Enter")
    expect(page.locator("#materials-table th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    assert _names(page) == ["LiF", "Si"]
    page.get_by_role("link", name="Si", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{report}?material=Si")
    page.get_by_role("link", name=re.compile("LiF")).first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#report-body .headline")).to_contain_text("0.799")


def test_axe_finds_nothing_in_table_and_report(new_page: NewPage, mixed_file: Path, addresses: dict[str, str]) -> None:
    for width, scheme in ((1440, "light"), (390, "dark")):
        page = new_page(width=width, scheme=scheme)
        report = _report(page, mixed_file, addresses)
        for address, part in ((report, "#materials-table"), (f"{report}?material=LiF", "#worst-atoms")):
            page.goto(address)
            expect(page.locator(part)).to_be_visible()
            page.wait_for_load_state("networkidle")
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()


def test_reader_merges_materials_in_place(new_page: NewPage, mixed_file: Path, addresses: dict[str, str]) -> None:
    page = new_page()
    report = _report(page, mixed_file, addresses)
    page.get_by_role("button", name="Take all together").click()
    page.wait_for_url(lambda address: "/report/" in address and not address.startswith(report), timeout=BECOMES_RESULT)
    expect(page.locator("#report-body .headline")).to_contain_text("0.698", timeout=BECOMES_RESULT)
    expect(page.locator(".readings")).to_contain_text("2 formulas taken together")
    wait_until_drawn(page)
