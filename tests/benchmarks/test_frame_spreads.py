"""The spread of the slope between frames, measured on stored points, and looked up for a potential."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from softdash.benchmarks.high_energy.frame_spreads import MEASURED_ON, known_frame_spread, measure, write_frame_spreads
from softdash.benchmarks.high_energy.run import are_relaxation_steps
from softdash.catalog import Catalog, schemas
from softdash.potentials.registry import card

SHIPPED = Path(__file__).parents[2] / "precomputed"


def points_of(spread: float, *, materials: int = 120, frames: int = 5, seed: int = 0) -> pd.DataFrame:
    """Compounds whose frames have equal Σx² and normally distributed slopes."""
    generator = np.random.default_rng(seed)
    shape = generator.normal(0, 1, (10, 3))
    tables = []
    for material in range(materials):
        for frame in range(frames):
            columns = {"material_id": f"mp-{material}", "frame": frame + 1, "atom": range(1, 11), "element": "Si"}
            slope = generator.normal(0.85, spread)
            for side, forces in (("reference", shape), ("predicted", slope * shape)):
                columns |= {f"{side}_{axis}": forces[:, place] for place, axis in enumerate("xyz")}
            tables.append(pd.DataFrame(columns))
    return pd.concat(tables)


def test_the_spread_of_normally_distributed_slopes_comes_out() -> None:
    found = measure(points_of(0.08))
    assert found is not None
    assert found["frame_spread"] == pytest.approx(0.08, rel=0.08)
    assert found["median_deviation"] == pytest.approx(0.08, rel=0.12)
    assert (found["material_count"], found["frame_count"]) == (120, 600)


def test_compounds_of_two_frames_do_not_count() -> None:
    assert measure(points_of(0.08, frames=2)) is None


def test_shipped_spreads_are_those_of_the_shipped_points() -> None:
    table = Catalog(SHIPPED).table(schemas.FRAME_SPREADS)
    row = table[table["potential"] == "chgnet-0.3.0"].iloc[0]
    found = measure(pd.read_parquet(SHIPPED / schemas.points_path(MEASURED_ON, "chgnet-0.3.0")))
    assert found is not None
    assert row["frame_spread"] == pytest.approx(found["frame_spread"], rel=1e-6)
    assert row["frame_spread"] == pytest.approx(0.111, abs=5e-4)


def test_nineteen_in_twenty_single_frames_lie_within_the_spread() -> None:
    points = pd.read_parquet(SHIPPED / schemas.points_path(MEASURED_ON, "tensornet-matpes-pbe"))
    spread = known_frame_spread(Catalog(SHIPPED), card("tensornet-matpes-pbe"))
    assert spread is not None
    x, y = (points[[f"{side}_{axis}" for axis in "xyz"]].to_numpy() for side in ("reference", "predicted"))
    sums = points.assign(xx=np.sum(x * x, axis=1), xy=np.sum(x * y, axis=1))
    frames = sums.groupby(["material_id", "frame"])[["xx", "xy"]].sum()
    whole = frames.groupby("material_id").transform("sum")
    away = np.abs(frames["xy"] / frames["xx"] - whole["xy"] / whole["xx"])
    assert 0.94 < float((away <= 1.96 * spread).mean()) < 0.98


def test_another_potential_of_the_family_takes_the_largest_of_its_family() -> None:
    catalog = Catalog(SHIPPED)
    own = {name: known_frame_spread(catalog, card(name)) for name in ("chgnet-0.2.0", "chgnet-0.3.0", "chgnet-r2scan")}
    unknown = replace(card("chgnet-0.3.0"), name="chgnet-1.0")
    assert known_frame_spread(catalog, unknown) == max(one for one in own.values() if one is not None)
    assert len(set(own.values())) == 3


def test_nobody_knows_the_spread_of_other_families_or_without_a_table(tmp_path: Path) -> None:
    known = card("chgnet-0.3.0")
    assert known_frame_spread(Catalog(SHIPPED), replace(known, name="new", family="mace")) is None
    assert known_frame_spread(Catalog(SHIPPED), replace(known, name="new", family="other")) is None
    assert known_frame_spread(Catalog(tmp_path), known) is None


def test_without_points_there_is_nothing_to_write(tmp_path: Path) -> None:
    assert write_frame_spreads(tmp_path) is None


def test_what_a_data_set_says_of_its_frames() -> None:
    assert are_relaxation_steps("gpaw-relaxations", "slab-MgO-100")
    assert are_relaxation_steps("vasp-tests", "atomate:MgYO4P")
    assert not are_relaxation_steps("vasp-tests", "atomate2:Si@PBE")
    assert not are_relaxation_steps("mpf-TP", "atomate:MgYO4P")


def test_shipped_intervals_are_never_of_no_width() -> None:
    table = Catalog(SHIPPED).materials()
    known = table[table["interval_low"].notna()]
    width = known["interval_high"] - known["interval_low"]
    assert len(known) > 5_000
    assert float(width.min()) > 1e-4
    single = known[known["frame_count"] == 1]
    assert set(single["interval_method"]) == {"spread between frames"}
    assert float((single["interval_high"] - single["interval_low"]).min()) > 0.4
    steps = table[[are_relaxation_steps(*pair) for pair in zip(table["dataset"], table["material_id"], strict=True)]]
    assert len(steps) > 50
    assert steps.loc[steps["frame_count"] > 1, "interval_low"].isna().all()
