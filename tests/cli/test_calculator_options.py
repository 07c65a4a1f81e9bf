"""``--calculator``: any ASE calculator on the command line, for diagnoses and for rows in the tables."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from softdash.cli import main
from softdash.cli.exit_codes import ExitCode
from softdash.potentials import registry
from softdash.settings import Settings

SHIPPED = Path(__file__).parents[2] / "precomputed"
FILE = str(SHIPPED / "references" / "gpaw_pbe" / "Cu3Au.extxyz")
EMT = ("--calculator", "ase.calculators.emt:EMT")


def diagnose(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["diagnose", FILE, *arguments])


def results(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == ExitCode.DONE, done.output
    return list(json.loads(done.stdout)["results"])


def test_its_numbers_are_those_of_the_registry_s_potential() -> None:
    ours, shipped = results(diagnose(*EMT, "--json"))[0], results(diagnose("--potential", "emt", "--json"))[0]
    assert ours["statistics"] == shipped["statistics"]
    assert (ours["potential"]["name"], ours["potential"]["weights_sha256"]) == ("calculator-emt", "")


def test_it_stands_beside_named_potentials() -> None:
    found = results(diagnose("--potential", "emt", *EMT, "--json"))
    assert [one["potential"]["name"] for one in found] == ["emt", "calculator-emt"]


def test_arguments_are_given_and_their_files_are_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pairs.py").write_text(
        "from ase.calculators.lj import LennardJones\n"
        "class Pairs:\n"
        "    @classmethod\n"
        "    def from_file(cls, model, *, epsilon):\n"
        "        return LennardJones(sigma=float(open(model).read()), epsilon=epsilon)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    model = tmp_path / "pairs.txt"
    model.write_text("2.3")
    given = json.dumps({"model": str(model), "epsilon": 0.4})
    (found,) = results(diagnose("--calculator", "pairs:Pairs.from_file", "--arguments", given, "--json"))
    assert found["potential"]["weights_sha256"] == hashlib.sha256(b"2.3").hexdigest()
    assert found["potential"]["name"] == "calculator-pairs-from-file"
    assert found["statistics"]["slope"] > 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), ExitCode.COMMAND_LINE, ["--potential", "--calculator"]),
        (("--calculator", "ase.calculators.emt.EMT"), ExitCode.COMMAND_LINE, ["--calculator"]),
        ((*EMT, "--arguments", "{"), ExitCode.COMMAND_LINE, ["--arguments", "JSON"]),
        ((*EMT, "--arguments", "[1]"), ExitCode.COMMAND_LINE, ["--arguments", "JSON"]),
        (("--potential", "emt", "--arguments", "{}"), ExitCode.COMMAND_LINE, ["--calculator"]),
        (("--calculator", "ase.calculators.emt:EMTT"), ExitCode.POTENTIAL, ["EMTT", "EMT"]),
        (("--calculator", "no_such_package:EMT"), ExitCode.POTENTIAL, ["no_such_package"]),
        ((*EMT, "--url", "http://127.0.0.1:9"), ExitCode.INPUT, ["server", "--url"]),
    ],
)
def test_what_is_wrong_is_told(arguments: tuple[str, ...], code: ExitCode, words: list[str]) -> None:
    done = diagnose(*arguments)
    assert done.exit_code == code
    assert all(word in done.stderr for word in words), done.stderr


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of results with the references of two metals."""
    for file in (SHIPPED / "references" / "gpaw_pbe").glob("*Au*.extxyz"):
        (tmp_path / "out" / "references" / "gpaw_pbe").mkdir(parents=True, exist_ok=True)
        shutil.copy(file, tmp_path / "out" / "references" / "gpaw_pbe")
    settings = Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path / "out", data_dir=None)
    monkeypatch.setattr("softdash.settings.get_settings", lambda: settings)
    monkeypatch.setattr(registry, "_offered", {})
    monkeypatch.setattr(registry, "_loaded", {})
    return tmp_path / "out"


@pytest.mark.parametrize(
    "command", [("all", "--shipped-only", "--task", "high-energy"), ("high-energy", "--dataset", "gpaw_pbe")]
)
def test_its_rows_stand_in_the_tables_under_its_name(tables: Path, command: tuple[str, ...]) -> None:
    words = ["--potential", "emt", *EMT, "--name", "my-emt"]
    done = CliRunner().invoke(main, ["benchmark", *command, *words])
    assert done.exit_code == ExitCode.DONE, done.output
    rows = pd.read_csv(tables / "high_energy" / "materials.csv").set_index(["potential", "material_id"])
    pd.testing.assert_series_equal(rows.loc["my-emt"]["slope"], rows.loc["emt"]["slope"], check_exact=True)
    described = json.loads((tables / "datapackage.json").read_text())
    versions = [one for resource in described["resources"] for one in resource["potentials"] if one["name"] == "my-emt"]
    assert versions[0]["package"] == "ase"
    assert versions[0]["weights_sha256"] == ""


@pytest.mark.parametrize("name", ["emt", "dft", "calculator-x", "a b"])
def test_a_name_that_means_something_else_is_refused(tables: Path, name: str) -> None:
    done = CliRunner().invoke(main, ["benchmark", "high-energy", *EMT, "--name", name])
    assert done.exit_code in {ExitCode.POTENTIAL, ExitCode.INPUT}
    assert name in done.stderr
    assert not (tables / "high_energy").exists()


def test_benchmarks_want_a_potential_or_a_calculator() -> None:
    for command in ("all", "high-energy"):
        assert CliRunner().invoke(main, ["benchmark", command]).exit_code == ExitCode.COMMAND_LINE
