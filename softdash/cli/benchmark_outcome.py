"""What a benchmark command did: the files it wrote and what failed, for people and as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from pydantic import BaseModel

from softdash.cli.exit_codes import ExitCode
from softdash.cli.options import echo_json


class CaseFailure(BaseModel):
    """A material or case that one potential could not do, and why."""

    case: str
    potential: str
    geometry: str | None = None
    reason: str


class TaskOutcome(BaseModel):
    """One task.

    Attributes
    ----------
    task : str
    potentials : list of str
    written : list of str
        Files of the tables that changed.
    failures : list of CaseFailure
        What failed although it was tried; the tables list it, too.
    left_out : list of str
        Sentences about what was not tried, and why.
    error : str or None
        Why the task ended early.
    """

    task: str
    potentials: list[str]
    written: list[str] = []
    failures: list[CaseFailure] = []
    left_out: list[str] = []
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether nothing failed."""
        return not self.failures and self.error is None


@contextmanager
def written_files(outcome: TaskOutcome, folder: Path) -> Iterator[None]:
    """Enter the files under a folder that change while the block runs, however it ends."""
    before = _contents(folder)
    try:
        yield
    finally:
        after = sorted(_contents(folder).items())
        outcome.written += [str(file) for file, content in after if before.get(file) != content]


def _contents(folder: Path) -> dict[Path, bytes]:
    return {file: hashlib.sha256(file.read_bytes()).digest() for file in folder.rglob("*") if file.is_file()}


def conclude(context: click.Context, outcome: TaskOutcome, *, as_json: bool) -> None:
    """Print one task's outcome, and end the command with its exit code."""
    if as_json:
        echo_json(outcome.model_dump(mode="json"))
    else:
        print_outcome(outcome)
        print_written([outcome])
    if not outcome.succeeded:
        context.exit(ExitCode.NO_RESULT)


def print_outcome(outcome: TaskOutcome) -> None:
    """Print to standard error what was left out or failed."""
    for sentence in outcome.left_out:
        click.echo(f"left out: {sentence}", err=True)
    for failure in outcome.failures:
        where = ", ".join(filter(None, (failure.case, failure.potential, failure.geometry)))
        click.echo(f"failed: {where}: {failure.reason}", err=True)
    if outcome.error is not None:
        click.echo(f"{outcome.task}: {outcome.error}", err=True)
    if outcome.succeeded and not outcome.written:
        click.echo(f"{outcome.task}: nothing new", err=True)


def print_written(outcomes: Sequence[TaskOutcome]) -> None:
    """Print the files to standard output, one a line, each once."""
    for file in dict.fromkeys(file for outcome in outcomes for file in outcome.written):
        click.echo(file)
