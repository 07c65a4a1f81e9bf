"""The options of the command line that decide how files are read."""

from __future__ import annotations

import shlex
from typing import Any

import click
import pytest
from click.testing import CliRunner

from softdash.cli import main
from softdash.cli.exit_codes import ExitCode
from softdash.cli.options import read_options, reading_options
from softdash.errors import Choice, InputError
from softdash.reports.terminal.flags import options_as_flags
from softdash.structures.frames.read_options import ReadOptions

ALL: dict[str, Any] = {
    "force_unit": "Ha/bohr",
    "force_factor": -0.5,
    "forces": "my DFT",
    "structure": "block 2",
    "symmetry": "ignore",
    "orientation": "pymatgen/-xyz",
    "row_order": (2, 1, 3),
    "reorder": True,
    "thin": True,
    "materials": "elements",
}


@click.command()
@reading_options
def _echo(options: ReadOptions) -> None:
    click.echo(options.model_dump_json())


def _read(*arguments: str) -> ReadOptions:
    done = CliRunner().invoke(_echo, arguments)
    assert done.exit_code == 0, done.output
    return ReadOptions.model_validate_json(done.stdout)


def test_every_choice_is_an_option_and_flags_are_taken_back() -> None:
    assert set(ALL) == set(ReadOptions.model_fields)
    wanted = ReadOptions.model_validate(ALL)
    assert _read(*shlex.split(options_as_flags(ALL))) == wanted
    assert _read(*shlex.split(options_as_flags(wanted.as_fields()))) == wanted
    assert _read() == ReadOptions()
    assert options_as_flags({"reorder": False, "forces": None}) == ""
    assert options_as_flags({"force_unit": "kcal/mol/Å"}) == "--force-unit kcal/mol/A"


@pytest.mark.parametrize(
    ("typed", "unit"), [("eV/A", "eV/Å"), ("Ry/au", "Ry/bohr"), ("kcal mol-1 A-1", "kcal/mol/Å"), ("a.u.", "Ha/bohr")]
)
def test_a_unit_is_typed_in_any_spelling(typed: str, unit: str) -> None:
    assert _read("--force-unit", typed).force_unit == unit


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("force_unit", "eV/furlong"),
        ("force_factor", 0.0),
        ("force_factor", float("nan")),
        ("orientation", "sideways"),
        ("row_order", "1,1,2"),
        ("row_order", "a,b"),
        ("forces", "x" * 1000),
    ],
)
def test_an_impossible_choice_names_its_option(field: str, value: Any) -> None:
    with pytest.raises(click.BadParameter) as caught:
        read_options({field: value})
    assert caught.value.param_hint == "--" + field.replace("_", "-")
    assert "Input should" not in caught.value.message
    assert "Value error" not in caught.value.message


def test_a_unit_that_has_no_name_is_chosen_by_its_factor() -> None:
    with pytest.raises(click.BadParameter, match=r"--force-factor 6241\.509"):
        read_options({"force_unit": "dyn"})


def test_an_error_prints_its_choices_as_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = (Choice("Read as Ha/bohr", {"force_unit": "Ha/bohr"}), Choice("Take my DFT", {"forces": "my DFT"}))

    def refuse(*_arguments: object, **_named: object) -> None:
        raise InputError("The unit is not understood.", choices=choices)

    monkeypatch.setattr("softdash.cli.diagnose.diagnose", refuse)
    done = CliRunner().invoke(main, ["diagnose", "-", "--potential", "emt"], input="x")
    assert done.exit_code == ExitCode.INPUT
    lines = done.stderr.splitlines()
    assert lines[-2:] == ["  Read as Ha/bohr: --force-unit Ha/bohr", "  Take my DFT: --forces 'my DFT'"]
