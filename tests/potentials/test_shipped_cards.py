"""The cards that come with softdash: right, honest, light, and out of the way until their libraries are here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from softdash.cli import main
from softdash.jobs.service import DiagnosisService
from softdash.jobs.worker_registry import WorkerStatus
from softdash.potentials import registry
from softdash.potentials.card_files import SHIPPED, card_files, factory_of, read_card, read_card_file
from softdash.potentials.look import FAMILY_COLOURS, OTHER, family_of
from tests.card_folder import COPPER, WriteCard

FILES = card_files(SHIPPED)
NAMES = [file.stem for file in FILES]
KEPT = {"orb-v3-conservative-inf-omat", "orb-v3-direct-inf-omat", "mattersim-v1-1m", "mattersim-v1-5m", "uma-s-1p1"}


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the libraries of all shipped cards, for this test alone."""
    hidden = {factory_of(read_card_file(file), file).calculator.package for file in FILES}
    monkeypatch.setattr(
        "softdash.potentials.calculator_factory.find_spec",
        lambda package: None if package in hidden else find_spec(package),
    )
    registry._discover.cache_clear()


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_says_what_is_known_of_it(file: Path) -> None:
    described, card = read_card_file(file), read_card(file)
    assert described.tried
    assert described.install.startswith("pip install ")
    assert described.package
    assert described.package in described.install
    assert described.queue
    assert not card.citation or re.match(r"doi:10\.\d{4,}/\S+$", card.citation)
    assert family_of(card.name) in FAMILY_COLOURS
    assert family_of(card.name) != OTHER
    assert any("Tried" in note for note in card.notes)
    assert len(card.notes) == len(set(card.notes))
    assert not any("TRIED" in note or "ENERGY" in note for note in card.notes)
    if "direct" in card.name:
        assert card.forces == "direct"


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_names_its_weights_among_the_arguments(file: Path) -> None:
    described = read_card_file(file)
    given = json.dumps([described.arguments, described.loader_arguments])
    assert all(name in given for name in described.weights)
    assert described.weights or "cache" in " ".join(described.notes)


def test_the_names_that_have_a_look_are_kept() -> None:
    assert set(NAMES) >= KEPT
    assert len(NAMES) == len(set(NAMES)) == 22
    labels = [read_card_file(file).label for file in FILES]
    assert len(set(labels)) == len(labels)


@pytest.mark.usefixtures("no_library")
def test_without_their_libraries_they_are_ready_and_not_offered() -> None:
    assert [card.name for card in registry.ready_cards()] == NAMES
    assert not set(NAMES) & {card.name for card in registry.cards()}
    for card in registry.ready_cards():
        assert not card.is_installed()
        assert card.install in registry.how_to_install(card)
    assert registry.card("orb-v3-conservative-inf-omat").forces == "gradient"


@pytest.mark.usefixtures("no_library")
def test_the_list_shows_them_apart(service: DiagnosisService) -> None:
    printed = CliRunner().invoke(main, ["potentials", "list"]).stdout
    table, _, ready = printed.partition("Ready when installed:")
    assert not any(f"\n{name} " in table for name in NAMES)
    assert all(name in ready for name in NAMES)
    listed = json.loads(CliRunner().invoke(main, ["potentials", "list", "--json"]).stdout)
    assert [one["name"] for one in listed["ready_when_installed"]] == NAMES
    assert not set(NAMES) & {one["name"] for one in listed["potentials"]}
    assert not set(NAMES) & set(service.online_potentials())


@pytest.mark.usefixtures("no_library")
def test_one_that_a_worker_of_another_environment_has_is_online(
    service: DiagnosisService, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = WorkerStatus("orb")
    worker.potentials = ["orb-v3-conservative-inf-omat"]
    monkeypatch.setattr(service, "workers", lambda: (worker,))
    assert service.online_potentials()["orb-v3-conservative-inf-omat"].state == "online"
    assert "orb-v3-direct-inf-omat" not in service.online_potentials()


def test_one_whose_library_and_weights_are_here_is_offered(
    write_card: WriteCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_card("own-copper").parent
    (folder / "shipped").mkdir()
    (folder / "own-copper.toml").rename(folder / "shipped" / "own-copper.toml")
    monkeypatch.setattr(registry, "SHIPPED", folder / "shipped")
    registry._discover.cache_clear()
    assert registry.card("own-copper") in registry.cards()
    assert registry.ready_cards() == ()


def test_an_operator_s_card_of_the_same_name_takes_its_place(write_card: WriteCard) -> None:
    write_card("uma-s-1p1")
    assert registry.card("uma-s-1p1").label == "Copper by a card"
    assert "uma-s-1p1" not in [card.name for card in registry.ready_cards()]


@pytest.mark.parametrize(("below", "here"), [("1", False), ("1000", True)])
def test_a_version_that_will_not_do_is_not_installed(write_card: WriteCard, below: str, here: bool) -> None:
    write_card("copper", COPPER + f'version_from = "0.5"\nversion_below = "{below}"\n')
    assert registry.card("copper").is_installed() is here


def test_reading_them_imports_nothing_of_theirs() -> None:
    packages = sorted(
        {factory_of(read_card_file(file), file).calculator.package for file in FILES} | {"torch", "scipy"}
    )
    code = (
        "import sys; from softdash.potentials.registry import cards, ready_cards; cards()\n"
        f"print([name for name in {packages!r} if name in sys.modules], len(ready_cards()) > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] True"
