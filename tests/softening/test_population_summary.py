from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softdash.errors import RefusalError
from softdash.softening import summarise_population, wilson_interval
from softdash.softening.statistics import Interval


def own(low, high):
    return Interval(low, high, 0.95, "cluster by frame")


@pytest.fixture
def slopes():
    return np.random.default_rng(3).normal(0.9, 0.1, 214)


def test_descriptive_numbers(slopes):
    summary = summarise_population(slopes)
    assert summary.material_count == 214
    assert summary.median == np.median(slopes)
    assert summary.mean == pytest.approx(slopes.mean())
    assert (summary.quartile_low, summary.quartile_high) == pytest.approx(tuple(np.percentile(slopes, [25, 75])))
    assert summary.share_below_one == np.mean(slopes < 1)
    assert summary.share_below_one_interval == wilson_interval(int((slopes < 1).sum()), 214)
    assert summary.share_surely_below_one is None


@pytest.mark.parametrize(("quantity", "statistic"), [("median_interval", np.median), ("mean_interval", np.mean)])
def test_bootstrap_agrees_with_scipy(slopes, quantity, statistic):
    expected = stats.bootstrap(
        (slopes,), statistic, n_resamples=4000, method="percentile", vectorized=True, rng=np.random.default_rng(1)
    ).confidence_interval
    interval = getattr(summarise_population(slopes), quantity)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=0.002)
    assert interval.method == "bootstrap over materials"


def test_equal_input_gives_equal_output_and_batches_do_not_matter(slopes, monkeypatch):
    first = summarise_population(slopes, seed=5)
    assert summarise_population(slopes, seed=5) == first
    assert summarise_population(slopes, seed=6) != first
    monkeypatch.setattr("softdash.softening.population._VALUES_AT_ONCE", 1000)
    assert summarise_population(slopes, seed=5) == first


def test_sure_shares_are_over_all_materials():
    intervals = [own(0.7, 0.9), own(0.8, 1.1), own(1.01, 1.2), None]
    summary = summarise_population([0.8, 0.95, 1.1, 0.5], intervals)
    assert summary.share_below_one == 0.75
    assert (summary.share_surely_below_one, summary.share_surely_above_one) == (0.25, 0.25)


@pytest.mark.parametrize("values", [[], [0.9], [0.9, np.nan], [0.9, np.inf]])
def test_refusals(values):
    with pytest.raises(RefusalError):
        summarise_population(values)


def test_intervals_must_fit_the_values():
    with pytest.raises(RefusalError, match="1 intervals for 2 values"):
        summarise_population([0.9, 0.8], [None])


def test_sure_shares_leave_out_materials_of_one_frame():
    intervals = [own(0.7, 0.9), own(0.9, 1.0), own(1.05, 1.2), own(0.3, 0.8)]
    summary = summarise_population([0.8, 0.95, 1.1, 0.5], intervals, frame_counts=[5, 5, 2, 1])
    assert (summary.share_surely_below_one, summary.share_surely_above_one) == pytest.approx((1 / 3, 1 / 3))
    assert summary.single_frame_count == 1
    alone = summarise_population([0.8, 0.95], intervals[:2], frame_counts=[1, 1])
    assert (alone.share_surely_below_one, alone.single_frame_count) == (None, 2)
    with pytest.raises(RefusalError, match="frame counts"):
        summarise_population([0.8, 0.95], intervals[:2], frame_counts=[1])
