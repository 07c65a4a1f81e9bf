"""From dropped files, or a shipped example, through real CHGNet to a link that works in another browser."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server, Watch

FIXTURES = Path(__file__).parent.parent / "fixtures"
BECOMES_RESULT = 60_000


def _diagnose(page: Page) -> str:
    page.locator("#diagnose-button").click()
    page.wait_for_url("**/report/*", timeout=BECOMES_RESULT)
    expect(page.locator("#report-body")).to_contain_text("R²", timeout=BECOMES_RESULT)
    return page.url.split("?")[0]


def _slope(page: Page) -> str:
    row = page.locator("#report-body tr", has_text="Softening scale").first
    found = re.search(r"\d\.\d+", row.inner_text())
    assert found, row.inner_text()
    return found.group()


def test_example_with_chgnet_to_a_link_in_another_browser(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.goto("/diagnose")
    page.locator("button.example", has_text="MgO").click()
    expect(page.locator("#understood")).to_contain_text("MgO")
    expect(page.locator("#understood")).to_contain_text("10")
    link = _diagnose(page)
    slope = _slope(page)
    token = page.locator("#report-token").inner_text()
    assert len(token) > 15
    stranger = new_page(scheme="dark")
    stranger.goto(link)
    expect(stranger.locator("#report-body")).to_contain_text("R²")
    assert _slope(stranger) == slope
    assert token not in stranger.content()
    with urllib.request.urlopen(link + ".json") as answer:
        report = json.load(answer)
    statistics = report["results"][0]["statistics"]
    assert f"{statistics['slope']:.3f}" == slope
    assert statistics["frame_count"] == 10
    assert len(report["results"][0]["potential"]["weights_sha256"]) == 64
    with urllib.request.urlopen(link + ".csv") as answer:
        rows = [line for line in answer.read().decode().splitlines() if line and not line.startswith("#")]
    assert len(rows) == 1 + 10 * 8 * 3
    with urllib.request.urlopen(link + ".html") as answer:
        html = answer.read().decode()
    assert "http://" not in re.sub(r"xmlns(:\w+)?=\"[^\"]*\"", "", html).replace(server.url, "")


def test_link_survives_a_restart_of_the_server(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.goto("/diagnose?example=nacl")
    expect(page.locator("#understood")).to_contain_text("NaCl")
    link = _diagnose(page)
    slope = _slope(page)
    page.close()
    server.stop()
    server.start()
    again = new_page()
    again.goto(link)
    expect(again.locator("#report-body")).to_contain_text("R²")
    assert _slope(again) == slope


def test_delete_with_the_token_shown_once(new_page: NewPage, watch: Watch) -> None:
    page = new_page()
    page.goto("/diagnose?example=nacl")
    expect(page.locator("#understood")).to_contain_text("NaCl")
    link = _diagnose(page)
    page.locator("#report-delete-form").evaluate(
        "form => form.closest('details') && (form.closest('details').open = true)"
    )
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("#report-deleted")).to_contain_text(re.compile("deleted", re.IGNORECASE))
    watch.expected = ("404",)
    answer = new_page().goto(link)
    assert answer is not None
    assert answer.status == 404


def test_bad_upload_says_what_is_wrong_and_the_page_stays_usable(
    new_page: NewPage, watch: Watch, tmp_path: Path
) -> None:
    watch.expected = ("422", "415", "413", "400")
    page = new_page()
    page.goto("/diagnose")
    frame = (FIXTURES / "NaCl.extxyz").read_text().splitlines()[:10]
    short = tmp_path / "short.extxyz"
    short.write_text("\n".join(frame[:8]) + "\n")
    # The chooser stands outside of the page and is there before it: files chosen that early belong to no page.
    expect(page.locator("#upload-zone")).to_be_visible()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(short)
    expect(page.locator("#upload-status")).to_contain_text("short.extxyz")
    expect(page.locator("#diagnose-button")).to_be_disabled()
    empty = tmp_path / "nothing.cif"
    empty.touch()
    chooser.set_input_files(empty)
    expect(page.locator("#upload-status")).to_contain_text("nothing.cif")
    good = tmp_path / "salt.extxyz"
    good.write_text("\n".join(frame) + "\n")
    chooser.set_input_files(good)
    expect(page.locator("#understood")).to_contain_text("NaCl")
    expect(page.locator("#diagnose-button")).to_be_enabled()
    _diagnose(page)


def test_phone_in_the_dark(new_page: NewPage) -> None:
    page = new_page(width=390, height=844, scheme="dark")
    for path in ("/", "/softening", "/phonons", "/diagnose?example=si", "/methods"):
        page.goto(path)
        page.wait_for_selector("h1")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


@pytest.mark.parametrize("has_clipboard", [True, False])
def test_copy_link(new_page: NewPage, has_clipboard: bool) -> None:
    page = new_page()
    if has_clipboard:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:  # as on a server without https
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/diagnose?example=nacl")
    expect(page.locator("#understood")).to_contain_text("NaCl")
    link = _diagnose(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    if has_clipboard:
        assert page.evaluate("navigator.clipboard.readText()").startswith(link)


def test_the_main_action_is_in_sight_on_a_phone(new_page: NewPage) -> None:
    page = new_page(width=390, height=844)
    page.goto("/")
    action = page.get_by_role("navigation").get_by_role("link", name="Diagnose your material")
    expect(action).to_be_visible()
    box = action.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    action.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Diagnose your material")
