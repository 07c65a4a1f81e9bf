"""``softdash diagnose``: the page's diagnosis on the command line, by the same functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from softdash.settings import Settings

if TYPE_CHECKING:
    from softdash.diagnosis.records import PotentialResult, Report
    from softdash.potentials.interface import Progress as ProgressCall


def diagnose(
    files: Sequence[Path],
    potentials: Sequence[str],
    settings: Settings,
    *,
    as_json: bool = False,
    csv_file: Path | None = None,
    html_file: Path | None = None,
    title: str | None = None,
) -> bool:
    """Diagnose files with potentials and print the report.

    Returns
    -------
    bool
        Whether all potentials gave a result.

    Raises
    ------
    InputError
        If the files cannot be used.
    PotentialUnavailableError
        If a potential is unknown or not installed.
    """
    # As a worker has it, and before torch starts: the number of threads decides the last digits of float32 sums.
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(settings.torch_threads)
    from softdash.diagnosis.direct import diagnose_files
    from softdash.diagnosis.report_formats import report_csv
    from softdash.diagnosis.report_html import report_html

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def follow(label: str) -> ProgressCall:
            bar = bars.add_task(label, total=None)
            return lambda done, total: bars.update(bar, completed=done, total=total)

        report, points = diagnose_files(files, potentials, settings, title=title, progress=follow)
    if csv_file is not None:
        with csv_file.open("w", encoding="utf-8", newline="") as table:
            table.writelines(report_csv(report, points))
    if html_file is not None:
        html_file.write_text(report_html(report, points), encoding="utf-8")
    print_report(report, as_json=as_json)
    return all(result.error is None for result in report.results)


def print_report(report: Report, *, as_json: bool) -> None:
    """Print a report to standard output: as JSON, or as a table with its verdicts."""
    from softdash.diagnosis.report_formats import report_json

    if as_json:
        click.echo(report_json(report))
        return
    # File names and titles come from outside: they are text, never markup.
    console = Console(markup=False, highlight=False)
    read = report.understanding
    console.print(report.title, style="bold")
    functional = read.functional or "functional unknown"
    console.print(
        f"{read.file_format}: {len(read.frames)} frames used, {len(read.refused)} left out, "
        f"{read.component_count} force components, {functional}",
        highlight=False,
    )
    for refused in read.refused:
        console.print(f"  left out: {refused.origin}: {refused.reason}", style="yellow")
    for warning in read.warnings:
        console.print(f"  {warning}", style="yellow")
    console.print(_table(report.results))
    for result in report.results:
        _print_words(console, result)


def _table(results: Sequence[PotentialResult]) -> Table:
    from softdash.softening import three_digits

    table = Table()
    table.add_column("potential")
    columns = ("s", "interval", "R²", "MAE eV/Å", "cMAE eV/Å", "c*", "Huber")
    for column in columns:
        table.add_column(column, justify="right")
    for result in results:
        statistics = result.statistics
        if statistics is None:
            table.add_row(result.potential.label, *["–"] * len(columns))
            continue
        interval = statistics.slope_interval
        values = (
            statistics.r_squared,
            statistics.mae,
            statistics.corrected_mae,
            statistics.linear_correction,
            statistics.huber_slope,
        )
        shown = "–" if interval is None else f"{three_digits(interval.low)} to {three_digits(interval.high)}"
        table.add_row(result.potential.label, three_digits(statistics.slope), shown, *map(three_digits, values))
    return table


def _print_words(console: Console, result: PotentialResult) -> None:
    if result.error is not None:
        console.print(f"{result.potential.label}: {result.error['message']}", style="red")
        return
    if result.verdict is None or result.statistics is None:
        return
    console.print(result.verdict.headline, style="bold")
    for sentence in result.verdict.sentences:
        console.print(f"  {sentence.text}")
    for notice in result.statistics.notices:
        console.print(f"  {notice.message}", style="yellow")
    for refused in result.refused:
        console.print(f"  not computed: {refused.origin}: {refused.reason}", style="yellow")
