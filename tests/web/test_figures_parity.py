from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from softdash.web.figures.parity import ParityFit, ParitySeries, parity_figure, residual_figure
from softdash.web.figures.point_density import count_points, sparsest

FIT = ParityFit(slope=0.85, interval_low=0.83, interval_high=0.87, r_squared=0.97, mae=0.19, corrected_mae=0.162)


def series(
    atoms: int, potential: str = "chgnet-0.3.0", elements: tuple[str, ...] = ("Na", "Cl"), seed: int = 0
) -> ParitySeries:
    generator = np.random.default_rng(seed)
    reference = generator.normal(scale=2, size=(atoms, 3))
    return ParitySeries.from_forces(
        potential,
        potential.upper(),
        reference,
        0.85 * reference + generator.normal(scale=0.1, size=(atoms, 3)),
        FIT,
        elements=[elements[i % len(elements)] for i in range(atoms)],
        frames=1 + np.arange(atoms) // 20,
        atoms=1 + np.arange(atoms) % 20,
    )


def points_of(figure: go.Figure) -> list[Any]:
    markers = [t for t in figure.data if t.type == "scatter" and t.mode == "markers"]
    return [t for t in markers if not (t.meta or {}).get("decoration")]


def payload(figure: go.Figure) -> int:
    return len(json.dumps(figure.to_dict()))


def test_each_point_is_drawn_at_its_own_place_with_its_atom() -> None:
    one = series(30)
    figure = parity_figure([one], theme="light")
    drawn = {
        (trace.legendgroup, *row): (x, y)
        for trace in points_of(figure)
        for row, x, y in zip(
            [(*place, axis) for place, axis in zip(trace.customdata.tolist(), trace.text, strict=True)],
            trace.x,
            trace.y,
            strict=True,
        )
    }
    assert len(drawn) == 90
    for i in range(90):
        x, y = drawn["chgnet-0.3.0", one.frames[i], one.atoms[i], str(one.axes[i])]
        assert x == pytest.approx(one.reference[i], abs=5.1e-4)
        assert y == pytest.approx(one.predicted[i], abs=5.1e-4)


def test_the_fit_passes_through_the_origin_with_the_slope_and_the_wedge_between_its_ends() -> None:
    figure = parity_figure([series(30)], theme="dark")
    fit = next(t for t in figure.data if t.name.endswith("fit"))
    assert fit.y[1] / fit.x[1] == pytest.approx(0.85)
    assert fit.y[0] / fit.x[0] == pytest.approx(0.85)
    wedge = next(t for t in figure.data if "interval" in t.name)
    assert sorted({round(y / x, 6) for x, y in zip(wedge.x, wedge.y, strict=True)}) == [0.83, 0.87]


def test_residuals_fall_on_slope_minus_one() -> None:
    one = series(40)
    figure = residual_figure([one], theme="light")
    fit = next(t for t in figure.data if t.name.endswith("fit"))
    assert fit.y[1] / fit.x[1] == pytest.approx(-0.15)
    drawn = np.concatenate([np.asarray(t.y) for t in points_of(figure)])
    assert sorted(drawn) == pytest.approx(sorted(one.predicted - one.reference), abs=5.1e-4)


def test_axes_are_equal_and_hold_every_point() -> None:
    one = series(50)
    layout = parity_figure([one], theme="light").layout
    assert layout.yaxis.scaleanchor == "x"
    assert layout.xaxis.range == layout.yaxis.range
    assert layout.xaxis.range[1] > np.abs(np.concatenate([one.reference, one.predicted])).max()


def test_without_interval_there_is_no_wedge_and_no_plus_minus() -> None:
    fit = ParityFit(0.9, None, None, 0.9, 0.1, 0.1)
    one = ParitySeries("emt", "EMT", np.array([1.0, 2, 3]), np.array([0.9, 1.8, 2.7]), fit)
    figure = parity_figure([one], theme="light")
    assert not any("interval" in t.name for t in figure.data)
    assert not any("±" in a.text for a in figure.layout.annotations)


@pytest.mark.parametrize("count", [1, 3])
def test_payload_stays_below_100_kb(count: int) -> None:
    names = ["chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan"][:count]
    full = [series(4_000 // 3 // count, name, ("Li", "Ge", "P", "S", "O", "Cl")) for name in names]
    assert payload(parity_figure(full, theme="light", max_points=4_000)) < 100_000
    crowded = [series(60_000, name, ("Li", "Ge", "P", "S", "O", "Cl")) for name in names]
    figure = parity_figure(crowded, theme="light", max_points=4_000)
    assert payload(figure) < 100_000
    assert sum(len(t.x) for t in points_of(figure)) <= 2_000
    assert sum(t.type == "heatmap" for t in figure.data) == count


def test_the_map_counts_every_point_once() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 5_000))
    counts, places = count_points(x, y, 4.0, 4.0, 50)
    assert counts.sum() == 5_000
    brute, _, _ = np.histogram2d(np.clip(y, -4, 3.999), np.clip(x, -4, 3.999), bins=50, range=[[-4, 4], [-4, 4]])
    assert (counts == brute).all()
    assert counts.ravel()[places].min() >= 1


def test_an_outlier_is_among_the_sparsest() -> None:
    x = np.append(np.random.default_rng(2).normal(scale=0.1, size=9_999), 3.0)
    counts, places = count_points(x, x, 4.0, 4.0, 100)
    assert 9_999 in sparsest(counts, places, 5)


def test_elements_get_their_own_legend_entries_and_colours() -> None:
    figure = parity_figure([series(30, elements=("Li", "P", "S"))], theme="light", colour_by_element=True)
    entries = [t for t in points_of(figure) if t.showlegend]
    assert [t.name for t in entries] == ["Li", "P", "S"]
    assert len({t.marker.color for t in entries}) == 3


def test_the_legend_has_one_entry_per_potential() -> None:
    figure = parity_figure([series(30), series(30, "chgnet-0.2.0")], theme="light")
    entries = [t.name for t in figure.data if t.type == "scatter" and t.mode == "markers" and t.showlegend is not False]
    assert entries == ["CHGNET-0.3.0", "CHGNET-0.2.0"]
    assert {t.name for t in points_of(figure)} >= {"CHGNET-0.3.0, Na", "CHGNET-0.3.0, Cl"}


def test_lines_are_left_out_of_downloads() -> None:
    figure = parity_figure([series(10)], theme="light")
    assert all((t.meta or {}).get("decoration") for t in figure.data if t.mode != "markers")
