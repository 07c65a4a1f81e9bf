"""Figures of the page that compares potentials, without a server."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softdash.web.pages.compare.error_halves import ErrorRow, error_halves_figure, height_of, shown_end
from softdash.web.pages.compare.slope_pairs import beyond_count, shown_span, slope_pairs_figure


def row(errors: np.ndarray, corrected: np.ndarray, potential: str = "chgnet-0.3.0") -> ErrorRow:
    def quartiles(values: np.ndarray) -> tuple[float, float, float]:
        low, middle, high = (float(one) for one in np.quantile(values, (0.25, 0.5, 0.75)))
        return low, middle, high

    return ErrorRow(potential, potential, len(errors), quartiles(errors), quartiles(corrected), errors, corrected)


@pytest.fixture
def errors() -> np.ndarray:
    return np.random.default_rng(2).gamma(6, 0.04, 400)


def areas_of(figure, count: int) -> list[float]:  # type: ignore[no-untyped-def]
    filled = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(filled) == count
    return [
        float(np.sum(np.diff(trace.x) * (np.abs(np.asarray(trace.y[1:]) + np.asarray(trace.y[:-1]))) / 2))
        for trace in filled
    ]


def test_halves_have_equal_areas_where_all_materials_are_inside(errors: np.ndarray) -> None:
    above, below = areas_of(error_halves_figure([row(errors, 0.7 * errors)], theme="light"), 2)
    assert above == pytest.approx(below, rel=0.1)


def test_materials_beyond_the_axis_shrink_their_half(errors: np.ndarray) -> None:
    """A cMAE of hundreds of eV/Å, from a slope near zero, neither moves the axis nor piles up at its end."""
    wild = errors.copy()
    wild[:80] = 500.0
    rows = [row(errors, wild)]
    assert shown_end(rows) < 1
    above, below = areas_of(error_halves_figure(rows, theme="dark"), 2)
    assert below == pytest.approx(0.8 * above, rel=0.1)
    half = next(trace for trace in error_halves_figure(rows, theme="dark").data if trace.fill == "toself")
    assert max(half.x) <= shown_end(rows)


def test_quartile_lines_end_on_the_curve(errors: np.ndarray) -> None:
    figure = error_halves_figure([row(errors, 0.8 * errors)], theme="light")
    curve = next(trace for trace in figure.data if trace.fill == "toself")
    lines = [trace for trace in figure.data if trace.name == "quartile"][:3]
    assert [line.x[0] for line in lines] == pytest.approx(np.quantile(errors, (0.25, 0.5, 0.75)), abs=1e-4)
    for line in lines:
        assert line.y[1] == pytest.approx(np.interp(line.x[1], curve.x[1:-1], curve.y[1:-1]), abs=2e-3)


def test_published_rows_are_boxes_of_their_quartiles_in_both_forms(errors: np.ndarray) -> None:
    published = ErrorRow("mace-mp-0-medium", "MACE, WBM", 1000, (0.138, 0.187, 0.26), (0.109, 0.152, 0.225))
    for form in ("violin", "box"):
        figure = error_halves_figure([row(errors, errors), published], theme="light", form=form)  # type: ignore[arg-type]
        boxes = [trace for trace in figure.data if trace.type == "box" and trace.name.startswith("MACE")]
        assert [(box.q1[0], box.median[0], box.q3[0]) for box in boxes] == [(0.138, 0.187, 0.26), (0.109, 0.152, 0.225)]
        assert "published" in figure.layout.yaxis.ticktext[1]
    assert height_of([published]) < height_of([published] * 3)
    assert error_halves_figure([], theme="light").data == ()


def pairs(x: list[float], y: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "material_id": [f"m{place}" for place in range(len(x))],
            "formula": "NaCl",
            "slope_x": x,
            "slope_y": y,
            "half_width_x": 0.01,
            "half_width_y": [None] * (len(x) - 1) + [0.02],
        }
    )


def test_outliers_do_not_stretch_the_axes() -> None:
    table = pairs([0.82, 0.9, 1.02, 0.95], [0.7, 0.95, 25.0, -3.0])
    assert shown_span(table) == (0.0, 2.0)
    assert beyond_count(table) == 2
    tight = pairs([0.91, 0.95], [0.93, 0.96])
    low, high = shown_span(tight)
    assert low < 0.91 < 1.0 < high <= 1.2
    assert beyond_count(tight) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_points_know_their_material_and_the_axes_are_alike(theme: str) -> None:
    table = pairs([0.82, 0.9, 1.02], [0.7, 0.95, 1.1])
    figure = slope_pairs_figure(table, x_label="CHGNet", y_label="M3GNet", theme=theme)  # type: ignore[arg-type]
    (points,) = (trace for trace in figure.data if trace.mode == "markers")
    assert [data[0] for data in points.customdata] == ["m0", "m1", "m2"]
    assert "CHGNet: 0.820 ± 0.010" in points.hovertext[0]
    assert points.hovertext[0].endswith("M3GNet: 0.700")
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert figure.layout.yaxis.scaleanchor == "x"
    assert {(line.x0, line.y0) for line in figure.layout.shapes} == {(1.0, 0), (0, 1.0)}
