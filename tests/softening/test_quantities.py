"""The one list of statistics: keys are fields, and docstrings and columns follow it."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from softdash.api.written_docs import split_docstring, written_docstring
from softdash.catalog.schemas import HIGH_ENERGY_MATERIALS
from softdash.softening import analyse_forces, quantities, statistics
from softdash.softening.quantities import QUANTITIES
from softdash.softening.statistics import SofteningStatistics

RESULTS = [
    statistics.Interval,
    statistics.Leverage,
    statistics.ElementSlope,
    statistics.MagnitudeBin,
    statistics.FrameSlope,
    statistics.LabelsNeeded,
    statistics.SofteningStatistics,
    statistics.PopulationSummary,
]


@pytest.fixture
def found(make_material) -> SofteningStatistics:
    material = make_material(frames=5)
    return analyse_forces(material.reference, material.predicted, material.numbers)


def test_no_name_stands_for_two_quantities() -> None:
    for name in ("key", "label", "symbol"):
        assert len({getattr(one, name) for one in QUANTITIES}) == len(QUANTITIES)
    assert {one.key for one in QUANTITIES} <= {field.name for field in fields(SofteningStatistics)}


def test_values_are_those_of_the_fields(found: SofteningStatistics) -> None:
    for one in QUANTITIES:
        kept = found.largest_leverage.share if one.key == "largest_leverage" else getattr(found, one.key)
        assert one.value(found) == kept, one.key
        assert one.shown(found) == (100 * kept if one.unit == "%" else kept), one.key


def test_numbers_as_they_are_shown(found: SofteningStatistics) -> None:
    interval = statistics.Interval(0.7754, 0.8262, 0.95, "jackknife by frame")
    known = replace(
        found, slope=0.80067, slope_interval=interval, mae=0.05529, softening_share=0.884, scatter_share=0.116
    )
    assert quantities.SLOPE.text_with_interval(known) == "0.801 ± 0.025"
    assert quantities.SLOPE.written_ends(interval) == "0.775 to 0.826"
    assert quantities.MAE.text(known) == "0.0553"
    assert quantities.SOFTENING_SHARE.text(known) == "88"
    assert quantities.COMPONENT_COUNT.written(10_240) == "10,240"
    assert quantities.LINEAR_CORRECTION.written(-1.2345) == "−1.234"
    assert quantities.SLOPE.text_with_interval(replace(known, slope_interval=None)) == "0.801"
    assert quantities.MAE.written(None) == "–"


def test_narrow_tables_have_a_cell_below_each_head(found: SofteningStatistics) -> None:
    heads = quantities.headline_columns()
    assert heads[:2] == ["s", "interval"]
    assert {"MAE eV/Å", "cMAE eV/Å", "softening %"} <= set(heads)
    assert len(quantities.headline_cells(found)) == len(quantities.headline_cells(None)) == len(heads)


@pytest.mark.parametrize("kind", RESULTS)
def test_every_field_of_a_result_is_described(kind: type) -> None:
    described = split_docstring(written_docstring(kind))[1]
    named = {field.name for field in fields(kind)}
    assert set(described) <= named
    plain = {"frame", "atom", "axis", "atomic_number", "material_count"}  # whose names say all
    assert named - set(described) <= plain


def test_the_docstring_of_the_statistics_says_what_the_list_says() -> None:
    described = split_docstring(written_docstring(SofteningStatistics))[1]
    for one in QUANTITIES:
        assert described[one.key] == one.description


def test_columns_of_the_table_of_materials_are_in_the_unit_that_reports_keep() -> None:
    columns = {column.name: column for column in HIGH_ENERGY_MATERIALS.columns}
    shared = [one for one in QUANTITIES if one.key in columns]
    assert len(shared) >= 16
    for one in shared:
        assert one.definition in columns[one.key].description
        assert columns[one.key].unit == ("" if one.unit == "%" else one.unit)
