"""A factor between units is proposed where no material of the benchmarks has such a slope, and nowhere else."""

from __future__ import annotations

import pandas as pd
import pytest

from softdash.diagnosis.plausibility.evidence import Agreement
from softdash.diagnosis.plausibility.units import (
    HIGH_R_SQUARED,
    SLOPE_SEEN_HIGH,
    SLOPE_SEEN_LOW,
    SLOPE_USUAL_HIGH,
    SLOPE_USUAL_LOW,
    doubt_about_unit,
)
from softdash.settings import Settings
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM
from softdash.structures.frames.read_options import ReadOptions


@pytest.fixture(scope="module")
def benchmark_rows() -> pd.DataFrame:
    return pd.read_csv(Settings().precomputed_dir / "high_energy" / "materials.csv")


def test_no_factor_is_suspected_where_benchmark_materials_lie(benchmark_rows: pd.DataFrame) -> None:
    inside = benchmark_rows[benchmark_rows.slope.between(SLOPE_SEEN_LOW, SLOPE_SEEN_HIGH)]
    assert len(inside) > 5000
    found = [
        doubt_about_unit(Agreement(slope, r_squared), unit="assumed", factor_is_chosen=False)
        for slope, r_squared in zip(inside.slope, inside.r_squared, strict=True)
    ]
    assert not any(found)


def test_limits_are_those_of_the_benchmarks(benchmark_rows: pd.DataFrame) -> None:
    rows = benchmark_rows[(benchmark_rows.r_squared >= HIGH_R_SQUARED) & (benchmark_rows.slope > 0)]
    assert (rows.slope < SLOPE_SEEN_LOW).mean() < 0.002
    assert (rows.slope > SLOPE_SEEN_HIGH).mean() < 0.01
    assert rows.slope.between(SLOPE_USUAL_LOW, SLOPE_USUAL_HIGH).mean() > 0.97


@pytest.mark.parametrize("unit", ["Ry/bohr", "Ha/bohr", "meV/Å", "kcal/mol/Å", "eV/nm", "mRy/bohr", "kJ/mol/Å"])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_forgotten_conversion_is_proposed(unit: str, sign: float) -> None:
    slope = sign * 0.87 * IN_EV_PER_ANGSTROM[unit]
    doubt = doubt_about_unit(Agreement(slope, sign * 0.97), unit="assumed", factor_is_chosen=False)
    assert doubt is not None
    assert doubt.code == "unit"
    options = [ReadOptions.model_validate(proposal.options) for proposal in doubt.proposals]
    assert unit in [one.force_unit for one in options]
    right = doubt.proposals[[one.force_unit for one in options].index(unit)]
    assert right.slope == pytest.approx(0.87)
    assert options[0].force_factor * sign > 0


@pytest.mark.parametrize("factor", [1 / IN_EV_PER_ANGSTROM["Ha/bohr"], 1 / IN_EV_PER_ANGSTROM["Ry/bohr"]])
def test_second_conversion_is_undone(factor: float) -> None:
    doubt = doubt_about_unit(Agreement(0.87 * factor, 0.97), unit="assumed", factor_is_chosen=False)
    assert doubt is not None
    assert any(
        proposal.options.get("force_factor") == pytest.approx(factor) and proposal.slope == pytest.approx(0.87)
        for proposal in doubt.proposals
    )


def test_rydberg_taken_for_hartree_is_proposed_from_a_high_r_squared_on() -> None:
    for r_squared, expected in ((0.97, True), (0.9, False)):
        doubt = doubt_about_unit(Agreement(1.74, r_squared), unit="assumed", factor_is_chosen=False)
        assert (doubt is not None) is expected
    assert doubt_about_unit(Agreement(1.74, 0.97), unit="stated", factor_is_chosen=False) is None


def test_stated_unit_is_doubted_only_for_a_factor_that_no_potential_explains() -> None:
    doubt = doubt_about_unit(Agreement(44.8, 0.97), unit="stated", factor_is_chosen=False)
    assert doubt is not None
    # The file's word stands; a factor beside it is what can be chosen.
    assert all(set(proposal.options) == {"force_factor"} for proposal in doubt.proposals)
    assert doubt_about_unit(Agreement(44.8, 0.97), unit="chosen", factor_is_chosen=True) is None


def test_opposite_sign_means_gradients() -> None:
    doubt = doubt_about_unit(Agreement(-0.87, -0.97), unit="stated", factor_is_chosen=False)
    assert doubt is not None
    assert doubt.code == "gradients"
    assert doubt.proposals[0].options == {"force_factor": -1.0}
    assert doubt_about_unit(Agreement(-0.87, -0.5), unit="stated", factor_is_chosen=False) is None


def test_factor_that_no_unit_explains() -> None:
    doubt = doubt_about_unit(Agreement(3.56, 0.99), unit="assumed", factor_is_chosen=False)
    assert doubt is not None
    assert (doubt.code, doubt.proposals) == ("unit", ())
    assert doubt_about_unit(Agreement(3.56, 0.99), unit="stated", factor_is_chosen=False) is None
    assert doubt_about_unit(Agreement(3.56, 0.85), unit="assumed", factor_is_chosen=False) is None
