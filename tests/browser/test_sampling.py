"""No DFT yet: from a lone structure to states with inputs, live; cancelled, renamed, deleted. And too many frames."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from ase.build import bulk
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server, Watch


def _choose(page: Page, path: Path) -> None:
    page.goto("/diagnose")
    expect(page.locator("#upload-zone")).to_be_visible()
    page.locator("#upload-input").set_input_files(path)


def _offer(page: Page, folder: Path) -> None:
    """Drop a structure without forces and wait for what softdash would sample of it."""
    bulk("Cu", cubic=True).write(folder / "cu.cif")
    _choose(page, folder / "cu.cif")
    expect(page.locator(".sampling-choices")).to_contain_text("Cu, 32 atoms: the cell of cu.cif repeated 2 × 2 × 2")


def test_a_lone_structure_becomes_states_and_belongs_to_its_owner(
    new_page: NewPage, server: Server, watch: Watch, tmp_path: Path
) -> None:
    watch.expected = ("422", "404")
    page = new_page()
    _offer(page, tmp_path)
    expect(page.locator(".sampling-time")).to_contain_text("on this server")
    violations = Axe().run(page, context="#upload-status").response["violations"]
    assert violations == []
    page.get_by_label("Potential", exact=True).select_option("emt")
    page.get_by_label("Temperature (K)").fill("600")
    page.get_by_label("States", exact=True).fill("1")
    page.get_by_role("button", name="Sample states").click()
    page.wait_for_url("**/sampling/*")
    page.evaluate("window.sameDocument = true")
    expect(page.locator("#sampling-progress")).to_contain_text("1 state to label")
    expect(page.locator(".facts").last).to_contain_text("600 K")
    assert page.evaluate("window.sameDocument")  # it came by itself, without a reload
    expect(page.locator("#sampling-cancel")).to_be_hidden()
    link = page.get_by_role("link", name="Download states and inputs").get_attribute("href")
    names = zipfile.ZipFile(io.BytesIO(page.request.get(f"{server.url}{link}").body())).namelist()
    assert {"frames.extxyz", "gpaw/static.py", "quantum_espresso/Cu-01.pwi", "vasp/Cu-01/INCAR"} <= set(names)

    assert len(page.locator("#sampling-token").inner_text()) > 15
    page.get_by_text("Change title, or delete this sampling").click()
    page.get_by_label("Title").fill("Hot copper")
    page.get_by_role("button", name="Save title").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hot copper")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("#sampling-deleted")).to_contain_text("was deleted")
    gone = new_page().goto(page.url)
    assert gone is not None
    assert gone.status == 404


def test_a_running_sampling_can_be_cancelled(new_page: NewPage, server: Server, tmp_path: Path) -> None:
    page = new_page()
    bulk("Cu", cubic=True).write(tmp_path / "cu.cif")
    file = {"name": "cu.cif", "mimeType": "text/plain", "buffer": (tmp_path / "cu.cif").read_bytes()}
    form = {"file": file, "potential": "chgnet-0.3.0", "frame_count": "20"}
    created = page.request.post(f"{server.url}/api/v1/samplings", multipart=form).json()
    page.goto(created["links"]["page"])
    expect(page.locator("#sampling-progress")).to_contain_text("of 20 states")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#sampling-progress")).to_contain_text("was cancelled")
    expect(page.locator("#sampling-cancel")).to_be_hidden()
    assert page.request.get(created["links"]["state"]).json()["state"] == "cancelled"


def test_too_many_frames_are_thinned_when_the_visitor_agrees(new_page: NewPage, watch: Watch, tmp_path: Path) -> None:
    watch.expected = ("413",)
    frames = [
        '2\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:forces:R:3 pbc="T T T"\n'
        f"Na 0 0 0 0.5 0 0\nCl {2.5 + number / 5000} 0 0 -0.5 0 0\n"
        for number in range(1001)
    ]
    path = tmp_path / "long.extxyz"
    path.write_text("".join(frames))
    page = new_page()
    _choose(page, path)
    expect(page.locator("#upload-status")).to_contain_text("more than 1,000 frames")
    expect(page.locator("#diagnose-button")).to_be_disabled()
    page.get_by_role("button", name="Thin evenly to at most 1,000 frames and read again").click()
    expect(page.locator("#understood")).to_contain_text("1,000 of 1,001 frames, evenly chosen")
    expect(page.locator("#diagnose-button")).to_be_enabled()
