"""Published values and the paper's figures: nothing lost, nothing doubled, contradictions said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from softdash.benchmarks.data.paper_figures import MODELS, digitised_median, read_max_frequencies, read_violins
from softdash.benchmarks.data.published_values import published_table, read_facts, write_published_values
from softdash.catalog import Catalog
from softdash.errors import ReferenceDataError
from softdash.settings import Settings

FACT: dict[str, Any] = {
    "model": "CHGNet",
    "model_version": "v0.3.0",
    "task": "forces",
    "metric": "slope",
    "value": 0.851,
    "unit": "-",
    "n": None,
    "functional": "PBE",
    "source": "Deng et al.",
    "location": "Fig. 5a",
    "confidence": "primary",
}


def _table(tmp_path: Path, *changes: dict[str, Any]) -> pd.DataFrame:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps([FACT | change for change in changes]), encoding="utf-8")
    return published_table(read_facts(file))


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


def test_numbers_lists_words_and_nothing(tmp_path: Path) -> None:
    values = [0.5, 3, [14.7, 2.9], "NVT", None]
    table = _table(tmp_path, *({"metric": str(i), "value": value} for i, value in enumerate(values)))
    assert table["value"].tolist()[:2] == [0.5, 3.0]
    assert table["value"].isna().tolist() == [False, False, True, True, True]
    assert table["value_text"].tolist()[2:4] == ["14.7 → 2.9", "NVT"]
    assert table["value_text"].isna().tolist() == [True, True, False, False, True]


def test_units_are_written_as_softdash_writes_them(tmp_path: Path) -> None:
    table = _table(tmp_path, {"unit": "eV/A^2"}, {"unit": "-", "metric": "other"})
    assert table["unit"][0] == "eV/Å²"
    assert table["unit"].isna()[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit": "kcal/mol"}, "kcal/mol"),
        ({"confidence": ""}, "no confidence"),
        ({"value": [1.0, "x"]}, "wrong"),
        ({"surprise": 1}, "surprise"),
        ({"n": -1}, "below 0"),
    ],
)
def test_wrong_fact_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(ReferenceDataError, match=words):
        _table(tmp_path, change)


def test_doubled_fact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match="two rows"):
        _table(tmp_path, {}, {"value": 0.9})


def test_text_against_figure_is_said_on_both(tmp_path: Path) -> None:
    table = _table(
        tmp_path, {}, {"metric": "slope_text_variant", "value": 0.859, "location": "text"}, {"model": "MACE"}
    )
    assert "0.859" in table["disagreement"][0]
    assert "0.851" in table["disagreement"][1]
    assert table["disagreement"].isna()[2]


def test_two_counts_are_said_on_all_that_rests_on_them(tmp_path: Path) -> None:
    counts = [
        {"metric": "n_text", "value": 470, "n": 470, "location": "text"},
        {"metric": "n_caption", "value": 477, "n": 477, "location": "Fig. 3 caption"},
    ]
    table = _table(tmp_path, *counts, {"metric": "MAE", "n": 470}, {"metric": "MAE", "n": 470, "task": "another"})
    assert table["disagreement"].notna().tolist() == [True, True, True, False]
    assert table["disagreement"][2] == "Counted as 477 in the Fig. 3 caption and as 470 in the text."


def test_table_is_written_with_its_description(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps([FACT, FACT | {"model": "MACE", "n": 7}]), encoding="utf-8")
    write_published_values(file, tmp_path / "out")
    catalog = Catalog(tmp_path / "out")
    assert catalog.published_values()["n"].tolist() == [pd.NA, 7]
    assert "computed" in catalog.resource("published_values.csv").description


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
    for model, violin in catalog.softening_scale_violins().groupby("model"):
        median = digitised_median(violin["value"].to_numpy(), violin["relative_density"].to_numpy())
        assert median == pytest.approx(published[model], abs=0.01)
    assert set(catalog.frequency_ratio_violins()["label"]) == {"digitised"}


def test_median_of_an_outline() -> None:
    values = np.linspace(0, 1, 2001)
    assert digitised_median(values, np.ones_like(values)) == pytest.approx(0.5)
    # A triangle with its whole weight to the right: half of x² is reached at √½.
    assert digitised_median(values, values) == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_damaged_figures_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "figure.csv"
    with pytest.raises(ReferenceDataError, match="missing"):
        read_violins(file, "1")
    file.write_text("model,value,relative_density\nCHGNet,0.8,-1\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="below 0"):
        read_violins(file, "1")
    with pytest.raises(ReferenceDataError, match="lacks pbe"):
        read_max_frequencies(file)
