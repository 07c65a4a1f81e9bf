"""Published values and the digitised figures of the paper: complete, and they give the numbers printed beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from softdash.benchmarks.data.tables import renew_table
from softdash.catalog import Catalog, schemas
from softdash.cli import main
from softdash.errors import ReferenceDataError
from softdash.settings import Settings, get_settings

SHIPPED = Path(__file__).parents[2] / "precomputed"
MODELS = ("m3gnet", "chgnet", "mace")
POINT_FIGURES = (
    schemas.DIGITISED_SURFACES,
    schemas.DIGITISED_DEFECTS,
    schemas.DIGITISED_SOLID_SOLUTION,
    schemas.DIGITISED_MIGRATION_PATH,
)


def digitised_median(values: np.ndarray, relative_density: np.ndarray) -> float:
    """Return the median of a violin's outline: half its area lies below."""
    area = np.concatenate([[0.0], np.cumsum(np.diff(values) * (relative_density[1:] + relative_density[:-1]) / 2)])
    return float(np.interp(area[-1] / 2, area, values))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


def _mae(table: pd.DataFrame, model: str) -> float:
    return float((table[f"{model}_energy"] - table["dft_energy"]).abs().mean())


def test_surface_energies_come_close_to_the_printed_errors(catalog: Catalog) -> None:
    """Fig. 2a prints 0.047, 0.042 and 0.032 eV/Å² over 147 surfaces; 133 to 141 points of each model were found."""
    table = catalog.table(schemas.DIGITISED_SURFACES)
    assert int(table["is_complete"].sum()) == 111
    assert [round(_mae(table, model), 3) for model in MODELS] == [0.045, 0.045, 0.032]
    assert [int(table[f"{model}_energy"].notna().sum()) for model in MODELS] == [141, 133, 139]


def test_defect_energies_are_an_illustration(catalog: Catalog) -> None:
    """85 of 134 defects are whole; Fig. 2b prints 1.397, 1.296 and 0.974 eV."""
    table = catalog.table(schemas.DIGITISED_DEFECTS)
    assert int(table["is_complete"].sum()) == 85
    for model, printed in zip(MODELS, (1.397, 1.296, 0.974), strict=True):
        assert _mae(table, model) == pytest.approx(printed, rel=0.15)


def test_lowest_orderings_at_equal_amounts_are_those_of_the_paper(catalog: Catalog) -> None:
    """Fig. 2c writes 0.34, 0.25, 0.3 and 0.24 eV at its arrows."""
    table = catalog.table(schemas.DIGITISED_SOLID_SOLUTION)
    assert len(table) == 190
    lowest = table[table["ca_fraction"] == 0.5].min()
    found = [float(lowest[f"{method}_energy"]) for method in ("dft", *MODELS)]
    assert found == pytest.approx([0.34, 0.25, 0.30, 0.24], abs=0.006)
    ends = table[table["ca_fraction"].isin((0.0, 1.0))]
    assert len(ends) == 2
    assert (ends.filter(like="_energy") == 0).all(axis=None)


def test_path_has_the_published_barriers(catalog: Catalog) -> None:
    path = catalog.table(schemas.DIGITISED_MIGRATION_PATH)
    published = catalog.published_values("Mg_migration_barrier_mp-28207").set_index("model")["value"]
    for method, label in zip(("dft", *MODELS), ("DFT", "M3GNet", "CHGNet", "MACE"), strict=True):
        assert path[f"{method}_energy"].max() == pytest.approx(published[label], abs=0.003)


def test_barrier_violins_have_the_published_medians(catalog: Catalog) -> None:
    published = catalog.published_values("Mg_migration_barrier_KRA")
    published = published[published["metric"] == "median_difference_MLIP-DFT"].set_index("model")["value"]
    violins = catalog.table(schemas.BARRIER_DIFFERENCE_VIOLINS)
    assert set(violins["model"]) == {"M3GNet", "CHGNet", "MACE"}
    for model, violin in violins.groupby("model"):
        median = digitised_median(violin["value"].to_numpy(), violin["relative_density"].to_numpy())
        assert median == pytest.approx(published[model], abs=0.03)


@pytest.mark.parametrize("path", POINT_FIGURES)
def test_points_are_labelled_and_rounded_zeros_have_no_sign(catalog: Catalog, path: str) -> None:
    table = catalog.table(path)
    assert set(table["label"]) == {"digitised"}
    energies = table.filter(like="_energy").to_numpy(dtype=float)
    assert not np.signbit(energies[energies == 0]).any()


def test_shipped_values_are_complete(catalog: Catalog) -> None:
    table = catalog.published_values()
    assert len(table) == 549
    assert table["confidence"].str.len().min() > 0
    slope = table[(table["task"] == "high_energy_forces_mp-973966") & (table["metric"] == "slope")].set_index("model")
    assert slope.loc["CHGNet", "value"] == 0.851
    assert "0.859" in slope.loc["CHGNet", "disagreement"]
    assert pd.isna(slope.loc["M3GNet", "disagreement"])


def test_shipped_maximum_frequencies_give_the_printed_shares(catalog: Catalog) -> None:
    """Fig. 4b prints 97.4, 90.8 and 93.9 % below one."""
    table = catalog.phonon_max_frequencies()
    assert len(table) == 229
    shares = [round(float(100 * (table[f"{model}_ratio"] < 1).mean()), 1) for model in MODELS]
    assert shares == [97.4, 90.8, 93.9]
    for model in MODELS:
        ratio = table[f"{model}_max_frequency"] / table["dft_max_frequency"]
        np.testing.assert_allclose(table[f"{model}_ratio"], ratio, rtol=2e-6)


def test_shipped_violins_have_the_published_medians(catalog: Catalog) -> None:
    published = catalog.published_values("WBM_high_energy_softening_scale")
    published = published[(published["metric"] == "median")].set_index("model")["value"]
    for model, violin in catalog.table(schemas.SOFTENING_SCALE_VIOLINS).groupby("model"):
        median = digitised_median(violin["value"].to_numpy(), violin["relative_density"].to_numpy())
        assert median == pytest.approx(published[model], abs=0.01)
    assert set(catalog.table(schemas.FREQUENCY_RATIO_VIOLINS)["label"]) == {"digitised"}


def test_median_of_an_outline() -> None:
    values = np.linspace(0, 1, 2001)
    assert digitised_median(values, np.ones_like(values)) == pytest.approx(0.5)
    # A triangle with its whole weight to the right: half of x² is reached at √½.
    assert digitised_median(values, values) == pytest.approx(np.sqrt(0.5), abs=1e-3)


@pytest.mark.parametrize("path", ["published_values.csv", *POINT_FIGURES])
def test_a_table_that_was_edited_by_hand_is_renewed(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "precomputed"
    for name in ("datapackage.json", path):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Settings().precomputed_dir / name, folder / name)
    before = (folder / path).read_bytes(), (folder / "datapackage.json").read_bytes()
    renew_table(folder, path)
    assert ((folder / path).read_bytes(), (folder / "datapackage.json").read_bytes()) == before

    lines = (folder / path).read_text(encoding="utf-8").splitlines()
    (folder / path).write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="not the one"):
        Catalog(folder).table(path)
    renew_table(folder, path)
    shipped = Catalog(Settings().precomputed_dir)
    assert len(Catalog(folder).table(path)) == len(shipped.table(path)) - 1
    assert Catalog(folder).resource(path).sources == shipped.resource(path).sources


def test_what_cannot_be_renewed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTDASH_PRECOMPUTED_DIR", str(tmp_path))
    get_settings.cache_clear()
    try:
        shutil.copy(SHIPPED / "datapackage.json", tmp_path)
        (tmp_path / "published_values.csv").write_text("model,value\nCHGNet,much\n", encoding="utf-8")
        damaged = CliRunner().invoke(main, ["data", "renew", "published_values.csv"])
        assert (damaged.exit_code, damaged.stdout) == (3, "")
        unknown = CliRunner().invoke(main, ["data", "renew", "nonsense.csv", "--json"])
        assert json.loads(unknown.stdout)["error"]["code"] == "not_found"
    finally:
        get_settings.cache_clear()
