"""``/docs/``: what ``make docs`` built is served, and every page links to it; without it there is neither."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from softdash.settings import Settings
from softdash.web.server.documentation import register_documentation
from softdash.web.shell import layout


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Documentation</title>", encoding="utf-8")
    (folder / "assets" / "style.css").write_text("p { color: red }", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("not for visitors", encoding="utf-8")
    server = Flask("test")
    assert register_documentation(server, Settings(docs_dir=folder))
    return server.test_client()


def test_pages_and_their_files_are_served(client: FlaskClient) -> None:
    home = client.get("/docs/", follow_redirects=True)
    assert (home.status_code, home.mimetype) == (200, "text/html")
    assert "Documentation" in home.text
    assert client.get("/docs/assets/style.css").mimetype == "text/css"


@pytest.mark.parametrize("path", ["absent.html", "../secret.txt", "%2e%2e/secret.txt", "assets/../../secret.txt"])
def test_nothing_else_is(path: str, client: FlaskClient) -> None:
    assert client.get(f"/docs/{path}").status_code == 404


def test_without_a_build_there_is_no_route_and_no_link(tmp_path: Path) -> None:
    server = Flask("test")
    assert not register_documentation(server, Settings(docs_dir=tmp_path))
    assert [rule for rule in server.url_map.iter_rules() if rule.rule.startswith("/docs")] == []
    assert "/docs/" not in json.dumps(layout("/icon.svg").to_plotly_json(), default=lambda part: part.to_plotly_json())


def test_with_a_build_every_page_links_to_it_and_to_what_a_slope_tells() -> None:
    page = layout("/icon.svg", has_docs=True)
    text = json.dumps(page.to_plotly_json(), default=lambda part: part.to_plotly_json())
    assert '"href": "/docs/"' in text
    assert '"href": "/docs/what-a-slope-tells.html"' in text
