"""The page "What a slope can and cannot tell": up to date, without a number of its own, and true in what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from softdash.api.catalog_rows import table_paths
from softdash.benchmarks.slope_claims import page
from softdash.benchmarks.slope_claims.documented import coverage_claims, outcome_claims
from softdash.benchmarks.slope_claims.error_parts import with_softening_share
from softdash.benchmarks.slope_claims.forces import StoredForces
from softdash.benchmarks.slope_claims.number_text import SHOWN
from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import FINE_TUNING
from softdash.diagnosis.benchmark_findings import benchmark_findings
from softdash.errors import ReferenceDataError
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.web.parts.phonon_ratios import recomputed_rows

ROOT = Path(__file__).parents[3]
TEMPLATE = (Path(page.__file__).parent / page.TEMPLATE).read_text(encoding="utf-8")
PLACEHOLDER = re.compile(r"\{\{ ([a-z_.]+) \}\}")
NAMES = re.compile(r"r2SCAN|Fig\. [0-9][a-z]?|\(s − 1\)²")
"""What may hold a digit in the prose: names, figures of the paper, and the formula of an error."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


@pytest.fixture(scope="module")
def numbers(catalog: Catalog) -> dict[str, Any]:
    return page.numbers(catalog)


@pytest.fixture(scope="module")
def hot(catalog: Catalog) -> pd.DataFrame:
    return catalog.materials("mpf-TP", SHOWN)


@pytest.fixture(scope="module")
def own(catalog: Catalog) -> pd.DataFrame:
    return catalog.materials("gpaw_pbe", SHOWN)


def test_the_page_on_disk_is_what_the_tables_say(catalog: Catalog) -> None:
    written = (ROOT / "docs" / "what-a-slope-tells.md").read_text(encoding="utf-8")
    assert written == page.slope_page(catalog), "run `make docs`"


def test_the_prose_has_no_number_of_its_own() -> None:
    prose = NAMES.sub("", PLACEHOLDER.sub("", TEMPLATE))
    assert re.findall(r".{0,20}[0-9].{0,20}", prose) == []
    assert "{" not in prose  # and no other way to bring one in


def test_each_number_that_is_computed_is_shown_and_the_other_way_round(numbers: dict[str, Any]) -> None:
    computed = {
        f"{section}.{name}" if isinstance(value, dict) else section
        for section, value in numbers.items()
        for name in (value if isinstance(value, dict) else [""])
    }
    # The table of outcomes has more columns than the page tells of.
    spare = {"outcome.within_its_interval"}
    assert computed - spare == set(PLACEHOLDER.findall(TEMPLATE))


def test_each_section_ends_with_what_a_slope_can_and_cannot() -> None:
    sections = re.split(r"^## ", TEMPLATE, flags=re.MULTILINE)[1:]
    assert len(sections) == 13
    for section in sections[:-1]:
        last = section.strip().split("\n\n")[-1]
        assert re.match(r"\*From .*\*\*Can:\*\* .*\*\*Cannot:\*\* ", last, re.DOTALL), section[:40]


def test_tables_are_there_under_their_addresses(catalog: Catalog, numbers: dict[str, Any]) -> None:
    listed = re.findall(r"`([\w/]+\.csv)` \| `/api/v1/catalog/([\w-]+)\.csv`", numbers["tables"])
    assert len(listed) == 11
    for path, name in listed:
        assert table_paths()[name] == path
        assert catalog.has(path)
    named = {name for line in re.findall(r"\*From \[([^]]+)\]", TEMPLATE) for name in line.split(", ")}
    assert named <= set(re.findall(r"^\| ([a-z -]+) \|", numbers["tables"], re.MULTILINE))


def test_softening_is_the_smaller_part_in_most_compounds_of_each_potential(catalog: Catalog) -> None:
    """ "Cannot describe most of the error by one factor, in most of these compounds"."""
    rows = with_softening_share(catalog.materials("mpf-TP"))
    expected = (1 - rows["slope"]) ** 2 * rows["reference_rms"] ** 2 / rows["rmse"] ** 2
    np.testing.assert_allclose(rows["softening_share"], expected, rtol=1e-4, atol=1e-6)
    assert (expected.groupby(rows["potential"]).median() < 0.5).all()


def test_a_line_with_an_intercept_has_the_same_slope(hot: pd.DataFrame) -> None:
    assert (hot["slope"] - hot["slope_with_intercept"]).abs().max() < 1e-4


def test_a_factor_helps_where_softening_is_the_larger_part(numbers: dict[str, Any]) -> None:
    rows = [row.split(" | ") for row in numbers["factor"]["parts"].splitlines()[2:]]
    change = [int(row[2].split(" ")[0].replace("−", "-")) for row in rows]
    assert change[-1] <= -20
    assert abs(change[0]) <= 2
    assert numbers["factor"]["correlation"].startswith("−0.6")


def test_fine_tuning_on_more_frames_beats_one_factor_everywhere(catalog: Catalog) -> None:
    """ "Cannot replace fine-tuning"."""
    table = catalog.table(FINE_TUNING)
    for _, rows in table.groupby("system"):
        tuned = rows[(rows["method"] == "fine-tuned") & (rows["train_frames"] > 1)]["mae"].mean()
        assert tuned < rows[rows["method"] == "scalar"]["mae"].mean()


@pytest.mark.parametrize(("material", "noise"), [("NaCl", 0.03), ("MgO", 0.06)])
def test_noise_lowers_the_slope_as_attenuation_says(
    material: str, noise: float, catalog: Catalog, numbers: dict[str, Any]
) -> None:
    forces = StoredForces.of_material(catalog, "random-displacements", SHOWN, material)
    expected = forces.slope * forces.rms**2 / (forces.rms**2 + noise**2)
    row = next(line for line in numbers["noise"]["table"].splitlines() if line.startswith(f"| {material}, displaced"))
    shown = row.split(" | ")[4 if noise == 0.03 else 5]
    assert float(shown.split(" ")[0]) == pytest.approx(expected, abs=0.004)


def test_only_zinc_sulphide_is_in_both_sets(hot: pd.DataFrame, own: pd.DataFrame) -> None:
    assert set(hot["formula"]) & set(own["formula"]) == {"ZnS"}


def test_what_is_said_of_functionals(catalog: Catalog) -> None:
    rows = catalog.materials("mpf-TP")
    slopes = rows.pivot_table(index="material_id", columns="potential", values="slope")
    for name in ("m3gnet", "tensornet"):
        assert 0 < (slopes[f"{name}-matpes-r2scan"] - slopes[f"{name}-matpes-pbe"]).median() < 0.05
    assert (slopes["chgnet-r2scan"] - slopes["chgnet-0.3.0"]).median() < -0.1
    marked = rows[rows["potential"] == "tensornet-matpes-pbe"].set_index("material_id")["functional_mismatch"]
    for name in ("m3gnet-matpes-pbe", "tensornet-matpes-pbe"):
        difference = slopes[name] - slopes[SHOWN]
        assert difference[marked.astype(bool)].median() < -0.02 < difference[~marked.astype(bool)].median()


def test_what_is_said_of_aluminium_and_of_the_order_of_potentials(numbers: dict[str, Any]) -> None:
    found = numbers["property"]
    shown = [float(found[f"example_{name}"]) for name in ("surface", "vacancy", "barrier")]
    assert max(shown) < float(found["example_slope"].split(" ")[0]) - 0.2
    assert (found["fewest"], found["most"]) == ("3", "5")
    phonons = [line for line in found["potentials"].splitlines() if "phonon" in line]
    assert "at the DFT structure | 65 | 5 | −0.90 |" in phonons[0]
    assert "relaxed by each method | 59 | 5 | −0.90 |" in phonons[1]
    assert found["materials"].count("at the DFT structure") == 2


def test_phonons_of_the_page_are_those_of_a_report(catalog: Catalog, numbers: dict[str, Any]) -> None:
    finding = next(found for found in benchmark_findings(catalog, card(SHOWN)) if found.topic == "phonons")
    assert numbers["paper"]["relaxed_n"] == str(finding.count) == "94"
    assert numbers["paper"]["relaxed_median"].startswith(f"{finding.value:.3f} (")
    assert "largest frequency below DFT, relaxed | 90.8 % | 229 | 91" in numbers["paper"]["table"]
    assert len(recomputed_rows(catalog, "relaxed").query("potential == @SHOWN").dropna(subset="ratio")) == finding.count


def test_a_factor_is_shown_with_what_it_does_to_the_slope(catalog: Catalog, numbers: dict[str, Any]) -> None:
    """Two of the five factors go the wrong way; the error of one of them falls all the same."""
    table = catalog.table(FINE_TUNING).set_index(["system", "method"])
    before, scaled = table.xs("pretrained", level="method"), table.xs("scalar", level="method")
    assert (before["slope"] < 1).all()
    np.testing.assert_allclose(scaled["slope"], before["slope"] * scaled["factor"], rtol=1e-4)
    wrong_way = scaled["factor"] < 1
    assert (scaled["mae"] < before["mae"])[wrong_way].to_dict() == {"si-16": True, "si-64": False}
    rows = [line for line in numbers["factor"]["tuned"].splitlines() if line.startswith("| Si, ")]
    assert "| 0.42 | 0.67 → 0.28 | −6 |" in rows[0]
    assert "| 0.96 | 0.84 → 0.81 | +2 |" in rows[1]


def test_one_frame_decides_nothing_and_ten_not_everywhere(own: pd.DataFrame, numbers: dict[str, Any]) -> None:
    found = numbers["one_frame"]
    half_widths = ((own["interval_high"] - own["interval_low"]) / 2).set_axis(own["material_id"])
    for name, at in (("own_narrowest", half_widths.idxmin()), ("own_widest", half_widths.idxmax())):
        assert found[name].startswith(f"±{half_widths[at]:.2f} (")
    assert half_widths.max() > 5 * half_widths.min()
    assert float(found["half_width"]) > float(found["own_half_width"].split(" ")[0])
    can, cannot = TEMPLATE.split("## Small forces")[0].rsplit("**Can:**", 1)[1].split("**Cannot:**")
    assert "one frame" not in can.replace("one_frame", "")
    assert "one frame" in cannot


def test_steps_in_a_row_have_no_interval(numbers: dict[str, Any]) -> None:
    row = next(line for line in numbers["sampling"]["silicon"].splitlines() if "steps in a row" in line)
    assert row.endswith("| 0.621 (no interval) | 0.98 |")
    assert numbers["functional"]["silicon_vasp"] == "0.62 (no interval)"


def test_stiffer_compounds_are_counted(hot: pd.DataFrame, numbers: dict[str, Any]) -> None:
    assert numbers["split"]["stiffer"].startswith(f"{100 * (hot['slope'] > 1).mean():.0f}\N{NO-BREAK SPACE}%")


def test_what_is_said_of_the_paper(own: pd.DataFrame, hot: pd.DataFrame, numbers: dict[str, Any]) -> None:
    printed = 0.79
    assert printed < own["slope"].median() < hot["slope"].median() < 1
    assert "M3GNet 97.4 % (printed 97.4 %), CHGNet 90.8 % (printed 90.8 %)" in numbers["paper"]["recount"]
    assert "| 477 | 3 of 3 | 3 |" in numbers["paper"]["table"]


def test_numbers_of_other_pages_are_read_from_their_tables(tmp_path: Path) -> None:
    (tmp_path / "statistics.md").write_text(
        "| set | frames | G = 1 | G = 5 |\n|---|---|---|---|\n| MD: a | 9 | 62 → 99 | 90 → 94 |\n"
        "| MD: b | 9 | 62 → 93 | 90 → 97 |\n| relaxations: c | 9 | 1 → 2 | 3 → 4 |\n\n| no | more |\n",
        encoding="utf-8",
    )
    lines = coverage_claims(tmp_path)["table"].splitlines()
    assert "one kind of dynamics, 2 sets" in lines[0]
    assert lines[2:] == ["| 1 | 93 to 99 | 2 to 2 |", "| 5 | 94 to 97 | 4 to 4 |"]
    (tmp_path / "statistics.md").write_text(
        "| set | frames | G = 1 | G = 5 | worst potential |\n|---|---|---|---|---|\n"
        "| MD: a | 9 | 62 → 99 (98) | 90 → 94 (88) | x |\n| MD: b | 9 | 62 → 93 (92) | 90 → 97 (75) | y |\n"
        "| relaxations: c | 9 | 1 → 2 | 3 → 4 | z |\n",
        encoding="utf-8",
    )
    lines = coverage_claims(tmp_path)["table"].splitlines()
    assert lines[2:] == [
        "| 1 | 93 to 99 (worst potential: 92) | 2 to 2 |",
        "| 5 | 94 to 97 (worst potential: 75) | 4 to 4 |",
    ]
    (tmp_path / "diagnose.md").write_text("no table\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="kind of upload"):
        outcome_claims(tmp_path)


def test_the_papers_chgnet_is_the_one_shown(catalog: Catalog) -> None:
    table = catalog.published_values("WBM_high_energy_softening_scale")
    versions = set(table[(table["model"] == "CHGNet") & table["source"].str.contains("Deng")]["model_version"])
    assert {str(one).split(" ")[0] for one in versions} == {"v" + SHOWN.removeprefix("chgnet-")}
