"""A part of the tables of coverage of energies, stresses and held-out gains in docs/statistics.md, simulated again."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from softdash.settings import Settings

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "checks" / "label_coverage.py"))
INTERVALS = runpy.run_path(str(ROOT / "checks" / "interval_coverage.py"))


@pytest.fixture(scope="module")
def sets():
    settings = Settings(precomputed_dir=ROOT / "precomputed")
    return {one.name: one for one in INTERVALS["stored_sets"](settings, "chgnet-0.3.0")}


@pytest.mark.parametrize("count", [5, 10])
@pytest.mark.parametrize(
    "made_up",
    [
        {"curvature": 0, "spread": 0, "noise": 0.005},
        {"curvature": 0, "spread": 0.2, "noise": 0.001},
        {"curvature": 1.0, "spread": 0, "noise": 0.003},
    ],
)
def test_intervals_of_energy_slopes_hold(made_up, count):
    chosen = SCRIPT["made_up_energies"]("made up", **made_up)
    earlier, today, without, width = SCRIPT["coverage"](chosen, count, 200, SCRIPT["energy_bounds"])
    assert today >= max(0.93, earlier)
    assert without == 0
    assert width > 0


def test_intervals_of_stress_slopes_hold_where_those_of_earlier_versions_fail():
    chosen = SCRIPT["made_up_stresses"]("unlike", weights=1.3, spread=0.03)
    earlier, today, without, _ = SCRIPT["coverage"](chosen, 5, 200, SCRIPT["stress_bounds"])
    assert earlier < 0.85
    assert today >= 0.93
    assert without == 0


@pytest.mark.parametrize("name", ["gpaw-CaO", "gpaw-Al", "BaTiO3"])
def test_intervals_of_held_out_gains_hold(sets, name):
    _, today, without, _ = SCRIPT["gain_coverage"](sets[name], 5, 100)
    assert today >= 0.88
    assert without == 0


def test_frames_that_a_draw_does_not_contain_are_not_foreseen(sets):
    """Two of the ten frames of CaF2 gain nothing: the draws without them hold the gain of the others."""
    earlier, today, _, _ = SCRIPT["gain_coverage"](sets["gpaw-CaF2"], 5, 100)
    assert earlier < today < 0.95


def test_a_draw_with_repetition_has_no_copies():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(8, 3))
    drawn = INTERVALS["as_other_frames"]([(x, 0.8 * x)] * 3, generator)
    slopes = [np.sum(a * b) / np.sum(a * a) for a, b in drawn]
    assert slopes == pytest.approx([0.8] * 3)
    assert len({round(float(np.sum(a)), 6) for a, _ in drawn}) == 3


def test_a_cell_says_how_many_draws_have_no_interval():
    assert SCRIPT["cell"]((0.8, 0.95, 0.1, 0.02), widths=True) == "80 → 95 (10 % none) ±0.020"
    assert SCRIPT["cell"]((np.nan, np.nan, 1.0, np.nan), widths=False) == "–"
