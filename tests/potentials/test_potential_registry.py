"""Cards, plug-ins, and loading with a check."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import metadata

import numpy as np
import pytest

from softdash.errors import PotentialUnavailableError
from softdash.potentials import registry
from softdash.potentials.classical import POTENTIALS as CLASSICAL
from softdash.potentials.interface import KnownEnergy, PotentialCard


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch):
    """Let the test say which entry points are installed."""

    def install(**targets: str) -> None:
        found = [metadata.EntryPoint(name, target, registry.ENTRY_POINT_GROUP) for name, target in targets.items()]
        monkeypatch.setattr(registry.metadata, "entry_points", lambda group: found)
        registry._discover.cache_clear()

    monkeypatch.setattr(registry, "_loaded", {})
    yield install
    registry._discover.cache_clear()


@pytest.fixture
def offer(plugins, monkeypatch: pytest.MonkeyPatch):
    """Let the test offer its own cards."""

    def offer_cards(*cards: PotentialCard) -> None:
        monkeypatch.setitem(globals(), "OFFERED", tuple(cards))
        plugins(own=f"{__name__}:OFFERED")

    return offer_cards


OFFERED: tuple[PotentialCard, ...] = ()
NOT_CARDS = ["emt"]


def _refuse_to_load():
    raise OSError("weights.bin is cut short")


def test_shipped_potentials_are_found_universal_first() -> None:
    names = [card.name for card in registry.cards()]
    assert names[:3] == ["chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan"]
    assert {"emt", "lennard-jones-argon"} <= set(names)
    universal = [card.is_universal for card in registry.cards()]
    assert universal == sorted(universal, reverse=True)
    assert registry.plugin_problems() == ()


def test_a_broken_plugin_costs_itself_alone(plugins) -> None:
    plugins(
        good="softdash.potentials.classical:POTENTIALS",
        missing="softdash.no_such_module:POTENTIALS",
        wrong_type=f"{__name__}:NOT_CARDS",
        doubled="softdash.potentials.classical:POTENTIALS",
    )
    # Entry points are taken in the order of their names: "doubled" comes before "good".
    assert [card.name for card in registry.cards()] == ["emt", "lennard-jones-argon"]
    problems = {problem.plugin: problem.reason for problem in registry.plugin_problems()}
    assert set(problems) == {"good", "missing", "wrong_type"}
    assert "no_such_module" in problems["missing"]
    assert "tuple of PotentialCard" in problems["wrong_type"]
    assert "'emt' is taken" in problems["good"]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(PotentialUnavailableError, match=r"'chgnet'.*chgnet-0\.3\.0, chgnet-0\.2\.0"):
        registry.card("chgnet")


def test_a_potential_is_loaded_once() -> None:
    assert registry.load_potential("emt") is registry.load_potential("emt")


def test_a_missing_package_says_how_to_install_it(offer) -> None:
    offer(replace(CLASSICAL[0], package="chgnet", is_installed=lambda: False))
    with pytest.raises(PotentialUnavailableError, match=r"make run EXTRAS=chgnet"):
        registry.load_potential("emt")
    assert registry.installed_cards() == ()


def test_missing_weights_are_told_from_a_missing_package(offer) -> None:
    offer(replace(CLASSICAL[0], is_installed=lambda: False, weights_advice="Put them into the folder."))
    with pytest.raises(PotentialUnavailableError, match=r"Put them into the folder\.$"):
        registry.load_potential("emt")
    missing = replace(CLASSICAL[0], package="no-such-distribution", weights_advice="Put them into the folder.")
    assert registry.how_to_install(missing) == "Install it with: pip install 'no-such-distribution'"


def test_what_a_potential_says_of_its_failure_is_not_wrapped(offer) -> None:
    def refuse():
        raise PotentialUnavailableError("The home folder is read-only.", advice="Set HOME.")

    offer(replace(CLASSICAL[0], load=refuse))
    with pytest.raises(PotentialUnavailableError, match=r"^The home folder is read-only\. Set HOME\.$"):
        registry.load_potential("emt")


def test_wrong_weights_refuse_to_serve(offer) -> None:
    offer(replace(CLASSICAL[0], known_energies=(KnownEnergy("Cu fcc 3.6", -3.5, 0.01, "a book"),)))
    with pytest.raises(PotentialUnavailableError, match=r"-0\.0067 eV/atom.*-3\.5000.*a book"):
        registry.load_potential("emt")


def test_an_energy_that_is_not_a_number_refuses_to_serve(offer) -> None:
    offer(replace(CLASSICAL[0], known_energies=(KnownEnergy("Cu fcc 3.6", float("nan"), 0.01, "a book"),)))
    with pytest.raises(PotentialUnavailableError):
        registry.load_potential("emt")


def test_a_failure_of_a_library_becomes_a_sentence(offer) -> None:
    offer(replace(CLASSICAL[0], load=_refuse_to_load))
    with pytest.raises(PotentialUnavailableError, match=r"could not be loaded.*cut short"):
        registry.load_potential("emt")


def test_the_conventional_cell_is_meant() -> None:
    crystal = registry.reference_crystal(KnownEnergy("NaCl rocksalt 5.69", 0.0, 0.0, ""))
    assert len(crystal) == 8
    np.testing.assert_allclose(crystal.cell.lengths(), 5.69)


def test_versions_of_packages() -> None:
    assert registry.package_version(registry.card("emt")) == metadata.version("ase")
    assert registry.package_version(replace(CLASSICAL[0], package="no-such-distribution")) == "not installed"


def test_cards_and_hashes_need_no_torch() -> None:
    code = (
        "import sys; from softdash.potentials.registry import cards, installed_cards\n"
        "print(*[card.name for card in cards()], *[len(card.weights_sha256()) for card in installed_cards()])\n"
        "print(sorted({'torch', 'chgnet', 'matgl', 'pymatgen'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    described, heavy = done.stdout.strip().splitlines()
    assert heavy == "[]"
    assert set(described.split()[-5:]) == {"64"}
