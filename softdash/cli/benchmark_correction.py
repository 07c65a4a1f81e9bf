"""``softdash benchmark linear-correction`` and ``fine-tuning``: progress on the terminal around the functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from softdash.cli.benchmark import read_own_frames, run_high_energy
from softdash.cli.benchmark_outcome import TaskOutcome
from softdash.cli.progress_bars import bars_are_wanted
from softdash.settings import Settings


def run_linear_correction(
    datasets: Sequence[str],
    potentials: Sequence[str],
    settings: Settings,
    reference_file: Path | None = None,
    *,
    as_json: bool = False,
) -> TaskOutcome:
    """Draw labels for every material.

    The frames of a reference file get their predicted forces first, by the high-energy task.
    """
    outcome = TaskOutcome(task="linear-correction", potentials=list(potentials))
    if reference_file is not None:
        before, own = run_high_energy((), potentials, settings, reference_file, as_json=as_json)
        outcome.written += before.written
        datasets = [*datasets, *filter(None, (own,))]
    from softdash.benchmarks.correction.linear_correction import run_benchmark

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not bars_are_wanted(as_json=as_json)) as bars:
        bar = bars.add_task("linear correction", total=None)

        def show(title: str, done: int, total: int) -> None:
            bars.update(bar, description=title, completed=done, total=total)

        written = run_benchmark(datasets, potentials, settings.precomputed_dir, show)
    outcome.written.append(str(written))
    return outcome


def run_fine_tuning(
    systems: Sequence[str], seed_count: int, settings: Settings, reference_file: Path | None = None
) -> TaskOutcome:
    """Fine-tune on each system, with one line per run on standard error."""
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.correction.fine_tuning import POTENTIAL, run_benchmark
    from softdash.benchmarks.correction.fine_tuning_systems import SYSTEMS, system_of_file

    own = None if reference_file is None else system_of_file(read_own_frames(reference_file, settings))
    names = systems or ([] if own else [one.name for one in SYSTEMS])
    written = run_benchmark(names, range(seed_count), settings, lambda line: click.echo(line, err=True), own_system=own)
    return TaskOutcome(task="fine-tuning", potentials=[POTENTIAL], written=[str(path) for path in written])
