"""From untrusted values to rows of the table of materials."""

from __future__ import annotations

import pytest
from softening_sample import ELEMENTS, PRESSURES, SLOPES, write_softening_sample

from softdash.catalog import Catalog
from softdash.web.parts.material_selection import checked_selection


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return Catalog(write_softening_sample(tmp_path_factory.mktemp("precomputed")))


def _chosen(catalog: Catalog, **given: str) -> list[str]:
    return sorted(checked_selection(catalog, given).rows(catalog)["material_id"])


def test_without_values_it_is_the_main_set_and_chgnet(catalog: Catalog) -> None:
    chosen = checked_selection(catalog, {})
    assert (chosen.data, chosen.potentials) == (("mpf-TP",), ("chgnet-0.3.0",))
    assert not chosen.has_filters
    assert _chosen(catalog) == sorted(SLOPES)


@pytest.mark.parametrize(
    "given",
    [
        {"data": "nowhere", "potentials": "../etc/passwd", "elements": "Xx,<b>", "r2": "high", "slope": "1"},
        {"pressure_min": "nan", "pressure_max": "inf", "rms_min": "1e999", "slope": "0.9,0.8"},
        {"data": "", "potentials": ",,,", "r2": "", "slope": "a,b", "rms_max": "--"},
        {"data": 3.0, "potentials": None, "elements": 7.5, "r2": True, "slope": 1.0},
    ],
)
def test_values_that_mean_nothing_are_dropped(catalog: Catalog, given: dict[str, str]) -> None:
    assert checked_selection(catalog, given) == checked_selection(catalog, {})


def test_every_chosen_element_must_be_there(catalog: Catalog) -> None:
    assert _chosen(catalog, elements="Li") == ["m0", "m2", "m5"]
    assert _chosen(catalog, elements="Li,O") == ["m0", "m5"]
    # Si is not S, and Cl is not C.
    assert _chosen(catalog, elements="S") == []
    assert _chosen(catalog, elements="C") == []


def test_a_limit_on_pressure_leaves_out_unknown_pressures(catalog: Catalog) -> None:
    below = sorted(name for name, pressure in PRESSURES.items() if pressure is not None and pressure <= 15)
    assert _chosen(catalog, pressure_max="15") == below
    assert "m2" in _chosen(catalog)


def test_limits_on_force_and_fit(catalog: Catalog) -> None:
    rows = checked_selection(catalog, {}).rows(catalog)
    middle = float(rows["reference_rms"].median())
    kept = _chosen(catalog, rms_min=str(middle))
    assert kept == sorted(rows.loc[rows["reference_rms"] >= middle, "material_id"])
    assert 0 < len(kept) < len(ELEMENTS)
    assert _chosen(catalog, r2="1") == []


def test_a_bar_narrows_the_table_but_not_the_distribution(catalog: Catalog) -> None:
    chosen = checked_selection(catalog, {"slope": "0.85,0.9"})
    assert sorted(chosen.rows(catalog)["material_id"]) == ["m2", "m3"]
    assert len(chosen.population(catalog)) == len(SLOPES)


def test_groups_keep_the_order_of_choice(catalog: Catalog) -> None:
    chosen = checked_selection(catalog, {"data": "mptrj-1k,mpf-TP", "potentials": "chgnet-r2scan,chgnet-0.3.0"})
    assert [group[:2] for group in chosen.groups(chosen.population(catalog))] == [
        ("mptrj-1k", "chgnet-r2scan"),
        ("mptrj-1k", "chgnet-0.3.0"),
        ("mpf-TP", "chgnet-r2scan"),
        ("mpf-TP", "chgnet-0.3.0"),
    ]
