"""All own style sheets and scripts arrive in one file of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.server.asset_bundles import AssetBundle

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@pytest.mark.parametrize("kind", ["css", "js"])
def test_the_page_links_one_bundle_that_holds_every_file(tmp_path: Path, kind: str) -> None:
    client = create_app(Settings(state_dir=tmp_path)).server.test_client()
    index = client.get("/").text
    linked = [part for part in index.split('"') if part.startswith("/assets/") and f".{kind}" in part]
    assert len(linked) == 1
    answer = client.get(linked[0])
    for path in ASSETS.glob(f"*.{kind}"):
        assert path.read_text(encoding="utf-8") in answer.text
    assert answer.headers["Cache-Control"].endswith("immutable")
    assert "/dash_table/" not in index


def test_the_address_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "b.js").write_text("b()")
    (tmp_path / "a.js").write_text("a()")
    bundle = AssetBundle(tmp_path, "js")
    before = bundle.fingerprinted()
    assert bundle.text() == "a()\n;\nb()"
    assert bundle.fingerprinted() == before
    (tmp_path / "b.js").write_text("c()")
    assert bundle.fingerprinted() != before
