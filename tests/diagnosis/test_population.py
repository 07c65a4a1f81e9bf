"""The place among benchmark compounds: like with like, all and those that share an element."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from softdash.catalog import Catalog
from softdash.diagnosis.population import (
    FEWEST_COMPOUNDS,
    LIKE_FORCES,
    compare_with_populations,
    compared_slopes,
    mean_pressure,
)
from softdash.diagnosis.records import PopulationComparison
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.softening import analyse_forces, three_digits
from softdash.softening.statistics import Notice, SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrame

CHGNET = card("chgnet-0.3.0")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


@pytest.fixture
def statistics() -> SofteningStatistics:
    """Four frames of a slope of 0.9, at the median rms force of the benchmark."""
    generator = np.random.default_rng(0)
    x = [generator.normal(scale=1.8, size=(8, 3)) for _ in range(4)]
    y = [0.9 * one + generator.normal(scale=0.01, size=one.shape) for one in x]
    return replace(analyse_forces(x, y, [np.full(8, 11)] * 4), slope=0.9)


def compare(
    catalog: Catalog, statistics: SofteningStatistics, pressure: float | None = None
) -> dict[str | None, PopulationComparison]:
    found = compare_with_populations(catalog, CHGNET, statistics, ["O", "Cu", "He"], pressure)
    return {one.element: one for one in found}


def test_compounds_at_like_forces_come_first_then_those_with_each_element(
    catalog: Catalog, statistics: SofteningStatistics
) -> None:
    rows = catalog.materials("mpf-TP", CHGNET.name)
    rms = statistics.reference_rms
    like = rows[(rows["reference_rms"] >= rms / LIKE_FORCES) & (rows["reference_rms"] <= rms * LIKE_FORCES)]
    assert FEWEST_COMPOUNDS <= len(like) < len(rows)
    found = compare(catalog, statistics)
    assert next(iter(found)) is None
    assert found[None].material_count == len(like)
    assert found[None].softer_than == int((like["slope"] > 0.9).sum())
    with_oxygen = like[[("O" in text.split()) for text in like["elements"]]]["slope"]
    oxygen = found["O"]
    assert (oxygen.material_count, oxygen.softer_than) == (len(with_oxygen), int((with_oxygen > 0.9).sum()))
    assert oxygen.median == pytest.approx(with_oxygen.median(), rel=1e-12)
    assert oxygen.median is not None
    assert oxygen.quartile_low is not None
    assert oxygen.quartile_high is not None
    assert oxygen.quartile_low < oxygen.median < oxygen.quartile_high
    assert oxygen.softer_share_interval is not None
    share = oxygen.softer_than / oxygen.material_count
    assert oxygen.softer_share_interval.low < share < oxygen.softer_share_interval.high


def test_a_known_pressure_narrows_the_comparison(catalog: Catalog, statistics: SofteningStatistics) -> None:
    rows = catalog.materials("mpf-TP", CHGNET.name)
    everywhere, at_rest = compare(catalog, statistics)[None], compare(catalog, statistics, 0.0)[None]
    squeezed = compare(catalog, statistics, 100.0)[None]
    assert everywhere.pressure_range is None
    assert at_rest.pressure_range == (-10.0, 10.0)
    assert squeezed.pressure_range == (50.0, 150.0)
    assert at_rest.material_count < everywhere.material_count
    chosen = compared_slopes(catalog, CHGNET.name, at_rest)
    assert len(chosen) == at_rest.material_count
    assert np.median(chosen) == pytest.approx(at_rest.median)
    inside = rows[rows["pressure_gpa"].between(-10, 10)]
    assert set(chosen) <= set(inside["slope"])
    assert f"{at_rest.material_count}" in at_rest.sentence
    assert "10.0 GPa" in at_rest.sentence


def test_a_large_pressure_offset_leaves_pressure_out(catalog: Catalog, statistics: SofteningStatistics) -> None:
    def compared(offset: float) -> PopulationComparison:
        return compare_with_populations(catalog, CHGNET, statistics, (), -8.0, pressure_offset_gpa=offset)[0]

    assert compared(1.5) == compare(catalog, statistics, -8.0)[None]
    everywhere = compare(catalog, statistics)[None]
    for offset in (15.4, 3.83, -3.83):
        found = compared(offset)
        assert found.pressure_range is None
        assert found.pressure_offset_gpa == offset
        assert (found.material_count, found.softer_than) == (everywhere.material_count, everywhere.softer_than)
        assert three_digits(offset) in found.sentence
        assert "like pressure" not in found.sentence


@pytest.mark.parametrize("code", ["functional_mismatch", "hubbard_u_unknown", "element_outside_training_set"])
def test_a_slope_that_is_not_softening_alone_is_not_compared(
    catalog: Catalog, statistics: SofteningStatistics, code: str
) -> None:
    assert compare_with_populations(catalog, CHGNET, statistics, ["O"], notices=(Notice(code, "Part of it."),)) == ()
    assert compare_with_populations(catalog, CHGNET, statistics, ["O"], notices=(Notice("few_frames", "Few."),))


def test_few_comparable_compounds_are_said_to_be_too_few(catalog: Catalog, statistics: SofteningStatistics) -> None:
    for pressure in (400.0, 5_000.0):
        found = compare(catalog, statistics, pressure)
        assert list(found) == [None]
        assert found[None].material_count < FEWEST_COMPOUNDS
        assert not found[None].is_enough
        assert "too few" in found[None].sentence
        assert "%" not in found[None].sentence


def test_elements_of_few_compounds_are_left_out(catalog: Catalog, statistics: SofteningStatistics) -> None:
    assert "He" not in compare(catalog, statistics)
    assert all(one.material_count >= FEWEST_COMPOUNDS for one in compare(catalog, statistics).values())


def test_a_slope_that_concludes_nothing_is_not_compared(catalog: Catalog, statistics: SofteningStatistics) -> None:
    assert compare(catalog, replace(statistics, slope_interval=None)) == {}
    assert compare(catalog, replace(statistics, r_squared=0.3)) == {}


def test_without_tables_there_is_no_comparison(tmp_path: Path, statistics: SofteningStatistics) -> None:
    assert compare_with_populations(Catalog(tmp_path), CHGNET, statistics, ["O"]) == ()


def test_the_pressure_is_minus_the_mean_normal_stress() -> None:
    atoms, forces = Atoms("Na", cell=[4, 4, 4], pbc=True), np.zeros((1, 3))
    stress = np.diag([-0.1, -0.2, -0.3])
    frames = [LabelledFrame(atoms, forces, "a", None, stress), LabelledFrame(atoms, forces, "b")]
    assert mean_pressure(frames) == pytest.approx(0.2 * 160.21766208)
    assert mean_pressure(frames[1:]) is None
