"""Frames that potentials do not share, in a made-up table and in the shipped one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softdash.benchmarks.high_energy.shared_frames import (
    SET_ASIDE,
    element_slopes_on_shared_frames,
    on_shared_frames,
    set_aside,
    with_unshared_frames,
)
from softdash.catalog import Catalog, schemas
from softdash.errors import NotFoundError
from softdash.settings import Settings


def test_frames_that_another_potential_left_out_are_named() -> None:
    materials = pd.DataFrame(
        [("set", name, material) for material in ("A", "B") for name in ("p", "q", "r")],
        columns=["dataset", "potential", "material_id"],
    )
    failures = pd.DataFrame(
        [
            ("set", "p", "A", 3),
            ("set", "p", "A", 4),
            ("set", "q", "A", 4),
            ("other", "q", "B", 1),
            ("set", "gone", "B", 2),  # has no row: stands beside nothing
            ("set", "p", "B", None),
        ],
        columns=["dataset", "potential", "material_id", "frame"],
    )
    marked = with_unshared_frames(materials, failures).set_index(["material_id", "potential"])["frames_not_shared"]
    assert marked.fillna("").to_dict() == {
        ("A", "p"): "",
        ("A", "q"): "3",
        ("A", "r"): "3 4",
        ("B", "p"): "",
        ("B", "q"): "",
        ("B", "r"): "",
    }


def test_shipped_rows_say_which_frames_they_do_not_share() -> None:
    catalog = Catalog(Settings().precomputed_dir)
    table = catalog.materials()
    again = with_unshared_frames(table, catalog.failures())
    assert again["frames_not_shared"].fillna("").tolist() == table["frames_not_shared"].fillna("").tolist()
    counts = table.groupby(["dataset", "material_id"])["frame_count"].agg(["min", "max"])
    uneven = set(counts.index[counts["min"] != counts["max"]])
    marked = table[table["frames_not_shared"].notna()]
    assert uneven <= set(zip(marked["dataset"], marked["material_id"], strict=True))
    zinc_sulfide = marked[marked["formula"] == "ZnS"].set_index("potential")
    assert zinc_sulfide.loc["chgnet-0.3.0", "frames_not_shared"] == "3"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


def _beside(catalog: Catalog, *potentials: str) -> pd.DataFrame:
    table = catalog.materials("mpf-TP")
    return on_shared_frames(catalog, table[table["potential"].isin(potentials)])


def _forces_of_frames(catalog: Catalog, potential: str, frames: set[int]) -> tuple[np.ndarray, np.ndarray]:
    points = pd.read_parquet(Settings().precomputed_dir / schemas.points_path("mpf-TP", potential))
    points = points[(points["material_id"] == "mpf-TP:217:ZnS") & points["frame"].isin(frames)]
    x, y = (points[[f"{side}_{axis}" for axis in "xyz"]].to_numpy().ravel() for side in ("reference", "predicted"))
    return x, y


def test_zinc_sulfide_beside_another_potential_rests_on_the_four_frames_of_both(catalog: Catalog) -> None:
    rows = _beside(catalog, "chgnet-0.3.0", "sevennet-0").set_index(["formula", "potential"])
    chgnet, sevennet = rows.loc[("ZnS", "chgnet-0.3.0")], rows.loc[("ZnS", "sevennet-0")]
    x, y = _forces_of_frames(catalog, "chgnet-0.3.0", {1, 2, 4, 5})
    assert chgnet["slope"] == pytest.approx(np.sum(x * y) / np.sum(x * x), rel=1e-12)
    assert chgnet["slope"] == pytest.approx(0.738213, abs=2e-6)
    assert chgnet["mae"] == pytest.approx(np.mean(np.abs(y - x)), rel=1e-12)
    assert (chgnet["frame_count"], chgnet["component_count"], chgnet["frames_refused"]) == (4, 240, 1)
    assert chgnet["interval_low"] < chgnet["slope"] < chgnet["interval_high"]
    assert chgnet[SET_ASIDE] == "3"
    assert set_aside(chgnet) == [3]
    assert sevennet["slope"] == pytest.approx(0.808601)
    assert set_aside(sevennet) == []
    assert pd.isna(chgnet["frames_not_shared"])


def test_alone_or_beside_one_with_the_same_frames_nothing_is_left_out(catalog: Catalog) -> None:
    for potentials in (("chgnet-0.3.0",), ("chgnet-0.3.0", "chgnet-r2scan")):
        rows = _beside(catalog, *potentials).set_index(["formula", "potential"])
        assert rows[SET_ASIDE].isna().all()
        assert rows.loc[("ZnS", "chgnet-0.3.0"), "slope"] == pytest.approx(0.7397401)


def test_other_materials_stay_as_they_are(catalog: Catalog) -> None:
    table = catalog.materials("mpf-TP")
    shared = on_shared_frames(catalog, table)
    others = table["formula"] != "ZnS"
    pd.testing.assert_frame_equal(shared.loc[others, table.columns], table[others])
    assert shared.loc[~others, "frame_count"].tolist() == [4] * 10
    assert shared["frames_not_shared"].isna().all()
    # The noise of rounding the stored forces aside, rows that keep all their frames keep their numbers.
    kept = ~others & shared[SET_ASIDE].isna()
    assert shared.loc[kept, "slope"].tolist() == table.loc[kept, "slope"].tolist()


def test_elements_rest_on_the_same_frames(catalog: Catalog) -> None:
    rows = _beside(catalog, "chgnet-0.3.0", "sevennet-0")
    elements = element_slopes_on_shared_frames(catalog, rows[rows["formula"] == "ZnS"])
    assert elements["component_count"].tolist() == [120] * 4
    assert set(elements["potential"]) == {"chgnet-0.3.0", "sevennet-0"}
    alone = _beside(catalog, "chgnet-0.3.0")
    own = element_slopes_on_shared_frames(catalog, alone[alone["formula"] == "ZnS"])
    assert own["component_count"].tolist() == [150, 150]


def test_without_points_the_row_still_says_which_frames_differ(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: str) -> pd.DataFrame:
        raise NotFoundError("no points")

    monkeypatch.setattr(catalog, "parity_points", gone)
    rows = _beside(catalog, "chgnet-0.3.0", "sevennet-0").set_index(["formula", "potential"])
    assert rows.loc[("ZnS", "chgnet-0.3.0"), "frames_not_shared"] == "3"
    assert rows.loc[("ZnS", "chgnet-0.3.0"), "frame_count"] == 5
