"""The commands ``data``, ``potentials`` and ``settings``, declared; what they do stands in the modules they import."""

from __future__ import annotations

import click

from softdash.cli.exit_codes import ExitCode
from softdash.cli.options import echo_json, examples, json_option, url_option


def add_listing_commands(main: click.Group) -> None:
    """Add the commands."""
    for command in (data, potentials, settings):
        main.add_command(command)


@click.group()
def data() -> None:
    """Look at the reference data sets, and fetch them."""


@data.command(
    "list",
    short_help="List the sets, and which are on this machine.",
    epilog=examples("softdash data list", "softdash data list --json"),
)
@json_option("the list")
def list_data(as_json: bool) -> None:
    """List the reference sets: size, level of theory, licence, and whether each is on this machine."""
    from softdash.cli.listings import print_datasets
    from softdash.settings import get_settings

    print_datasets(get_settings(), as_json=as_json)


@data.command(
    "fetch",
    short_help="Fetch sets from their home, checked.",
    epilog=examples(
        "softdash data fetch mpf-TP",
        "softdash data fetch wbm-high-energy --from states.json.gz --sha256 CHECKSUM",
    ),
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--from",
    "source",
    metavar="FILE_OR_ADDRESS",
    help="Take wbm-high-energy from a file in the published or in matcalc's form instead.",
)
@click.option("--sha256", help="Checksum of that file.")
@json_option("the files of each set")
def fetch_data(names: tuple[str, ...], source: str | None, sha256: str | None, as_json: bool) -> None:
    """Fetch reference sets from their home into the user's cache, checked, and print where the files are.

    A download that was broken off goes on where it stopped.
    """
    from softdash.cli.data_fetch import fetch_datasets

    if source is not None and len(names) != 1:
        raise click.UsageError("--from takes one NAME.")
    if sha256 is not None and source is None:
        raise click.UsageError("--sha256 belongs to --from.")
    fetched = fetch_datasets(names, source, sha256, as_json=as_json)
    if as_json:
        echo_json({"sets": [{"name": name, "files": list(map(str, files))} for name, files in fetched.items()]})
    else:
        click.echo("\n".join(str(file) for files in fetched.values() for file in files))


@data.command(
    "renew",
    short_help="Enter a table that was edited by hand.",
    epilog=examples("softdash data renew published_values.csv"),
)
@click.argument("table")
@json_option("its entry")
def renew_data(table: str, as_json: bool) -> None:
    """Check a TABLE under precomputed/ that was edited by hand, and renew its entry in datapackage.json.

    For published values and those read off the paper's figures, which nothing computes.
    """
    from softdash.benchmarks.data.tables import renew_table
    from softdash.settings import settings_for_tables

    folder = settings_for_tables().precomputed_dir
    entry = renew_table(folder, table)
    if as_json:
        echo_json(entry.as_json())
    else:
        click.echo(str(folder / table))


@click.group()
def potentials() -> None:
    """Look at the interatomic potentials."""


@potentials.command(
    "list",
    short_help="List the potentials, and which are installed.",
    epilog=examples("softdash potentials list", "softdash potentials list --url https://softdash.example.org"),
)
@json_option("the list")
@url_option("List those of this server, and which are online. [default: of this machine]")
def list_potentials(as_json: bool, url: str | None) -> None:
    """List the potentials, and which are installed."""
    from softdash.cli.listings import print_potentials, print_potentials_of_server

    if url is None:
        print_potentials(as_json=as_json)
    else:
        print_potentials_of_server(url, as_json=as_json)


@potentials.command(
    "check",
    short_help="Run the contract on a potential, and fill its card.",
    epilog=examples("softdash potentials check emt", "softdash potentials check my-potential --json"),
)
@click.argument("name")
@json_option("what each check found, and the card,")
@click.pass_context
def check_potential(context: click.Context, name: str, as_json: bool) -> None:
    """Load the potential NAME, run every check that potentials of softdash pass, and print its card with what it lacks.

    Newton's third law, rotation, forces and stresses against differences of the energy, supercells, batches, one
    structure in cells written in several ways, known energies. A known energy that the card lacks is computed and
    proposed. A model of direct forces fails some by its nature: that is told as its property.
    """
    from softdash.cli.potential_check import check_potential as run

    if not run(name, as_json=as_json):
        context.exit(ExitCode.POTENTIAL)


@click.command(
    short_help="Print all settings with their values.", epilog=examples("softdash settings", "softdash settings --json")
)
@click.option("--markdown", is_flag=True, help="Print the documentation of all settings.")
@json_option("the values")
def settings(markdown: bool, as_json: bool) -> None:
    """Print all settings with their present values."""
    from softdash.cli.listings import print_settings, settings_markdown

    if markdown:
        click.echo(settings_markdown(), nl=False)
    else:
        print_settings(as_json=as_json)
