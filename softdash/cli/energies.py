"""``softdash benchmark surfaces`` and its three neighbours, and ``softdash reference``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from softdash.cli.exit_codes import ExitCode
from softdash.settings import get_settings

Command = TypeVar("Command", bound=Callable[..., Any])

_TASKS = {
    "surfaces": "Surface energies of low-index slabs (the paper's Fig. 2a).",
    "point-defects": "Formation energies of vacancies, antisites and interstitials (Fig. 2b).",
    "solid-solution": "Mixing energies of cation orderings of CaO-MgO (Fig. 2c).",
    "ion-migration": "Energies along vacancy hops, and barriers (Fig. 3).",
}


def reference_option(text: str) -> Callable[[Command], Command]:
    """Return the option ``--reference FILE``, which every benchmark has."""
    return click.option(
        "--reference", "reference_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help=text
    )


def add_energy_commands(benchmark: click.Group, main: click.Group) -> None:
    """Add one benchmark per energy task, and the command that computes their references."""
    for name, summary in _TASKS.items():
        benchmark.add_command(_benchmark_command(name, summary))
    main.add_command(reference)


def _benchmark_command(name: str, summary: str) -> click.Command:
    @click.command(name, help=f"{summary} Continues where it stopped.", short_help=summary)
    @click.option("--potential", "potentials", multiple=True, required=True, help="Potential; may be repeated.")
    @reference_option("Relaxed structures of another reference, as `softdash reference` writes. [default: shipped]")
    @click.option("--case", "cases", multiple=True, help="Only this case; may be repeated. [default: all]")
    @click.option("--recompute", is_flag=True, help="Also compute what is there already.")
    @click.pass_context
    def command(
        context: click.Context,
        potentials: tuple[str, ...],
        reference_file: Path | None,
        cases: tuple[str, ...],
        recompute: bool,
    ) -> None:
        settings = get_settings()
        os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
        from softdash.benchmarks.energies.benchmark import run_benchmark

        failures = run_benchmark(
            name,
            potentials,
            settings,
            click.echo,
            case_ids=cases,
            reference_file=reference_file,
            recompute=recompute,
        )
        for failure in failures:
            click.echo(f"{failure.case_id}, {failure.method}, {failure.geometry}: {failure.reason}", err=True)
        if failures:
            context.exit(ExitCode.NO_RESULT)

    return command


@click.command()
@click.argument("task", type=click.Choice([*_TASKS, "convergence", "frames"]))
@click.option("--case", "cases", multiple=True, help="Only this case; may be repeated. [default: all]")
@click.option(
    "--from",
    "adopted",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take finished steps from this file of relaxed structures; may be repeated.",
)
@click.option("--adopt-only", is_flag=True, help="Compute nothing; only take what --from has.")
@click.pass_context
def reference(
    context: click.Context, task: str, cases: tuple[str, ...], adopted: tuple[Path, ...], adopt_only: bool
) -> None:
    """Compute the reference of an energy TASK by density-functional theory with GPAW (extra dft); continues.

    Instead of a task, convergence repeats some cases with better settings, and frames collects the forces on the way of
    the relaxations as the data set gpaw-relaxations.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from softdash.benchmarks.energies.convergence import run_convergence
    from softdash.benchmarks.energies.reference_run import run_reference

    settings = get_settings()
    if task == "frames":
        from softdash.benchmarks.energies.relaxation_frames import write_relaxation_frames

        click.echo(f"{write_relaxation_frames(settings, adopted)} frames")
        return
    if task == "convergence":
        failures = run_convergence(settings, click.echo, case_ids=cases)
    else:
        failures = run_reference(task, settings, click.echo, case_ids=cases, adopted=adopted, compute=not adopt_only)
    for name, reason in failures.items():
        click.echo(f"{name}: {reason}", err=True)
    if failures:
        context.exit(ExitCode.NO_RESULT)
