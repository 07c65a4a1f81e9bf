"""Readings of an upload: tables that are pasted, readings that are asked for, and reports read again with one click."""

from __future__ import annotations

import json
import re
from pathlib import Path

import ase.io
import pytest
from ase import Atoms
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage, Watch

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture
def salt() -> Atoms:
    return ase.io.read(FIXTURES / "NaCl.extxyz", index=0)


def table(atoms: Atoms, factor: float = 1.0) -> str:
    rows = [
        f"{symbol} {x} {y} {z}" for symbol, (x, y, z) in zip(atoms.symbols, factor * atoms.get_forces(), strict=True)
    ]
    return "\n".join(["element fx fy fz", *rows]) + "\n"


def unit_of(page: Page) -> str:
    return page.locator(".readings dl > div", has_text="Unit of forces").locator(".reading-value").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pasted_table_with_the_file_of_its_structure_on_a_phone(
    new_page: NewPage, tmp_path: Path, salt: Atoms, scheme: str
) -> None:
    structure = tmp_path / "POSCAR"
    ase.io.write(structure, salt, format="vasp")
    page = new_page(width=390, height=844, scheme=scheme)
    page.goto("/diagnose")
    paste = page.get_by_text("Paste a table of forces")
    expect(paste).to_be_visible()
    paste.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert Axe().run(page).violations_count == 0
    read = page.get_by_role("button", name="Read", exact=True)
    read.click()
    expect(page.locator("#paste-problem")).to_be_visible()
    page.get_by_label("Forces", exact=True).fill(table(salt))
    read.click()
    expect(page.locator("#paste-problem")).to_contain_text("structure")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose its file").click()
    chooser.value.set_files(structure)
    expect(page.locator("#paste-structure-name")).to_have_text("POSCAR")
    read.click()
    expect(page.locator("#understood")).to_contain_text("NaCl")
    expect(page.locator("#understood")).to_contain_text("pasted.txt")
    expect(page.locator("#diagnose-button")).to_be_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_structure_can_be_pasted_too(new_page: NewPage, tmp_path: Path, salt: Atoms) -> None:
    cif = tmp_path / "salt.cif"
    ase.io.write(cif, salt)
    page = new_page()
    page.goto("/diagnose")
    page.get_by_text("Paste a table of forces").click()
    page.get_by_label("Forces", exact=True).fill(table(salt))
    page.get_by_text("or paste it, too").click()
    page.get_by_label("Structure as text").fill(cif.read_text())
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator("#understood")).to_contain_text("pasted.cif")
    assert unit_of(page) == "eV/Å"


def test_forces_of_a_structure_that_came_alone_are_pasted(
    new_page: NewPage, watch: Watch, tmp_path: Path, salt: Atoms
) -> None:
    watch.expected = ("422",)
    structure = tmp_path / "POSCAR"
    ase.io.write(structure, salt, format="vasp")
    page = new_page()
    page.goto("/diagnose")
    expect(page.locator("#upload-zone")).to_be_visible()
    page.locator("#upload-input").set_input_files(structure)
    page.get_by_role("button", name="Paste its forces").click()
    expect(page.locator("#paste-structure-name")).to_have_text("POSCAR")
    expect(page.get_by_label("Forces", exact=True)).to_be_focused()
    page.get_by_label("Forces", exact=True).fill(table(salt))
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator("#understood")).to_contain_text("NaCl")


def test_choices_of_an_error_send_the_same_files_again(
    new_page: NewPage, watch: Watch, tmp_path: Path, salt: Atoms
) -> None:
    """The first answer is made up; the second request must hold the files and what was chosen."""
    watch.expected = ("422",)
    sent: list[str] = []
    choices = [
        {
            "label": "As gradients",
            "options": {"force_factor": -1, "row_order": [2, 1, 3, 4, 5, 6, 7, 8], "forces": None},
        },
        {"label": "As forces", "options": {}},
    ]
    problem = {
        "error": {"code": "unusable_input", "message": "Which?", "where": None, "advice": None, "choices": choices}
    }

    def answer(route: Route) -> None:
        sent.append((route.request.post_data_buffer or b"").decode(errors="replace"))
        if len(sent) > 1:
            route.continue_()
        else:
            route.fulfill(status=422, content_type="application/json", body=json.dumps(problem))

    structure, forces = tmp_path / "POSCAR", tmp_path / "forces.csv"
    ase.io.write(structure, salt, format="vasp")
    forces.write_text(table(salt).replace(" ", ","))
    page = new_page()
    page.route("**/api/v1/uploads", answer)
    page.goto("/diagnose")
    expect(page.locator("#upload-zone")).to_be_visible()
    page.locator("#upload-input").set_input_files([structure, forces])
    expect(page.get_by_role("button", name="As forces")).to_be_visible()
    page.get_by_role("button", name="As gradients").click()
    expect(page.locator("#understood")).to_contain_text("NaCl")
    assert all(name in sent[1] for name in ("POSCAR", "forces.csv"))
    assert re.search(r'name="force_factor"\s+-1\s', sent[1])
    assert re.search(r'name="row_order"\s+2,1,3,4,5,6,7,8\s', sent[1])
    assert 'name="forces"' not in sent[1]


def test_report_is_corrected_in_place_and_its_link_leads_to_the_new_one(
    new_page: NewPage, tmp_path: Path, salt: Atoms
) -> None:
    """Forces in hartree per bohr that do not say so: the report offers the unit, one click computes it."""
    structure, forces = tmp_path / "POSCAR", tmp_path / "forces.csv"
    ase.io.write(structure, salt, format="vasp")
    forces.write_text(table(salt, 1 / 51.42208619).replace(" ", ","))
    page = new_page()
    page.goto("/diagnose")
    expect(page.locator("#upload-zone")).to_be_visible()
    page.locator("#upload-input").set_input_files([structure, forces])
    expect(page.locator("#diagnose-button")).to_be_enabled()
    page.locator("#diagnose-button").click()
    page.wait_for_url("**/report/*")
    first = page.url
    offered = page.get_by_role("button", name="Ha/bohr")
    expect(offered).to_be_visible()
    expect(page.locator("h2.doubt")).to_be_visible()
    offered.click()
    page.wait_for_url(lambda url: "/report/" in url and url != first)
    expect(page.locator("h2.verdict")).to_be_visible()
    expect(page.locator("h2.doubt")).to_have_count(0)
    expect(page.locator(".headline")).to_contain_text("Softening scale")
    slope = float(page.locator(".headline dd").first.inner_text().split()[0])
    assert 0.8 < slope < 1.1
    assert len(page.locator("#report-token").inner_text()) > 15
    # and back, in the list of what was read
    second = page.url
    page.get_by_label("Unit of forces: read as").select_option("eV/Å")
    page.get_by_role("button", name="Read again").click()
    page.wait_for_url(lambda url: "/report/" in url and url != second)
    expect(page.locator("h2.doubt")).to_be_visible()


def test_example_offers_no_correction(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/diagnose?example=nacl")
    expect(page.locator(".readings")).to_be_visible()
    expect(page.locator(".reading-select")).to_have_count(0)
