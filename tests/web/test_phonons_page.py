"""The phonon page: callbacks as plain functions, odd addresses, downloads, damaged data."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dash import Dash
from dash.development.base_component import Component
from precomputed_sample import write_sample

from softdash.catalog import Catalog, schemas
from softdash.settings import Settings
from softdash.web import create_app
from softdash.web.components.phonon_texts import bands_title
from softdash.web.pages import phonons

DEFAULTS = {
    "material": "mp-1784",
    "potentials": ["chgnet-0.3.0"],
    "geometry": "relaxed",
    "path": "all",
    "ratios": "histogram",
    "chosen": "",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("precomputed"))


@pytest.fixture(scope="module")
def app(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))


@pytest.fixture
def in_app(app: Dash) -> Iterator[None]:
    with app.server.app_context():
        yield


def _values(page: Component) -> dict[str, Any]:
    controls = (part for part in page._traverse() if isinstance(getattr(part, "id", None), dict))
    return {part.id["key"]: part.value for part in controls if part.id["type"] == "view"}


def _text(component: Any) -> str:
    return json.dumps(component, default=lambda c: c.to_plotly_json(), ensure_ascii=False)


def test_page_opens_with_its_defaults(in_app: None) -> None:
    page = phonons.layout()
    assert _values(page) == DEFAULTS
    stores = [
        part for part in page._traverse() if getattr(part, "id", None) == {"type": "view-defaults", "key": "page"}
    ]
    assert stores[0].data == DEFAULTS


def test_view_is_restored_from_the_address(in_app: None) -> None:
    view = {
        "material": "mp-661",
        "potentials": "chgnet-r2scan,chgnet-0.2.0",
        "geometry": "fixed",
        "path": "2",
        "ratios": "violin",
        "chosen": "mace:0.90-0.95",
    }
    assert _values(phonons.layout(**view)) == view | {"potentials": ["chgnet-r2scan", "chgnet-0.2.0"]}


@pytest.mark.parametrize(
    "query",
    [
        {"material": "mp-999999"},
        {"material": "../../etc/passwd"},
        {"potentials": "emt,<script>"},
        {"potentials": ","},
        {"geometry": "sideways"},
        {"path": "-1"},
        {"path": "99"},
        {"path": "²"},
        {"ratios": "pie"},
        {"chosen": "chgnet:0.9-nan"},
        {"chosen": "mp-0"},
        {"unknown": "1"},
    ],
)
def test_meaningless_addresses_fall_back_to_the_defaults(in_app: None, query: dict[str, str]) -> None:
    assert _values(phonons.layout(**query)) == DEFAULTS


def test_bands_wait_for_the_colour_scheme(in_app: None) -> None:
    assert len({id(part) for part in phonons.show_bands(None, "mp-1784", [], "relaxed", "all")}) == 1


def test_caesium_fluoride_is_as_soft_as_in_the_paper(in_app: None) -> None:
    figure, title, caption, _, table, address = phonons.show_bands(
        "light", "mp-1784", ["chgnet-0.3.0"], "relaxed", "all"
    )
    assert len(figure["data"]) == 4
    assert "5.41 THz, 19 % below DFT" in title
    assert "its own relaxed geometry" in caption
    assert "6.65" in _text(table)
    assert address.endswith("mp-1784")
    assert len(json.dumps(figure, default=str)) < 250_000


def test_no_potential_leaves_dft_alone(in_app: None) -> None:
    figure, title, *_ = phonons.show_bands("dark", "mp-149", None, "fixed", "1")
    assert {trace["name"] for trace in figure["data"]} == {"DFT"}
    assert "by DFT" in title


def test_several_potentials_get_a_range_for_title(in_app: None) -> None:
    catalog = Catalog(Settings().precomputed_dir)
    bands = catalog.phonon_bands("mp-1784")
    reference, fixed = bands.curve("dft", "dft"), [curve for curve in bands.curves if curve.method == "fixed"]
    changes = [100 * (1 - curve.max_frequency / reference.max_frequency) for curve in fixed]
    assert bands_title("CsF", reference, fixed) == (
        f"The highest mode of CsF lies {min(changes):.0f} to {max(changes):.0f} % below DFT"
    )
    above = fixed[0].model_copy(update={"max_frequency": 1.1 * reference.max_frequency})
    assert "+10 % of DFT" in bands_title("CsF", reference, [fixed[1], above])


def test_another_crystal_resets_the_path(in_app: None) -> None:
    options, value = phonons.show_paths("mp-661")
    assert value == "all"
    assert [option["value"] for option in options] == ["all", "1", "2", "3"]


def test_ratio_title_holds_the_shares_printed_in_the_paper(in_app: None) -> None:
    _, title, caption = phonons.show_ratios("light", "histogram", "")
    assert "97.4 % (M3GNet), 90.8 % (CHGNet) and 93.9 % (MACE) of 229" in title
    assert "95 %" in caption


def test_a_click_lists_the_crystals_of_the_bar(in_app: None) -> None:
    text = phonons.clicked_text({"points": [{"customdata": "mace:0.90-0.95"}]})
    rows, title, is_hidden = phonons.show_list(text)
    table = Catalog(Settings().precomputed_dir).phonon_max_frequencies()
    inside = table["mace_ratio"].between(0.90, 0.95, inclusive="left")
    assert {row["material_id"] for row in rows} == set(table.loc[inside, "material_id"])
    assert title == f"{inside.sum()} crystals with a MACE ratio of 0.90 to 0.95"
    assert not is_hidden


def test_nothing_chosen_lists_all_and_hides_the_button(in_app: None) -> None:
    rows, title, is_hidden = phonons.show_list("")
    assert (len(rows), title, is_hidden) == (229, "All 229 crystals", True)
    linked = [row["material_id"] for row in rows if row["bands"]]
    assert set(linked) == set(phonons.crystals(Catalog(Settings().precomputed_dir))) & {
        row["material_id"] for row in rows
    }
    assert linked


@pytest.mark.parametrize("click", [None, {}, {"points": []}, {"points": [{"x": 1}]}, {"points": [{"customdata": [1]}]}])
def test_other_clicks_choose_nothing(click: dict[str, Any] | None) -> None:
    assert phonons.clicked_text(click) == ""


def test_bands_download_holds_every_frequency(app: Dash, folder: Path) -> None:
    answer = app.server.test_client().get("/download/phonon-bands.csv?material=mp-149")
    table = pd.read_csv(io.BytesIO(answer.data))
    bands = Catalog(folder).phonon_bands("mp-149")
    points = sum(len(segment.distances) for segment in bands.path)
    assert len(table) == len(bands.curves) * points * 3 * bands.atom_count
    reference = table[table["potential"] == "dft"]
    on_path = max(np.max(rows) for rows in bands.curve("dft", "dft").frequencies)
    assert reference["frequency_THz"].max() == on_path


@pytest.mark.parametrize("query", ["", "?material=mp-0", "?material=../secret", "?material=%00"])
def test_unknown_bands_are_404_with_a_sentence(app: Dash, query: str) -> None:
    answer = app.server.test_client().get(f"/download/phonon-bands.csv{query}")
    assert answer.status_code == 404
    assert answer.text.strip().endswith(".")


def test_max_frequencies_download_is_the_whole_table(app: Dash) -> None:
    answer = app.server.test_client().get("/download/phonon-max-frequencies.csv")
    assert len(pd.read_csv(io.BytesIO(answer.data))) == 229


def test_damaged_bands_say_so_and_leave_the_page(tmp_path: Path) -> None:
    folder = write_sample(tmp_path / "precomputed")
    (folder / schemas.phonon_bands_path("mp-149")).write_text("{")
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=folder))
    with app.server.app_context():
        assert _values(phonons.layout(material="mp-1784"))["material"] == "mp-1784"
        figure, title, _, _, message, _ = phonons.show_bands("light", "mp-149", ["chgnet-0.3.0"], "relaxed", "all")
        assert figure["data"] == []
        assert "cannot be shown" in title
        assert "damaged" in _text(message)
        assert _values(phonons.layout(material="mp-149"))["material"] == "mp-149"
        assert phonons.show_paths("mp-149") == ([{"value": "all", "label": "Whole path"}], "all")


def test_empty_catalogue_shows_messages_not_an_exception(tmp_path: Path) -> None:
    app = create_app(Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path))
    with app.server.app_context():
        text = _text(phonons.layout())
    assert "missing" in text
    assert "How to read these numbers" in text
    assert app.server.test_client().get("/download/phonon-max-frequencies.csv").status_code == 500
