"""What a benchmark command did, for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

import click

from softdash.benchmarks.outcome import TaskOutcome
from softdash.cli.exit_codes import ExitCode
from softdash.cli.options import echo_json


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
