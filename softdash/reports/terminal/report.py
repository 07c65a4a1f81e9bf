"""A report on the terminal: what was read, a table of potentials, and the words of each verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from softdash.reports.terminal.answer import print_answers
from softdash.reports.terminal.consoles import plain_table, wide_console
from softdash.reports.terminal.doubts import print_doubts

_PLACES_SHOWN = 3

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from softdash.diagnosis.records import PotentialResult, Report
    from softdash.softening.answers import AtomError
    from softdash.structures.upload.summary import Understanding


def print_report(report: Report, *, as_json: bool) -> None:
    """Print a report to standard output: as JSON, or as a table with its verdicts."""
    from softdash.diagnosis.answer_texts import answers_of
    from softdash.reports.formats import report_json
    from softdash.reports.shared_frames import lost_sentence
    from softdash.reports.terminal.materials import print_materials

    if as_json:
        click.echo(report_json(report))
        return
    console = wide_console()
    console.print(report.title, style="bold")
    if any(result.materials for result in report.results):
        _print_understanding(console, report.understanding, report.results)
        for result in report.results:
            print_materials(console, result)
        return
    for result in report.results:
        print_answers(console, answers_of(result))
    _print_understanding(console, report.understanding, report.results)
    console.print(_table(report.results))
    if lost := lost_sentence(report):
        console.print(f"Rows rest on different frames: {lost}", style="yellow")
    for result in report.results:
        _print_words(console, result)
        _print_places(console, result, [frame.origin for frame in report.understanding.frames])


def _print_understanding(console: Console, read: Understanding, results: Sequence[PotentialResult]) -> None:
    from softdash.reports.reading_texts import shown_readings

    functional = read.functional or "functional unknown"
    console.print(
        f"{read.file_format}: {len(read.frames)} frames used, {len(read.refused)} left out, "
        f"{read.component_count} force components in {read.force_unit}, {functional}"
    )
    for reading in shown_readings(read, results):
        console.print(f"  {reading.name}: {' '.join((f'{reading.value} ({reading.ground}).', *reading.details))}")
    for refused in read.refused:
        console.print(f"  left out: {refused.origin}: {refused.reason}", style="yellow")
    for warning in read.warnings:
        console.print(f"  {warning}", style="yellow")


def _table(results: Sequence[PotentialResult]) -> Table:
    from softdash.softening.quantities import headline_cells, headline_columns

    table = plain_table()
    table.add_column("potential")
    for column in headline_columns():
        table.add_column(column, justify="right")
    for result in results:
        table.add_row(result.potential.label, *headline_cells(result.statistics))
    return table


def _print_words(console: Console, result: PotentialResult) -> None:
    if result.error is not None:
        console.print(f"{result.potential.label}: {result.error['message']}", style="red")
        return
    if result.verdict is None or result.statistics is None:
        return
    console.print(result.verdict.headline, style="bold")
    print_doubts(console, result.doubts, result.verdict.headline)
    doubted = {doubt.text for doubt in result.doubts}
    for sentence in result.verdict.sentences:
        if sentence.text not in doubted:
            console.print(f"  {sentence.text}")
    # What a doubtful reading makes of the fit ("use hotter frames") would lead astray.
    for notice in () if result.doubts else result.statistics.notices:
        console.print(f"  {notice.message}", style="yellow")
    for refused in result.refused:
        console.print(f"  not computed: {refused.origin}: {refused.reason}", style="yellow")
    for comparison in () if result.doubts else result.populations:
        if comparison.element is not None:  # the one with all compounds is in the verdict
            console.print(f"  {comparison.sentence}")


def _print_places(console: Console, result: PotentialResult, origins: Sequence[str]) -> None:
    """Print where the largest errors are, and which frames are worth a label."""
    if (influence := result.influence) is not None:
        worst = "; ".join(_place(atom, origins) for atom in influence.worst_atoms[:_PLACES_SHOWN])
        console.print(f"  Largest errors, eV/Å: {worst}.")
        if influence.outlier_count:
            console.print(
                f"  {influence.outlier_count} of the atoms are outliers, by more than {influence.outlier_limit:g} "
                f"robust standard deviations: {_listed(influence.outliers, origins)}."
            )
    if (advice := result.advice) is not None and advice.next_frames:
        frames = "; ".join(origins[frame.frame] for frame in advice.next_frames[:_PLACES_SHOWN])
        console.print(f"  Frames that tell most about the scale: {frames}.")


def _listed(atoms: Sequence[AtomError], origins: Sequence[str]) -> str:
    more = "; …" if len(atoms) > _PLACES_SHOWN else ""
    return "; ".join(_place(atom, origins) for atom in atoms[:_PLACES_SHOWN]) + more


def _place(atom: AtomError, origins: Sequence[str]) -> str:
    from ase.data import chemical_symbols

    from softdash.softening import three_digits

    symbol = chemical_symbols[atom.atomic_number]
    return f"{origins[atom.frame]}, atom {atom.atom + 1} ({symbol}) {three_digits(atom.error)}"
