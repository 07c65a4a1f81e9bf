"""A report in the browser: atoms marked in lists, structure and plots; its owner's title; what may be read again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import ase.io
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Watch
from tests.browser.pages import Shown

FIXTURES = Path(__file__).parent.parent / "fixtures"
DRAWN = (
    "() => [...document.querySelectorAll('.figure-card .dash-graph')].every((one) => one.querySelector('.main-svg'))"
)
ATOMS = "document.querySelector('#{}-graph .js-plotly-plot')?.data.find((trace) => trace.meta && trace.meta.atoms)"
RINGS = """() => [...document.querySelectorAll('.parity-figures .js-plotly-plot')].map(
    (graph) => graph.data.filter((trace) => trace.meta && trace.meta.ring).map((trace) => trace.x.length).join())"""


@pytest.fixture(scope="module")
def reports(shown: Shown) -> list[str]:
    """Identifiers of two finished reports, the first with ten frames."""
    return [shown.first, shown.second]


def _open(page: Page, report_id: str) -> None:
    page.goto(f"/report/{report_id}")
    expect(page.locator("#worst-atoms")).to_be_visible()
    page.wait_for_function(f"() => {ATOMS.format('report-structure')}")
    page.wait_for_function(DRAWN)


def test_atom_of_the_list_is_marked_in_structure_and_plots(new_page: NewPage, reports: list[str]) -> None:
    page = new_page()
    _open(page, reports[0])
    worst = page.locator("#worst-atoms button").first
    frame, atom = worst.get_attribute("data-frame"), worst.get_attribute("data-atom")
    worst.click()
    page.wait_for_function(f"({RINGS})().join() === '3,3'")
    expect(page.locator("#report-structure-frame-number")).to_have_text(frame or "")
    expect(page).to_have_url(re.compile(rf"atom={atom}\b"))
    other = new_page()
    other.goto(page.url)
    other.wait_for_function(f"({RINGS})().join() === '3,3'")


def test_structure_turns_by_mouse_and_keys_and_keeps_its_side(new_page: NewPage, reports: list[str]) -> None:
    page = new_page()
    _open(page, reports[0])
    atoms = ATOMS.format("report-structure")
    places = f"JSON.stringify([...{atoms}.x, ...{atoms}.y].map((place) => place.toFixed(3)))"
    first = page.evaluate(places)
    picture = page.locator("#report-structure-graph")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=4)
    page.mouse.up()
    page.wait_for_function(f"{places} !== {json.dumps(first)}")
    turned = page.evaluate(places)
    page.locator("#report-structure .structure-picture").press("ArrowUp")
    page.wait_for_function(f"{places} !== {json.dumps(turned)}")
    page.get_by_role("button", name="From the side").click()
    page.wait_for_function(f"{places} === {json.dumps(first)}")
    page.get_by_role("button", name="Next frame").click()
    expect(page.locator("#report-structure-frame-number")).to_have_text("2")


def test_report_fits_a_phone(new_page: NewPage, reports: list[str]) -> None:
    page = new_page(width=390, height=844, scheme="dark")
    _open(page, reports[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"/compare?ids={','.join(reports)}")
    expect(page.locator("#compared")).to_be_visible()
    page.wait_for_function(DRAWN)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_owner_writes_title_and_note(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/diagnose?example=nacl")
    expect(page.locator("#understood")).to_contain_text("NaCl")
    page.locator("#diagnose-button").click()
    page.wait_for_url("**/report/*")
    expect(page.locator("#report-body")).to_contain_text("R²")
    page.get_by_text("Change title and note, or delete this report").click()
    page.get_by_label("Title").fill("Salt at 1000 K")
    page.get_by_label("Note").fill("One frame for a first look.")
    page.get_by_role("button", name="Save title and note").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Salt at 1000 K")
    stranger = new_page()
    stranger.goto(page.url)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Salt at 1000 K")
    expect(stranger.locator("#report-note")).to_have_text("One frame for a first look.")


def test_other_order_of_atoms_is_offered_to_be_mended(new_page: NewPage, watch: Watch, tmp_path: Path) -> None:
    watch.expected = ("422",)
    atoms = ase.io.read(FIXTURES / "NaCl.extxyz", index=0)
    forces = atoms.get_forces()
    structure, table = tmp_path / "POSCAR", tmp_path / "forces.csv"
    ase.io.write(structure, atoms, format="vasp")
    lines = [f"{atom.symbol},{','.join(map(str, force))}" for atom, force in zip(atoms, forces, strict=True)]
    table.write_text("\n".join(["element,fx,fy,fz", *reversed(lines)]) + "\n")
    page = new_page()
    page.goto("/diagnose")
    expect(page.locator("#upload-zone")).to_be_visible()
    page.locator("input[type=file]").set_input_files([structure, table])
    page.get_by_role("button", name="Re-order the atoms and read again").click()
    expect(page.locator("#understood")).to_contain_text("re-ordered")
    expect(page.locator("#diagnose-button")).to_be_enabled()


def test_forces_are_read_again_in_another_unit(new_page: NewPage, tmp_path: Path) -> None:
    atoms = ase.io.read(FIXTURES / "NaCl.extxyz", index=0)
    structure, table = tmp_path / "salt.cif", tmp_path / "salt.csv"
    ase.io.write(structure, atoms)
    table.write_text("\n".join(",".join(map(str, force)) for force in atoms.get_forces()) + "\n")
    page = new_page()
    page.goto("/diagnose")
    expect(page.locator("#upload-zone")).to_be_visible()
    page.locator("input[type=file]").set_input_files([structure, table])
    expect(page.locator("#understood")).to_contain_text("eV/Å")
    page.wait_for_function(f"() => {ATOMS.format('understood-structure')}")
    again = page.get_by_role("button", name="Read again")
    expect(again).to_be_hidden()
    page.get_by_label("Unit of forces: read as").select_option("Ry/bohr")
    again.click()
    unit = page.locator(".readings dl > div", has_text="Unit of forces")
    expect(unit.locator(".reading-value")).to_have_text("Ry/bohr")
    expect(unit.locator(".tag")).to_have_text("chosen")
    expect(again).to_be_hidden()
