"""Potentials by TOML cards: what is read, what is wrong and how it is told, what is run."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from softdash.errors import InputError, PotentialUnavailableError
from softdash.potentials import registry
from softdash.potentials.calculator_factory import CalculatorFactory, Call, is_calculator, is_here
from softdash.potentials.card_description import (
    ELEMENTS_OF_MPTRJ,
    description_text,
    element_ranges,
    is_known_structure,
    read_description,
)
from softdash.potentials.card_files import distribution_of
from tests.card_folder import COPPER, WriteCard

SHORTEST = 'label = "Copper"\ncalculator = "ase.calculators.emt:EMT"\n'


def reasons() -> dict[str, str]:
    # Of cards alone: what else is installed beside softdash is not looked at here.
    return {one.plugin: one.reason for one in registry.plugin_problems() if one.target.startswith("/")}


def test_two_lines_make_a_potential(write_card: WriteCard) -> None:
    write_card("my-copper", SHORTEST)
    card = registry.card("my-copper")
    assert (card.label, card.family, card.queue, card.package) == ("Copper", "my", "ase", "ase")
    assert card.elements == ELEMENTS_OF_MPTRJ
    assert len(card.elements) == 89
    assert card.weights_sha256() == ""
    assert "not stated" in card.functional
    assert any("known energy" in note for note in card.notes)
    assert card.is_installed()
    assert registry.package_version(card) == registry.package_version(registry.card("emt"))
    assert registry.load_potential("my-copper").predict([bulk("Cu", cubic=True)])[0].forces.shape == (4, 3)


def test_a_card_computes_what_the_calculator_computes(write_card: WriteCard) -> None:
    write_card("copper")
    frames = [bulk("Cu", cubic=True), bulk("Cu", cubic=True)]
    for seed, frame in enumerate(frames):
        frame.rattle(0.1, seed=seed)
    ours = registry.load_potential("copper").predict(frames, stress=True)
    shipped = registry.load_potential("emt").predict(frames, stress=True)
    for one, other in zip(ours, shipped, strict=True):
        np.testing.assert_array_equal(one.forces, other.forces)
        np.testing.assert_array_equal(one.stress, other.stress)
        assert one.energy == other.energy


def test_all_keys_reach_the_card(write_card: WriteCard, tmp_path: Path) -> None:
    write_card(
        "full",
        SHORTEST
        + """
family = "mace"
queue = "metals"
elements = ["H-He", "Cu"]
forces = "direct"
functional = "PBE"
training_set = "Own"
licence = "MIT"
citation = "doi:10.1/1"
parameters = 1_000
date = 2025-04-10
version = "3"
package = "numpy"
install = "pip install numpy"
notes = ["One."]
tried = "nothing"
known_energies = { "Cu fcc 3.6" = -0.0067 }
weights = ["one.bin", "two.bin"]
""",
    )
    card = registry.card("full")
    assert (card.family, card.queue, card.package, card.version) == ("mace", "metals", "numpy", "3")
    assert card.elements == {"H", "He", "Cu"}
    assert (card.forces, card.parameter_count, card.released) == ("direct", 1000, "2025-04-10")
    assert card.known_energies[0].energy_per_atom == -0.0067
    assert card.notes == ("One.", "Tried: nothing")
    assert not card.is_installed()
    with pytest.raises(PotentialUnavailableError, match=r"one\.bin"):
        card.weights_sha256()
    for name in ("one.bin", "two.bin"):
        (tmp_path / "cards" / name).write_bytes(name.encode())
    assert card.is_installed()
    sums = [hashlib.sha256(name.encode()).hexdigest() for name in ("one.bin", "two.bin")]
    assert card.weights_sha256() == hashlib.sha256("".join(sums).encode()).hexdigest()


def test_weights_among_the_arguments_become_paths(write_card: WriteCard, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_card(
        "own",
        'label = "Own"\ncalculator = "own_library:Calculator"\nweights = ["w.bin"]\narguments = { model = "w.bin" }\n',
    )
    (file.parent / "w.bin").write_bytes(b"1.5")
    (file.parent / "own_library.py").write_text(
        "from ase.calculators.lj import LennardJones\n"
        "def Calculator(model):\n    print('noise')\n    return LennardJones(sigma=float(open(model).read()))\n"
    )
    assert not registry.card("own").is_installed()
    monkeypatch.syspath_prepend(file.parent)
    card = registry.card("own")
    assert card.is_installed()
    assert card.weights_sha256() == hashlib.sha256(b"1.5").hexdigest()
    assert "own_library" not in sys.modules
    assert registry.load_potential("own").predict([bulk("Cu", cubic=True)])[0].energy != 0.0
    assert registry.package_version(card) == "of no version"
    assert "w.bin" in card.calculator
    assert str(file.parent) not in card.calculator


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SHORTEST + "calculater = 1", ["calculater", "calculator"]),
        ('label = "Copper"', ["`calculator`", "missing"]),
        ('label = "Copper"\ncalculator = "ase.calculators.emt.EMT"', ["`calculator`", "package.module:Factory"]),
        (SHORTEST + 'elements = ["Xx"]', ["`elements`", "Xx"]),
        (SHORTEST + 'forces = "curl"', ["`forces`", "gradient"]),
        (SHORTEST + 'known_energies = { "NaCl rocksalt" = -3.4 }', ["`known_energies`", "NaCl rocksalt 5.69"]),
        (SHORTEST + 'known_energies = { "Cu fcc 3.6" = nan }', ["`known_energies`"]),
        (SHORTEST + "loader_arguments = { a = 1 }", ["loader"]),
        (SHORTEST + "label = 2", ["TOML"]),
        (SHORTEST + "device = cpu", ["line 3"]),
        ("", ["`label`"]),
    ],
)
def test_a_wrong_card_costs_itself_alone(write_card: WriteCard, text: str, words: list[str]) -> None:
    write_card("right")
    write_card("wrong", text)
    assert registry.card("right").is_installed()
    reason = reasons()["wrong.toml"]
    assert set(reasons()) == {"wrong.toml"}
    assert all(word in reason for word in words), reason
    assert "pydantic" not in reason


@pytest.mark.parametrize("name", ["emt", "calculator-emt", "with space"])
def test_names_are_told_apart(write_card: WriteCard, name: str) -> None:
    write_card(name)
    assert name in reasons()[f"{name}.toml"]


def test_a_folder_that_is_not_there_is_told(write_card: WriteCard, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_card("right")
    file.unlink()
    file.parent.rmdir()
    registry._discover.cache_clear()
    assert list(reasons()) == ["SOFTDASH_POTENTIALS_DIR"]


def test_another_energy_than_the_known_one_refuses_to_serve(write_card: WriteCard) -> None:
    write_card("copper", COPPER.replace("-0.006688769", "-0.1"))
    with pytest.raises(PotentialUnavailableError, match=r"-0\.0067.*-0\.1000.*copper\.toml"):
        registry.load_potential("copper")


def _returns_no_calculator(**_given: object) -> str:
    return "no calculator"


def _fails() -> None:
    raise ValueError("words of a library")


@pytest.mark.parametrize(
    ("path", "arguments", "words"),
    [
        ("no_such_package.module:Thing", {}, ["no_such_package"]),
        ("ase.calculators.no_such:Thing", {}, ["ase.calculators.no_such", "ModuleNotFoundError"]),
        ("ase.calculators.emt:EMTT", {}, ["EMTT", "EMT"]),
        ("ase.calculators.emt:__name__", {}, ["str"]),
        ("ase.calculators.lj:LennardJones.from_nothing", {}, ["from_nothing"]),
        (f"{__name__}:_returns_no_calculator", {"a": 1}, ["str", "no ASE calculator"]),
        (f"{__name__}:_fails", {"a": 1}, ["does not take a"]),
        (f"{__name__}:_fails", {}, ["ValueError"]),
        ("softdash.potentials.calculator_factory:is_here", {}, ["needs package"]),
    ],
)
def test_what_makes_no_calculator_is_told(path: str, arguments: dict[str, object], words: list[str]) -> None:
    factory = CalculatorFactory(Call(path, arguments), where="own.toml")
    with pytest.raises(PotentialUnavailableError) as told:
        factory()
    assert told.value.where == "own.toml"
    assert told.value.advice
    assert all(word in str(told.value) for word in words), str(told.value)
    assert "words of a library" not in str(told.value)


def _load_two(scale: float, device: str) -> tuple[float, str]:
    return scale, device


class _TakesTwo:
    def __init__(self, scale: float, where: str, *, device: str) -> None:
        self.given = (scale, where, device)

    def get_potential_energy(self) -> float:
        return 0.0

    def get_forces(self) -> float:
        return 0.0


def test_what_a_loader_returns_the_calculator_takes_first() -> None:
    loader = Call(f"{__name__}:_load_two", {"scale": 2.0})
    made = CalculatorFactory(Call(f"{__name__}:_TakesTwo"), loader, device="cpu")()
    assert made.given == (2.0, "cpu", "cpu")


def _switches_protection_off() -> _TakesTwo:
    seen.append(os.environ.get(PICKLES))
    os.environ[PICKLES] = "1"
    return _TakesTwo(0.0, "", device="")


PICKLES = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"
seen: list[str | None] = []


@pytest.mark.parametrize(("opens", "inside"), [(True, "1"), (False, None)])
def test_what_a_library_allows_for_all_files_ends_with_its_loading(
    opens: bool, inside: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PICKLES, raising=False)
    CalculatorFactory(Call(f"{__name__}:_switches_protection_off"), opens_pickles=opens)()
    assert seen[-1] == inside
    assert PICKLES not in os.environ


def test_classes_are_no_calculators() -> None:
    assert is_calculator(_TakesTwo(1.0, "", device="cpu"))
    assert not is_calculator(_TakesTwo)
    assert is_here("ase")
    assert not is_here("no_such_package")
    assert distribution_of("no_such_package") == "no_such_package"
    assert distribution_of("yaml") == "PyYAML"


def test_a_card_reads_back_from_its_own_text() -> None:
    text = (
        SHORTEST
        + 'elements = "H-Bi, U"\nnotes = ["A \\"word\\"\\n"]\narguments = { a = [1, 2.5, true], b = { c = "d" } }'
    )
    described = read_description(text, "own.toml")
    written = description_text(described.model_dump() | {"known_energies": {"Cu fcc 3.6": -0.1}})
    assert read_description(written, "own.toml") == described.model_copy(
        update={"known_energies": {"Cu fcc 3.6": -0.1}}
    )
    assert "licence" in written.splitlines()[-1]
    assert element_ranges(ELEMENTS_OF_MPTRJ) == ["H-Bi", "Ac-Pu"]


def test_all_elements_are_all_of_them() -> None:
    assert len(read_description(SHORTEST + 'elements = "all"', "own.toml").elements) == 118
    with pytest.raises(InputError, match="elements"):
        read_description(SHORTEST + "elements = []", "own.toml")


@pytest.mark.parametrize("structure", ["NaCl rocksalt 5.69", "Cu fcc 3.6", "CsCl cesiumchloride 4.12"])
def test_known_structures_can_be_built(structure: str) -> None:
    assert is_known_structure(structure)
    registry.reference_crystal(registry.KnownEnergy(structure, 0.0, 0.0, ""))


@pytest.mark.parametrize("structure", ["NaCl fcc 5.69", "Cu rocksalt 3.6", "Xx fcc 3", "Mg hcp 3.2", "Cu fcc 0", "Cu"])
def test_others_cannot(structure: str) -> None:
    assert not is_known_structure(structure)
