"""The table of the paper's figures: none missing, each with page, source, kind, and n counted from the data."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import dash
import pytest
from dash import Dash
from energies_sample import energy_rows, with_paper_figures, write_energies

from softdash.catalog import Catalog, schemas
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.pages.benchmarks import page as benchmarks
from softdash.web.pages.benchmarks.paper_panels import PANELS, PanelSource, count_of
from softdash.web.pages.methods import page as methods
from softdash.web.pages.overview import page as overview

FIGURES = ["2a", "2b", "2c", "3a", "3b", "4a", "4b", "5a", "5b", "6a", "6b"]
SOURCES = [(panel.figure, source) for panel in PANELS for source in panel.sources]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


def _text(component: Any) -> str:
    return json.dumps(component, default=lambda c: c.to_plotly_json(), ensure_ascii=False)


def _count(catalog: Catalog, figure: str, kind: str) -> str:
    panel = next(panel for panel in PANELS if panel.figure == figure)
    return next(count_of(source, catalog) for source in panel.sources if source.kind == kind)


def test_no_figure_of_the_paper_is_missing(app: Dash) -> None:
    assert [panel.figure for panel in PANELS] == FIGURES
    with app.server.app_context():
        text = _text(benchmarks.layout())
    for panel in PANELS:
        assert f"Fig. {panel.figure}" in text
        assert panel.shows in text
    registered = {page["path"] for page in dash.page_registry.values()}
    assert {panel.href for panel in PANELS} - registered <= {"/compare-potentials", "/correction"}


@pytest.mark.parametrize(("figure", "source"), SOURCES, ids=[f"{figure}-{source.kind}" for figure, source in SOURCES])
def test_every_count_holds_a_number_or_says_why_not(catalog: Catalog, figure: str, source: PanelSource) -> None:
    count = count_of(source, catalog)
    assert re.search(r"\d", count) or "not computed yet" in count, figure
    if source.kind != "recomputed":
        assert re.search(r"[1-9]", count), f"{figure}: what is published or digitised is shipped"


def test_counts_are_those_of_the_shipped_tables(catalog: Catalog) -> None:
    assert _count(catalog, "2a", "digitised") == "points: 141 M3GNet, 133 CHGNet, 139 MACE; 111 surfaces with all three"
    assert _count(catalog, "2a", "published") == "3 values over 147 surfaces"
    assert _count(catalog, "2b", "published") == "3 values over 134 defects"
    assert _count(catalog, "2c", "digitised") == "190 orderings by 4 methods"
    assert _count(catalog, "3a", "digitised") == "7 images by 4 methods"
    assert _count(catalog, "3b", "published") == "6 values over 470 or 477 paths"
    assert _count(catalog, "4b", "published") == "229 crystals"
    assert _count(catalog, "6b", "digitised") == "18 values over 1,000 WBM materials"
    with_bands = set(catalog.phonon_materials()["material_id"])
    of_the_paper = len(with_bands & set(catalog.phonon_max_frequencies()["material_id"]))
    assert _count(catalog, "4b", "recomputed").startswith(f"{of_the_paper} of the paper's 229 crystals: ")
    assert "101 crystals by CHGNet 0.3.0; 63 crystals by " in _count(catalog, "4b", "recomputed")
    materials = len(catalog.materials()[["dataset", "material_id"]].drop_duplicates())
    sets = catalog.materials()["dataset"].nunique()
    assert _count(catalog, "5b", "recomputed").startswith(f"{sets} sets: {materials:,} materials by ")


def test_recomputed_cases_are_counted_once_they_are_there(tmp_path: Path) -> None:
    folder = with_paper_figures(tmp_path)
    rows = [row for name in "ab" for row in energy_rows(name, f"({name})", "surface", 0.1)]
    write_energies(folder, schemas.SURFACE_ENERGIES, rows)
    write_energies(folder, schemas.DEFECT_ENERGIES, energy_rows("x", "V_O", "vacancy", 5.0)[1:])
    found = Catalog(folder)
    assert _count(found, "2a", "recomputed") == "2 surfaces, 2 potentials"
    assert _count(found, "2b", "recomputed") == "DFT not computed yet; 2 potentials"
    assert _count(found, "2c", "recomputed") == "not computed yet"
    assert _count(found, "5b", "recomputed") == "table damaged: see the page"


@pytest.mark.parametrize("page", [overview, methods])
def test_a_reader_of_the_paper_finds_the_list_of_its_figures(app: Dash, page: ModuleType) -> None:
    with app.server.app_context():
        assert '"href": "/benchmarks"' in _text(page.layout())


def test_page_stands_with_nothing_behind_it(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path))
    with app.server.app_context():
        text = _text(benchmarks.layout())
    assert "Fig. 6b" in text
    assert "not computed yet" in text
