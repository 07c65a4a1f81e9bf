"""The page of the solid solution: panels, lowest orderings, statistics, odd addresses, missing data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dash import Dash, no_update
from energies_sample import energy_rows, with_paper_figures, write_energies
from page_content import plain_text, text_of, view_values

from softdash.catalog import Catalog, schemas
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.pages.solid_solution import callbacks
from softdash.web.pages.solid_solution import page as solid_solution
from softdash.web.pages.solid_solution.figure import OrderingEnergies, ordering_panels
from softdash.web.pages.solid_solution.orderings import computed_orderings, digitised_orderings, orderings_title, paired

PAPER = ["m3gnet-original", "chgnet-0.3.0", "mace-mp-0-medium"]
ORDERINGS = {0.25: [0.2, 0.3], 0.5: [0.34, 0.4, 0.5], 0.75: [0.28]}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder = with_paper_figures(tmp_path_factory.mktemp("precomputed"))
    rows = [
        row
        for fraction, energies in ORDERINGS.items()
        for number, energy in enumerate(energies, start=1)
        for row in energy_rows(
            f"CaMg-{fraction}-{number}",
            f"Ca fraction {fraction} no. {number}",
            "ordering",
            energy,
            coordinate=fraction,
            material="Ca-Mg-O",
        )
    ]
    write_energies(folder, schemas.SOLID_SOLUTION_ENERGIES, rows)
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


def test_view_is_restored_from_the_address_and_odd_values_fall_back(in_app: None) -> None:
    standard = {"potentials": [*PAPER, "tensornet-matpes-pbe"], "view": "panels", "geometry": "relaxed"}
    assert view_values(solid_solution.layout()) == standard
    assert view_values(solid_solution.layout(potentials="dft", view="pie", geometry="x", other="1")) == standard
    view = {"potentials": "chgnet-0.3.0", "view": "lowest", "geometry": "dft"}
    assert view_values(solid_solution.layout(**view)) == view | {"potentials": ["chgnet-0.3.0"]}


def test_four_panels_as_in_the_paper(in_app: None) -> None:
    shown = callbacks.show_paper("light", False, PAPER, "panels")
    points = {trace["name"]: trace for trace in shown["figure"]["data"] if trace["mode"] == "markers"}
    assert list(points) == ["DFT", "M3GNet", "CHGNet", "MACE"]
    assert {len(trace["x"]) for trace in points.values()} == {190}
    axes = {key for key in shown["figure"]["layout"] if key.startswith("xaxis")}
    assert axes == {"xaxis", "xaxis2", "xaxis3", "xaxis4"}
    assert shown["style"] == {"height": "360px"}
    assert "0.25 (M3GNet), 0.30 (CHGNet), 0.24 (MACE), against 0.34 eV by DFT" in shown["title"]
    assert "190 orderings digitised from Fig. 2c" in plain_text(shown["caption"])
    assert "digitised from Fig. 2c" in points["MACE"]["customdata"][0][0]
    assert "0.34 eV" in [note["text"] for note in shown["figure"]["layout"]["annotations"]]


def test_title_does_not_call_too_low_what_is_not() -> None:
    ends = np.array([0.0, 0.5, 1.0])
    dft = OrderingEnergies("dft", "DFT", ends, np.array([0.0, 0.34, 0.0]), ["MgO", "a", "CaO"])
    high = OrderingEnergies("chgnet-0.3.0", "CHGNet", ends, np.array([0.0, 0.36, 0.0]), ["MgO", "a", "CaO"])
    assert orderings_title([dft, high]) == "Lowest mixing energies at equal amounts: 0.36 (CHGNet); 0.34 eV by DFT"
    assert orderings_title([dft]) == "Formation energies of Ca-Mg orderings"


def test_a_phone_gets_two_panels_in_a_row(in_app: None) -> None:
    shown = callbacks.show_paper("dark", True, PAPER, "panels")
    assert shown["style"] == {"height": "580px"}


def test_lowest_orderings_together(in_app: None) -> None:
    shown = callbacks.show_own("light", False, ["chgnet-0.3.0"], "lowest", "relaxed")
    lines = {trace["name"]: trace for trace in shown["figure"]["data"]}
    assert lines["DFT, lowest"]["y"] == pytest.approx([0, 0.2, 0.34, 0.28, 0])
    chgnet = next(trace for name, trace in lines.items() if name.startswith("CHGNet"))
    assert chgnet["y"] == pytest.approx([0, 0.16, 0.272, 0.224, 0])


@pytest.mark.parametrize(("geometry", "slope"), [("relaxed", 0.8), ("dft", 0.9)])
def test_recomputed_orderings_have_their_known_slope(in_app: None, geometry: str, slope: float) -> None:
    shown = callbacks.show_own("light", False, ["chgnet-0.3.0"], "panels", geometry)
    assert "6 orderings at 3 compositions" in plain_text(shown["caption"])
    assert f"{slope:.3f}" in plain_text(shown["caption"])
    assert len([trace for trace in shown["figure"]["data"] if trace["mode"] == "markers"]) == 2


def test_statistics_leave_the_oxides_out(app: Dash) -> None:
    table = Catalog(Settings().precomputed_dir).table(schemas.DIGITISED_SOLID_SOLUTION)
    series = paired(digitised_orderings(table, PAPER))
    assert [one.comparison.count for one in series] == [188, 188, 188]
    slopes = [one.comparison.slope for one in series]
    assert slopes == pytest.approx([0.73, 0.85, 0.76], abs=0.03), "as derived for the published values"
    assert all(one.comparison.share_underpredicted > 0.95 for one in series)


def test_numbers_stand_beside_the_printed_ones(in_app: None) -> None:
    text = text_of(callbacks.show_numbers(["chgnet-0.3.0"], "relaxed"))
    for value in ("0.34", "0.3", "0.2969", "0.272"):
        assert f'"data-value": "{value}' in text
    assert "Digitised from Fig. 2c" in text
    assert "Recomputed, against GPAW PBE" in text
    assert "No potential is chosen" in text_of(callbacks.show_numbers([], "relaxed"))


def test_nothing_is_drawn_before_scheme_and_width_are_known(in_app: None) -> None:
    assert set(callbacks.show_paper("light", None, PAPER, "panels").values()) == {no_update}
    assert set(callbacks.show_own(None, False, PAPER, "panels", "dft").values()) == {no_update}


def test_five_methods_take_two_rows(app: Dash) -> None:
    catalog = Catalog(app.server.extensions["softdash"].settings.precomputed_dir)
    methods = computed_orderings(catalog.table(schemas.SOLID_SOLUTION_ENERGIES), ["chgnet-0.3.0"], geometry="relaxed")
    figure = ordering_panels([*methods, *methods, methods[0]], theme="light", columns=4)
    assert {key for key in figure.to_dict()["layout"] if key.startswith("yaxis")} >= {"yaxis", "yaxis5"}
    assert np.isclose(figure.layout.yaxis.range[1], 1.16 * 0.5)


def test_page_without_results_says_how_to_get_them(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=with_paper_figures(tmp_path)))
    with app.server.app_context():
        text = text_of(solid_solution.layout())
        assert "softdash benchmark solid-solution" in text
        numbers = text_of(callbacks.show_numbers(PAPER, "relaxed"))
    assert "Lowest ordering at Ca fraction 0.5" in numbers
