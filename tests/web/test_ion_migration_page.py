"""The page of ion migration: paths with their barriers, differences, odd addresses, missing data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dash import Dash, no_update
from energies_sample import energy_rows, with_paper_figures, write_energies
from page_content import plain_text, text_of, view_values

from softdash.catalog import schemas
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.figures.migration import PathEnergies
from softdash.web.pages.ion_migration import callbacks
from softdash.web.pages.ion_migration import page as ion_migration

PAPER = ["m3gnet-original", "chgnet-0.3.0", "mace-mp-0-medium"]
IMAGES = {0.0: 0.0, 0.25: 0.3, 0.5: 0.5, 0.75: 0.4, 1.0: 0.2}
KEY = "al-al-vacancy-hop"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder = with_paper_figures(tmp_path_factory.mktemp("precomputed"))
    hop = {"label": "Al vacancy hop", "material": "Al"}
    rows = energy_rows("Al-Al-barrier", kind="barrier", value=0.4, **hop)
    for place, energy in IMAGES.items():
        rows += energy_rows(f"Al-Al-{place}", kind="image", value=energy, coordinate=place, **hop)
    rows += energy_rows("MgO-Mg-barrier", kind="barrier", value=2.0, label="Mg vacancy hop", material="MgO")
    write_energies(folder, schemas.MIGRATION_ENERGIES, rows)
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def test_barrier_is_the_height_above_the_line_between_the_ends() -> None:
    places = np.array(list(IMAGES))
    one = PathEnergies("dft", "DFT", places, np.array(list(IMAGES.values())))
    assert one.heights() == pytest.approx([0, 0.25, 0.4, 0.25, 0])
    assert one.barrier() == pytest.approx(0.4)
    assert one.top() == 2
    shifted = PathEnergies("dft", "DFT", 6 * places, one.energies + 3)
    assert shifted.barrier() == pytest.approx(0.4)


def test_view_is_restored_from_the_address_and_odd_values_fall_back(in_app: None) -> None:
    standard = {"path": "fig3a", "potentials": [*PAPER, "tensornet-matpes-pbe"], "geometry": "relaxed"}
    assert view_values(ion_migration.layout()) == standard
    assert view_values(ion_migration.layout(path="../x", potentials=",", geometry="?", x="1")) == standard
    view = {"path": KEY, "potentials": "chgnet-0.3.0", "geometry": "dft"}
    assert view_values(ion_migration.layout(**view)) == view | {"potentials": ["chgnet-0.3.0"]}


def test_path_of_the_paper_has_its_barriers(in_app: None) -> None:
    shown = callbacks.show_path("light", "fig3a", PAPER, "relaxed")
    drawn = [trace["name"] for trace in shown["figure"]["data"] if trace["mode"] == "lines+markers"]
    assert drawn == [
        "DFT, barrier 0.65 eV",
        "M3GNet, barrier 0.40 eV",
        "CHGNet, barrier 0.48 eV",
        "MACE, barrier 0.47 eV",
    ]
    assert "Mg in V₂O₃(SO₄)₂ (mp-28207): barriers of DFT 0.65" in shown["title"]
    assert "Digitised from Fig. 3a" in plain_text(shown["caption"])
    assert schemas.DIGITISED_MIGRATION_PATH in text_of(shown["details"])


@pytest.mark.parametrize(("geometry", "barrier"), [("relaxed", "0.32"), ("dft", "0.36")])
def test_recomputed_path_has_its_known_barrier(in_app: None, geometry: str, barrier: str) -> None:
    shown = callbacks.show_path("dark", KEY, ["chgnet-0.3.0", "mace-mp-0-medium"], geometry)
    assert shown["title"].startswith("Al vacancy hop in Al: barriers of DFT 0.40, CHGNet")
    assert f"{barrier} eV" in shown["title"]
    assert "Recomputed" in plain_text(shown["caption"])
    marks = [trace for trace in shown["figure"]["data"] if trace["name"].endswith(", barrier")]
    heights = [trace["y"][1] - trace["y"][0] for trace in marks]
    assert heights == pytest.approx([0.4, float(barrier)])


def test_differences_hold_the_printed_shares_and_the_recomputed_paths(in_app: None) -> None:
    shown = callbacks.show_differences("light", ["chgnet-0.3.0"], "relaxed")
    assert "83 % (CHGNet" in shown["title"]
    assert "2 recomputed barriers" in plain_text(shown["caption"])
    notes = [note["text"] for note in shown["figure"]["layout"]["annotations"]]
    assert {"82.8 %", "17.2 %"} <= set(notes)
    dots = next(trace for trace in shown["figure"]["data"] if trace["mode"] == "markers")
    assert sorted(dots["x"]) == pytest.approx([-0.4, -0.08])
    outline = next(trace for trace in shown["figure"]["data"] if trace["name"].endswith(", digitised"))
    assert min(outline["x"]) > -2.0, "its tails are left out"
    click = {"points": [{"customdata": dots["customdata"][0]}]}
    assert callbacks.choose_path(click) in {KEY, "mgo-mg-vacancy-hop"}
    assert callbacks.choose_path({"points": [{"x": 0.0}]}) is no_update
    assert callbacks.choose_path(None) is no_update


def test_tables_keep_published_and_recomputed_apart(in_app: None) -> None:
    paths, statistics = (text_of(part) for part in callbacks.show_tables([*PAPER, "tensornet-matpes-pbe"], "relaxed"))
    assert "/ion-migration?path=fig3a" in paths
    assert "/ion-migration?path=mgo-mg-vacancy-hop" in paths
    assert '"data-value": "0.647"' in paths
    assert '"data-value": "1.6' in paths
    assert "Published: Mg paths" in statistics
    assert '"data-value": "0.39' in statistics
    assert "470 in the text" in statistics
    assert "TensorNet" in statistics


def test_figures_wait_for_the_colour_scheme(in_app: None) -> None:
    assert set(callbacks.show_path(None, KEY, PAPER, "dft").values()) == {no_update}
    assert set(callbacks.show_differences(None, PAPER, "dft").values()) == {no_update}


def test_unknown_path_is_no_error(in_app: None) -> None:
    shown = callbacks.show_path("light", "nothing", PAPER, "relaxed")
    assert shown["figure"]["data"] == []
    assert "No energies" in shown["title"]


def test_page_without_results_says_how_to_get_them(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=with_paper_figures(tmp_path)))
    with app.server.app_context():
        assert "softdash benchmark ion-migration" in text_of(ion_migration.layout())
        paths, statistics = callbacks.show_tables(PAPER, "relaxed")
        assert "fig3a" in text_of(paths)
        assert "Recomputed" not in text_of(statistics)


def test_empty_catalogue_shows_messages_not_an_exception(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path))
    with app.server.app_context():
        assert "No path is there" in text_of(ion_migration.layout())
        callbacks.show_tables(PAPER, "relaxed")
        assert callbacks.show_path("light", "fig3a", PAPER, "relaxed")["title"] == "This path cannot be shown"
