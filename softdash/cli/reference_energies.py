"""``softdash reference``: the reference energies of the energy tasks, by density-functional theory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from softdash.cli.options import examples, json_option

ENERGY_TASKS = ("surfaces", "point-defects", "solid-solution", "ion-migration")


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
    from softdash.benchmarks.outcome import CaseFailure, TaskOutcome, written_files
    from softdash.cli.benchmark_outcome import conclude
    from softdash.settings import settings_for_tables

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
