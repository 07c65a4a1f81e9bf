from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.utils import PlotlyJSONEncoder

from softdash.softening import analyse_forces
from softdash.web.figures.diagnosis import (
    SOFTENING_SIDE,
    STIFFENING_SIDE,
    DiagnosisSeries,
    element_finding,
    element_slopes_figure,
    frame_finding,
    frame_slopes_figure,
    magnitude_finding,
    population_figure,
    slope_by_magnitude_figure,
)
from softdash.web.theme import INK, Theme


def series(
    potential: str = "chgnet-0.3.0", *, frames: int = 6, slopes: tuple[float, float] = (0.8, 0.95), seed: int = 3
) -> DiagnosisSeries:
    """Forces on Na and Cl with a slope of their own each, and little scatter."""
    generator = np.random.default_rng(seed)
    numbers = [np.array([11, 17] * 6)] * frames
    reference = [generator.normal(size=(12, 3)) for _ in range(frames)]
    factors = np.where(numbers[0] == 11, slopes[0], slopes[1])[:, None]
    predicted = [factors * forces + generator.normal(scale=0.01, size=forces.shape) for forces in reference]
    return DiagnosisSeries(potential, potential.upper(), analyse_forces(reference, predicted, numbers))


def data_traces(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if not (trace.meta and trace.meta.get("decoration"))]


def annotations(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_element_slopes_are_the_statistics() -> None:
    one = series()
    (trace,) = data_traces(element_slopes_figure([one], theme="light"))
    assert list(trace.y) == [item.slope for item in one.statistics.elements]
    low = [y - minus for y, minus in zip(trace.y, trace.error_y.arrayminus, strict=True)]
    assert low == pytest.approx([item.interval.low for item in one.statistics.elements if item.interval])
    assert trace.text[0].startswith("Na, n = 108")


def test_element_finding_names_the_softest_and_says_when_unsure() -> None:
    assert element_finding(series()) == "CHGNET-0.3.0: lowest slope on Na (0.80), highest on Cl (0.95)"
    assert element_finding(series(slopes=(0.9, 0.9))).endswith("but the intervals overlap")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_sides_of_one_are_named_in_readable_ink(theme: Theme) -> None:
    one = series()
    figures = (
        element_slopes_figure([one], theme=theme),
        slope_by_magnitude_figure([one], theme=theme),
        frame_slopes_figure([one], ["a"] * 6, theme=theme),
    )
    for figure in figures:
        (sides,) = annotations(figure)
        assert sides == f"↑ above 1: {STIFFENING_SIDE}<br>↓ below 1: {SOFTENING_SIDE}"
        assert any(shape.y0 == shape.y1 == 1 for shape in figure.layout.shapes)
        assert figure.layout.font.color == INK[theme].text


def test_magnitude_bins_are_shared_and_side_by_side() -> None:
    first, second = series(), series("chgnet-0.2.0", seed=5)
    traces = data_traces(slope_by_magnitude_figure([first, second], theme="light"))
    assert [trace.name for trace in traces] == ["CHGNET-0.3.0", "CHGNET-0.2.0"]
    assert list(traces[0].y) == [item.slope for item in first.statistics.magnitude_bins]
    assert traces[0].marker.symbol != traces[1].marker.symbol
    assert all(left != right for left in traces[0].x for right in traces[1].x)


def test_magnitude_finding_claims_a_difference_only_where_intervals_are_apart() -> None:
    generator = np.random.default_rng(2)
    reference = [generator.normal(scale=2.0, size=(40, 3)) for _ in range(8)]
    numbers = [np.full(40, 14)] * 8
    curved = [0.7 * x + 0.05 * x * np.abs(x) for x in reference]
    straight = [0.9 * x + generator.normal(scale=0.2, size=x.shape) for x in reference]
    assert "agree" in magnitude_finding(DiagnosisSeries("a", "A", analyse_forces(reference, straight, numbers)))
    found = magnitude_finding(DiagnosisSeries("a", "A", analyse_forces(reference, curved, numbers)))
    assert found == "A: slope 0.71 for forces below 0.2 eV/Å, 0.88 for forces above 2 eV/Å"


def test_magnitude_finding_sees_a_hump_between_the_ends() -> None:
    generator = np.random.default_rng(2)
    reference = [generator.normal(scale=2.0, size=(40, 3)) for _ in range(8)]
    humped = [np.where((np.abs(x) > 1) & (np.abs(x) < 2), 0.6, 0.9) * x for x in reference]
    humped = [y + generator.normal(scale=0.02, size=y.shape) for y in humped]
    found = magnitude_finding(DiagnosisSeries("a", "A", analyse_forces(reference, humped, [np.full(40, 14)] * 8)))
    assert "0.60 for forces of 1 to 2 eV/Å" in found


def test_frames_show_own_slope_and_that_of_all_others() -> None:
    one = series(frames=5)
    origins = [f"run.extxyz, frame {position + 1}" for position in range(5)]
    own, others = data_traces(frame_slopes_figure([one], origins, theme="light"))
    assert list(own.y) == [item.slope for item in one.statistics.frames]
    assert list(others.y) == [item.slope_of_others for item in one.statistics.frames]
    assert list(own.text) == origins
    low, high = one.statistics.leave_one_frame_out or (0.0, 0.0)
    assert (
        frame_finding(one) == f"CHGNET-0.3.0: leaving any one frame out keeps the slope within {low:.3f} and {high:.3f}"
    )


def test_many_frames_keep_their_numbers_without_a_tick_each() -> None:
    one = series(frames=40)
    figure = frame_slopes_figure([one], [str(position) for position in range(40)], theme="light")
    assert figure.layout.xaxis.ticktext is None
    assert list(data_traces(figure)[0].x) == list(range(1, 41))
    assert frame_slopes_figure([series()], list("abcdef"), theme="light").layout.xaxis.ticktext == tuple("123456")


def test_one_frame_has_no_spread() -> None:
    assert "spread between frames is unknown" in frame_finding(series(frames=1))


def test_population_counts_every_material_and_marks_this_one() -> None:
    one = series()
    slopes = np.concatenate([np.random.default_rng(1).normal(0.9, 0.05, 500), [-3.0, 9.0]])
    figure = population_figure(one, slopes, "a set", theme="light")
    (bars,) = data_traces(figure)
    assert sum(bars.y) == 502
    assert f"<b>this material {one.statistics.slope:.3f}</b>" in annotations(figure)
    low, high = figure.layout.xaxis.range
    assert low < one.statistics.slope < high
    assert low < 1 < high
    assert high < 2, "two outliers must not squeeze the distribution"


def test_payloads_are_small() -> None:
    many = [series(frames=300), series("chgnet-0.2.0", frames=300), series("chgnet-r2scan", frames=300)]
    figure = frame_slopes_figure(
        many, [f"a-rather-long-file-name.extxyz, frame {i}" for i in range(300)], theme="light"
    )
    assert len(json.dumps(figure.to_dict(), cls=PlotlyJSONEncoder)) < 250_000
