"""Phonon figures: path breaks, imaginary modes, histogram bars, violins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from softdash.catalog import PathSegment, PhononBands, PhononCurve
from softdash.softening import summarise_population
from softdash.web.figures.frequency_ratios import Bar, RatioSeries, bar_at, parse_bar, ratio_histogram, ratio_violins
from softdash.web.pages.phonons.bands import axis_ticks, bands_figure, branches, has_imaginary_modes

PATH = (
    PathSegment(start="GAMMA", end="X", distances=(0.0, 0.5, 1.0)),
    PathSegment(start="X", end="U", distances=(1.0, 1.2)),
    PathSegment(start="K", end="S_0", distances=(1.2, 1.6)),
)


def _curve(potential: str, scale: float, lowest: float = 0.0) -> PhononCurve:
    rows = tuple(tuple((lowest, scale * (1 + d), scale * (2 + d)) for d in segment.distances) for segment in PATH)
    return PhononCurve(
        potential=potential,
        method="dft" if potential == "dft" else "relaxed",
        frequencies=rows,
        dos_frequencies=(0.0, 1.0, 2.0),
        dos=(0.0, 1.0, 0.0),
        max_frequency=scale * 3.6,
        min_frequency=lowest,
    )


@pytest.fixture
def bands() -> PhononBands:
    return PhononBands(
        material_id="mp-1",
        formula="X",
        atom_count=1,
        supercell=(2, 0, 0, 0, 2, 0, 0, 0, 2),
        q_mesh=(8, 8, 8),
        path=PATH,
        curves=(_curve("dft", 1.0), _curve("chgnet-0.3.0", 0.8)),
    )


@pytest.fixture
def series() -> list[RatioSeries]:
    generator = np.random.default_rng(1)
    made = []
    for key, potential in (("m3gnet", "m3gnet-mp-2021.2.8"), ("chgnet", "chgnet-0.3.0")):
        ratios = np.append(generator.normal(0.9, 0.08, 98), [1.0, 0.95])
        names = [f"mp-{i}" for i in range(100)]
        made.append(RatioSeries(key, potential, key, ratios, summarise_population(ratios), names, names))
    return made


def _bars(figure: go.Figure) -> list[go.Bar]:
    return [trace for trace in figure.data if trace.type == "bar"]


def test_a_break_of_the_path_is_one_tick_with_both_labels() -> None:
    places, labels = axis_ticks(PATH)
    assert places == [0.0, 1.0, 1.2, 1.6]
    assert labels == ["Γ", "X", "U|K", "S<sub>0</sub>"]


def test_branches_end_at_breaks() -> None:
    assert [(branch.label, branch.first, branch.stop) for branch in branches(PATH)] == [
        ("Γ–X–U", 0, 2),
        ("K–S_0", 2, 3),
    ]


def test_no_line_crosses_a_break(bands: PhononBands) -> None:
    figure = bands_figure(bands, bands.curves, labels={}, theme="light")
    line = next(trace for trace in figure.data if trace.xaxis == "x")
    x, y = np.asarray(line.x, dtype=float), np.asarray(line.y, dtype=float)
    pieces = np.split(np.arange(len(x)), np.flatnonzero(np.isnan(y)))
    lengths = [len(piece[~np.isnan(y[piece])]) for piece in pieces]
    assert lengths == [5] * 3 + [2] * 3 + [0]
    for piece in pieces:
        steps = np.diff(x[piece][~np.isnan(y[piece])])
        assert (steps >= 0).all()


def test_dft_is_solid_and_potentials_are_dashed(bands: PhononBands) -> None:
    figure = bands_figure(bands, bands.curves, labels={"dft": "DFT", "chgnet-0.3.0": "CHGNet"}, theme="dark")
    styles = {trace.name: trace.line.dash for trace in figure.data}
    assert styles == {"DFT": "solid", "CHGNet": "dash"}
    assert figure.layout.yaxis.matches == "y2" or figure.layout.yaxis2.matches == "y"


def test_one_branch_shows_its_part_only(bands: PhononBands) -> None:
    figure = bands_figure(bands, bands.curves, labels={}, theme="light", branch=branches(PATH)[1])
    line = next(trace for trace in figure.data if trace.xaxis == "x")
    assert np.nanmin(line.x) == pytest.approx(1.2)
    assert list(figure.layout.xaxis.ticktext) == ["K", "S<sub>0</sub>"]


@pytest.mark.parametrize(("lowest", "is_marked"), [(0.0, False), (-0.02, False), (-1.5, True)])
def test_imaginary_modes_are_named_and_noise_at_gamma_is_not(
    bands: PhononBands, lowest: float, is_marked: bool
) -> None:
    curve = _curve("chgnet-0.2.0", 0.8, lowest)
    assert has_imaginary_modes(curve) is is_marked
    figure = bands_figure(bands, [bands.curves[0], curve], labels={}, theme="light")
    assert any("imaginary" in (note.text or "") for note in figure.layout.annotations) is is_marked


def test_bars_count_every_crystal_once_and_split_at_one(series: list[RatioSeries]) -> None:
    for trace, one in zip(_bars(ratio_histogram(series, theme="light")), series, strict=True):
        assert sum(trace.y) == len(one.ratios)
        below = sum(count for place, count in zip(trace.x, trace.y, strict=True) if place < 1)
        assert below == np.count_nonzero(one.ratios < 1)


def test_a_bar_lists_exactly_the_crystals_it_counts(series: list[RatioSeries]) -> None:
    for trace, one in zip(_bars(ratio_histogram(series, theme="light")), series, strict=True):
        for text, count in zip(trace.customdata, trace.y, strict=True):
            bar = parse_bar(text, ["m3gnet", "chgnet"])
            assert bar is not None
            assert np.count_nonzero(bar.holds(one.ratios)) == count


def test_the_chosen_bar_stands_out(series: list[RatioSeries]) -> None:
    chosen = bar_at("chgnet", 0.9)
    bars = _bars(ratio_histogram(series, theme="dark", chosen=chosen))
    assert [o for trace in bars for o in trace.marker.opacity].count(1.0) == 1


def test_every_crystal_is_a_dot_below_its_bar(series: list[RatioSeries]) -> None:
    figure = ratio_histogram(series, theme="light", material="mp-7")
    dots = [trace for trace in figure.data if trace.type == "scatter"]
    assert len(dots) == len(series)
    for trace, one in zip(dots, series, strict=True):
        np.testing.assert_allclose(trace.x, one.ratios, atol=5e-5)
        assert list(trace.customdata) == list(one.material_ids)
        assert max(trace.y) < 0
        assert [i for i, size in enumerate(trace.marker.size) if size == max(trace.marker.size)] == [7]
    for axis in (figure.layout.yaxis, figure.layout.yaxis2):
        assert axis.range[0] < min(min(trace.y) for trace in dots)
        assert min(axis.tickvals) == 0


@pytest.mark.parametrize("ratio", [0.5, 0.85, 0.95, 0.999, 1.0, 1.05, 0.1 + 0.2])
def test_a_ratio_lies_in_its_own_bar(ratio: float) -> None:
    assert bar_at("mace", ratio).holds(np.array([ratio])).all()
    assert parse_bar(bar_at("mace", ratio).as_text(), ["mace"]) == bar_at("mace", ratio)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "mace",
        "mace:",
        "mace:1",
        "mace:b-c",
        "mace:0.9-0.8",
        "emt:0.8-0.9",
        "mace:nan-1",
        "mace:0-inf",
        "mp-1265",
    ],
)
def test_other_texts_name_no_bar(text: str | None) -> None:
    assert parse_bar(text, ["mace"]) is None


def test_violins_state_the_share_on_each_side(series: list[RatioSeries]) -> None:
    figure = ratio_violins(series, theme="light", chosen="mp-7")
    texts = [note.text for note in figure.layout.annotations]
    for trace, one in zip(figure.data, series, strict=True):
        assert f"{100 * one.summary.share_below_one:.1f} %" in texts
        assert list(trace.selectedpoints) == [7]
        assert len(trace.y) == 100
    assert sum("softening" in text or "stiffening" in text for text in texts) == 2


def test_bar_text_is_stable() -> None:
    assert Bar("chgnet", 0.85, 0.9).as_text() == "chgnet:0.85-0.90"


def test_more_violins_than_have_room_name_their_share_below(series: list[RatioSeries]) -> None:
    many = [replace(one, key=f"{one.key}{i}", label=f"{one.label} variant-{i}") for i in range(2) for one in series]
    figure = ratio_violins(many, theme="light")
    assert not any("%" in note.text for note in figure.layout.annotations)
    for trace, one in zip(figure.data, many, strict=True):
        assert f"{100 * one.summary.share_below_one:.0f} %" in trace.name
        assert max(len(line) for line in trace.name.split("<br>")) <= len("<b>100 %</b>")
