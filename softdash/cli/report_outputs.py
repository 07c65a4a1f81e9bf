"""Where a diagnosis goes: as text or JSON to standard output, and in any form into files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softdash.errors import InputError
from softdash.reports.terminal.report import print_report

if TYPE_CHECKING:
    from softdash.api.client import Server
    from softdash.diagnosis.records import Report
    from softdash.diagnosis.reports import Diagnosed

STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True)
class ReportOutputs:
    """What was asked for.

    Parameters
    ----------
    as_json : bool
        JSON on standard output instead of a table.
    files : sequence of Path
        The ending of each decides its form. ``-`` is the JSON on standard output, and ``-.csv`` and so on are other
        forms there.

    Raises
    ------
    InputError
        If a file has no known ending, or two outputs want standard output.
    """

    as_json: bool = False
    files: Sequence[Path] = ()

    def __post_init__(self) -> None:
        from softdash.reports.files import form_of

        for file in self.files:
            form_of(_named(file))
        if sum(map(_is_standard_output, self.files)) + self.as_json > 1:
            raise InputError("Two outputs want standard output.", advice="Give one of them a file.")

    @property
    def takes_standard_output(self) -> bool:
        """Whether something other than the table goes to standard output."""
        return self.as_json or any(map(_is_standard_output, self.files))

    def write(self, diagnosed: Diagnosed) -> None:
        """Write and print a diagnosis of this process."""
        from softdash.reports.files import report_file_text

        for file in self.files:
            _write(file, (part.encode() for part in report_file_text(diagnosed, _named(file))))
        self._print(diagnosed.report)

    def write_served(self, server: Server, report: Report, text: str) -> None:
        """Write and print a server's report, whose JSON is `text`."""
        from softdash.reports.files import form_of, of_only_potential

        for file in self.files:
            form = form_of(_named(file))
            if form == "json":
                content = text.encode()
            elif form == "recipe" or form == "snippet":
                content = of_only_potential(form, report, _named(file)).encode()
            else:
                content = server.report_file(report.id, form)
            _write(file, [content])
        self._print(report, text)

    def _print(self, report: Report, text: str | None = None) -> None:
        if text is not None and self.as_json:
            click.echo(text)
        elif self.as_json or not self.takes_standard_output:
            print_report(report, as_json=self.as_json)


def _is_standard_output(file: Path) -> bool:
    return file.name.partition(".")[0] == STANDARD_OUTPUT and len(file.parts) == 1


def _named(file: Path) -> str:
    return "-.json" if str(file) == STANDARD_OUTPUT else str(file)


def _write(file: Path, parts: Iterable[bytes]) -> None:
    if _is_standard_output(file):
        sys.stdout.buffer.writelines(parts)
        return
    try:
        with file.open("wb") as stream:
            stream.writelines(parts)
    except OSError as error:
        raise InputError(
            f"This file cannot be written ({error.strerror}).", where=str(file), advice="Choose another with --output."
        ) from None
