"""``softdash benchmark surfaces`` and its three neighbours, and ``softdash reference``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from softdash.cli.benchmark_outcome import CaseFailure, TaskOutcome, conclude, written_files
from softdash.cli.options import examples, json_option, potential_option
from softdash.settings import Settings, settings_for_tables

Command = TypeVar("Command", bound=Callable[..., Any])

ENERGY_TASKS = {
    "surfaces": "Surface energies of low-index slabs (Fig. 2a).",
    "point-defects": "Formation energies of point defects (Fig. 2b).",
    "solid-solution": "Mixing energies of CaO-MgO orderings (Fig. 2c).",
    "ion-migration": "Energies along vacancy hops, barriers (Fig. 3).",
}

_EXAMPLE_CASES = {
    "surfaces": "MgO-100",
    "point-defects": "MgO-V_Mg",
    "solid-solution": "CaMgO-0.500-1",
    "ion-migration": "Al-Al-barrier",
}


def reference_option(text: str) -> Callable[[Command], Command]:
    """Return the option ``--reference FILE``, which every benchmark has."""
    return click.option(
        "--reference", "reference_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help=text
    )


def add_energy_commands(benchmark: click.Group, main: click.Group) -> None:
    """Add one benchmark per energy task, and the command that computes their references."""
    for name, summary in ENERGY_TASKS.items():
        benchmark.add_command(_benchmark_command(name, summary))
    main.add_command(reference)


def _benchmark_command(name: str, summary: str) -> click.Command:
    @click.command(
        name,
        help=f"{summary} Continues where it stopped.",
        short_help=summary,
        epilog=examples(f"softdash benchmark {name} --potential chgnet-0.3.0 --case {_EXAMPLE_CASES[name]}"),
    )
    @potential_option(several=True)
    @reference_option("Relaxed structures of another reference, as `softdash reference` writes. [default: shipped]")
    @click.option("--case", "cases", multiple=True, help="Only this case; may be repeated. [default: all]")
    @click.option("--recompute", is_flag=True, help="Also compute what is there already.")
    @json_option("files and failures")
    @click.pass_context
    def command(
        context: click.Context,
        potentials: tuple[str, ...],
        reference_file: Path | None,
        cases: tuple[str, ...],
        recompute: bool,
        as_json: bool,
    ) -> None:
        outcome = run_energies(
            name, potentials, settings_for_tables(), cases=cases, reference_file=reference_file, recompute=recompute
        )
        conclude(context, outcome, as_json=as_json)

    return command


def run_energies(
    task: str,
    potentials: Sequence[str],
    settings: Settings,
    *,
    cases: Sequence[str] = (),
    reference_file: Path | None = None,
    recompute: bool = False,
) -> TaskOutcome:
    """Run one energy task, with one line per step on standard error."""
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.energies.benchmark import run_benchmark

    outcome = TaskOutcome(task=task, potentials=list(potentials))
    with written_files(outcome, settings.precomputed_dir / "energies"):
        failures = run_benchmark(
            task,
            potentials,
            settings,
            lambda line: click.echo(line, err=True),
            case_ids=cases,
            reference_file=reference_file,
            recompute=recompute,
        )
    outcome.failures = [
        CaseFailure(case=failed.case_id, potential=failed.method, geometry=failed.geometry, reason=failed.reason)
        for failed in failures
    ]
    return outcome


@click.command(
    short_help="Compute the reference energies of a task by DFT with GPAW.",
    epilog=examples(
        "softdash reference surfaces --case MgO-100",
        "softdash reference surfaces --from relaxed.extxyz --adopt-only --json",
    ),
)
@click.argument("task", type=click.Choice([*ENERGY_TASKS, "convergence", "frames"]))
@click.option("--case", "cases", multiple=True, help="Only this case; may be repeated. [default: all]")
@click.option(
    "--from",
    "adopted",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take finished steps from this file of relaxed structures; may be repeated.",
)
@click.option("--adopt-only", is_flag=True, help="Compute nothing; only take what --from has.")
@json_option("files and failures")
@click.pass_context
def reference(
    context: click.Context,
    task: str,
    cases: tuple[str, ...],
    adopted: tuple[Path, ...],
    adopt_only: bool,
    as_json: bool,
) -> None:
    """Compute the reference of an energy TASK by density-functional theory with GPAW (extra dft); continues.

    Instead of a task, convergence repeats some cases with better settings, and frames collects the forces on the way of
    the relaxations as the data set gpaw-relaxations.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from softdash.benchmarks.energies.convergence import run_convergence
    from softdash.benchmarks.energies.reference_run import run_reference

    settings = settings_for_tables()
    outcome = TaskOutcome(task=f"reference {task}", potentials=[])

    def say(line: str) -> None:
        click.echo(line, err=True)

    failures: Mapping[str, str] = {}
    with written_files(outcome, settings.precomputed_dir):
        if task == "frames":
            from softdash.benchmarks.energies.relaxation_frames import write_relaxation_frames

            say(f"{write_relaxation_frames(settings, adopted)} frames")
        elif task == "convergence":
            failures = run_convergence(settings, say, case_ids=cases)
        else:
            failures = run_reference(task, settings, say, case_ids=cases, adopted=adopted, compute=not adopt_only)
    outcome.failures = [CaseFailure(case=name, potential="DFT", reason=reason) for name, reason in failures.items()]
    conclude(context, outcome, as_json=as_json)
