from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import dash_mantine_components as dmc
import pytest
from dash import Dash, no_update
from diagnosed import add_copper, ids_of, parts_of, text_of

from softdash.diagnosis.records import UploadRecord
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings
from softdash.structures.upload.formats import formats
from softdash.web import create_app
from softdash.web.context import web_context
from softdash.web.pages.diagnose.page import create_diagnosis, layout, show_source
from softdash.web.pages.diagnose.potential_choice import PotentialChoice, potential_options
from softdash.web.parts.view_state import view_id
from tests.networks import needs_chgnet

EMPTY = {"upload": "", "example": ""}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dash]:
    app = create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), upload_max_bytes=2_000_000))
    with app.server.app_context():
        yield app
        web_context().service.close()


@pytest.fixture(scope="module")
def service(app: Dash) -> DiagnosisService:
    return web_context().service


@pytest.fixture(scope="module")
def copper(service: DiagnosisService, tmp_path_factory: pytest.TempPathFactory) -> UploadRecord:
    return add_copper(service, tmp_path_factory.mktemp("copper"))


def chosen_potentials(page: object) -> list[str]:
    return next(part.value for part in parts_of(page) if isinstance(part, dmc.CheckboxGroup))


def offered(page: object) -> dict[str, dmc.CheckboxCard]:
    return {part.value: part for part in parts_of(page) if isinstance(part, dmc.CheckboxCard)}


def is_ready(page: object) -> bool:
    return not next(part.disabled for part in parts_of(page) if getattr(part, "id", None) == "diagnose-button")


def test_first_view_names_every_format_the_limits_and_what_is_stored(app: Dash) -> None:
    page = layout()
    text = text_of(page)
    assert all(file_format.name in text and file_format.names_shown in text for file_format in formats())
    assert "2 MB together" in text
    assert "1,000 frames" in text
    assert "cannot be guessed" in text
    assert "Nothing has been read yet" in text
    assert not is_ready(page)


def test_drop_zone_tells_the_browser_its_limits(app: Dash) -> None:
    zone = next(part for part in parts_of(layout()) if getattr(part, "id", None) == "upload-zone").to_plotly_json()[
        "props"
    ]
    assert zone["data-max-bytes"] == "2000000"
    assert zone["data-max-files"] == str(web_context().settings.upload_max_files)
    assert zone["data-address"] == "/api/v1/uploads"


def test_examples_each_teach_something(app: Dash, service: DiagnosisService) -> None:
    text = text_of(layout())
    assert len(service.examples()) >= 4
    assert all(example.title in text and example.lesson in text for example in service.examples())


def test_example_in_the_address_is_read_and_ready(app: Dash) -> None:
    page = layout(example="nacl", potentials="emt,chgnet-0.2.0,nonsense,emt<script>")
    assert "NaCl" in text_of(page)
    assert "1 frame, 8 atoms" in text_of(page)
    assert chosen_potentials(page) == ["emt", "chgnet-0.2.0"]
    assert is_ready(page)


def test_classical_potential_without_parameters_cannot_be_chosen(app: Dash) -> None:
    card = offered(layout(example="nacl"))["emt"]
    assert card.disabled
    assert "does not know" in text_of(card)


def test_potentials_that_are_not_installed_are_folded_away(app: Dash, service: DiagnosisService) -> None:
    known = next(one for one in service.online_potentials().values() if one.card.is_universal)
    here = PotentialChoice(replace(known, state="online"))
    absent = PotentialChoice(replace(known, card=replace(known.card, name="far-away"), state="not installed"))
    shown, folded = potential_options([absent, here])
    assert list(offered(shown)) == [known.card.name]
    assert list(offered(folded)) == ["far-away"]
    assert "Not installed on this server: 1 more" in text_of(folded)
    assert not folded.open
    assert potential_options([absent], chosen=["far-away"])[1].open


@needs_chgnet
def test_functional_mismatch_is_said_before_running(app: Dash) -> None:
    cards = offered(layout(example="mgo"))
    assert "difference between the functionals" in text_of(cards["chgnet-r2scan"])
    assert "difference between the functionals" not in text_of(cards["chgnet-0.3.0"])


@pytest.mark.parametrize(
    "query",
    [
        {"upload": "../../etc/passwd"},
        {"example": "unobtainium"},
        {"upload": "x" * 500, "potentials": ",,,"},
        {"example": "", "upload": "", "potentials": "", "colour": "blue"},
        {"upload": "\x00", "potentials": "'; DROP TABLE uploads"},
    ],
)
def test_odd_addresses_give_a_usable_page(app: Dash, query: dict[str, str]) -> None:
    page = layout(**query)
    assert {"upload-zone", "diagnose-button", "understood"} <= {one for one in ids_of(page) if isinstance(one, str)}
    assert not is_ready(page)
    assert all(name in offered(page) for name in chosen_potentials(page))


def test_upload_shows_what_was_understood(app: Dash, copper: UploadRecord) -> None:
    shown = show_source({"upload": copper.id, "example": ""})
    text = text_of(shown["understood"])
    assert all(part in text for part in ("Cu", "4 frames, 8 atoms each", "96", "PBE", "extended XYZ", "copper.extxyz"))
    assert "under 1 s" in text_of(shown["options"])
    assert (shown["button_disabled"], shown["upload"], shown["example"]) == (False, copper.id, "")


def test_lost_upload_is_said_in_words_and_leaves_the_address(app: Dash) -> None:
    shown = show_source({"upload": "gone", "example": ""})
    assert "no upload" in text_of(shown["understood"])
    assert (shown["button_disabled"], shown["upload"]) == (True, "")


def test_diagnosis_is_recorded_and_its_token_handed_out_once(
    app: Dash, service: DiagnosisService, copper: UploadRecord
) -> None:
    source = {"upload": copper.id, "example": ""}
    created, problem = create_diagnosis(1, source, ["emt"])
    assert problem == ""
    assert service.diagnosis(created["id"]).upload_id == source["upload"]
    service.delete(created["id"], created["token"])


@pytest.mark.parametrize(
    ("source", "potentials", "words"),
    [
        (EMPTY, ["emt"], "There are no forces yet"),
        ({"upload": "gone", "example": ""}, ["emt"], "no upload"),
        ({"upload": "", "example": "nacl"}, [], "No potential was chosen"),
        ({"upload": "", "example": "nacl"}, None, "No potential was chosen"),
        ({"upload": "", "example": "nacl"}, ["emt"], "does not know"),
        ({"upload": "", "example": "nacl"}, ["made-up"], "made-up"),
    ],
)
def test_refusals_are_shown_in_words(
    app: Dash, source: dict[str, str], potentials: list[str] | None, words: str
) -> None:
    created, problem = create_diagnosis(1, source, potentials)
    assert created is no_update
    assert words in text_of(problem)


def test_button_without_a_click_does_nothing(app: Dash) -> None:
    assert create_diagnosis(None, {"upload": "", "example": "nacl"}, ["emt"]) == (no_update, no_update)


def test_view_state_lives_in_the_controls(app: Dash) -> None:
    ids = ids_of(layout())
    assert all(view_id(key) in ids for key in ("upload", "example", "potentials"))
