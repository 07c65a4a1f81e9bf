"""The softening page: callbacks as plain functions, odd addresses, downloads, damaged tables."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dash import Dash, no_update
from page_content import plain_text, text_of, view_values
from softening_sample import R2SCAN_SHIFT, SLOPES, write_softening_sample

from softdash.catalog import schemas
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.pages.softening import callbacks, material_table
from softdash.web.pages.softening import page as softening

CHGNET = {"data": ["mpf-TP"], "potentials": ["chgnet-0.3.0"]}
BOTH = {"data": ["mpf-TP"], "potentials": ["chgnet-0.3.0", "chgnet-r2scan"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_softening_sample(tmp_path_factory.mktemp("precomputed"))


@pytest.fixture(scope="module")
def app(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def test_page_opens_with_its_defaults(in_app: None) -> None:
    values = view_values(softening.layout())
    assert values["data"] == ["mpf-TP"]
    assert values["potentials"] == ["chgnet-0.3.0"]
    assert (values["view"], values["colour"], values["material"], values["slope"]) == ("histogram", "potential", "", "")


def test_view_is_restored_from_the_address(in_app: None) -> None:
    values = view_values(
        softening.layout(
            data="mptrj-1k",
            elements="Li,O",
            pressure_max="15",
            slope="0.85,0.9",
            view="violin",
            material="m3",
            r2="0.5",
        )
    )
    assert values["data"] == ["mptrj-1k"]
    assert values["elements"] == ["Li", "O"]
    assert (values["pressure_max"], values["r2"], values["pressure_min"]) == (15.0, 0.5, "")
    assert (values["slope"], values["view"], values["material"]) == ("0.85,0.9", "violin", "m3")


def test_odd_addresses_open_the_page(in_app: None) -> None:
    page = softening.layout(data="<script>", elements="Xx", pressure_max="NaN", slope="9,1", view="pie", utm="x")
    values = view_values(page)
    assert (values["data"], values["elements"], values["slope"], values["view"]) == (["mpf-TP"], [], "", "histogram")
    assert "<script>" not in text_of(page)


def test_nothing_is_drawn_before_the_colour_scheme_is_known(in_app: None) -> None:
    assert set(callbacks.show_population(None, CHGNET, "histogram").values()) == {no_update}
    assert set(callbacks.show_material(None, CHGNET, "m0", None, "potential").values()) == {no_update}


def test_numbers_on_the_page_are_those_of_the_table(in_app: None, folder: Path) -> None:
    table = pd.read_csv(folder / schemas.MATERIALS)
    slopes = table.query("dataset == 'mpf-TP' and potential == 'chgnet-0.3.0'")["slope"]
    shown = callbacks.show_population("light", CHGNET, "histogram")
    headline = text_of(shown["headline"])
    assert f"{slopes.median():.3f} ± " in headline
    assert f"{100 * (slopes < 1).mean():.1f} (" in headline
    assert f"{slopes.median():.3f}" in shown["finding"]
    assert [row["slope"] for row in shown["rows"]] == pytest.approx(sorted(slopes), abs=5e-5)
    assert "6 rows" in shown["note"]


@pytest.mark.parametrize("view", ["histogram", "violin", "cumulative", "nonsense", None])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_view_is_drawn_in_both_schemes(in_app: None, view: Any, theme: str) -> None:
    assert callbacks.show_population(theme, BOTH, view)["distribution"]["data"]


def test_another_functional_is_said(in_app: None) -> None:
    shown = text_of(callbacks.show_population("light", BOTH, "histogram")["headline"])
    assert "CHGNet r2SCAN learnt r2SCAN" in shown
    assert "functional" not in text_of(callbacks.show_population("light", CHGNET, "histogram")["headline"])


def test_the_control_is_called_training_data(in_app: None) -> None:
    shown = callbacks.show_population("light", {"data": ["mptrj-1k"], "potentials": ["chgnet-0.3.0"]}, "histogram")
    assert "training data" in text_of(shown["headline"])


def test_the_paper_s_states_are_told_apart(in_app: None) -> None:
    shown = text_of(callbacks.show_population("light", CHGNET, "histogram")["caveats"])
    assert "WBM" in shown


def test_filters_without_a_material_are_said_and_not_an_error(in_app: None) -> None:
    shown = callbacks.show_population("light", {**CHGNET, "elements": ["U"]}, "histogram")
    assert "No material passes" in shown["finding"]
    assert shown["rows"] == []
    assert shown["typical"] is None


def test_one_material_alone_has_no_distribution_but_a_slope(in_app: None) -> None:
    shown = callbacks.show_population("light", {**CHGNET, "elements": ["Si"]}, "cumulative")
    assert "0.96" in shown["finding"]
    assert shown["typical"] == "m4"


def test_left_out_frames_are_listed_once_for_all_potentials(in_app: None) -> None:
    shown = text_of(callbacks.show_population("light", BOTH, "histogram")["failures"])
    assert "1 frame and 1 whole material" in shown
    assert "almost zero" in shown


def test_long_tables_are_cut_and_say_so(in_app: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material_table, "ROWS_SENT", 4)
    shown = callbacks.show_population("light", CHGNET, "histogram")
    assert len(shown["rows"]) == 4
    assert "4 of 6 rows" in shown["note"]


def test_elements_are_medians_over_materials(in_app: None, folder: Path) -> None:
    slopes = pd.read_csv(folder / schemas.ELEMENT_SLOPES)
    lithium = slopes.query("dataset == 'mpf-TP' and potential == 'chgnet-0.3.0' and element == 'Li'")["slope"]
    figure = callbacks.show_population("light", CHGNET, "histogram")["elements"]
    cells = next(trace for trace in figure["data"] if trace.get("name") == "median slope per element")
    _, median, count, below = cells["customdata"][list(cells["text"]).index("Li")]
    assert median == pytest.approx(lithium.median(), abs=1e-4)
    assert (count, below) == (len(lithium), int((lithium < 1).sum()))


def test_material_shows_forces_fit_and_statistics(in_app: None, folder: Path) -> None:
    row = pd.read_csv(folder / schemas.MATERIALS).query("material_id == 'm1' and dataset == 'mpf-TP'").iloc[0]
    shown = callbacks.show_material("light", CHGNET, "m1", None, "potential")
    assert f"slope {row['slope']:.3f} ± " in shown["title"]
    assert "too small" in shown["title"]
    detail = text_of(shown["detail"])
    for name in ("slope_with_intercept", "huber_slope", "r_squared", "linear_correction"):
        assert f"{row[name]:.3f}" in detail
    assert "methods#corrected-mae" in detail
    points = sum(len(trace.get("text", ())) for trace in shown["parity"]["data"] if trace.get("mode") == "markers")
    assert points == row["component_count"]


def test_several_potentials_are_laid_over_each_other(in_app: None) -> None:
    shown = callbacks.show_material("dark", BOTH, "m0", None, "element")
    first, second = (float(number) for number in re.findall(r"0\.\d{3}", shown["title"]))
    assert first == pytest.approx(SLOPES["m0"], abs=0.01)
    assert second == pytest.approx(SLOPES["m0"] + R2SCAN_SHIFT, abs=0.01)
    groups = {trace.get("legendgroup") for trace in shown["parity"]["data"] if trace.get("mode") == "markers"}
    assert groups == {"chgnet-0.3.0", "chgnet-r2scan"}


def test_colour_by_element(in_app: None) -> None:
    shown = callbacks.show_material("light", CHGNET, "m0", None, "element")
    names = {trace["name"] for trace in shown["parity"]["data"] if trace.get("mode") == "markers"}
    assert names == {"Li", "O"}


def test_a_single_frame_says_what_its_interval_rests_on(in_app: None) -> None:
    given = {"data": ["mptrj-1k"], "potentials": ["chgnet-0.3.0"]}
    assert "other compounds" in plain_text(callbacks.show_material("light", given, "m0", None, "potential")["caption"])


def test_without_a_choice_a_typical_material_is_shown(in_app: None) -> None:
    typical = callbacks.show_population("light", CHGNET, "histogram")["typical"]
    assert typical in SLOPES
    shown = callbacks.show_material("light", CHGNET, "", typical, "potential")
    assert f"({typical})" in plain_text(shown["caption"])


def test_unknown_material_is_a_message(in_app: None) -> None:
    shown = callbacks.show_material("light", CHGNET, "mp-<b>", None, "potential")
    assert "cannot be shown" in shown["title"]
    assert "Choose a material from the table" in text_of(shown["detail"])


def test_a_bar_lists_its_materials_and_opens_the_middle_one(in_app: None) -> None:
    click = {"points": [{"customdata": [0.85, 0.9, 2]}]}
    assert callbacks.clicked(click, CHGNET) == {"slope": "0.85,0.9", "material": "m3"}
    shown = callbacks.show_population("light", {**CHGNET, "slope": "0.85,0.9"}, "histogram")
    assert [row["material"] for row in shown["rows"]] == ["m2", "m3"]
    assert shown["chip_hidden"] is False
    assert "0.85 to 0.9" in shown["chip"]


def choose(monkeypatch: pytest.MonkeyPatch, trigger: str, **given: Any) -> dict[str, Any]:
    monkeypatch.setattr(callbacks, "ctx", SimpleNamespace(triggered_id=trigger))
    values: dict[str, Any] = {"click": None, "selected": None, "element_click": None, "clicks": None, "given": CHGNET}
    chosen = callbacks.choose(**{**values, **given})
    return {key: value for key, value in chosen.items() if value is not no_update}


def test_a_point_a_row_and_the_button_choose(in_app: None, monkeypatch: pytest.MonkeyPatch) -> None:
    point = {"points": [{"customdata": "m4"}]}
    assert choose(monkeypatch, "softening-distribution", click=point) == {"material": "m4", "click": None}
    assert choose(monkeypatch, "softening-grid", selected=[{"material": "m5"}]) == {"material": "m5"}
    assert choose(monkeypatch, "softening-grid", selected=[]) == {}
    assert choose(monkeypatch, "softening-all-slopes", clicks=1) == {"slope": ""}


def test_an_element_is_added_and_taken_away(in_app: None, monkeypatch: pytest.MonkeyPatch) -> None:
    click = {"points": [{"text": "Li"}]}
    added = choose(monkeypatch, "softening-elements", element_click=click, given={**CHGNET, "elements": ["O"]})
    assert added["elements"] == ["O", "Li"]
    removed = choose(
        monkeypatch, "softening-elements", element_click=click, given={**CHGNET, "elements": added["elements"]}
    )
    assert removed["elements"] == ["O"]


def test_downloads_hold_what_the_page_lists(app: Dash, in_app: None, folder: Path) -> None:
    client = app.server.test_client()
    shown = callbacks.show_population("light", {**CHGNET, "elements": ["Li"], "slope": "0.85,0.9"}, "histogram")
    answer = client.get(shown["csv"])
    table = pd.read_csv(io.BytesIO(answer.data))
    assert list(table["material_id"]) == ["m2"]
    source = pd.read_csv(folder / schemas.MATERIALS).query("material_id == 'm2' and dataset == 'mpf-TP'").iloc[0]
    assert table["slope"].iloc[0] == source["slope"]
    document = client.get("/download/softening.json?data=mptrj-1k", follow_redirects=True).get_json()
    assert len(document["materials"]) == len(SLOPES)
    assert {field["name"] for field in document["columns"]} == set(document["materials"][0])
    left_out = pd.read_csv(io.BytesIO(client.get(shown["failures_csv"]).data))
    assert set(left_out["dataset"]) == {"mpf-TP"}


def test_download_of_forces(app: Dash, in_app: None) -> None:
    client = app.server.test_client()
    both = {**CHGNET, "potentials": ["chgnet-0.3.0", "chgnet-r2scan"]}
    answer = client.get(callbacks.show_material("light", both, "m0", None, "potential")["download"])
    table = pd.read_csv(io.BytesIO(answer.data))
    assert len(table) == 2 * 4 * 24
    one = table[table["potential"] == "chgnet-0.3.0"]
    x, y = (one[[f"{side}_{axis}" for axis in "xyz"]].to_numpy() for side in ("reference", "predicted"))
    assert np.sum(x * y) / np.sum(x * x) == pytest.approx(SLOPES["m0"], abs=0.02)
    missing = client.get("/download/parity.csv?material=../../etc/passwd", follow_redirects=True)
    assert missing.status_code == 404
    assert missing.get_json()["error"]["code"] == "not_found"


def test_a_damaged_table_is_a_notice_and_the_page_opens(tmp_path: Path) -> None:
    folder = write_softening_sample(tmp_path / "precomputed")
    (folder / schemas.MATERIALS).write_text("dataset,potential\nmpf-TP\n")
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        page = text_of(softening.layout())
    assert "damaged" in page
    assert "/diagnose" in page
    assert app.server.test_client().get("/api/v1/compared/materials.csv?dataset=x&potential=y").status_code == 500


def test_damaged_points_cost_the_parity_plot_alone(tmp_path: Path) -> None:
    folder = write_softening_sample(tmp_path / "precomputed")
    path = folder / schemas.points_path("mpf-TP", "chgnet-0.3.0")
    path.write_bytes(path.read_bytes()[:-50])
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        assert callbacks.show_population("light", CHGNET, "histogram")["rows"]
        assert "damaged" in text_of(callbacks.show_material("light", CHGNET, "m0", None, "potential")["detail"])


def test_a_selection_without_materials_says_what_to_do(in_app: None) -> None:
    shown = callbacks.show_population("light", {**CHGNET, "elements": ["Xe"]}, "histogram")
    assert "No material passes these filters" in text_of(shown["headline"])
    assert '"href": "/softening"' in text_of(shown["headline"])
    assert not shown["distribution"]["data"]
    assert shown["rows"] == []
