"""The page of point defects: what differs from that of surfaces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dash import Dash
from energies_sample import energy_rows, with_paper_figures, write_energies
from page_content import plain_text, text_of

from softdash.catalog import schemas
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.pages.point_defects import page as point_defects
from softdash.web.parts.energies.callbacks import show_numbers, show_own, show_paper

TASK = point_defects.TASK


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder = with_paper_figures(tmp_path_factory.mktemp("precomputed"))
    rows = [
        *energy_rows("Al-V_Al", "V_Al", "vacancy", 0.6, material="Al"),
        *energy_rows("MgLi-Li_Mg", "Li_Mg", "antisite", -0.2, material="MgLi"),
    ]
    write_energies(folder, schemas.DEFECT_ENERGIES, rows)
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def test_digitised_points_are_called_an_illustration(app: Dash) -> None:
    with app.server.app_context():
        page = text_of(point_defects.layout())
        shown = show_paper(TASK, "light", ["chgnet-0.3.0", "mace-mp-0-medium"], "all")
        statistics = text_of(show_numbers(TASK, ["chgnet-0.3.0", "mace-mp-0-medium"], "all", "relaxed")[0])
    assert not any(str(trace["name"]).endswith(", fit") for trace in shown["figure"]["data"])
    assert '"data-value": "1.296' in statistics, "the printed error stands there"
    assert '"data-value": "1.48' not in statistics
    assert "1.48 instead of 1.30 eV" in plain_text(shown["caption"])
    assert "An illustration" in page
    assert "of the 134 defects" in plain_text(shown["caption"])
    assert "85 defects were found for all three" in plain_text(shown["caption"])
    assert "illustration" in shown["title"]
    assert "% (" not in shown["title"], "no share is computed from points that cover each other"


def test_negative_energies_and_subscripts_are_drawn(app: Dash) -> None:
    with app.server.app_context():
        shown = show_own(TASK, "light", ["chgnet-0.3.0"], "relaxed")
        statistics, cases = show_numbers(TASK, ["chgnet-0.3.0"], "all", "relaxed")
    points = next(trace for trace in shown["figure"]["data"] if trace["mode"] == "markers")
    assert points["customdata"] == [["Al V<sub>Al</sub>, recomputed"], ["MgLi Li<sub>Mg</sub>, recomputed"]]
    assert points["y"] == pytest.approx([0.48, -0.16])
    assert shown["figure"]["layout"]["xaxis"]["range"][0] < -0.2
    assert "50 % (CHGNet" in shown["title"], "−0.16 eV lies above −0.2 eV"
    assert "1.296" in text_of(statistics) or "1.30" in text_of(statistics)
    assert '"type": "Sub"' in text_of(cases)


def test_kinds_of_hosts_have_slopes_of_their_own(tmp_path: Path) -> None:
    metal = energy_rows("Al-V_Al", "V_Al", "vacancy", 0.6, material="Al")
    ionic = [
        row
        | {"value": row["value"] if row["method"] == "DFT" else 1.25 * row["value"], "material_class": "ionic crystal"}
        for row in energy_rows("LiF-V_Li", "V_Li", "vacancy", 6.0, material="LiF")
    ]
    lost = [
        row | {"material_class": "ionic crystal", "excluded": "shifted" if row["method"].startswith("chgnet") else None}
        for row in energy_rows("MgO-V_O", "V_O", "vacancy", 7.0)
    ]
    folder = with_paper_figures(tmp_path)
    rows = [*(row | {"material_class": "metal"} for row in metal), *ionic, *lost]
    write_energies(folder, schemas.DEFECT_ENERGIES, rows)
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        shown = show_own(TASK, "light", ["chgnet-0.3.0"], "relaxed")
        statistics, below = show_numbers(TASK, ["chgnet-0.3.0"], "all", "relaxed")
    markers = [trace for trace in shown["figure"]["data"] if trace["mode"] == "markers"]
    assert [len(trace["x"]) for trace in markers] == [1, 1]
    assert markers[1]["marker"]["symbol"] == f"{markers[0]['marker']['symbol']}-open"
    assert [trace["showlegend"] for trace in markers] == [True, False]
    text = text_of(statistics)
    assert "PBE: metals" in text
    assert "PBE: ionic crystals" in text
    numbers = {round(float(number), 6) for number in re.findall(r'"data-value": "([^"]+)"', text)}
    assert {0.8, 1.0} <= numbers, "slopes of the metal and of the ionic crystal"
    assert "left out" in text_of(below)
    assert "1 case" not in plain_text(shown["caption"]), "DFT's own row counts"


def test_page_without_results_says_how_to_get_them(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=with_paper_figures(tmp_path)))
    with app.server.app_context():
        assert "softdash benchmark point-defects" in text_of(point_defects.layout())
