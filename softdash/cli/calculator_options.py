"""The options ``--calculator``, ``--arguments`` and ``--name``: any ASE calculator in the place of a potential."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from softdash.cli.options import Command
from softdash.errors import InputError

if TYPE_CHECKING:
    from softdash.potentials.interface import PotentialCard

_EXAMPLE = "package.module:factory"


def calculator_options(*, with_name: bool = False) -> list[click.Option]:
    """Return the options; with that of a name for commands that write tables."""
    found = [
        click.Option(
            ["--calculator", "calculator"],
            metavar=_EXAMPLE,
            help="ASE calculator without a card: the class or function that returns it. Your own code, on this "
            "machine only.",
        ),
        click.Option(
            ["--arguments", "arguments"],
            metavar="JSON",
            help='Keyword arguments of --calculator, a JSON object: \'{"model": "my.model"}\'.',
        ),
    ]
    if with_name:
        told = "Name of --calculator in the tables. [default: calculator- and the name of its class or function]"
        found.append(click.Option(["--name", "calculator_name"], metavar="NAME", help=told))
    return found


def with_calculator(command: Command) -> Command:
    """Add the options to a command, which gets `calculator` and `arguments`."""
    decorated: Any = command
    decorated.__click_params__ = [*getattr(command, "__click_params__", []), *reversed(calculator_options())]
    return cast(Command, decorated)


def card_of_options(
    calculator: str | None, arguments: str | None, name: str | None = None, url: str | None = None
) -> PotentialCard | None:
    """Return the card of the calculator that the options describe; None where they describe none.

    Raises
    ------
    click.UsageError
        If the options do not fit each other, or cannot be read.
    InputError
        If a server shall run it, or the name cannot be one.
    """
    if calculator is None:
        given = [flag for flag, value in (("--arguments", arguments), ("--name", name)) if value is not None]
        if given:
            raise click.UsageError(f"{given[0]} belongs to --calculator.")
        return None
    if url is not None:
        raise InputError(
            "A server never runs a calculator of yours.",
            where="--calculator",
            advice="Leave out --url (and unset SOFTDASH_URL), or name a potential that the server has.",
        )
    from softdash.potentials.calculator_factory import PATH_PATTERN, CalculatorFactory, Call
    from softdash.potentials.given_calculator import card_of_factory

    if not re.fullmatch(PATH_PATTERN, calculator):
        raise click.BadParameter(f"{calculator[:60]!r} is not of the form {_EXAMPLE}.", param_hint="--calculator")
    factory = CalculatorFactory(Call(calculator, _arguments(arguments)), where="--calculator")
    return card_of_factory(factory, name)


def require_one(potentials: Sequence[str], card: PotentialCard | None) -> None:
    """Refuse a command line that names neither a potential nor a calculator. Raises click.UsageError."""
    if not potentials and card is None:
        raise click.UsageError("Missing option '--potential' (or '--calculator').")


def _arguments(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise click.BadParameter(
            f'{text[:60]!r} is no JSON object; write it in single quotes, \'{{"model": "my.model"}}\'.',
            param_hint="--arguments",
        )
    return given
