"""The phonons that softdash ships, against the paper."""

from __future__ import annotations

import numpy as np
import pytest

from softdash.catalog import Catalog
from softdash.catalog.phonon_bands import PhononBands
from softdash.catalog.schemas import PHONON_FAILURES
from softdash.settings import Settings


def test_shipped_caesium_fluoride_is_that_of_the_paper() -> None:
    """Fig. 4a: the maximum is 6.65 THz by DFT, 5.41 THz by CHGNet 0.3.0 and 4.88 THz by M3GNet."""
    bands: PhononBands = Catalog(Settings().precomputed_dir).phonon_bands("mp-1784")
    assert bands.formula == "CsF"
    assert bands.curve("dft", "dft").max_frequency == pytest.approx(6.65, abs=0.02)
    assert bands.curve("chgnet-0.3.0", "relaxed").max_frequency == pytest.approx(5.41, abs=0.05)
    assert bands.curve("m3gnet-mp-2021.2.8", "relaxed").max_frequency == pytest.approx(4.88, abs=0.02)


def test_sixty_of_the_papers_crystals_have_all_four_potentials_at_both_geometries() -> None:
    catalog = Catalog(Settings().precomputed_dir)
    rows, failed = catalog.phonon_materials(), catalog.table(PHONON_FAILURES)
    names = {"chgnet-0.3.0", "m3gnet-mp-2021.2.8", "m3gnet-matpes-pbe", "tensornet-matpes-pbe"}
    keys = ["material_id", "potential"]
    counts = rows[rows["potential"].isin(names)].groupby(keys).size()
    counts = counts.add(failed[failed["potential"].isin(names)].groupby(keys).size(), fill_value=0)
    assert (counts == 2).all()  # relaxed, and at the DFT geometry
    potentials = counts.groupby("material_id").size()
    complete = potentials.index[potentials == len(names)]
    assert complete.isin(catalog.phonon_max_frequencies()["material_id"]).sum() >= 60


def test_every_shipped_density_holds_three_modes_per_atom() -> None:
    catalog = Catalog(Settings().precomputed_dir)
    materials = catalog.phonon_materials()["material_id"].unique()
    off = {
        (material, curve.potential, curve.method): round(curve.mode_count / (3 * bands.atom_count), 4)
        for material in materials
        for bands in [catalog.phonon_bands(material)]
        for curve in bands.curves
        if abs(curve.mode_count / (3 * bands.atom_count) - 1) > 0.01
    }
    assert not off
    assert len(materials) >= 79


def test_densities_that_were_scaled_say_so_and_by_little() -> None:
    catalog = Catalog(Settings().precomputed_dir)
    factors = [
        curve.dos_scale
        for material in catalog.phonon_materials()["material_id"].unique()
        for curve in catalog.phonon_bands(material).curves
    ]
    # Where the grid resolved the peaks: elsewhere the curve was computed again.
    assert all(0.989 < factor < 1.011 for factor in factors)


def test_relaxations_that_did_not_converge_have_no_ratio() -> None:
    rows = Catalog(Settings().precomputed_dir).phonon_materials()
    assert {"mp-754196", "mp-2789"} <= set(rows.loc[~rows["has_converged"], "material_id"])
    assert rows["ratio"].isna().tolist() == (~rows["has_converged"]).tolist()
    known = rows[rows["has_converged"]]
    np.testing.assert_allclose(known["ratio"], known["max_frequency"] / known["dft_max_frequency"], rtol=1e-6)


def test_meshes_are_told_along_axes_of_a_cell() -> None:
    """No mesh has the numbers of a matrix decomposition, as 1×17×306 for a body-centred cell."""
    catalog = Catalog(Settings().precomputed_dir)
    for material in catalog.phonon_materials()["material_id"].unique():
        bands = catalog.phonon_bands(material)
        assert max(bands.q_mesh) <= 25, (material, bands.q_mesh)
    assert catalog.phonon_bands("mp-1105").q_mesh == (16, 16, 9)
    assert catalog.phonon_bands("mp-1105").q_mesh_cell == "conventional"


def test_shipped_acoustic_modes_vanish_at_gamma() -> None:
    """Three modes without restoring force, for DFT and each potential at each geometry: the acoustic sum rule."""
    for material_id in ("mp-1784", "mp-661", "mp-6065"):
        bands = Catalog(Settings().precomputed_dir).phonon_bands(material_id)
        assert bands.path[0].start == "Γ"
        for curve in bands.curves:
            smallest = np.sort(np.abs(curve.frequencies[0][0]))[:3]
            assert smallest.max() < 0.05, (material_id, curve.potential, curve.method)


@pytest.mark.parametrize("material_id", ["mp-1265", "mp-661"])
def test_shipped_phonons_agree_with_the_authors(material_id: str) -> None:
    """MgO and AlN are among the paper's 229 materials: same DFT maximum, same CHGNet 0.3.0 maximum."""
    catalog = Catalog(Settings().precomputed_dir)
    published = catalog.phonon_max_frequencies().set_index("material_id").loc[material_id]
    bands = catalog.phonon_bands(material_id)
    assert bands.curve("dft", "dft").max_frequency == pytest.approx(published["dft_max_frequency"], rel=2e-3)
    relaxed = bands.curve("chgnet-0.3.0", "relaxed").max_frequency
    assert relaxed == pytest.approx(published["chgnet_max_frequency"], rel=2e-3)
