"""``softdash diagnose``: the page's diagnosis on the command line, in this process or by a server."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softdash.cli.printed_report import print_report
from softdash.cli.progress_bars import counting_bars, transfer_bars
from softdash.errors import InputError, PredictionError
from softdash.settings import Settings

if TYPE_CHECKING:
    from softdash.cli.remote import Server
    from softdash.diagnosis.records import DiagnosisRecord, Report
    from softdash.diagnosis.reports import ForcePoints
    from softdash.structures.read_options import ReadOptions

STANDARD_INPUT = "-"

_CHUNK = 1 << 20
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0


@dataclass(frozen=True, slots=True)
class ReportOutputs:
    """Where a report goes: to standard output as text or JSON, and into files."""

    as_json: bool = False
    csv_file: Path | None = None
    html_file: Path | None = None


@contextmanager
def files_on_disk(files: Sequence[Path], name: str, settings: Settings) -> Iterator[tuple[list[Path], list[str]]]:
    """Give the paths and names of files, one of which may be ``-``: standard input, under `name`.

    Raises
    ------
    InputError
        If standard input is named twice, or holds nothing.
    """
    if [str(file) for file in files].count(STANDARD_INPUT) > 1:
        raise InputError("Standard input (-) is named twice.", advice="Name each file once.")
    with tempfile.TemporaryDirectory(prefix="softdash-input-") as folder:
        paths, names = [], []
        for file in files:
            if str(file) == STANDARD_INPUT:
                path = Path(folder) / "input"
                _copy_standard_input(path, settings.upload_max_bytes)
                paths.append(path)
                names.append(name)
            else:
                paths.append(file)
                names.append(file.name)
        yield paths, names


def _copy_standard_input(path: Path, most: int) -> None:
    # One byte beyond the limit suffices: the reader then says what the limit is.
    left = most + 1
    with path.open("wb") as copy:
        while left > 0 and (chunk := sys.stdin.buffer.read(min(_CHUNK, left))):
            copy.write(chunk)
            left -= len(chunk)
    if left == most + 1:
        raise InputError("Standard input is empty.", where=STANDARD_INPUT, advice="Pipe a file into softdash.")


def diagnose(
    files: Sequence[Path],
    names: Sequence[str],
    potentials: Sequence[str],
    settings: Settings,
    outputs: ReportOutputs,
    *,
    options: ReadOptions,
    title: str | None = None,
) -> bool:
    """Diagnose files with potentials in this process and print the report.

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

    with counting_bars(as_json=outputs.as_json) as add_bar:
        report, points = diagnose_files(
            files, potentials, settings, names=names, title=title, progress=add_bar, options=options
        )
    _write_files(report, points, outputs)
    print_report(report, as_json=outputs.as_json)
    return all(result.error is None for result in report.results)


def _write_files(report: Report, points: ForcePoints, outputs: ReportOutputs) -> None:
    from softdash.diagnosis.report_formats import report_csv
    from softdash.diagnosis.report_html import report_html

    if outputs.csv_file is not None:
        with outputs.csv_file.open("w", encoding="utf-8", newline="") as table:
            table.writelines(report_csv(report, points))
    if outputs.html_file is not None:
        outputs.html_file.write_text(report_html(report, points), encoding="utf-8")


def diagnose_by_server(
    server: Server,
    files: Sequence[Path],
    names: Sequence[str],
    potentials: Sequence[str],
    outputs: ReportOutputs,
    *,
    options: ReadOptions,
    title: str | None = None,
) -> bool:
    """Let a server diagnose files, follow it, and print its report as `diagnose` prints its own.

    The link and the token that deletes the report go to standard error. Ctrl-C cancels the diagnosis.

    Returns
    -------
    bool
        Whether all potentials gave a result.

    Raises
    ------
    SoftdashError
        In the server's words; `ServerUnavailableError` when it does not answer, `PredictionError` when no potential
        gave a result.
    """
    from softdash.cli.remote import read_report

    with transfer_bars(as_json=outputs.as_json) as add_bar:
        upload = server.upload(files, names, _as_fields(options), sent=add_bar("sending, then reading"))
    created = server.create(upload.id, potentials, title)
    click.echo(f"{created.links.page}\nDelete it with the token {created.delete_token}", err=True)
    try:
        _follow(server, created.diagnosis, as_json=outputs.as_json)
    except KeyboardInterrupt:
        server.cancel(created.diagnosis.id)
        raise
    text = server.report_text(created.diagnosis.id)
    for form, file in (("csv", outputs.csv_file), ("html", outputs.html_file)):
        if file is not None:
            file.write_bytes(server.report_file(created.diagnosis.id, form))
    if outputs.as_json:
        click.echo(text)
    report = read_report(text, created.links.json_report)
    if not outputs.as_json:
        print_report(report, as_json=False)
    return all(result.error is None for result in report.results)


def _as_fields(options: ReadOptions) -> dict[str, str]:
    """Return the options that differ from their defaults as fields of a form."""
    changed = options.model_dump(exclude_defaults=True)
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in changed.items()}


def _follow(server: Server, record: DiagnosisRecord, *, as_json: bool) -> None:
    """Return when a diagnosis has a report."""
    from softdash.diagnosis.records import DiagnosisState

    pause, said = _FIRST_PAUSE, None
    with counting_bars(as_json=as_json) as add_bar:
        bars = [add_bar(run.label) for run in record.runs]
        while not record.state.is_final:
            time.sleep(pause)
            pause = min(1.3 * pause, _LONGEST_PAUSE)
            record = server.diagnosis(record.id)
            for bar, run in zip(bars, record.runs, strict=True):
                bar(run.done, run.total or None)
            if record.message and record.message != said:
                said = record.message
                click.echo(said, err=True)
    if record.state is not DiagnosisState.DONE:
        reasons = [str(run.error["message"]) for run in record.runs if run.error]
        raise PredictionError(
            f"The diagnosis ended without a result ({record.state.value}). {' '.join(reasons)}".strip(),
            where=f"{server.url}/report/{record.id}",
            advice="Start it again, or choose another potential.",
        )
