"""The command ``softdash``. How it ends: see `softdash.cli.exit_codes`.

Commands import what they need when they run, so that ``softdash --help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from softdash import __version__
from softdash.cli.diagnosis_commands import add_diagnosis_commands
from softdash.cli.energies import add_energy_commands, reference_option
from softdash.cli.exit_codes import ExitCode, exit_code, exit_codes_text
from softdash.cli.listing_commands import add_listing_commands
from softdash.errors import SoftdashError


class _Commands(click.Group):
    """A group whose commands end with the words and the exit code of a `SoftdashError`."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()  # a reader that is gone must show here, not while Python shuts down
        except SoftdashError as error:
            if ctx.obj.get("json"):
                click.echo(json.dumps(error.as_json(), ensure_ascii=False, indent=2))
            click.echo(f"softdash: {error}{_offer_text(error.offer)}", err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("softdash: interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except (BrokenPipeError, SystemExit) as ending:
            # rich turns a broken pipe into a SystemExit of its own.
            if not isinstance(ending, BrokenPipeError) and not isinstance(ending.__context__, BrokenPipeError):
                raise
            # Whoever read the output has had enough, as in `softdash … | head`: no reason for a message.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(ExitCode.DONE)


def _offer_text(offer: str | None) -> str:
    if offer == "sample":
        return " No DFT yet? Sample states to label: softdash benchmark sample-states STRUCTURE --inputs inputs.zip"
    return f" (or add --{offer})" if offer else ""


@click.group(
    cls=_Commands,
    epilog=exit_codes_text(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
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
        context.exit(ExitCode.NO_RESULT)


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
@click.option(
    "--inputs",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Zip archive to write: the frames, and inputs of VASP, Quantum ESPRESSO and GPAW for each.",
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
    inputs: Path | None,
) -> None:
    """Sample high-energy states of the structure in FILE by the paper's protocol: frames ready for DFT.

    Molecular dynamics at constant volume; Ctrl-C keeps the frames so far, and the same command goes on.
    """
    from softdash.benchmarks.sample_states import SamplingSettings
    from softdash.cli.sample_states import run_sample_states
    from softdash.settings import get_settings

    sampling = SamplingSettings(temperature, time_ps, equilibration_ps, frames, strain, timestep_fs, seed)
    files = (file, output, inputs)
    if not run_sample_states(files, potential, sampling, get_settings(), supercell=supercell):
        context.exit(ExitCode.INTERRUPTED)


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
add_diagnosis_commands(main)
add_listing_commands(main)


if __name__ == "__main__":
    sys.exit(main())
