"""`softdash potentials check`: the contract line by line, and the card filled in."""

from __future__ import annotations

import json
import math
import tomllib

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from click.testing import CliRunner

from softdash.cli import main
from softdash.cli.exit_codes import ExitCode
from softdash.potentials import registry
from softdash.potentials.testing import checks
from tests.card_folder import COPPER, WriteCard

KNOWN = COPPER[COPPER.index("known_energies") :]


class DirectEMT(EMT):  # type: ignore[misc]
    """Forces with a net force: what networks with direct forces give."""

    def calculate(self, atoms: Atoms, properties: list[str], system_changes: list[str]) -> None:
        super().calculate(atoms, properties, system_changes)
        self.results["forces"] = 1.3 * self.results["forces"] + 1e-3


class WithoutStress(Calculator):
    """Energies and forces of effective medium theory, and no stress."""

    implemented_properties = ["energy", "forces"]  # noqa: RUF012

    def calculate(self, atoms: Atoms, properties: list[str], system_changes: list[str] = all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        inner = EMT()
        copy = atoms.copy()
        copy.calc = inner
        self.results = {"energy": copy.get_potential_energy(), "forces": copy.get_forces()}


def check(name: str) -> tuple[int, dict[str, tuple[str, str]], dict[str, object]]:
    done = CliRunner().invoke(main, ["potentials", "check", name, "--json"])
    told = json.loads(done.stdout)
    return done.exit_code, {one["name"]: (one["outcome"], one["details"]) for one in told["checks"]}, told


def test_a_right_card_passes_every_check(write_card: WriteCard) -> None:
    write_card("copper")
    code, found, told = check("copper")
    assert code == ExitCode.DONE
    assert {f"check_{name}" for name in found} == set(checks())
    assert {outcome for outcome, _ in found.values()} == {"passed"}
    assert told["known_energies"] == {"Cu fcc 3.6": -0.006688769}


def test_the_filled_card_is_a_card_of_the_same_potential(write_card: WriteCard) -> None:
    write_card("copper", COPPER.replace(KNOWN, ""))
    code, found, told = check("copper")
    assert code == ExitCode.DONE
    assert found["known_energies"][0] == "proposed"
    (energy,) = told["known_energies"].values()
    assert math.isclose(energy, -0.005682, abs_tol=1e-6)
    write_card("filled", str(told["card"]))
    assert "filled.toml" not in [problem.plugin for problem in registry.plugin_problems()]
    assert registry.card("filled").known_energies[0].energy_per_atom == energy
    assert check("filled")[1]["known_energies"][0] == "passed"


def test_a_wrong_known_energy_fails_with_both_numbers(write_card: WriteCard) -> None:
    write_card("copper", COPPER.replace("-0.006688769", "-0.1"))
    code, found, _ = check("copper")
    assert code == ExitCode.POTENTIAL
    outcome, details = found["known_energies"]
    assert outcome == "failed"
    assert "-0.0067" in details
    assert "-0.1000" in details


def test_direct_forces_are_a_property_and_no_failure(write_card: WriteCard) -> None:
    text = COPPER.replace("ase.calculators.emt:EMT", f"{__name__}:DirectEMT")
    write_card("said", text + 'forces = "direct"\n')
    write_card("unsaid", text)
    code, found, _ = check("said")
    broken = ("forces_are_the_derivative_of_the_energy", "newtons_third_law")
    assert [found[name][0] for name in broken] == ["property", "property"]
    assert "eV/Å" in found[broken[0]][1]
    code, found, _ = check("unsaid")
    assert code == ExitCode.POTENTIAL
    assert [found[name][0] for name in broken] == ["failed", "failed"]


def test_a_calculator_without_stress_says_so(write_card: WriteCard) -> None:
    write_card("copper", COPPER.replace("ase.calculators.emt:EMT", f"{__name__}:WithoutStress"))
    code, found, _ = check("copper")
    assert code == ExitCode.DONE
    assert found["stress_is_the_derivative_of_the_energy"][0] == "property"


def test_it_is_printed_line_by_line_and_the_card_is_toml() -> None:
    done = CliRunner().invoke(main, ["potentials", "check", "emt"])
    assert done.exit_code == ExitCode.DONE
    lines, _, card = done.stdout.partition("\n\n")
    assert len(lines.splitlines()) == len(checks())
    assert tomllib.loads(card)["known_energies"]["Cu fcc 3.6"] == -0.006688769


def test_an_unknown_potential_is_told() -> None:
    assert CliRunner().invoke(main, ["potentials", "check", "no-such"]).exit_code == ExitCode.POTENTIAL
