"""The commands ``benchmark``, made of the tasks that there are; what they do stands in the modules they import."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from softdash.cli.calculator_options import calculator_options, card_of_options, require_one
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

if TYPE_CHECKING:
    from softdash.benchmarks.task import Task

_POSITIVE = click.FloatRange(min=0, min_open=True)


def _number(name: str, default: float | None, kind: click.ParamType[Any], text: str) -> Callable[[Command], Command]:
    return click.option(name, default=default, type=kind, show_default=default is not None, help=text)


class _Benchmarks(click.Group):
    """The group, with a command for each task; tasks are looked for once a command of this group is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._add_tasks()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._add_tasks()
        return super().get_command(ctx, cmd_name)

    def _add_tasks(self) -> None:
        if "all" in self.commands:
            return
        from softdash.benchmarks.registry import tasks

        for task in tasks():
            self.add_command(_command(task))
        self.add_command(_every_task(tasks()))


@click.group(cls=_Benchmarks, epilog=examples("softdash benchmark all --potential NAME --shipped-only"))
def benchmark() -> None:
    """Run a task of the softening paper and write its tables."""


def _command(task: Task) -> click.Command:
    @click.command(
        task.name,
        help=task.help,
        short_help=task.summary,
        epilog=examples(*task.examples),
        params=_with_calculator(task.options),
    )
    @json_option("files and failures")
    @click.pass_context
    def command(
        context: click.Context,
        /,
        as_json: bool,
        potentials: tuple[str, ...] = (),
        reference_file: Path | None = None,
        calculator: str | None = None,
        arguments: str | None = None,
        calculator_name: str | None = None,
        **options: Any,
    ) -> None:
        from softdash.benchmarks.task import POTENTIALS, Request
        from softdash.cli.benchmark_outcome import conclude
        from softdash.cli.progress_bars import shown_progress
        from softdash.settings import settings_for_tables

        settings = settings_for_tables()
        os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
        if POTENTIALS in task.options:
            potentials = _all_potentials(potentials, calculator, arguments, calculator_name)
        with shown_progress(as_json=as_json) as show:
            request = Request(potentials, settings, reference_file, say=_say, show=show)
            outcome = task.run(request, **options)
        conclude(context, outcome, as_json=as_json)

    return command


def _with_calculator(options: Sequence[click.Parameter]) -> list[click.Parameter]:
    """Return the options of a task; where it takes potentials, any calculator may stand for one."""
    from softdash.benchmarks.task import POTENTIALS

    if POTENTIALS not in options:
        return [*options]
    optional = copy.copy(POTENTIALS)
    optional.required = False
    place = list(options).index(POTENTIALS)
    return [*options[:place], optional, *calculator_options(with_name=True), *options[place + 1 :]]


def _all_potentials(
    potentials: tuple[str, ...], calculator: str | None, arguments: str | None, name: str | None
) -> tuple[str, ...]:
    """Return the names of all potentials; a calculator is offered to this process under a name of its own."""
    card = card_of_options(calculator, arguments, name)
    require_one(potentials, card)
    if card is None:
        return potentials
    from softdash.potentials.registry import offer

    offer(card)
    if not card.weights_sha256():
        _say(f"{card.label}: its weights are not known; what its name and arguments gave before is taken again.")
    return (*potentials, card.name)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _every_task(tasks: Sequence[Task]) -> click.Command:
    from softdash.benchmarks.task import POTENTIALS

    names = [task.name for task in tasks if task.run_all is not None]
    chosen = click.Option(
        ["--task", "chosen"],
        multiple=True,
        type=click.Choice(names),
        help="Only this task; may be repeated. [default: all]",
    )
    shipped = click.Option(
        ["--shipped-only"], is_flag=True, help="Only with the reference data that softdash ships: minutes, not hours."
    )

    @click.command(
        "all",
        short_help="Every task: the rows of a new potential.",
        epilog=examples(
            "softdash benchmark all --potential chgnet-0.3.0 --shipped-only",
            "softdash benchmark all --potential emt --task high-energy --task surfaces --json",
            "softdash benchmark all --calculator my_package:Calculator --name mine --shipped-only",
        ),
        params=_with_calculator([POTENTIALS, chosen, shipped]),
    )
    @json_option("files and failures of each task")
    @click.pass_context
    def everything(
        context: click.Context,
        potentials: tuple[str, ...],
        calculator: str | None,
        arguments: str | None,
        calculator_name: str | None,
        chosen: tuple[str, ...],
        shipped_only: bool,
        as_json: bool,
    ) -> None:
        """Every task that can be done on this machine: a new potential's rows in all tables, by one command.

        High-energy states of all data sets that are here, linear correction, surfaces, point defects, solid solution,
        ion migration, and phonons of the crystals that the tables have. It continues where it stopped, says what was
        left out and why, and prints the files it wrote. Fine-tuning, which works with CHGNet alone, is a command of its
        own.
        """
        from softdash.benchmarks.task import Request
        from softdash.cli.benchmark_all import run_all
        from softdash.cli.benchmark_outcome import print_written
        from softdash.cli.progress_bars import shown_progress
        from softdash.settings import settings_for_tables

        settings = settings_for_tables()
        os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
        potentials = _all_potentials(potentials, calculator, arguments, calculator_name)
        with shown_progress(as_json=as_json) as show:
            request = Request(potentials, settings, shipped_only=shipped_only, say=_say, show=show)
            outcomes = run_all([task for task in tasks if task.name in (chosen or names)], request)
        if as_json:
            echo_json({"tasks": [outcome.model_dump(mode="json") for outcome in outcomes]})
        else:
            print_written(outcomes)
        if not all(outcome.succeeded for outcome in outcomes):
            context.exit(ExitCode.NO_RESULT)

    return everything


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
    from softdash.settings import get_settings

    sampling = SamplingSettings(temperature, time_ps, equilibration_ps, frames, strain, timestep_fs, seed)
    files = (file, output, inputs)
    written = run_sample_states(files, potential, sampling, get_settings(), supercell=supercell, as_json=as_json)
    if written is None:
        context.exit(ExitCode.INTERRUPTED)
    if as_json:
        echo_json({"files": [str(one) for one in written]})
    else:
        click.echo("\n".join(map(str, written)))
