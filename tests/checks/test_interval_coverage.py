"""A part of the table of coverage in docs/statistics.md, simulated again."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from softdash.settings import Settings

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "checks" / "interval_coverage.py"))
SPREAD = 0.1106766
"""Of CHGNet 0.3.0, precomputed/high_energy/frame_spreads.csv."""


@pytest.fixture(scope="module")
def sets():
    settings = Settings(precomputed_dir=ROOT / "precomputed")
    return {one.name: one for one in SCRIPT["stored_sets"](settings, "chgnet-0.3.0")}


def todays(frames, slope, repeats):
    return SCRIPT["todays_interval"](frames, slope, SPREAD, repeats=repeats)


@pytest.mark.parametrize(
    "name", ["gpaw-LiF", "gpaw-SrTiO3", "gpaw-CaO", "Si-16 (atomate2)", "pymatgen-core:Li10GeP2S12"]
)
@pytest.mark.parametrize("count", [1, 5])
def test_nine_in_ten_intervals_of_dynamics_hold_the_slope(sets, name, count):
    found = SCRIPT["coverage"](sets[name], count, 150, todays)
    assert found.share >= 0.88
    assert found.without == 0


def test_intervals_of_earlier_versions_fail_where_frames_are_unlike(sets):
    before = SCRIPT["coverage"](sets["gpaw-CaO"], 5, 150, SCRIPT["earlier_interval"])
    assert before.share < 0.7
    single = SCRIPT["coverage"](sets["gpaw-Si"], 1, 50, SCRIPT["earlier_interval"])
    assert single.share < 0.5


def test_made_up_frames_of_unlike_weight_are_covered():
    frames = SCRIPT["made_up"]("unlike", spread=0.03, weights=1.3, count=1000)
    for count in (2, 5, 10):
        assert SCRIPT["coverage"](frames, count, 150, todays).share >= 0.93


def test_draws_that_hold_half_of_a_set_are_corrected_for_it():
    """Ten frames: the deviation of five from all ten is √(1 − 5/10) of what it is for unlimited frames."""
    generator = np.random.default_rng(0)
    x = generator.normal(0, 1, (20, 3))
    frames = SCRIPT["frame_set"]("ten", "made up", [(x, slope * x) for slope in generator.normal(0.85, 0.2, 10)])
    assert SCRIPT["coverage"](frames, 5, 252, todays).share == pytest.approx(0.96, abs=0.04)


def test_a_row_says_where_there_is_no_interval():
    frames = SCRIPT["made_up"]("alike", spread=0.03, weights=0.2, count=200)
    row = SCRIPT["cells"]([(frames, None)], (1, 5), 20, widths=True)
    assert len(row) == 2
    assert "none" in row[0]
    assert "none" not in row[1]
