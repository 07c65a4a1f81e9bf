"""Options that several commands have in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from softdash.structures.read_options import ForceUnit

Command = TypeVar("Command", bound=Callable[..., Any])
Output = TypeVar("Output", Path | None, tuple[Path, ...])

URL_VARIABLE = "SOFTDASH_URL"

# Not every keyboard has an Å.
_UNIT_ALIASES = {"eV/A": "eV/Å"}


def examples(*lines: str) -> str:
    """Return commands as the epilog of a ``--help``; the first line keeps click from joining the others."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def json_option(what: str) -> Callable[[Command], Command]:
    """Return the flag ``--json``; with it errors are printed as JSON, too."""

    def remember(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
        context.ensure_object(dict)["json"] = value
        return value

    return click.option("--json", "as_json", is_flag=True, callback=remember, help=f"Print {what} as JSON.")


def echo_json(content: object) -> None:
    """Print what is JSON already, or becomes it."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def url_option(what: str) -> Callable[[Command], Command]:
    """Return the option ``--url`` of commands that a server can carry out."""
    return click.option("--url", metavar="ADDRESS", envvar=URL_VARIABLE, show_envvar=True, help=what)


def potential_option(*, several: bool = False, default: str | None = None) -> Callable[[Command], Command]:
    """Return the option ``--potential``; without a default it must be given."""
    more = "; may be repeated" if several else ""
    return click.option(
        "--potential",
        "potentials" if several else "potential",
        metavar="NAME",
        multiple=several,
        required=default is None,
        default=default,
        show_default=default is not None,
        help=f"Potential{more}; `softdash potentials list` has all names.",
    )


def output_option(what: str, *, several: bool = False) -> Callable[[Command], Command]:
    """Return the option ``--output``."""
    names = ("-o", "--output", "outputs" if several else "output")
    kind = click.Path(path_type=Path, dir_okay=False, writable=True, allow_dash=several)
    return click.option(*names, metavar="FILE", type=kind, multiple=several, callback=folder_is_there, help=what)


def folder_is_there(_context: click.Context, _parameter: click.Parameter, given: Output) -> Output:
    """Return the file or files of an option; refuse those in no folder now, not after the computation."""
    for file in given if isinstance(given, tuple) else filter(None, (given,)):
        if not file.parent.is_dir():
            raise click.BadParameter(f"Folder '{file.parent}' does not exist.")
    return given


def files_argument() -> Callable[[Command], Command]:
    """Return the argument FILES, each a file or ``-`` for standard input."""
    kind = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)
    return click.argument("files", nargs=-1, required=True, type=kind)


def name_option() -> Callable[[Command], Command]:
    """Return the option that gives standard input a name."""
    return click.option(
        "--name",
        default="input.extxyz",
        show_default=True,
        help="File name of standard input (-): its format is known by it.",
    )


def reading_options(command: Command) -> Command:
    """Add the choices of `softdash.structures.read_options.ReadOptions`."""
    for option in (
        click.option("--thin", is_flag=True, help="Thin too many frames evenly, first and last kept."),
        click.option("--reorder", is_flag=True, help="Let forces be re-ordered to fit the atoms of their structure."),
        click.option(
            "--force-unit",
            type=click.Choice([*get_args(ForceUnit), *_UNIT_ALIASES]),
            default="auto",
            show_default=True,
            callback=lambda _context, _parameter, unit: _UNIT_ALIASES.get(unit, unit),
            help="Unit of forces where a file does not state it; auto: eV/Å.",
        ),
    ):
        command = option(command)
    return command
