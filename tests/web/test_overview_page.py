"""The overview: its figure's numbers, the headline table, odd addresses, and missing data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dash import Dash
from dash.development.base_component import Component
from page_content import text_of
from precomputed_sample import MEDIANS, SLOPE, material_row, write_sample

from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.potentials.look import family_of
from softdash.settings import Settings
from softdash.softening import softening_scale
from softdash.web import create_app
from softdash.web.pages.overview import page as overview
from softdash.web.pages.overview.explaining_figure import SCALE_MIN, example_material
from softdash.web.pages.overview.sketch import (
    DISPLACED,
    ExampleMaterial,
    draggable_figure,
    energy_sketch,
    morse_energy,
    morse_slope,
)
from softdash.web.parts.headline_table import headline_table, phonon_rows, published_rows, recomputed_rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("precomputed"))


@pytest.fixture(scope="module")
def catalog(folder: Path) -> Catalog:
    return Catalog(folder)


@pytest.fixture(scope="module")
def app(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def _find(component: Component, wanted: Any) -> Any:
    return next(part for part in component._traverse() if getattr(part, "id", None) == wanted)


def test_morse_slope_is_the_derivative_of_the_energy() -> None:
    step = 1e-6
    ends = morse_energy(np.array([DISPLACED - step, DISPLACED + step]))
    assert morse_slope(DISPLACED) == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-6)


def test_sketch_has_its_minimum_at_zero_and_the_atom_on_the_curve() -> None:
    sketch = energy_sketch()
    lowest = int(np.argmin(sketch.energy))
    assert abs(sketch.displacement[lowest]) < 0.02
    assert sketch.atom_energy == pytest.approx(np.interp(sketch.atom, sketch.displacement, sketch.energy), abs=1e-3)
    assert sketch.arrow > 0


def test_figure_holds_the_real_forces_whose_slope_it_states(catalog: Catalog) -> None:
    example = example_material(catalog)
    drawn = draggable_figure(example, label="CHGNet 0.3.0", colour="#E69F00")
    assert len(drawn["reference"]) == len(drawn["predicted"]) == len(drawn["elements"]) == 120
    assert softening_scale(drawn["reference"], drawn["predicted"]) == pytest.approx(drawn["slope"], abs=1e-3)
    assert set(drawn["elements"]) == {"Li", "F"}
    json.dumps(drawn, allow_nan=False)


def test_title_says_the_side_of_the_deviation(in_app: None, catalog: Catalog) -> None:
    assert "20 % too small" in text_of(overview.layout())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, SLOPE),
        ("0.62", 0.62),
        ("1.2", 1.2),
        ("0.49", SLOPE),
        ("9", SLOPE),
        ("", SLOPE),
        ("nan", SLOPE),
        ("x'<", SLOPE),
    ],
)
def test_slider_takes_only_positions_it_has_from_the_address(in_app: None, text: str | None, expected: float) -> None:
    page = overview.layout(scale=text, unknown="1") if text is not None else overview.layout()
    assert _find(page, {"type": "view", "key": "scale"}).value == expected
    assert _find(page, {"type": "view-defaults", "key": "page"}).data == {"scale": SLOPE}


def test_published_rows_are_the_paper_s(catalog: Catalog) -> None:
    rows = {row.label: row for row in published_rows(catalog)}
    shares = {label: round(100 * (row.share_below_one or 0), 1) for label, row in rows.items()}
    assert shares == {"M3GNet": 93.0, "CHGNet": 98.1, "MACE": 96.5}
    for row in rows.values():
        assert row.is_digitised
        assert row.origin == "published"
        assert row.share_interval is not None
        assert row.share_interval.low < (row.share_below_one or 0) < row.share_interval.high


def test_recomputed_rows_give_median_share_and_interval_per_data_set(catalog: Catalog) -> None:
    rows = recomputed_rows(catalog, "chgnet-0.3.0")
    assert [row.count for row in rows] == [11, 1, 11]
    for row, median in zip((rows[0], rows[2]), MEDIANS.values(), strict=True):
        assert row.median == pytest.approx(median)
        assert row.median_interval is not None
        assert row.origin == "recomputed"
    assert rows[0].share_below_one == pytest.approx(10 / 11)


def test_a_single_material_stands_for_itself_with_its_own_interval(catalog: Catalog) -> None:
    single = recomputed_rows(catalog, "chgnet-0.3.0")[1]
    assert (single.median, single.share_below_one) == (SLOPE, None)
    assert single.median_interval is not None
    assert single.median_interval.half_width == pytest.approx(0.02)


def test_phonon_rows_give_the_shares_printed_in_the_paper(catalog: Catalog) -> None:
    shares = [round(100 * (row.share_below_one or 0), 1) for row in phonon_rows(catalog)]
    assert shares == [97.4, 90.8, 93.9]


def test_each_row_of_the_table_states_n_origin_and_source(catalog: Catalog) -> None:
    rows = [*published_rows(catalog), *recomputed_rows(catalog, "chgnet-0.3.0"), *phonon_rows(catalog)]
    text = text_of(headline_table([("all", "slope", rows)]))
    for row in rows:
        assert f"{row.count:,}" in text
        assert row.source in text
        assert row.origin in text
        assert family_of(row.potential) != "other"


def test_missing_forces_leave_the_rest_of_the_page(
    tmp_path: Path, in_app: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Catalog(tmp_path)
    monkeypatch.setattr(overview, "web_context", lambda: type("Context", (), {"catalog": empty}))
    text = text_of(overview.layout())
    assert "not here" in text
    assert "Diagnose your own material" in text


def test_example_without_interval_is_shown_without_one(tmp_path: Path) -> None:
    folder = write_sample(tmp_path)
    row = material_row("gpaw_pbe", "gpaw-LiF", SLOPE, interval_low=None, interval_high=None)
    schemas.HIGH_ENERGY_MATERIALS.write_csv(pd.DataFrame([row]), folder / schemas.MATERIALS)
    example: ExampleMaterial = example_material(Catalog(folder))
    assert example.interval_half_width is None


def test_example_is_refused_when_it_was_not_computed(tmp_path: Path) -> None:
    with pytest.raises(SoftdashError):
        example_material(Catalog(tmp_path))


def test_shipped_results_hold_the_example_of_the_figure() -> None:
    example = example_material(Catalog(Settings().precomputed_dir))
    assert SCALE_MIN < example.start < 0.95
    assert softening_scale(example.reference, example.predicted) == pytest.approx(example.slope, abs=1e-3)
    assert len(set(example.elements)) > 1
