"""The page that compares potentials: callbacks as plain functions, odd addresses, downloads, damaged tables."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dash import Dash, no_update
from page_content import plain_text, text_of, view_values
from softening_sample import R2SCAN_SHIFT, SLOPES, write_softening_sample

from softdash.catalog import Catalog, schemas
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.pages.compare import callbacks
from softdash.web.pages.compare import page as compare
from softdash.web.pages.compare.potential_comparison import error_groups, published_errors, slope_pairs
from softdash.web.pages.compare.tables import parity_address

BOTH = ["chgnet-0.3.0", "chgnet-r2scan"]
DEFAULTS = {"data": "mpf-TP", "potentials": ["chgnet-0.3.0"], "form": "violin", "x": "chgnet-0.3.0"}


def write_folder(folder: Path) -> Path:
    write_softening_sample(folder)
    shutil.copy(Settings().precomputed_dir / schemas.PUBLISHED_VALUES, folder / schemas.PUBLISHED_VALUES)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("precomputed"))


@pytest.fixture(scope="module")
def app(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def rows_of(folder: Path, potential: str) -> pd.DataFrame:
    table = pd.read_csv(folder / schemas.MATERIALS)
    return table[(table["dataset"] == "mpf-TP") & (table["potential"] == potential)]


def test_page_opens_with_its_defaults(in_app: None) -> None:
    page = compare.layout()
    values = view_values(page)
    assert values == {**DEFAULTS, "y": values["y"]}
    stores = [
        part for part in page._traverse() if getattr(part, "id", None) == {"type": "view-defaults", "key": "page"}
    ]
    assert stores[0].data == values
    assert "/diagnose" in text_of(page)


def test_view_is_restored_from_the_address(in_app: None) -> None:
    view = {"data": "mptrj-1k", "potentials": "chgnet-r2scan,chgnet-0.3.0", "form": "box", "x": "chgnet-r2scan"}
    values = view_values(compare.layout(**view, y="chgnet-0.3.0"))
    assert values == {**view, "potentials": ["chgnet-r2scan", "chgnet-0.3.0"], "y": "chgnet-0.3.0"}


@pytest.mark.parametrize(
    "query",
    [{"data": "<script>"}, {"potentials": "emt,<b>"}, {"potentials": ","}, {"form": "pie"}, {"x": "dft"}, {"utm": "1"}],
)
def test_meaningless_addresses_fall_back(in_app: None, query: dict[str, str]) -> None:
    page = compare.layout(**query)
    assert {**view_values(page), "y": ""} == {**DEFAULTS, "y": ""}
    assert "<script>" not in text_of(page)


def test_nothing_is_drawn_before_the_colour_scheme_is_known(in_app: None) -> None:
    assert set(callbacks.show_errors(None, "mpf-TP", BOTH, "violin").values()) == {no_update}
    assert set(callbacks.show_pairs(None, "mpf-TP", *BOTH).values()) == {no_update}
    assert callbacks.show_medians(None) is no_update


def test_quartiles_and_reductions_are_those_of_the_table(in_app: None, folder: Path) -> None:
    rows = rows_of(folder, "chgnet-0.3.0")
    shown = callbacks.show_errors("light", "mpf-TP", ["chgnet-0.3.0"], "violin")
    table = text_of(shown["table"])
    for column in ("mae", "corrected_mae"):
        for quartile in np.quantile(rows[column], (0.25, 0.5, 0.75)):
            assert f"{quartile:.3f}" in table
    of_materials = 100 * (1 - rows["corrected_mae"] / rows["mae"]).median()
    of_medians = 100 * (1 - rows["corrected_mae"].median() / rows["mae"].median())
    assert f'"{of_materials:.1f}"' in table
    assert f'"{of_medians:.1f}"' in table
    assert f"{-of_medians:+.1f}".replace("-", "−") in shown["title"]
    (group,) = error_groups(Catalog(folder), "mpf-TP", ["chgnet-0.3.0"])
    assert group.summary is not None
    assert group.summary.share_worse == pytest.approx((rows["corrected_mae"] > rows["mae"]).mean())
    assert group.summary.of_medians_interval.low < of_medians / 100 < group.summary.of_medians_interval.high


def test_published_quartiles_stand_beside_and_are_marked(in_app: None, folder: Path) -> None:
    found = {one.model: one for one in published_errors(Catalog(folder))}
    assert set(found) == {"M3GNet", "CHGNet", "MACE"}
    assert found["CHGNet"].errors == pytest.approx((0.1492, 0.2018, 0.2657))
    assert found["CHGNet"].of_medians == pytest.approx(0.148)
    shown = callbacks.show_errors("light", "mpf-TP", BOTH, "violin")
    assert "14.8" in text_of(shown["table"])
    assert text_of(shown["table"]).count('"digitised"') == 3
    for words in ("Fig. 6b", "1,000 WBM compounds", "compare directions, not values"):
        assert words in plain_text(shown["caption"])
    names = {trace.get("name") for trace in shown["figure"]["data"]}
    assert {"M3GNet, WBM", "CHGNet, WBM", "MACE, WBM", "CHGNet 0.3.0", "CHGNet r2SCAN"} <= names


@pytest.mark.parametrize("form", ["violin", "box", "nonsense", None])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_form_is_drawn_and_downloads_quartiles(in_app: None, folder: Path, form: Any, theme: str) -> None:
    shown = callbacks.show_errors(theme, "mpf-TP", ["chgnet-0.3.0"], form)
    rows = rows_of(folder, "chgnet-0.3.0")
    marks = next(trace for trace in shown["figure"]["data"] if trace.get("name") == "CHGNet 0.3.0")
    values = dict(zip(marks["meta"]["columns"], marks["customdata"][1], strict=True))
    assert (values["quantity"], values["origin"], values["materials"]) == ("cMAE", "recomputed", 6)
    assert values["median"] == pytest.approx(rows["corrected_mae"].median(), abs=1e-5)
    drawn = [trace for trace in shown["figure"]["data"] if not (trace.get("meta") or {}).get("decoration")]
    assert len(drawn) == 4, "the download holds the quartiles of each row and nothing else"


def test_the_height_grows_with_the_rows(in_app: None) -> None:
    one = callbacks.show_errors("light", "mpf-TP", ["chgnet-0.3.0"], "violin")["style"]["height"]
    two = callbacks.show_errors("light", "mpf-TP", BOTH, "violin")["style"]["height"]
    assert int(two.removesuffix("px")) > int(one.removesuffix("px"))


def test_slopes_are_paired_by_material(in_app: None, folder: Path) -> None:
    pairs = slope_pairs(Catalog(folder), "mpf-TP", *BOTH)
    assert pairs.table["difference"].to_numpy() == pytest.approx(R2SCAN_SHIFT, abs=0.02)
    assert pairs.correlation is not None
    assert pairs.correlation.rank == pytest.approx(1, abs=0.1)
    assert pairs.share_both_below_one == pytest.approx(5 / 6)
    shown = callbacks.show_pairs("light", "mpf-TP", *BOTH)
    points = next(trace for trace in shown["figure"]["data"] if trace.get("mode") == "markers")
    chgnet = rows_of(folder, "chgnet-0.3.0").set_index("material_id")["slope"]
    for x, data in zip(points["x"], points["customdata"], strict=True):
        assert x == pytest.approx(chgnet[data[0]], abs=1e-4)
    assert "n = 6" in plain_text(shown["caption"])
    assert "83 % of 6 materials" in shown["title"]
    assert {row["material"] for row in shown["rows"]} == set(SLOPES)
    assert [column["headerName"] for column in shown["columns"]][1:3] == ["CHGNet 0.3.0", "CHGNet r2SCAN"]


def test_one_potential_twice_and_too_few_materials_are_no_error(in_app: None, tmp_path: Path) -> None:
    assert "1.00 (1.00 to 1.00)" in plain_text(
        callbacks.show_pairs("dark", "mpf-TP", "chgnet-0.3.0", "chgnet-0.3.0")["caption"]
    )
    folder = write_folder(tmp_path / "precomputed")
    table = pd.read_csv(folder / schemas.MATERIALS)
    table[table["material_id"] == "m0"].to_csv(folder / schemas.MATERIALS, index=False)
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        shown = callbacks.show_pairs("light", "mpf-TP", *BOTH)
        assert "too few materials" in shown["title"]
        errors = callbacks.show_errors("light", "mpf-TP", BOTH, "violin")
        assert "one material's two errors" in plain_text(errors["caption"])
        assert "0.7" in text_of(callbacks.show_medians("light"))


def test_links_open_the_parity_plot(app: Dash, in_app: None) -> None:
    address = parity_address("mpf-TP", BOTH, "mpf-TP:001:Li O")
    assert address == "/softening?data=mpf-TP&potentials=chgnet-0.3.0,chgnet-r2scan&material=mpf-TP:001:Li%20O"
    assert "material=a%28b%29" in parity_address("mpf-TP", BOTH, "a(b)"), "brackets would end the grid's link"
    assert app.server.test_client().get(address).status_code == 200
    rows = callbacks.show_pairs("light", "mpf-TP", *BOTH)["rows"]
    assert all(f"({parity_address('mpf-TP', BOTH, row['material'])})" in row["parity"] for row in rows)


def test_the_table_of_all_sets_has_medians_intervals_and_counts(app: Dash, in_app: None, folder: Path) -> None:
    shown = text_of(callbacks.show_medians("light"))
    population = Catalog(folder).population("mpf-TP", "chgnet-0.3.0").summary
    assert f'"{population.median:.3f}"' in shown
    assert f" ± {population.median_interval.half_width:.3f}" in shown
    assert "n 6\u00a0†" in shown, "the r2SCAN potential is marked"
    assert "≈ 0.79" in shown, "the paper's median of CHGNet"
    client = app.server.test_client()
    table = pd.read_csv(io.BytesIO(client.get("/api/v1/compared/medians.csv").data)).set_index(["dataset", "potential"])
    row = table.loc["mpf-TP", "chgnet-0.3.0"]
    assert row["median_slope"] == population.median
    assert (row["interval_low"], row["materials"]) == (population.median_interval.low, 6)
    document = client.get("/api/v1/compared/medians.json").get_json()
    assert len(document["medians"]) == len(table) == 4


def test_a_potential_that_was_not_run_on_the_set_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "precomputed")
    table = pd.read_csv(folder / schemas.MATERIALS)
    is_left_out = (table["dataset"] == "mptrj-1k") & (table["potential"] == "chgnet-r2scan")
    table[~is_left_out].to_csv(folder / schemas.MATERIALS, index=False)
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        caption = callbacks.show_errors("light", "mptrj-1k", BOTH, "violin")["caption"]
        assert "Not run on this set: CHGNet r2SCAN." in plain_text(caption)
        assert "Not run" not in plain_text(callbacks.show_errors("light", "mpf-TP", BOTH, "violin")["caption"])
        assert "no material in common" in callbacks.show_pairs("light", "mptrj-1k", *BOTH)["title"]


def test_a_damaged_table_is_a_notice_and_the_page_opens(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "precomputed")
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        (folder / schemas.PUBLISHED_VALUES).write_text("model\nx\n")
        shown = callbacks.show_errors("light", "mpf-TP", BOTH, "violin")
        assert "published" not in plain_text(shown["caption"]).lower()
        (folder / schemas.MATERIALS).write_text("dataset,potential\nmpf-TP\n")
        assert "damaged" in text_of(compare.layout())
        assert "damaged" in text_of(callbacks.show_errors("light", "mpf-TP", BOTH, "violin")["table"])
        assert "damaged" in text_of(callbacks.show_pairs("light", "mpf-TP", *BOTH)["caption"])
        assert "damaged" in text_of(callbacks.show_medians("light"))
    assert app.server.test_client().get("/api/v1/compared/medians.csv").status_code == 500
