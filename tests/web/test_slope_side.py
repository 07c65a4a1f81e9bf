"""One function says on which side of one a stored slope lies; a single frame never decides anything."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import softdash.web
from softdash.catalog import Catalog
from softdash.settings import Settings
from softdash.web.pages.softening.material_detail import material_finding
from softdash.web.pages.softening.population_texts import population_group
from softdash.web.parts.slope_side import finding_of, shares_of_sides, sides_of_one


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return Catalog(Settings().precomputed_dir).materials()


def _row(**values: object) -> pd.Series:
    row = {
        "frame_count": 5,
        "slope": 0.8,
        "interval_low": 0.7,
        "interval_high": 0.9,
        "r_squared": 0.95,
        "notices": None,
    }
    return pd.Series(row | values)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, "below"),
        ({"frame_count": 2}, "below"),
        ({"frame_count": 1}, "one_frame"),
        ({"slope": 1.2, "interval_low": 1.1, "interval_high": 1.3}, "above"),
        ({"interval_low": np.nan, "interval_high": np.nan}, "no_interval"),
        ({"slope": 0.99, "interval_low": 0.985, "interval_high": 0.995}, "agrees"),
        ({"slope": 1.01, "interval_low": 0.97, "interval_high": 1.05}, "agrees"),
        ({"slope": 0.95, "interval_low": 0.8, "interval_high": 1.1}, "open"),
        ({"r_squared": 0.4}, "loose"),
        ({"slope": -0.1, "interval_low": -0.2, "interval_high": -0.05}, "negative"),
        ({"notices": "curvature near_equilibrium"}, "near_equilibrium"),
    ],
)
def test_what_a_row_says(values: dict[str, object], found: str) -> None:
    assert finding_of(_row(**values)) == found


def test_no_shipped_row_of_one_frame_is_too_small_or_too_large(table: pd.DataFrame) -> None:
    single = table[table["frame_count"] == 1]
    clear = single[(single["interval_high"] < 1) | (single["interval_low"] > 1)]
    assert len(clear) > 100, "there are rows on which this test can fail"
    titles = [material_finding(single.loc[[index]]) for index in clear.index]
    assert not [title for title in titles if "too small" in title or "too large" in title]
    assert not sides_of_one(single).any()


def test_firm_titles_have_a_clear_interval_of_several_frames(table: pd.DataFrame) -> None:
    rows = table[table["dataset"] == "gpaw_pbe"]
    titles = {index: material_finding(rows.loc[[index]]) for index in rows.index}
    firm = rows.loc[[index for index, title in titles.items() if "too small" in title]]
    assert len(firm) > 20
    assert ((firm["interval_high"] < 1) & (firm["frame_count"] >= 2) & (firm["r_squared"] >= 0.5)).all()


def test_shares_are_those_of_the_summary_with_intervals(table: pd.DataFrame) -> None:
    catalog = Catalog(Settings().precomputed_dir)
    for dataset, potential in (("mpf-TP", "chgnet-0.3.0"), ("random-TP", "sevennet-0"), ("mptrj-1k", "chgnet-r2scan")):
        rows = catalog.materials(dataset, potential)
        summary = catalog.population(dataset, potential).summary
        shares = shares_of_sides(rows)
        assert shares == (summary.share_surely_below_one, summary.share_surely_above_one)
        group = population_group(dataset, potential, rows, with_dataset=False)
        assert group.single_frame_count == int((rows["frame_count"] == 1).sum())


def test_nothing_else_on_the_pages_compares_an_interval_with_one() -> None:
    folder = Path(softdash.web.__file__).parent
    compared = re.compile(r"interval_(low|high)[\"\])]*\s*[<>]=?\s*1\b|(\w*fit|row)\.interval_(low|high)\s*[<>]")
    found = [path.name for path in folder.rglob("*.py") if compared.search(path.read_text(encoding="utf-8"))]
    assert found == []
