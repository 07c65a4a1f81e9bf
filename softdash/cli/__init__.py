"""The command ``softdash``.

Exit codes: 0 all went well · 1 an unexpected error · 2 a wrong command line, or a port that is taken · 3 files or names
that cannot be used · 4 a potential that is unknown or not installed · 5 no result from at least one potential ·
130 interrupted.

Commands import what they need when they run, so that ``softdash --help`` answers at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from softdash import __version__
from softdash.cli.energies import add_energy_commands, reference_option
from softdash.errors import PotentialUnavailableError, PredictionError, SoftdashError

EXIT_INPUT, EXIT_POTENTIAL, EXIT_NO_RESULT = 3, 4, 5
EXIT_INTERRUPTED = 130


class _Commands(click.Group):
    """A group whose commands end with the words and the exit code of a `SoftdashError`."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SoftdashError as error:
            if ctx.obj and ctx.obj.get("json"):
                click.echo(json.dumps(error.as_json(), ensure_ascii=False, indent=2))
            click.echo(f"softdash: {error}", err=True)
            ctx.exit(exit_code(error))


def exit_code(error: SoftdashError) -> int:
    """Return the exit code for an error."""
    if isinstance(error, PotentialUnavailableError):
        return EXIT_POTENTIAL
    return EXIT_NO_RESULT if isinstance(error, PredictionError) else EXIT_INPUT


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="softdash")
@click.pass_context
def main(context: click.Context) -> None:
    """How much too soft is a universal interatomic potential: benchmarks, and your own material."""
    context.obj = {}


@main.command()
@click.option("--host", help="Address to listen on. [default: SOFTDASH_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. [default: SOFTDASH_PORT or 8050]")
@click.option("--no-worker", is_flag=True, help="Only the web server; workers run elsewhere.")
def serve(host: str | None, port: int | None, no_worker: bool) -> None:
    """Start the web server and a worker for each kind of potential; Ctrl-C ends all."""
    from softdash.cli.serve import serve as run
    from softdash.settings import Settings

    given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    run(Settings(**given), with_workers=not no_worker)


@main.command()
@click.option(
    "--queue", "queues", multiple=True, help="Serve this queue only; may be repeated. [default: all installed]"
)
def worker(queues: tuple[str, ...]) -> None:
    """Start workers: one process per kind of potential, kept alive until Ctrl-C."""
    from softdash.cli.serve import run_workers
    from softdash.settings import get_settings

    run_workers(get_settings(), queues)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--potential", "potentials", multiple=True, required=True, help="Potential to run; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, the same as a link's .json.")
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="Write all forces to this file."
)
@click.option(
    "--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file."
)
@click.option("--title", help="Title of the report.")
@click.pass_context
def diagnose(
    context: click.Context,
    files: tuple[Path, ...],
    potentials: tuple[str, ...],
    as_json: bool,
    csv_file: Path | None,
    html_file: Path | None,
    title: str | None,
) -> None:
    """Diagnose one's own material: structures with DFT forces, in one or several FILES.

    Reads the same files, by the same reader and with the same limits, as the page does, and gives the same numbers.
    """
    from softdash.cli.diagnose import diagnose as run
    from softdash.settings import get_settings

    context.obj["json"] = as_json
    all_succeeded = run(
        files, potentials, get_settings(), as_json=as_json, csv_file=csv_file, html_file=html_file, title=title
    )
    if not all_succeeded:
        context.exit(EXIT_NO_RESULT)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--potential", required=True, help="Potential to correct.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the recipe to this JSON file."
)
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
@click.pass_context
def correct(
    context: click.Context, files: tuple[Path, ...], potential: str, output: Path | None, as_json: bool
) -> None:
    """Fit one factor to structures with DFT forces, and say whether it helps.

    The recipe loads as an ASE calculator: ScaledCalculator.from_recipe("recipe.json").
    """
    from softdash.cli.correct import correct as run
    from softdash.settings import get_settings

    context.obj["json"] = as_json
    run(files, potential, get_settings(), output=output, as_json=as_json)


@main.group()
def benchmark() -> None:
    """Run a task of the softening paper and write its tables."""


@benchmark.command("high-energy")
@click.option("--dataset", "datasets", multiple=True, help="Reference set; may be repeated. [default: mpf-TP]")
@click.option("--potential", "potentials", multiple=True, required=True, help="Potential; may be repeated.")
@reference_option("Your own frames with DFT forces, in any format that `softdash diagnose` reads.")
def high_energy(datasets: tuple[str, ...], potentials: tuple[str, ...], reference_file: Path | None) -> None:
    """Softening scales of reference sets, material by material; continues where it stopped."""
    from softdash.cli.benchmark import run_high_energy
    from softdash.settings import get_settings

    run_high_energy(datasets or (() if reference_file else ("mpf-TP",)), potentials, get_settings(), reference_file)


@benchmark.command()
@click.argument("materials", nargs=-1, metavar="[MATERIAL]...")
@click.option(
    "--smallest", type=click.IntRange(min=0), default=0, help="Also this many missing entries, cheapest first."
)
@click.option("--potential", "potentials", multiple=True, required=True, help="Potential; may be repeated.")
@click.option("--recompute", is_flag=True, help="Also compute what is there already.")
@reference_option("Your own phonopy_params.yaml with displacements and forces, or an archive of PhononDB.")
@click.pass_context
def phonons(
    context: click.Context,
    materials: tuple[str, ...],
    smallest: int,
    potentials: tuple[str, ...],
    recompute: bool,
    reference_file: Path | None,
) -> None:
    """Phonon bands and densities of states of PhononDB entries (mp-1784 …); without any, of the shipped four.

    Relaxes with the potential, displaces atoms in the entry's supercell, and does the same at the DFT geometry.
    Continues where it stopped; what fails is listed in phonons/failures.csv.
    """
    from softdash.cli.benchmark import run_phonons
    from softdash.settings import get_settings

    all_succeeded = run_phonons(
        materials,
        potentials,
        get_settings(),
        smallest=smallest,
        recompute=recompute,
        reference_file=reference_file,
    )
    if not all_succeeded:
        context.exit(EXIT_NO_RESULT)


@benchmark.command("sample-states")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--potential", default="chgnet-0.3.0", show_default=True, help="Potential that drives the dynamics.")
@click.option(
    "--temperature", type=click.FloatRange(min=0, min_open=True), default=1000.0, show_default=True, help="K."
)
@click.option("--time-ps", type=click.FloatRange(min=0, min_open=True), default=20.0, show_default=True)
@click.option("--equilibration-ps", type=click.FloatRange(min=0), default=2.0, show_default=True)
@click.option("--frames", type=click.IntRange(min=1, max=1000), default=10, show_default=True)
@click.option(
    "--strain", type=click.FloatRange(0, 0.2), default=0.03, show_default=True, help="On two in five frames, + and −."
)
@click.option(
    "--timestep-fs", type=click.FloatRange(min=0, min_open=True), help="[default: 2, and 0.5 where there is hydrogen]"
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--supercell", nargs=3, type=click.IntRange(min=1), default=(1, 1, 1), help="Repeat the cell first.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="[default: FILE's name with -states.extxyz]"
)
@click.pass_context
def sample_states(
    context: click.Context,
    file: Path,
    potential: str,
    temperature: float,
    time_ps: float,
    equilibration_ps: float,
    frames: int,
    strain: float,
    timestep_fs: float | None,
    seed: int,
    supercell: tuple[int, int, int],
    output: Path | None,
) -> None:
    """Sample high-energy states of the structure in FILE by the paper's protocol: frames ready for DFT.

    Molecular dynamics at constant volume; Ctrl-C keeps the frames so far, and the same command goes on.
    """
    from softdash.benchmarks.sample_states import SamplingSettings
    from softdash.cli.sample_states import run_sample_states
    from softdash.settings import get_settings

    sampling = SamplingSettings(temperature, time_ps, equilibration_ps, frames, strain, timestep_fs, seed)
    if not run_sample_states(file, potential, sampling, get_settings(), supercell=supercell, output=output):
        context.exit(EXIT_INTERRUPTED)


@benchmark.command("linear-correction")
@click.option("--dataset", "datasets", multiple=True, help="Reference set; may be repeated. [default: five of them]")
@click.option("--potential", "potentials", multiple=True, help="Potential; may be repeated. [default: all computed]")
@reference_option("Your own frames with DFT forces, five or more of one material; `high-energy` runs on them first.")
def linear_correction(datasets: tuple[str, ...], potentials: tuple[str, ...], reference_file: Path | None) -> None:
    """One factor from few labels, drawn many times; reads the forces that `high-energy` wrote."""
    if reference_file is not None and not potentials:
        raise click.UsageError("--reference needs --potential.")
    from softdash.cli.benchmark_correction import run_linear_correction
    from softdash.settings import get_settings

    run_linear_correction(datasets, potentials, get_settings(), reference_file)


@benchmark.command("fine-tuning")
@click.option("--system", "systems", multiple=True, help="System; may be repeated. [default: all]")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1, 20), help="Draws of the training frames.")
@click.option(
    "--potential",
    type=click.Choice(["chgnet-0.3.0"]),
    default="chgnet-0.3.0",
    show_default=True,
    expose_value=False,
    help="The one that is fine-tuned.",
)
@reference_option("Your own frames of one material with DFT forces and energies, at least four.")
def fine_tuning(systems: tuple[str, ...], seeds: int, reference_file: Path | None) -> None:
    """Fine-tune CHGNet 0.3.0 on one and on ten frames (minutes to hours); continues where it stopped."""
    from softdash.cli.benchmark_correction import run_fine_tuning
    from softdash.settings import get_settings

    run_fine_tuning(systems, seeds, get_settings(), reference_file)


add_energy_commands(benchmark, main)


@main.group()
def data() -> None:
    """Look at the reference data sets, and fetch them."""


@data.command("list")
def list_data() -> None:
    """List the reference sets: size, level of theory, licence, and whether each is on this machine."""
    from softdash.cli.listings import print_datasets
    from softdash.settings import get_settings

    print_datasets(get_settings())


@data.command("fetch")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--from",
    "source",
    metavar="FILE_OR_ADDRESS",
    help="Take wbm-high-energy from a file in the published or in matcalc's form instead.",
)
@click.option("--sha256", help="Checksum of that file.")
def fetch_data(names: tuple[str, ...], source: str | None, sha256: str | None) -> None:
    """Fetch reference sets from their home into the user's cache, checked, and print where the files are.

    A download that was broken off goes on where it stopped.
    """
    from softdash.cli.benchmark import fetch_datasets

    if source is not None and len(names) != 1:
        raise click.UsageError("--from takes one NAME.")
    if sha256 is not None and source is None:
        raise click.UsageError("--sha256 belongs to --from.")
    fetch_datasets(names, source, sha256)


@main.group()
def potentials() -> None:
    """Look at the interatomic potentials."""


@potentials.command("list")
def list_potentials() -> None:
    """List the potentials, and which are installed."""
    from softdash.cli.listings import print_potentials

    print_potentials()


@main.group()
def report() -> None:
    """Look at reports in this server's state folder, or delete them (for its operator)."""


@report.command()
@click.argument("diagnosis_id")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def show(context: click.Context, diagnosis_id: str, as_json: bool) -> None:
    """Print a report."""
    from softdash.cli.diagnose import print_report
    from softdash.diagnosis.wiring import wire
    from softdash.settings import get_settings

    context.obj["json"] = as_json
    print_report(wire(get_settings()).store.report(diagnosis_id), as_json=as_json)


@report.command()
@click.argument("diagnosis_id")
@click.confirmation_option(prompt="Delete this diagnosis and its report for good?")
def delete(diagnosis_id: str) -> None:
    """Delete a diagnosis and its report; the operator needs no token."""
    from softdash.diagnosis.wiring import wire
    from softdash.settings import get_settings

    wire(get_settings()).store.delete(diagnosis_id)
    click.echo(f"{diagnosis_id} is deleted.")


@main.command()
@click.option("--markdown", is_flag=True, help="Print the documentation of all settings.")
def settings(markdown: bool) -> None:
    """Print all settings with their present values."""
    from softdash.cli.listings import print_settings, settings_markdown

    if markdown:
        click.echo(settings_markdown(), nl=False)
    else:
        print_settings()


if __name__ == "__main__":
    sys.exit(main())
