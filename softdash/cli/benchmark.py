"""``softdash benchmark`` and ``softdash data fetch``: progress on the terminal around the benchmark functions."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from softdash.settings import Settings


def run_high_energy(datasets: Sequence[str], potentials: Sequence[str], settings: Settings) -> None:
    """Run the high-energy task and print the files written."""
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.high_energy import run_benchmark

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = bars.add_task(title, total=total)
            bars.update(tasks[title], completed=done, total=total)

        written = run_benchmark(datasets, potentials, settings, show)
    for path in written:
        click.echo(path)


def run_phonons(materials: Sequence[str], potentials: Sequence[str], settings: Settings, *, recompute: bool) -> bool:
    """Run the phonon task, one line per step; return whether nothing failed."""
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.phonons import run_benchmark

    return not run_benchmark(materials, potentials, settings, click.echo, recompute=recompute)
