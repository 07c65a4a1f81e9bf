"""The energies that softdash ships: slopes of one kind of hosts, what does not count, convergence of the reference."""

from __future__ import annotations

import pandas as pd
import pytest

from softdash.benchmarks.energies.convergence import reference_grids
from softdash.benchmarks.energies.reference_structures import reference_results
from softdash.catalog import Catalog, schemas
from softdash.catalog.energy_schemas import ENERGY_CONVERGENCE
from softdash.settings import Settings
from softdash.web.parts.energies.series import computed_series

TABLES = (
    schemas.SURFACE_ENERGIES,
    schemas.DEFECT_ENERGIES,
    schemas.SOLID_SOLUTION_ENERGIES,
    schemas.MIGRATION_ENERGIES,
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


@pytest.mark.parametrize(("potential", "slope"), [("chgnet-0.3.0", 0.466), ("m3gnet-mp-2021.2.8", 0.518)])
def test_metallic_defects_have_a_slope_of_their_own(catalog: Catalog, potential: str, slope: float) -> None:
    series = computed_series(catalog.table(schemas.DEFECT_ENERGIES), [potential], geometry="relaxed")
    by_part = {one.part: one.comparison for one in series}
    assert by_part["metals"].count == 7
    assert by_part["metals"].slope == pytest.approx(slope, abs=0.001)
    assert by_part["metals"].largest_leverage < 0.4
    assert by_part["ionic crystals"].count == (2 if potential.startswith("chgnet") else 3)


def test_only_labels_with_the_oxide_correction_lose_the_oxygen_vacancy(catalog: Catalog) -> None:
    table = catalog.table(schemas.DEFECT_ENERGIES)
    left = table[table["excluded"].notna()]
    assert set(left["case_id"]) == {"MgO-V_O"}
    assert set(left["method"]) == {"chgnet-0.2.0", "chgnet-0.3.0"}


def test_barriers_within_their_error_or_unfinished_do_not_count(catalog: Catalog) -> None:
    table = catalog.table(schemas.MIGRATION_ENERGIES)
    barriers = table[table["kind"] == "barrier"]
    assert set(barriers.loc[barriers["excluded"].notna(), "case_id"]) == {"Li-Li-barrier", "MnP2O7-Zn-barrier"}
    # A case that does not count for DFT counts for no potential.
    assert barriers.groupby("case_id")["excluded"].agg(lambda reasons: reasons.notna().nunique()).eq(1).all()


@pytest.mark.parametrize("path", TABLES)
def test_each_value_has_unit_and_kind_of_host(catalog: Catalog, path: str) -> None:
    table = catalog.table(path)
    unit = next(column.unit for column in schemas.CSV_TABLES[path].columns if column.name == "value")
    assert set(table["unit"]) == {unit}
    assert table["material_class"].notna().all()


def test_each_metal_surface_carries_the_error_of_aluminium(catalog: Catalog) -> None:
    table = catalog.table(schemas.SURFACE_ENERGIES)
    metals = table[(table["method"] == schemas.METHOD_DFT) & (table["material_class"] == "metal")]
    assert len(metals) == 6
    assert (metals["reference_error"] / metals["value"]).between(0.05, 0.055).all()


def test_convergence_starts_at_the_shipped_settings(catalog: Catalog) -> None:
    table = catalog.table(ENERGY_CONVERGENCE)
    basis = table[table["setting"] == "as the reference"].set_index("case_id")
    assert set(basis.index) == {"Al-111", "CaMgO-0.500-1", "MgO-100"}
    subjects = {"Al-111": "slab-Al-111", "CaMgO-0.500-1": "ordering-CaMgO-0.500-1", "MgO-100": "slab-MgO-100"}
    grids = reference_grids(list(subjects.values()), reference_results(Settings()))
    shipped = pd.concat([catalog.table(schemas.SURFACE_ENERGIES), catalog.table(schemas.SOLID_SOLUTION_ENERGIES)])
    shipped = shipped[shipped["method"] == schemas.METHOD_DFT].set_index("case_id")["value"]
    for case, step in subjects.items():
        assert f"k-points {'x'.join(map(str, grids[step]))}," in basis.loc[case, "details"]
        assert basis.loc[case, "value"] == pytest.approx(shipped[case], rel=1e-4)
        others = table[(table["case_id"] == case) & (table["setting"] != "as the reference")]
        assert len(others) == 2
        assert not others["details"].eq(basis.loc[case, "details"]).any()
