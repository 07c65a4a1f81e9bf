"""The digitised figures of the paper: what was read from them gives the numbers printed beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from softdash.benchmarks.data.paper_figures import POINT_FIGURES, DigitisedFigure, digitised_median, read_digitised
from softdash.catalog import Catalog, schemas
from softdash.errors import ReferenceDataError
from softdash.settings import Settings

MODELS = ("m3gnet", "chgnet", "mace")


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


@pytest.mark.parametrize("figure", POINT_FIGURES, ids=lambda figure: figure.path)
def test_points_are_labelled_and_rounded_zeros_have_no_sign(catalog: Catalog, figure: DigitisedFigure) -> None:
    table = catalog.table(figure.path)
    assert set(table["label"]) == {"digitised"}
    energies = table.filter(like="_energy").to_numpy(dtype=float)
    assert not np.signbit(energies[energies == 0]).any()


def test_file_of_another_figure_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fig.csv"
    file.write_text("point,DFT\n0,1.0\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="lack status, M3GNet, CHGNet, MACE"):
        read_digitised(file, POINT_FIGURES[0])
