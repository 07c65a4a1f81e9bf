"""Options that several commands have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

import click
from pydantic import ValidationError

from softdash.reports.terminal.flags import flag_of
from softdash.structures.frames.materials import MaterialGrouping
from softdash.structures.frames.read_options import ForceUnit, ReadOptions
from softdash.structures.units.unit_grammar import parse_unit

Command = TypeVar("Command", bound=Callable[..., Any])
Output = TypeVar("Output", Path | None, tuple[Path, ...])

URL_VARIABLE = "SOFTDASH_URL"


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


def potential_option(
    *, several: bool = False, default: str | None = None, required: bool = True
) -> Callable[[Command], Command]:
    """Return the option ``--potential``; without a default it must be given, unless another option may stand for it."""
    more = "; may be repeated" if several else ""
    return click.option(
        "--potential",
        "potentials" if several else "potential",
        metavar="NAME",
        multiple=several,
        required=required and default is None,
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


def material_option(what: str) -> Callable[[Command], Command]:
    """Return the option ``--material``: one of several materials."""
    return click.option("--material", metavar="NAME", help=what)


class CommandWithFiles(click.Command):
    """A command that reads uploads; its ``--help`` names the formats, and only then imports the readers."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the formats, then the examples."""
        from softdash.structures.upload.formats import formats_shown

        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(f"FILES may be {formats_shown()}; each may be compressed by gzip.")
        super().format_epilog(ctx, formatter)


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


_UNITS = ", ".join(name for name in get_args(ForceUnit) if name != "auto")
_READING = (
    click.option(
        "--force-unit",
        metavar="UNIT",
        default="auto",
        show_default=True,
        help=f"Unit of forces where a file does not state it, in any spelling: {_UNITS}. auto: what the file says, "
        "else eV/Å.",
    ),
    click.option(
        "--force-factor",
        type=float,
        default=1.0,
        show_default=True,
        help="Multiply all forces by this number beside their unit; -1 for gradients.",
    ),
    click.option("--forces", metavar="NAME", help="Which set of forces of a table is the reference: its name there."),
    click.option("--structure", metavar="NAME", help="Which structure of a file with several: its name there."),
    click.option(
        "--symmetry",
        type=click.Choice(["auto", "apply", "ignore"]),
        default="auto",
        show_default=True,
        help="Whether a CIF's symmetry multiplies the sites that it lists; ignore: it lists all atoms of the cell.",
    ),
    click.option(
        "--orientation",
        metavar="SETTING",
        default="auto",
        show_default=True,
        help="How the cell lies in the axes of the forces: given, ase, pymatgen or conventional, perhaps with the axes "
        "that its x, y, z are, as in ase/yzx or pymatgen/-xyz.",
    ),
    click.option(
        "--row-order", metavar="ROWS", help="For each atom its row of forces, counted from 1, with commas: 2,1,3."
    ),
    click.option("--reorder", is_flag=True, help="Let forces be re-ordered to fit the atoms of their structure."),
    click.option("--thin", is_flag=True, help="Thin too many frames evenly, first and last kept."),
    click.option(
        "--materials",
        type=click.Choice(get_args(MaterialGrouping)),
        default="auto",
        show_default=True,
        help="Which frames are one material, with a slope of its own: those of one formula, of the same elements, or "
        "all together. auto: by formula, or by elements where most formulas have fewer than three frames.",
    ),
)
_WRONG = {
    "force_unit": f"it is none of auto, {_UNITS}, in any spelling",
    "force_factor": "it must be a finite number other than zero",
    "forces": "the name is too long",
    "structure": "the name is too long",
    "orientation": "it must be auto, given, ase, pymatgen or conventional, perhaps with three axes, as in ase/yzx",
    "row_order": "the rows must be 1 to N, each once, with commas between them, as in 2,1,3",
}


def reading_options(command: Command) -> Command:
    """Add the choices of `softdash.structures.frames.read_options.ReadOptions`; the command gets them as `options`."""

    @wraps(command)
    def with_options(*arguments: Any, **given: Any) -> Any:
        chosen = {name: given.pop(name) for name in ReadOptions.model_fields}
        return command(*arguments, options=read_options(chosen), **given)

    decorated: Any = with_options
    for option in reversed(_READING):
        decorated = option(decorated)
    return cast(Command, decorated)


def read_options(chosen: Mapping[str, Any]) -> ReadOptions:
    """Return the choices of a command line.

    Raises
    ------
    click.BadParameter
        If one of them cannot be; it names the option.
    """
    try:
        return ReadOptions.model_validate(dict(chosen))
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        wrong = _WRONG.get(name, "it cannot be used")
        if name == "force_unit" and (unit := parse_unit(str(chosen[name]))) is not None:
            wrong = f"this unit cannot be chosen by name; choose --force-factor {unit.factor:.10g}"
        raise click.BadParameter(f"{str(chosen[name])[:60]!r}: {wrong}.", param_hint=flag_of(name)) from None
