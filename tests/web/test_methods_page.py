"""The methods page: complete, linked, and true to the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from dash import Dash
from dash.development.base_component import Component
from page_content import text_of
from softening_sample import SLOPES, write_softening_sample

from softdash.benchmarks.data.datasets import DATASETS
from softdash.potentials.registry import cards
from softdash.settings import Settings
from softdash.softening import notices
from softdash.softening.quantities import QUANTITIES
from softdash.web import create_app
from softdash.web.pages.methods import page as methods


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder = write_softening_sample(tmp_path_factory.mktemp("precomputed"))
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


@pytest.fixture(scope="module")
def page(app: Dash) -> Component:
    with app.server.app_context():
        return methods.layout()


def test_every_statistic_of_the_tables_is_defined(page: Component) -> None:
    anchors = {getattr(part, "id", None) for part in page._traverse()}
    assert {one.anchor for one in QUANTITIES} <= anchors


def test_contents_lead_to_sections_and_no_anchor_is_doubled(page: Component) -> None:
    parts = list(page._traverse())
    anchors = [part.id for part in parts if isinstance(getattr(part, "id", None), str)]
    assert len(anchors) == len(set(anchors))
    links = [part.href for part in parts if str(getattr(part, "href", "")).startswith("#")]
    assert len(links) == len(methods.SECTIONS)
    assert {link[1:] for link in links} <= set(anchors)


def test_formulas_have_words_for_screen_readers(page: Component) -> None:
    drawn = [part for part in page._traverse() if getattr(part, "className", None) == "formula"]
    assert len(drawn) >= 10
    assert all(len(part.children[1].children) > 10 for part in drawn)


def test_thresholds_are_those_of_the_code(monkeypatch: pytest.MonkeyPatch, page: Component) -> None:
    text = text_of(page)
    assert f"{notices.NET_FORCE_PER_ATOM:g} eV/Å per atom" in text
    assert f"R² is below {notices.LOW_R_SQUARED:g}" in text
    assert "lowers it by 0.25 %, noise of 0.3 by 9 %" in text


def test_all_data_sets_and_potentials_are_listed_with_licence(page: Component) -> None:
    text = text_of(page)
    for known in DATASETS:
        assert known.label in text
        assert all(source.licence in text for source in known.sources)
    for card in cards():
        assert card.name in text
        assert not card.is_installed() or card.weights_sha256()[:16] in text


def test_counts_are_those_of_the_tables(page: Component) -> None:
    rows = [part for part in page._traverse() if getattr(part, "_type", "") == "Tr"]
    main = next(row for row in rows if "mpf-TP" in text_of(row) and "random" not in text_of(row))
    cells = [cell.children for cell in main.children]
    assert cells[2:4] == [str(len(SLOPES)), str(4 * len(SLOPES))]


def test_without_any_tables_the_definitions_stand(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path))
    with app.server.app_context():
        text = text_of(methods.layout())
    assert "Softening scale s" in text
    assert "missing" in text
