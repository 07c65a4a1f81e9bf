"""``softdash diagnose``: the page's diagnosis on the command line, in this process or by a server."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softdash.cli.progress_bars import counting_bars, transfer_bars
from softdash.errors import InputError
from softdash.settings import Settings

if TYPE_CHECKING:
    from softdash.api.client import Server
    from softdash.cli.report_outputs import ReportOutputs
    from softdash.diagnosis.records import Report
    from softdash.potentials.interface import PotentialCard
    from softdash.structures.frames.read_options import ReadOptions

STANDARD_INPUT = "-"

_CHUNK = 1 << 20


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
    potentials: Sequence[str | PotentialCard],
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
        Whether all potentials gave a result for all materials.

    Raises
    ------
    InputError
        If the files cannot be used.
    PotentialUnavailableError
        If a potential is unknown or not installed, or a calculator cannot be made.
    """
    # As a worker has it, and before torch starts: the number of threads decides the last digits of float32 sums.
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(settings.torch_threads)
    from softdash.diagnosis.direct import diagnose_files
    from softdash.potentials.given_calculator import loaded

    # A slip in the name of a calculator is told now, not as a part of a report.
    chosen = [one if isinstance(one, str) else loaded(one) for one in potentials]
    with counting_bars(as_json=outputs.takes_standard_output) as add_bar:
        diagnosed = diagnose_files(files, chosen, settings, names=names, title=title, progress=add_bar, options=options)
    outputs.write(diagnosed)
    return _is_complete(diagnosed.report)


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
        Whether all potentials gave a result for all materials.

    Raises
    ------
    SoftdashError
        In the server's words; `ServerUnavailableError` when it does not answer, `PredictionError` when no potential
        gave a result.
    """
    from softdash.api.client import read_report

    with transfer_bars(as_json=outputs.takes_standard_output) as add_bar:
        upload = server.upload(files, names, options, sent=add_bar("sending, then reading"))
    created = server.create(upload.id, potentials, title)
    click.echo(f"{created.links.page}\nDelete it with the token {created.delete_token}", err=True)
    with counting_bars(as_json=outputs.takes_standard_output) as add_bar:
        server.wait(created.diagnosis, progress=add_bar, said=lambda text: click.echo(text, err=True))
    text = server.report_text(created.diagnosis.id)
    report = read_report(text, created.links.json_report)
    outputs.write_served(server, report, text)
    return _is_complete(report)


def _is_complete(report: Report) -> bool:
    """Whether all potentials gave a result for all materials."""
    return all(
        result.error is None and all(part.error is None for part in result.materials) for result in report.results
    )
