"""The commands ``diagnose``, ``correct`` and ``report``, declared; what they do stands in the modules they import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from softdash.cli.calculator_options import card_of_options, require_one, with_calculator
from softdash.cli.exit_codes import ExitCode
from softdash.cli.options import (
    CommandWithFiles,
    echo_json,
    examples,
    files_argument,
    json_option,
    material_option,
    name_option,
    output_option,
    potential_option,
    reading_options,
    url_option,
)

if TYPE_CHECKING:
    from softdash.potentials.interface import PotentialCard
    from softdash.reports.files import ReportForm
    from softdash.structures.frames.read_options import ReadOptions

_URL_HELP = "Take the report from this server. [default: the state folder of this machine]"


def add_diagnosis_commands(main: click.Group) -> None:
    """Add the commands."""
    for command in (diagnose, correct, report):
        main.add_command(command)


@click.command(
    cls=CommandWithFiles,
    short_help="Diagnose your own material: structures with DFT forces.",
    epilog=examples(
        "softdash diagnose vasprun.xml --potential chgnet-0.3.0",
        "softdash diagnose run.extxyz --potential chgnet-0.3.0 -o report.html -o forces.csv",
        "softdash diagnose several.extxyz --materials elements --potential chgnet-0.3.0",
        'softdash diagnose run.extxyz --calculator mace.calculators:mace_mp --arguments \'{"model": "my.model"}\'',
        "softdash diagnose POSCAR forces.csv --force-unit Ry/bohr --potential emt -o -",
        "cat run.extxyz | softdash diagnose - --potential emt --json",
    ),
)
@files_argument()
@potential_option(several=True, required=False)
@with_calculator
@json_option("the report, the same as a link's .json,")
@output_option(
    "Write the report to this file, too; may be repeated. The ending decides the form: .json, .html, .csv (all "
    "forces), .extxyz (frames with all forces), .recipe.json (the correction), .py (lines that load it). - is the JSON "
    "on standard output in place of the table; -.csv and so on are other forms there.",
    several=True,
)
@click.option("--title", help="Title of the report.")
@name_option()
@reading_options
@url_option("Let this server do it; the report keeps a link there. [default: compute here]")
@click.pass_context
def diagnose(
    context: click.Context,
    files: tuple[Path, ...],
    potentials: tuple[str, ...],
    calculator: str | None,
    arguments: str | None,
    as_json: bool,
    outputs: tuple[Path, ...],
    title: str | None,
    name: str,
    options: ReadOptions,
    url: str | None,
) -> None:
    """Diagnose one's own material: structures with DFT forces, in one or several FILES, or - for standard input.

    Reads the same files, by the same reader and with the same limits, as the page does, and gives the same numbers,
    here or by a server.
    """
    from softdash.cli.diagnose import diagnose as diagnose_here
    from softdash.cli.diagnose import diagnose_by_server, files_on_disk
    from softdash.cli.report_outputs import ReportOutputs
    from softdash.settings import get_settings

    settings = get_settings()
    card = card_of_options(calculator, arguments, url=url)
    require_one(potentials, card)
    wanted = ReportOutputs(as_json, outputs)
    with files_on_disk(files, name, settings) as (paths, names):
        if url is None:
            chosen: list[str | PotentialCard] = [*potentials, *([] if card is None else [card])]
            complete = diagnose_here(paths, names, chosen, settings, wanted, options=options, title=title)
        else:
            from softdash.api.client import Server

            complete = diagnose_by_server(Server(url), paths, names, potentials, wanted, options=options, title=title)
    if not complete:
        context.exit(ExitCode.NO_RESULT)


@click.command(
    cls=CommandWithFiles,
    short_help="Fit the factor that corrects a potential for your material.",
    epilog=examples(
        "softdash correct labelled.extxyz --potential chgnet-0.3.0 -o recipe.json",
        "softdash correct labelled.extxyz --potential emt --json",
        "softdash correct several.extxyz --material LiF --potential chgnet-0.3.0 -o LiF.recipe.json",
    ),
)
@files_argument()
@potential_option()
@output_option("Write the recipe to this JSON file.")
@json_option("the recipe")
@name_option()
@material_option("Fit it to this material, where the files hold several.")
@reading_options
def correct(
    files: tuple[Path, ...],
    potential: str,
    output: Path | None,
    as_json: bool,
    name: str,
    material: str | None,
    options: ReadOptions,
) -> None:
    """Fit one factor to structures with DFT forces in FILES (or - for standard input), and say whether it helps.

    The recipe loads as an ASE calculator: ScaledCalculator.from_recipe("recipe.json").
    """
    from softdash.cli.correct import correct as run
    from softdash.cli.diagnose import files_on_disk
    from softdash.settings import get_settings

    settings = get_settings()
    with files_on_disk(files, name, settings) as (paths, names):
        run(paths, names, potential, settings, options=options, material=material, output=output, as_json=as_json)


@click.group()
def report() -> None:
    """Show, download, delete and verify reports.

    REPORT is an identifier or a whole link, https://softdash.example.org/report/AbC. An identifier alone is looked up
    on the server at --url, else in this machine's state folder.
    """


@report.command(
    epilog=examples(
        "softdash report show https://softdash.example.org/report/AbC",
        "softdash report show AbC --url https://softdash.example.org --json",
    )
)
@click.argument("identifier", metavar="REPORT")
@json_option("the report")
@material_option("Print this one of several materials at full length; --json prints the whole report.")
@url_option(_URL_HELP)
def show(identifier: str, as_json: bool, material: str | None, url: str | None) -> None:
    """Print a report."""
    from softdash.cli.report import show as run
    from softdash.settings import get_settings

    run(identifier, url, get_settings(), as_json=as_json, material=material)


@report.command(
    epilog=examples(
        "softdash report download https://softdash.example.org/report/AbC",
        "softdash report download AbC --form extxyz --form recipe --folder results",
    )
)
@click.argument("identifier", metavar="REPORT")
@click.option(
    "--form",
    "forms",
    type=click.Choice(["json", "csv", "html", "extxyz", "recipe", "snippet"]),
    multiple=True,
    default=("json", "csv", "html"),
    show_default=True,
    help="csv: all forces; extxyz: frames with reference and predicted forces; recipe and snippet: the correction of "
    "each potential, and Python that loads it. May be repeated.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to. [default: the present folder]",
)
@material_option("Only this one of several materials; the JSON is always whole.")
@json_option("the names of the files")
@url_option(_URL_HELP)
def download(
    identifier: str, forms: tuple[ReportForm, ...], folder: Path, material: str | None, as_json: bool, url: str | None
) -> None:
    """Write a report into files, and print their names."""
    from softdash.cli.report import download as run
    from softdash.settings import get_settings

    files = run(identifier, url, get_settings(), forms, folder, material)
    if as_json:
        echo_json({"files": [str(file) for file in files]})
    else:
        click.echo("\n".join(map(str, files)))


@report.command(epilog=examples("softdash report delete https://softdash.example.org/report/AbC --token TOKEN --yes"))
@click.argument("identifier", metavar="REPORT")
@click.option("--token", help="The token that was shown when the diagnosis was created; a server wants it.")
@json_option("what was deleted")
@url_option("Delete it on this server. [default: in the state folder of this machine, which needs no token]")
@click.confirmation_option(prompt="Delete this diagnosis and its report for good?")
def delete(identifier: str, token: str | None, as_json: bool, url: str | None) -> None:
    """Delete a diagnosis and its report."""
    from softdash.cli.report import delete as run
    from softdash.settings import get_settings

    deleted = run(identifier, url, get_settings(), token)
    if as_json:
        echo_json({"deleted": deleted})
    else:
        click.echo(f"{deleted} is deleted.")


@report.command(
    short_help="Compute a report again and say whether it holds.",
    epilog=examples(
        "softdash report verify softdash-AbC.json vasprun.xml",
        "softdash report verify https://softdash.example.org/report/AbC vasprun.xml --json",
    ),
)
@click.argument("given", metavar="REPORT")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=1e-3,
    show_default=True,
    help="Relative difference up to which a number is the same. Differences below 1e-5 in the number's own unit always "
    "are: float32 networks differ by that between machines.",
)
@json_option("what was found")
@url_option(_URL_HELP)
@click.pass_context
def verify(
    context: click.Context, given: str, files: tuple[Path, ...], tolerance: float, as_json: bool, url: str | None
) -> None:
    """Compute a report again and say whether it holds: REPORT is its .json file, - for standard input, or as above.

    First its seal, the hash over all results. Then, with the FILES that were diagnosed, its numbers, by the same
    potentials. FILES are not needed where this machine's state folder keeps them, or for a shipped example.
    """
    from softdash.cli.report import verify as run
    from softdash.settings import get_settings

    if not run(given, files, url, get_settings(), tolerance=tolerance, as_json=as_json):
        context.exit(ExitCode.NOT_CONFIRMED)
