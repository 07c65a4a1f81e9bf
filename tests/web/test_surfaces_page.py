"""The page of surfaces: numbers of the paper, recomputed ones beside them, odd addresses, missing data."""

from __future__ import annotations

from pathlib import Path

import pytest
from dash import Dash, no_update
from energies_sample import energy_rows, with_paper_figures, write_energies
from page_content import plain_text, text_of, view_values

from softdash.catalog import schemas
from softdash.catalog.energy_schemas import ENERGY_CONVERGENCE, ENERGY_FAILURES
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.pages.surfaces import page as surfaces
from softdash.web.parts.energies.callbacks import show_numbers, show_own, show_paper

TASK = surfaces.TASK
PAPER = ["m3gnet-original", "chgnet-0.3.0", "mace-mp-0-medium"]
ENERGIES = {"(100)": 0.06, "(110)": 0.13, "(111)": 0.2}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder = with_paper_figures(tmp_path_factory.mktemp("precomputed"))
    rows = [row for name, value in ENERGIES.items() for row in energy_rows(f"MgO-{name}", name, "surface", value)]
    write_energies(folder, schemas.SURFACE_ENERGIES, rows)
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def test_view_is_restored_from_the_address_and_odd_values_fall_back(in_app: None) -> None:
    standard = {"potentials": [*PAPER, "tensornet-matpes-pbe"], "points": "all", "geometry": "relaxed"}
    assert view_values(surfaces.layout()) == standard
    assert view_values(surfaces.layout(potentials="emt,<script>", points="some", geometry="3", unknown="1")) == standard
    chosen = view_values(surfaces.layout(potentials="chgnet-0.3.0", points="complete", geometry="dft"))
    assert chosen == {"potentials": ["chgnet-0.3.0"], "points": "complete", "geometry": "dft"}


def test_points_of_the_paper_say_how_many_were_found(in_app: None) -> None:
    shown = show_paper(TASK, "light", PAPER, "all")
    drawn = {trace["name"]: len(trace["x"]) for trace in shown["figure"]["data"] if trace["mode"] == "markers"}
    assert drawn == {"M3GNet": 141, "CHGNet": 133, "MACE": 139}
    assert "97 % (M3GNet)" in shown["title"]
    assert "141 (M3GNet), 133 (CHGNet) and 139 (MACE) of the 147 surfaces" in plain_text(shown["caption"])
    assert "111 surfaces were found for all three" in plain_text(shown["caption"])
    shown = show_paper(TASK, "dark", ["mace-mp-0-medium"], "complete")
    assert [len(trace["x"]) for trace in shown["figure"]["data"] if trace["mode"] == "markers"] == [111]
    assert "Fig. 2a, point" in str(shown["figure"]["data"][-1]["customdata"][0][0])


@pytest.mark.parametrize(("geometry", "slope"), [("relaxed", 0.8), ("dft", 0.9)])
def test_recomputed_energies_have_their_known_slope(in_app: None, geometry: str, slope: float) -> None:
    shown = show_own(TASK, "light", ["chgnet-0.3.0", "mace-mp-0-medium"], geometry)
    points = [trace for trace in shown["figure"]["data"] if trace["mode"] == "markers"]
    assert [len(trace["x"]) for trace in points] == [3]
    assert points[0]["y"] == pytest.approx([slope * value for value in ENERGIES.values()])
    assert points[0]["customdata"][0] == ["MgO (100), recomputed"]
    assert "100 % (CHGNet" in shown["title"]
    assert "3 surfaces of 1 material" in plain_text(shown["caption"])
    statistics, cases = show_numbers(TASK, ["chgnet-0.3.0"], "all", geometry)
    assert f"{slope:.3f}" in text_of(statistics)
    assert "0.042" in text_of(statistics), "the printed MAE of CHGNet stands beside"
    assert "(110)" in text_of(cases)


def test_remarks_failures_and_convergence_stand_below_the_cases(tmp_path: Path) -> None:
    folder = with_paper_figures(tmp_path)
    rows = energy_rows("Si-111", "(111)", "surface", 0.1, material="Si")
    write_energies(folder, schemas.SURFACE_ENERGIES, [row | {"note": "not reconstructed"} for row in rows])
    failure = {"task": "surfaces", "case_id": "Cu-100", "method": "DFT", "geometry": "relaxed", "reason": "no SCF"}
    write_energies(folder, ENERGY_FAILURES, [failure, failure | {"task": "point-defects", "reason": "elsewhere"}])
    converged = {"task": "surfaces", "case_id": "Si-111", "unit": "eV/Å²", "details": "450 eV"}
    settings = [{"setting": "nothing", "value": 0.1, "difference": 0.0}]
    settings.append({"setting": "cut-off", "value": 0.1013, "difference": 0.0013})
    write_energies(folder, ENERGY_CONVERGENCE, [converged | setting for setting in settings])
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        text = text_of(show_numbers(TASK, ["chgnet-0.3.0"], "all", "relaxed")[1])
    assert "not reconstructed" in text
    assert "Cu-100, DFT (relaxed): no SCF" in text
    assert "elsewhere" not in text
    assert "+0.00130" in text


def test_potential_that_was_not_recomputed_is_named(in_app: None) -> None:
    shown = show_own(TASK, "light", ["mace-mp-0-medium"], "relaxed")
    assert [trace for trace in shown["figure"]["data"] if trace["mode"] == "markers"] == []
    assert "None of the chosen potentials was recomputed" in shown["title"]


def test_no_potential_is_no_error(in_app: None) -> None:
    assert show_paper(TASK, "light", [], "all")["title"] == "Choose a potential"
    assert show_own(TASK, "light", None, "relaxed")["title"] == "Choose a potential"
    statistics, cases = show_numbers(TASK, [], "all", "relaxed")
    assert "No potential is chosen" in text_of(statistics)
    assert cases == []


def test_figures_wait_for_the_colour_scheme(in_app: None) -> None:
    assert set(show_paper(TASK, None, PAPER, "all").values()) == {no_update}
    assert set(show_own(TASK, None, PAPER, "dft").values()) == {no_update}


def test_tables_download_whole_and_nothing_else_does(app: Dash) -> None:
    client = app.server.test_client()
    old = client.get("/download/tables/energies/surfaces.csv")
    assert (old.status_code, old.headers["Location"]) == (308, "/api/v1/catalog/energies-surfaces.csv")
    answer = client.get(old.headers["Location"])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="softdash-energies-surfaces.csv"'
    assert len(answer.text.splitlines()) == 1 + 3 * 5
    assert len(client.get("/api/v1/catalog/digitised-fig2a_surface_energies.json").get_json()) == 191
    for odd in ("datapackage.json", "energies/nothing.csv", "../pyproject.csv", "energies/point_defects.csv"):
        assert client.get(f"/download/tables/{odd}", follow_redirects=True).status_code == 404, odd
    for odd in ("nonsense.csv", "phonon-bands.csv", "tables/energies/surfaces.xlsx"):
        refused = client.get(f"/download/{odd}")
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (404, "not_found"), odd


def test_page_without_results_says_how_to_get_them(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=with_paper_figures(tmp_path)))
    with app.server.app_context():
        text = text_of(surfaces.layout())
        statistics, cases = show_numbers(TASK, PAPER, "all", "relaxed")
    assert "softdash benchmark surfaces" in text
    assert "surfaces-paper-title" in text
    assert "Digitised from Fig. 2a" in text_of(statistics)
    assert cases == []


def test_damaged_table_costs_its_own_side_alone(tmp_path: Path) -> None:
    folder = with_paper_figures(tmp_path)
    (folder / "energies").mkdir()
    (folder / schemas.SURFACE_ENERGIES).write_text("case_id\n", encoding="utf-8")
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        text = text_of(surfaces.layout())
        assert "damaged" in text
        assert "surfaces-paper-title" in text
        assert "damaged" in show_own(TASK, "light", PAPER, "relaxed")["caption"]
    (folder / schemas.DIGITISED_SURFACES).unlink()
    with app.server.app_context():
        assert "not computed" in text_of(surfaces.layout())
