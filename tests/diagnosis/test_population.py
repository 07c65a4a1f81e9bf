"""The place among benchmark compounds: all, and those that share an element."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from softdash.catalog import Catalog
from softdash.diagnosis.population import FEWEST_COMPOUNDS, compare_with_populations
from softdash.diagnosis.records import PopulationComparison
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.softening import analyse_forces
from softdash.softening.statistics import SofteningStatistics

CHGNET = card("chgnet-0.3.0")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


@pytest.fixture
def statistics() -> SofteningStatistics:
    x = np.random.default_rng(0).normal(size=(8, 3))
    return replace(analyse_forces([x], [0.9 * x], [np.full(8, 11)]), slope=0.9)


def compare(catalog: Catalog, statistics: SofteningStatistics) -> dict[str | None, PopulationComparison]:
    return {one.element: one for one in compare_with_populations(catalog, CHGNET, statistics, ["O", "Cu", "He"])}


def test_all_compounds_come_first_then_those_with_each_element(
    catalog: Catalog, statistics: SofteningStatistics
) -> None:
    rows = catalog.materials("mpf-TP", CHGNET.name)
    found = compare(catalog, statistics)
    assert next(iter(found)) is None
    assert found[None].material_count == len(rows)
    assert found[None].softer_than == int((rows["slope"] > 0.9).sum())
    with_oxygen = rows[[("O" in text.split()) for text in rows["elements"]]]["slope"]
    oxygen = found["O"]
    assert (oxygen.material_count, oxygen.softer_than) == (len(with_oxygen), int((with_oxygen > 0.9).sum()))
    assert oxygen.median == pytest.approx(with_oxygen.median(), rel=1e-12)
    assert oxygen.quartile_low is not None
    assert oxygen.quartile_high is not None
    assert oxygen.quartile_low < oxygen.median < oxygen.quartile_high
    assert oxygen.softer_share_interval is not None
    share = oxygen.softer_than / oxygen.material_count
    assert oxygen.softer_share_interval.low < share < oxygen.softer_share_interval.high
    assert "compounds with O" in oxygen.sentence


def test_an_element_of_too_few_compounds_is_left_out(catalog: Catalog, statistics: SofteningStatistics) -> None:
    assert "He" not in compare(catalog, statistics)
    assert all(one.material_count >= FEWEST_COMPOUNDS for one in compare(catalog, statistics).values())


def test_elements_whose_symbols_begin_alike_are_not_mixed_up(catalog: Catalog, statistics: SofteningStatistics) -> None:
    """C is not Cu, Ca or Cl."""
    rows = catalog.materials("mpf-TP", CHGNET.name)
    found = {one.element: one for one in compare_with_populations(catalog, CHGNET, statistics, ["C"])}
    expected = sum("C" in text.split() for text in rows["elements"])
    assert (found["C"].material_count if "C" in found else 0) == (expected if expected >= FEWEST_COMPOUNDS else 0)


def test_without_tables_there_is_no_comparison(tmp_path: Path, statistics: SofteningStatistics) -> None:
    assert compare_with_populations(Catalog(tmp_path), CHGNET, statistics, ["O"]) == ()
