"""``softdash benchmark linear-correction`` and ``fine-tuning``: progress on the terminal around the functions."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from softdash.settings import Settings


def run_linear_correction(datasets: Sequence[str], potentials: Sequence[str], settings: Settings) -> None:
    """Draw labels for every material, and print the file written."""
    from softdash.benchmarks.linear_correction import run_benchmark

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        bar = bars.add_task("linear correction", total=None)

        def show(title: str, done: int, total: int) -> None:
            bars.update(bar, description=title, completed=done, total=total)

        written = run_benchmark(datasets, potentials, settings.precomputed_dir, show)
    click.echo(written)


def run_fine_tuning(systems: Sequence[str], seed_count: int, settings: Settings) -> None:
    """Fine-tune on each system, one line per run, and print the files written."""
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.fine_tuning import run_benchmark
    from softdash.benchmarks.fine_tuning_systems import SYSTEMS

    names = systems or [one.name for one in SYSTEMS]
    for path in run_benchmark(names, range(seed_count), settings, lambda line: click.echo(line, err=True)):
        click.echo(path)
