"""The commands ``benchmark``, declared; what they do stands in the modules they import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from softdash.cli.benchmark_outcome import conclude, print_written
from softdash.cli.energies import ENERGY_TASKS, add_energy_commands, reference_option
from softdash.cli.exit_codes import ExitCode
from softdash.cli.options import (
    Command,
    echo_json,
    examples,
    folder_is_there,
    json_option,
    output_option,
    potential_option,
)

_POSITIVE = click.FloatRange(min=0, min_open=True)


def _number(name: str, default: float | None, kind: click.ParamType[Any], text: str) -> Callable[[Command], Command]:
    return click.option(name, default=default, type=kind, show_default=default is not None, help=text)


def add_benchmark_commands(main: click.Group) -> None:
    """Add the group, and the command that computes references."""
    main.add_command(benchmark)
    add_energy_commands(benchmark, main)


@click.group(epilog=examples("softdash benchmark all --potential NAME --shipped-only"))
def benchmark() -> None:
    """Run a task of the softening paper and write its tables."""


@benchmark.command(
    "all",
    short_help="Every task: the rows of a new potential.",
    epilog=examples(
        "softdash benchmark all --potential chgnet-0.3.0 --shipped-only",
        "softdash benchmark all --potential emt --task high-energy --task surfaces --json",
    ),
)
@potential_option(several=True)
@click.option(
    "--task",
    "tasks",
    multiple=True,
    type=click.Choice(["high-energy", "linear-correction", *ENERGY_TASKS, "phonons"]),
    help="Only this task; may be repeated. [default: all]",
)
@click.option(
    "--shipped-only", is_flag=True, help="Only with the reference data that softdash ships: minutes, not hours."
)
@json_option("files and failures of each task")
@click.pass_context
def everything(
    context: click.Context, potentials: tuple[str, ...], tasks: tuple[str, ...], shipped_only: bool, as_json: bool
) -> None:
    """Every task that can be done on this machine: a new potential's rows in all tables, by one command.

    High-energy states of all data sets that are here, linear correction, surfaces, point defects, solid solution, ion
    migration, and phonons of the crystals that the tables have. It continues where it stopped, says what was left out
    and why, and prints the files it wrote. Fine-tuning, which works with CHGNet alone, is a command of its own.
    """
    from softdash.cli.benchmark_all import TASKS, AllTasks, run_all
    from softdash.settings import settings_for_tables

    outcomes = run_all(AllTasks(potentials, tasks or TASKS, shipped_only, as_json), settings_for_tables())
    if as_json:
        echo_json({"tasks": [outcome.model_dump(mode="json") for outcome in outcomes]})
    else:
        print_written(outcomes)
    if not all(outcome.succeeded for outcome in outcomes):
        context.exit(ExitCode.NO_RESULT)


@benchmark.command(
    "high-energy",
    short_help="Softening scales of sets of DFT forces (Figs 5, 6b).",
    epilog=examples(
        "softdash benchmark high-energy --potential chgnet-0.3.0 --dataset gpaw_pbe",
        "softdash benchmark high-energy --potential chgnet-0.3.0 --reference run.extxyz --json",
    ),
)
@click.option("--dataset", "datasets", multiple=True, help="Reference set; may be repeated. [default: mpf-TP]")
@potential_option(several=True)
@reference_option("Your own frames with DFT forces, in any format that `softdash diagnose` reads.")
@json_option("files and failures")
@click.pass_context
def high_energy(
    context: click.Context,
    datasets: tuple[str, ...],
    potentials: tuple[str, ...],
    reference_file: Path | None,
    as_json: bool,
) -> None:
    """Softening scales of reference sets, material by material; continues where it stopped."""
    from softdash.cli.benchmark import run_high_energy
    from softdash.settings import settings_for_tables

    chosen = datasets or (() if reference_file else ("mpf-TP",))
    outcome, _ = run_high_energy(chosen, potentials, settings_for_tables(), reference_file, as_json=as_json)
    conclude(context, outcome, as_json=as_json)


@benchmark.command(
    short_help="Phonon bands and densities of states (Fig. 4).",
    epilog=examples(
        "softdash benchmark phonons --potential chgnet-0.3.0",
        "softdash benchmark phonons mp-149 --potential chgnet-0.3.0 --recompute",
    ),
)
@click.argument("materials", nargs=-1, metavar="[MATERIAL]...")
@click.option(
    "--smallest", type=click.IntRange(min=0), default=0, help="Also this many missing entries, cheapest first."
)
@potential_option(several=True)
@click.option("--recompute", is_flag=True, help="Also compute what is there already.")
@reference_option("Your own phonopy_params.yaml with displacements and forces, or an archive of PhononDB.")
@json_option("files and failures")
@click.pass_context
def phonons(
    context: click.Context,
    materials: tuple[str, ...],
    smallest: int,
    potentials: tuple[str, ...],
    recompute: bool,
    reference_file: Path | None,
    as_json: bool,
) -> None:
    """Phonon bands and densities of states of PhononDB entries (mp-1784 …); without any, of CsF, MgO, Si and AlN.

    Relaxes with the potential, displaces atoms in the entry's supercell, and does the same at the DFT geometry.
    Continues where it stopped; what fails is listed in phonons/failures.csv.
    """
    from softdash.cli.benchmark import run_phonons
    from softdash.settings import settings_for_tables

    outcome = run_phonons(
        materials,
        potentials,
        settings_for_tables(),
        smallest=smallest,
        recompute=recompute,
        reference_file=reference_file,
    )
    conclude(context, outcome, as_json=as_json)


@benchmark.command(
    "sample-states",
    short_help="Sample states of a structure, ready for DFT.",
    epilog=examples(
        "softdash benchmark sample-states POSCAR --supercell 2 2 2 --inputs inputs.zip",
        "softdash benchmark sample-states NaCl.cif --time-ps 0.2 --equilibration-ps 0.05 -o states.extxyz",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@potential_option(default="chgnet-0.3.0")
@_number("--temperature", 1000.0, _POSITIVE, "Of the thermostat, K.")
@_number("--time-ps", 20.0, _POSITIVE, "Time that is sampled.")
@_number("--equilibration-ps", 2.0, click.FloatRange(min=0), "Time before.")
@_number("--frames", 10, click.IntRange(1, 1000), "States to take.")
@_number("--strain", 0.03, click.FloatRange(0, 0.2), "On two in five frames, + and −.")
@_number("--timestep-fs", None, _POSITIVE, "Of the dynamics. [default: 2, and 0.5 where there is hydrogen]")
@_number("--seed", 0, click.IntRange(min=0), "Of the random velocities.")
@click.option("--supercell", nargs=3, type=click.IntRange(min=1), default=(1, 1, 1), help="Repeat the cell first.")
@output_option("Extended XYZ file of the states. [default: FILE's name with -states.extxyz]")
@click.option(
    "--inputs",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=folder_is_there,
    help="Zip archive to write: the frames, and inputs of VASP, Quantum ESPRESSO and GPAW for each.",
)
@json_option("the names of the files")
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
    as_json: bool,
) -> None:
    """Sample high-energy states of the structure in FILE by the paper's protocol: frames ready for DFT.

    Molecular dynamics at constant volume; Ctrl-C keeps the frames so far, and the same command goes on.
    """
    from softdash.benchmarks.sampling.sample_states import SamplingSettings
    from softdash.cli.sample_states import run_sample_states
    from softdash.settings import settings_for_tables

    sampling = SamplingSettings(temperature, time_ps, equilibration_ps, frames, strain, timestep_fs, seed)
    files = (file, output, inputs)
    written = run_sample_states(files, potential, sampling, settings_for_tables(), supercell=supercell, as_json=as_json)
    if written is None:
        context.exit(ExitCode.INTERRUPTED)
    if as_json:
        echo_json({"files": [str(one) for one in written]})
    else:
        click.echo("\n".join(map(str, written)))


@benchmark.command(
    "linear-correction",
    short_help="One factor from few labels (Fig. 6a, left).",
    epilog=examples(
        "softdash benchmark linear-correction",
        "softdash benchmark linear-correction --potential chgnet-0.3.0 --dataset gpaw_pbe --json",
    ),
)
@click.option("--dataset", "datasets", multiple=True, help="Reference set; may be repeated. [default: five of them]")
@click.option(
    "--potential",
    "potentials",
    metavar="NAME",
    multiple=True,
    help="Potential; may be repeated. [default: all computed]",
)
@reference_option("Your own frames with DFT forces, five or more of one material; `high-energy` runs on them first.")
@json_option("files and failures")
@click.pass_context
def linear_correction(
    context: click.Context,
    datasets: tuple[str, ...],
    potentials: tuple[str, ...],
    reference_file: Path | None,
    as_json: bool,
) -> None:
    """One factor from few labels, drawn many times; reads the forces that `high-energy` wrote."""
    if reference_file is not None and not potentials:
        raise click.UsageError("--reference needs --potential.")
    from softdash.cli.benchmark_correction import run_linear_correction
    from softdash.settings import settings_for_tables

    outcome = run_linear_correction(datasets, potentials, settings_for_tables(), reference_file, as_json=as_json)
    conclude(context, outcome, as_json=as_json)


@benchmark.command(
    "fine-tuning",
    short_help="Fine-tune CHGNet on few frames (Fig. 6a, right).",
    epilog=examples(
        "softdash benchmark fine-tuning --system lif-8",
        "softdash benchmark fine-tuning --reference run.extxyz --seeds 3",
    ),
)
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
@json_option("files and failures")
@click.pass_context
def fine_tuning(
    context: click.Context, systems: tuple[str, ...], seeds: int, reference_file: Path | None, as_json: bool
) -> None:
    """Fine-tune CHGNet 0.3.0 on one and on ten frames (minutes to hours); continues where it stopped."""
    from softdash.cli.benchmark_correction import run_fine_tuning
    from softdash.settings import settings_for_tables

    conclude(context, run_fine_tuning(systems, seeds, settings_for_tables(), reference_file), as_json=as_json)
