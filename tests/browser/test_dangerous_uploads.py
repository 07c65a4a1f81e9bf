"""Files made to harm, through the page's own chooser: each ends in words a chemist understands, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Watch
from tests.robustness.dangerous_files import DANGERS

FIXTURES = Path(__file__).parent.parent / "fixtures"
THROUGH_THE_PAGE = (
    "gzip bomb as vasprun",
    "gzip bomb as extxyz",
    "gzip bomb as CIF",
    "damaged gzip",
    "billion laughs",
    "external entity",
    "extxyz of 1e12 atoms",
    "extxyz of 2e9 columns",
    "extxyz with nan",
    "extxyz with inf",
    "POSCAR of 1e9 atoms",
    "POSCAR of no volume",
    "CIF of 20k sites in Fm-3m",
    "CIF of quotes",
    "partial occupancy",
    "pickle as traj",
    "pickle as npy",
    "objects in npy",
    "npy of 1e9 rows",
    "npz bomb",
    "objects in pickle named db",
    "zip bomb",
    "zip of a way out",
    "YAML bomb",
    "deep JSON",
    "array claimed in JSON",
    "no forces",
    "forces of another atom count",
    "another order",
    "zero bytes",
    "picture named cif",
    "picture",
    "zero forces",
)
FOREIGN_WORDS = ("Traceback", "Exception", "Error:", "dtype", "0x", "None", "broke down", "errno")


def _choose(page: Page, files: dict[str, str | bytes]) -> dict[str, Any]:
    """Choose files as a visitor does; return the server's answer."""
    chosen = [
        {"name": name, "mimeType": "", "buffer": content.encode() if isinstance(content, str) else content}
        for name, content in files.items()
    ]
    with page.expect_response("**/api/v1/uploads") as sent:
        page.locator("input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
    answer: dict[str, Any] = sent.value.json()
    return answer


def test_dangerous_files_end_in_plain_words_on_the_page(
    new_page: NewPage, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.expected = ("422", "415", "413")  # the browser notes the status of each refusal
    monkeypatch.setenv("SOFTDASH_TEST_CANARY", str(tmp_path / "canary"))
    page = new_page()
    page.goto("/diagnose")
    expect(page.locator("#upload-zone")).to_be_visible()
    for case in THROUGH_THE_PAGE:
        danger = DANGERS[case]
        files = danger.files()
        error = _choose(page, files)["error"]
        message = page.locator("#upload-status [role=alert]")
        expect(message.locator("p").first).to_have_text(f"{error['where']}: {error['message']}")
        expect(message.locator("p").nth(1)).to_have_text(error["advice"])
        words = message.inner_text()
        assert any(word in words for word in danger.words.split("|")), f"{case}: {words}"
        assert any(name in error["where"] for name in files), f"{case}: {words}"
        assert not [word for word in FOREIGN_WORDS if word in words], f"{case}: {words}"
        expect(page.locator("#diagnose-button")).to_be_disabled()
    assert not (tmp_path / "canary").exists(), "a pickle was opened"
    _choose(page, {"salt.extxyz": (FIXTURES / "NaCl.extxyz").read_bytes()})
    expect(page.locator("#understood")).to_contain_text("NaCl")
    expect(page.locator("#upload-status")).not_to_contain_text("zero")
    expect(page.locator("#diagnose-button")).to_be_enabled()
