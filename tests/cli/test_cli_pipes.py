"""Pipes, JSON and interruptions: what other programs rely on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from softdash.cli import main
from softdash.cli.exit_codes import ExitCode, exit_code
from softdash.cli.progress_bars import bars_are_wanted, counting_bars
from softdash.cli.reference import cli_markdown
from softdash.errors import BusyError, InputError, PotentialUnavailableError, PredictionError, SoftdashError

ROOT = Path(__file__).parents[2]
ALUMINIUM = ROOT / "precomputed" / "references" / "gpaw_pbe" / "Al.extxyz"

pytestmark = pytest.mark.usefixtures("elsewhere")


def run(*arguments: str | Path, **named: Any) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **named)


def test_standard_input_is_a_file_with_a_name() -> None:
    by_path = run("diagnose", ALUMINIUM, "--potential", "emt", "--json")
    piped = run(*("diagnose", "-", "--name", "Al.extxyz", "--potential", "emt", "--json"), input=ALUMINIUM.read_bytes())
    assert piped.exit_code == 0, piped.output
    assert json.loads(piped.stdout)["result_sha256"] == json.loads(by_path.stdout)["result_sha256"]
    assert piped.stderr == ""


def test_standard_input_may_be_one_of_two_files(elsewhere: Path) -> None:
    structure = """aluminium
1.0
4.1 0 0
0 4.1 0
0 0 4.1
Al
2
Cartesian
0 0 0
2.05 2.2 0
"""
    (elsewhere / "POSCAR").write_text(structure)
    forces = b"0.1 0.2 -0.5\n-0.1 -0.2 0.5\n"
    done = run("diagnose", "POSCAR", "-", "--name", "forces.csv", "--potential", "emt", "--json", input=forces)
    report = json.loads(done.stdout)
    assert [file["name"] for file in report["files"]] == ["POSCAR", "forces.csv"], done.stderr
    assert report["understanding"]["component_count"] == 6


@pytest.mark.parametrize(
    ("arguments", "content", "words"),
    [
        (["-"], b"", "Standard input is empty"),
        (["-", "-"], b"1", "named twice"),
        (["-", "--name", "run.png"], b"1", "run.png"),
        (["-"], b"no structure", "input.extxyz"),
    ],
)
def test_what_is_wrong_with_standard_input_is_said(arguments: list[str], content: bytes, words: str) -> None:
    done = run("diagnose", *arguments, "--potential", "emt", input=content)
    assert done.exit_code == ExitCode.INPUT
    assert words in done.stderr


@pytest.mark.parametrize("command", [["settings"], ["potentials", "list"], ["report", "verify", "{report}"]])
def test_a_reader_that_goes_away_ends_the_command_quietly(command: list[str], elsewhere: Path) -> None:
    report = elsewhere / "report.json"
    report.write_text(run("diagnose", ALUMINIUM, "--potential", "emt", "--json").stdout)
    arguments = [part.format(report=report) for part in command]
    process = subprocess.Popen(
        [sys.executable, "-m", "softdash", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=300) == ExitCode.DONE


def test_any_form_of_a_report_goes_to_standard_output_or_into_files(elsewhere: Path) -> None:
    words = ("diagnose", ALUMINIUM, "--potential", "emt")
    report = json.loads(run(*words, "-o", "-").stdout)
    assert report["results"][0]["potential"]["name"] == "emt"
    names = ["a.csv", "a.html", "a.extxyz", "a.recipe.json", "a.py"]
    done = run(*words, *(part for name in names for part in ("-o", name)), "-o", "-.csv")
    assert done.exit_code == 0, done.output
    assert done.stdout_bytes.startswith(b"# softdash")
    without_date = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    assert [line for line in (elsewhere / "a.csv").read_text().splitlines() if line[0] != "#"] == without_date
    assert (elsewhere / "a.html").read_text().startswith("<!DOCTYPE html>")
    assert (elsewhere / "a.extxyz").read_text().count("REF_forces") == 10
    assert json.loads((elsewhere / "a.recipe.json").read_text())["potential"]["name"] == "emt"
    assert '"a.recipe.json"' in (elsewhere / "a.py").read_text()
    twice = run(*words, "-o", "-", "--json")
    assert (twice.exit_code, json.loads(twice.stdout)["error"]["code"]) == (ExitCode.INPUT, "unusable_input")


def test_interruption_has_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("softdash.diagnosis.direct.diagnose_files", interrupt)
    done = run("diagnose", ALUMINIUM, "--potential", "emt")
    assert done.exit_code == ExitCode.INTERRUPTED
    assert done.stderr == "softdash: interrupted\n"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("output", "as_json", "drawn"),
    [(Terminal(), False, True), (Terminal(), True, False), (StringIO(), False, False)],
    ids=["terminal", "json", "pipe"],
)
def test_bars_are_for_terminals(output: StringIO, as_json: bool, drawn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = Terminal()
    monkeypatch.setattr("sys.stdout", output)
    monkeypatch.setattr("sys.stderr", errors)
    monkeypatch.setenv("TERM", "xterm")
    assert bars_are_wanted(as_json=as_json) is drawn
    with counting_bars(as_json=as_json) as add_bar:
        follow = add_bar("Effective medium theory")
        follow(1, 2)
        follow(2, 2)
    assert ("Effective medium theory" in errors.getvalue()) is drawn
    assert output.getvalue() == ""


def test_lists_are_printed_as_json_too() -> None:
    potentials = json.loads(run("potentials", "list", "--json").stdout)["potentials"]
    emt = next(potential for potential in potentials if potential["name"] == "emt")
    assert emt["is_installed"]
    assert "Cu" in emt["elements"]
    sets = {one["name"]: one for one in json.loads(run("data", "list", "--json").stdout)}
    assert sets["mpf-TP"]["frames"] > 100
    assert sets["gpaw_pbe"]["place"] == "shipped"
    assert json.loads(run("settings", "--json").stdout)["SOFTDASH_PORT"] == 8050


def test_an_offer_names_the_option_that_takes_it(monkeypatch: pytest.MonkeyPatch, elsewhere: Path) -> None:
    (elsewhere / "long.extxyz").write_bytes(ALUMINIUM.read_bytes())
    monkeypatch.setenv("SOFTDASH_FRAMES_MAX", "4")
    monkeypatch.setattr("softdash.settings.get_settings", _settings_of_the_environment)
    refused = run("diagnose", "long.extxyz", "--potential", "emt")
    assert (refused.exit_code, "add --thin" in refused.stderr) == (ExitCode.INPUT, True), refused.stderr
    thinned = run("diagnose", "long.extxyz", "--potential", "emt", "--thin", "--json")
    assert len(json.loads(thinned.stdout)["understanding"]["frames"]) == 4, thinned.stderr


def _settings_of_the_environment() -> object:
    from softdash.settings import Settings

    return Settings()


def test_the_unit_of_forces_can_be_given(elsewhere: Path) -> None:
    (elsewhere / "POSCAR").write_text("Al\n1.0\n4.1 0 0\n0 4.1 0\n0 0 4.1\nAl\n2\nCartesian\n0 0 0\n2.05 2.2 0\n")
    (elsewhere / "forces.csv").write_text("0.01 0.02 -0.05\n-0.01 -0.02 0.05\n")
    arguments = ("diagnose", "POSCAR", "forces.csv", "--potential", "emt", "--json")
    plain = json.loads(run(*arguments).stdout)["understanding"]
    atomic = json.loads(run(*arguments, "--force-unit", "Ry/bohr").stdout)["understanding"]
    assert atomic["reference_max"] == pytest.approx(25.711 * plain["reference_max"], rel=1e-3)
    assert "Ry/bohr" in atomic["force_unit"]
    assert json.loads(run(*arguments, "--force-unit", "eV/A").stdout)["understanding"]["reference_max"] == 0.05


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), ExitCode.INPUT),
        (PotentialUnavailableError("x"), ExitCode.POTENTIAL),
        (PredictionError("x"), ExitCode.NO_RESULT),
        (BusyError("x"), ExitCode.SERVER),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: SoftdashError, code: ExitCode) -> None:
    assert exit_code(error) is code


def test_help_and_reference_name_all_exit_codes() -> None:
    text, reference = run("--help").stdout, cli_markdown()
    for code in ExitCode:
        assert f"{code.value:>3}  " in text
        assert f"| {code.value} | {code.meaning} |" in reference


def test_the_reference_of_the_commands_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == cli_markdown(), "run `make docs`"


def commands(group: click.Group = main, path: str = "softdash") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.mark.parametrize(("path", "command"), list(commands()))
def test_help_is_one_whole_line_with_an_example_and_every_option_explained(path: str, command: click.Command) -> None:
    groups = run(*path.split()[1:-1], "--help").stdout
    (line,) = [line for line in groups.splitlines() if re.match(rf"  {path.split()[-1]}  ", line)]
    assert not line.endswith("...")
    assert line.endswith(".")
    shown = run(*path.split()[1:], "--help").stdout
    assert f"Examples:\n    {path}" in shown or re.search(rf"Examples:\n    .*{path}", shown)
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []
    if path.split()[1] in {"benchmark", "data", "report", "potentials", "reference"}:
        assert "--json" in {name for one in options for name in one.opts}
