"""The page of correction and fine-tuning: callbacks as plain functions, odd addresses, missing and damaged data."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from correction_sample import SLOPE, tuning_row, write_correction_sample
from dash import Dash, no_update
from page_content import plain_text, text_of, view_values
from precomputed_sample import write_sample

from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import FINE_TUNING, LINEAR_CORRECTION, fine_tuning_points_path
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.context import web_context
from softdash.web.pages.correction import callbacks
from softdash.web.pages.correction import page as correction
from softdash.web.pages.correction.guide import COMMAND
from softdash.web.pages.correction.label_curves import _apart
from softdash.web.pages.correction.series import default_system, panels
from softdash.web.pages.correction.texts import PANELS, fine_tuning_finding

MATERIAL = "mpf-TP~m1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_correction_sample(write_sample(tmp_path_factory.mktemp("precomputed")))


@pytest.fixture(scope="module")
def app(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def numbers(values: Any) -> np.ndarray[Any, Any]:
    """Decode plotly's form of an array; a legend entry has no numbers."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]).astype(float)
    return np.array([value for value in values if value is not None], dtype=float)


def test_page_opens_with_its_defaults_and_drops_what_means_nothing(in_app: None) -> None:
    expected = {"system": "lif-8", "material": MATERIAL, "potentials": ["chgnet-0.3.0", "m3gnet-original"]}
    assert view_values(correction.layout()) == expected
    assert view_values(correction.layout(system="../etc", material="x~y", potentials="<script>", more="1")) == expected


def test_address_restores_the_view(in_app: None) -> None:
    page = correction.layout(system="lif-8", material="mpf-TP~m2", potentials="m3gnet-original,unknown")
    assert view_values(page) == {"system": "lif-8", "material": "mpf-TP~m2", "potentials": ["m3gnet-original"]}


def test_published_values_stand_beside_the_recomputed_ones(in_app: None) -> None:
    shown = text_of(correction.layout())
    for value in ("0.851", "0.965", "0.166", "0.995", "0.124"):
        assert f'"{value}"' in shown
    assert "Its text gives 0.859 (slope) and 0.125 (MAE) instead." in shown
    assert "PBE, 2 test frames. A sample." in shown
    assert COMMAND in shown
    assert "/api/v1/catalog/correction-linear_correction.csv" in shown


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_four_panels_show_their_own_forces(in_app: None, theme: str) -> None:
    shown = callbacks.show_system(theme, "lif-8")
    slopes = {}
    for key in PANELS:
        points = [trace for trace in shown[key]["data"] if trace["mode"] == "markers"]
        test = [trace for trace in points if trace["name"] != "training"]
        x, y = (np.concatenate([numbers(trace[axis]) for trace in test if "y" in trace]) for axis in "xy")
        assert x.size == 48
        slopes[key] = float(np.sum(x * y) / np.sum(x * x))
        training = [trace for trace in points if trace["name"] == "training"]
        assert sum(numbers(trace["x"]).size for trace in training) == {"pretrained": 0, "larger": 48}.get(key, 24)
    expected = {"pretrained": SLOPE, "scalar": 1.25 * SLOPE, "smaller": 0.9, "larger": 0.99}
    assert slopes == pytest.approx(expected, abs=2e-3)
    assert len({tuple(shown[key]["layout"]["xaxis"]["range"]) for key in PANELS}) == 1


def test_titles_and_captions_say_slope_error_and_n(in_app: None) -> None:
    shown = callbacks.show_system("light", "lif-8")
    assert shown["pretrained_title"] == "Pretrained: slope 0.80, MAE 0.200 eV/Å"
    assert shown["larger_title"] == "Fine-tuned, 5 frames: slope 0.99, MAE 0.100 eV/Å"
    assert shown["finding"] == (
        "Change of the force error on the test frames: one factor −25 %, fine-tuning on 1 frame +25 %, fine-tuning on "
        "5 frames −50 %."
    )
    assert "48 force components of 2 test frames, PBE" in plain_text(shown["scalar_caption"])
    assert "c* = 1.25" in plain_text(shown["scalar_caption"])
    assert "5 frames (1 of them held out to choose epoch 7)" in plain_text(shown["larger_caption"])
    assert "1 frame (last epoch)" in plain_text(shown["smaller_caption"])
    names = [trace["name"] for trace in shown["epochs"]["data"]]
    assert names == ["1 frame, training", "5 frames, training", "5 frames, held out"]


def test_factor_that_only_shrinks_is_called_no_cure(in_app: None) -> None:
    catalog = web_context().catalog
    table = catalog.table(FINE_TUNING)
    scattered = panels(table.assign(r_squared=0.4), catalog.fine_tuning_points("lif-8"), "lif-8")
    assert "R² of the pretrained forces is 0.400: scatter" in fine_tuning_finding(scattered)


def test_labels_of_close_levels_do_not_cover_each_other() -> None:
    heights = np.array(_apart([0.30, 0.31, 0.301, 0.1], 0.05))
    assert np.diff(np.sort(heights)).min() >= 0.0499
    assert heights.argmin() == 3
    assert heights[2] > heights[0]


def test_unknown_system_is_an_error_in_words(in_app: None) -> None:
    shown = callbacks.show_system("light", "gold")
    assert "no fine-tuning on gold" in text_of(shown["provenance"])
    assert shown["pretrained"]["data"] == []


def test_learning_curve_tells_median_quartiles_and_harm(in_app: None) -> None:
    shown = callbacks.show_labels("light", MATERIAL, ["chgnet-0.3.0"])
    table = Catalog(Path(web_context().settings.precomputed_dir)).table(LINEAR_CORRECTION)
    rows = table[(table["material_id"] == "m1") & (table["potential"] == "chgnet-0.3.0")]
    curve = next(trace for trace in shown["labels"]["data"] if trace.get("customdata") is not None)
    np.testing.assert_allclose(curve["y"], rows["error_ratio_median"], atol=1e-4)
    np.testing.assert_allclose(np.add(curve["y"], curve["error_y"]["array"]), rows["error_ratio_high"], atol=2e-4)
    share = 100 * rows["worse_share"].iloc[0]
    assert f"larger in {share:.0f} % of the draws" in shown["labels_title"]
    assert "of 2 materials" in shown["worse_title"]
    assert "1/s" in text_of(shown["factors"])


def test_no_potential_asks_for_one(in_app: None) -> None:
    shown = callbacks.show_labels("dark", MATERIAL, [])
    assert shown["labels_title"] == shown["worse_title"] == "Choose a potential"


def test_potential_without_this_material_is_named(in_app: None) -> None:
    shown = callbacks.show_labels("light", MATERIAL, ["chgnet-0.3.0", "chgnet-r2scan"])
    assert "Not computed for this material: CHGNet r2SCAN." in plain_text(shown["labels_caption"])


def test_nothing_is_drawn_before_the_colour_scheme_is_known(in_app: None) -> None:
    for shown in (callbacks.show_system(None, "lif-8"), callbacks.show_labels(None, MATERIAL, [])):
        assert all(value is no_update for value in shown.values())


def test_page_without_results_names_the_commands(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=write_sample(tmp_path / "precomputed")))
    with app.server.app_context():
        shown = text_of(correction.layout())
    assert "softdash benchmark fine-tuning" in shown
    assert "softdash benchmark linear-correction" in shown
    assert COMMAND in shown


def test_damaged_tables_leave_the_rest_of_the_page(tmp_path: Path) -> None:
    folder = write_correction_sample(write_sample(tmp_path / "precomputed"))
    (folder / FINE_TUNING).write_text("system\nx\n")
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        shown = text_of(correction.layout())
    assert "damaged" in shown
    assert MATERIAL in shown


def test_points_are_read_whole_and_quarantined_when_damaged(tmp_path: Path) -> None:
    folder = write_correction_sample(tmp_path)
    catalog = Catalog(folder)
    assert len(catalog.fine_tuning_points("lif-8")) == 32
    with pytest.raises(NotFoundError, match="no fine-tuning on gold"):
        catalog.fine_tuning_points("gold")
    with pytest.raises(NotFoundError):
        catalog.fine_tuning_points("../lif-8")
    path = fine_tuning_points_path("lif-8")
    (folder / path).write_bytes((folder / path).read_bytes()[:200])
    with pytest.raises(ReferenceDataError, match="damaged"):
        catalog.fine_tuning_points("lif-8")
    assert path in {problem.path for problem in catalog.problems()}


def test_the_clearest_example_is_shown_first() -> None:
    gains = {"a": 0.19, "b": 0.1, "c": 0.25}
    rows = [
        tuning_row(method, 1, slope=0.8, mae=mae, system=system)
        for system, after in gains.items()
        for method, mae in (("pretrained", 0.2), ("scalar", after), ("fine-tuned", 0.01))
    ]
    assert default_system(pd.DataFrame(rows)) == "b"
