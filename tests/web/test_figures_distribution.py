"""Histogram, violin, cumulative share and the map of elements, without a server."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from softdash.softening import summarise_population
from softdash.web.figures.density_curve import density_curve
from softdash.web.figures.distribution_series import (
    DistributionSeries,
    PublishedMedian,
    bin_counts,
    bin_edges,
    share_text,
)
from softdash.web.figures.periodic_table import ELEMENTS, PLACES, ElementSummary, periodic_table_figure
from softdash.web.pages.softening.distribution import VIEWS, View, distribution_figure
from softdash.web.theme import Theme


def series(slopes: np.ndarray, potential: str = "chgnet-0.3.0", label: str = "CHGNet 0.3.0") -> DistributionSeries:
    keys = np.array([f"m{i}" for i in range(slopes.size)], dtype=object)
    return DistributionSeries(potential, label, slopes, keys, keys, summarise_population(slopes, draws=50))


SLOPES = np.random.default_rng(0).normal(0.9, 0.12, 200)
PUBLISHED = (PublishedMedian("chgnet-0.3.0", "published", 0.79, True),)


def test_each_slope_counts_once_in_the_bar_that_holds_it() -> None:
    values = np.array([0.85, 0.8999, 0.9, 0.9499, 1.0, 0.15000000000000002, -3.0, 7.0, 2.0])
    edges, counts = bin_edges(), bin_counts(values)
    assert counts.sum() == values.size

    def in_bar(start: float) -> int:
        return int(counts[np.flatnonzero(np.isclose(edges, start))[0]])

    assert (in_bar(0.85), in_bar(0.9), in_bar(1.0), in_bar(0.15)) == (2, 2, 1, 1)
    assert (counts[0], counts[-1]) == (1, 2)


def test_histogram_bars_hold_all_materials_and_carry_their_range() -> None:
    bars = next(t for t in distribution_figure("histogram", [series(SLOPES)], theme="light").data if t.type == "bar")
    assert sum(bars.y) == 200
    for low, high, count in bars.customdata:
        assert count == np.count_nonzero((low <= SLOPES) & (high > SLOPES))


def test_several_series_are_compared_as_shares() -> None:
    two = [series(SLOPES), series(SLOPES[:50] - 0.1, "chgnet-r2scan", "CHGNet r2SCAN")]
    bars = [t for t in distribution_figure("histogram", two, theme="dark").data if t.type == "bar"]
    assert [sum(bar.y) for bar in bars] == pytest.approx([100, 100], abs=0.05)
    assert bars[0].marker.pattern.shape != bars[1].marker.pattern.shape


def test_cumulative_share_crosses_one_at_the_share_below_one() -> None:
    figure = distribution_figure("cumulative", [series(SLOPES)], theme="light")
    line = next(t for t in figure.data if t.mode == "lines")
    below = max(y for x, y in zip(line.x, line.y, strict=True) if x < 1)
    assert below == pytest.approx(100 * np.mean(SLOPES < 1), abs=0.01)
    marker = next(t for t in figure.data if t.name.endswith("below 1.00"))
    assert marker.y[0] == pytest.approx(below, abs=0.01)
    assert marker.y[0] - marker.error_y.arrayminus[0] < below < marker.y[0] + marker.error_y.array[0]


def test_a_share_near_its_end_is_given_with_a_range() -> None:
    of = summarise_population(np.where(np.arange(200) < 120, 0.9, 1.1), draws=50)
    inside = share_text(of.share_below_one, of.share_below_one_interval)
    assert inside.startswith("60.0 ± ")
    of = summarise_population(np.full(19, 0.9), draws=50)
    all_below = share_text(of.share_below_one, of.share_below_one_interval)
    assert all_below == "100.0 (83.2 to 100.0)"


def test_violin_points_name_their_materials() -> None:
    figure = distribution_figure("violin", [series(SLOPES)], theme="light", published=PUBLISHED)
    points = next(t for t in figure.data if t.type == "scatter" and t.mode == "markers")
    assert sorted(points.customdata) == sorted(f"m{i}" for i in range(200))
    assert dict(zip(points.customdata, points.y, strict=True))["m7"] == pytest.approx(SLOPES[7], abs=1e-4)
    assert any("published" in a.text for a in figure.layout.annotations)


def test_density_integrates_to_one_and_peaks_at_the_data() -> None:
    places, density = density_curve(np.random.default_rng(1).normal(0.9, 0.05, 5_000), (0.0, 2.0))
    assert np.trapezoid(density, places) == pytest.approx(1, abs=0.03)
    assert places[density.argmax()] == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_sides_of_one_are_named(view: View, theme: Theme) -> None:
    figure = distribution_figure(view, [series(SLOPES)], theme=theme, published=PUBLISHED, marked=(0.85, 0.9))
    texts = " ".join(a.text for a in figure.layout.annotations).replace("<br>", " ")
    assert "softening (force underprediction)" in texts
    assert "stiffening (force overprediction)" in texts


@pytest.mark.parametrize("view", VIEWS)
def test_payload_does_not_grow_with_the_number_of_materials(view: View) -> None:
    many = series(np.random.default_rng(2).normal(0.9, 0.1, 100_000))
    assert len(json.dumps(distribution_figure(view, [many], theme="light").to_dict())) < 60_000


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_chosen_is_drawn_as_an_empty_figure(view: View) -> None:
    assert not distribution_figure(view, [], theme="light").data


def cells_of(figure: go.Figure) -> Any:
    return next(t for t in figure.data if t.name == "median slope per element")


def test_the_periodic_table_has_each_element_once() -> None:
    assert len(ELEMENTS) == len(set(PLACES.values())) == 103
    assert (PLACES["H"], PLACES["He"], PLACES["Hf"], PLACES["La"]) == ((0, 0), (0, 17), (5, 3), (7, 2))


def test_cells_show_median_and_n() -> None:
    figure = periodic_table_figure({"Li": ElementSummary(0.8, 12, 11)}, theme="light", chosen=("Li", "Xx"))
    cells = cells_of(figure)
    assert list(cells.text) == ["Li"]
    assert list(cells.customdata[0]) == ["Li", 0.8, 12, 11]
    assert len(figure.layout.shapes) == 1
    assert not [t for t in periodic_table_figure({}, theme="dark").data if t.name == "median slope per element"]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_symbols_stand_out_from_every_cell_colour(theme: Theme) -> None:
    medians = np.linspace(0.4, 1.6, len(ELEMENTS))
    summaries = {symbol: ElementSummary(float(m), 1, 0) for symbol, m in zip(ELEMENTS, medians, strict=True)}
    cells = cells_of(periodic_table_figure(summaries, theme=theme))
    for cell, text in zip(cells.marker.color, cells.textfont.color, strict=True):
        low, high = sorted((luminance(cell), luminance(text)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_softer_and_stiffer_elements_differ_in_hue(theme: Theme) -> None:
    cells = cells_of(
        periodic_table_figure({"Li": ElementSummary(0.7, 1, 1), "Na": ElementSummary(1.3, 1, 0)}, theme=theme)
    )
    soft, stiff = cells.marker.color
    assert int(soft[5:7], 16) > int(soft[1:3], 16)
    assert int(stiff[1:3], 16) > int(stiff[5:7], 16)
