"""``softdash benchmark`` and ``softdash data fetch``: progress on the terminal around the benchmark functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from softdash.cli.benchmark_outcome import CaseFailure, TaskOutcome, written_files
from softdash.cli.progress_bars import bars_are_wanted
from softdash.settings import Settings

if TYPE_CHECKING:
    from softdash.benchmarks.data.reference_file import ReferenceFile


def run_high_energy(
    datasets: Sequence[str],
    potentials: Sequence[str],
    settings: Settings,
    reference_file: Path | None = None,
    *,
    as_json: bool = False,
) -> tuple[TaskOutcome, str | None]:
    """Run the high-energy task; return what it did, and how tables name the reference file, if any."""
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.high_energy.run import run_benchmark

    outcome = TaskOutcome(task="high-energy", potentials=list(potentials))
    reference = None if reference_file is None else read_own_frames(reference_file, settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not bars_are_wanted(as_json=as_json)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = bars.add_task(title, total=total)
            bars.update(tasks[title], completed=done, total=total)

        written = run_benchmark(datasets, potentials, settings, show, reference=reference)
    outcome.written = [str(path) for path in written]
    return outcome, (None if reference is None else reference.dataset.name)


def read_own_frames(file: Path, settings: Settings) -> ReferenceFile:
    """Read a file of labelled frames, and say on standard error what was understood and left out."""
    from softdash.benchmarks.data.reference_file import read_reference_file

    reference = read_reference_file(file, settings)
    count = sum(len(material.frames) for material in reference.materials)
    formulas = ", ".join(material.formula for material in reference.materials)
    click.echo(
        f"{file.name}: {count} frames ({formulas}), functional {reference.materials[0].functional}. "
        f"Tables call it {reference.dataset.name}.",
        err=True,
    )
    for refused in reference.refused:
        click.echo(f"left out: {refused.origin}: {refused.reason}", err=True)
    return reference


def run_phonons(
    materials: Sequence[str],
    potentials: Sequence[str],
    settings: Settings,
    *,
    smallest: int,
    recompute: bool,
    reference_file: Path | None = None,
) -> TaskOutcome:
    """Run the phonon task, with one line per step on standard error."""
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.benchmarks.phonons.run import run_benchmark

    outcome = TaskOutcome(task="phonons", potentials=list(potentials))
    with written_files(outcome, settings.precomputed_dir / "phonons"):
        failures = run_benchmark(
            materials,
            potentials,
            settings,
            lambda line: click.echo(line, err=True),
            smallest=smallest,
            recompute=recompute,
            reference_file=reference_file,
        )
    outcome.failures = [
        CaseFailure(case=failed.material_id, potential=failed.potential, geometry=failed.method, reason=failed.reason)
        for failed in failures
    ]
    return outcome


def fetch_datasets(
    names: Sequence[str], source: str | None = None, sha256: str | None = None, *, as_json: bool = False
) -> dict[str, list[Path]]:
    """Fetch reference sets, with a bar on standard error, and return the files of each.

    Parameters
    ----------
    names : sequence of str
    source, sha256 : str, optional
        A file or an address to take the one set from, instead of its home, and its checksum.
    as_json : bool
        Whether the command prints JSON: then there are no bars.

    Raises
    ------
    ReferenceDataError
        If a set is unknown or cannot be fetched; those before it stay.
    """
    from softdash.benchmarks.data.datasets import dataset
    from softdash.benchmarks.data.download import adopt_file, fetch_dataset

    chosen = [dataset(name) for name in names]
    fetched: dict[str, list[Path]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not bars_are_wanted(as_json=as_json)) as bars:
        for one in chosen:
            bar = bars.add_task(one.label, total=None, visible=False)

            def show(done: int, total: int | None, bar: TaskID = bar) -> None:
                bars.update(bar, completed=done, total=total, visible=True)

            files = (
                fetch_dataset(one, show) if source is None else adopt_file(one, source, sha256=sha256, progress=show)
            )
            fetched[one.name] = list(files)
    return fetched
