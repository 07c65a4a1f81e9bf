"""Bars that show how far a computation or a transfer is: on the terminal of standard error, and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

Follow = Callable[[int, int | None], None]
"""Takes how much is done, and of how much (None: not known yet)."""


def bars_are_wanted(*, as_json: bool = False) -> bool:
    """Whether a person sits before both outputs: in a pipe, in a log or beside JSON a bar is rubbish."""
    return not as_json and sys.stderr.isatty() and sys.stdout.isatty()


@contextmanager
def counting_bars(*, as_json: bool = False) -> Iterator[Callable[[str], Follow]]:
    """Give a function that adds a bar with a label; the bars go when the block ends.

    Parameters
    ----------
    as_json : bool
        Whether the command prints JSON: then there are no bars.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _bars(columns, as_json=as_json) as add:
        yield add


@contextmanager
def shown_progress(*, as_json: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that takes a title, how much of it is done, and of how much; each title has a bar that stays."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True), disable=not bars_are_wanted(as_json=as_json))
    known: dict[str, TaskID] = {}

    def show(title: str, done: int, total: int) -> None:
        if not known:
            bars.start()  # not before: a task that only says lines needs no bar
        if title not in known:
            known[title] = bars.add_task(title, total=total)
        bars.update(known[title], completed=done, total=total)

    try:
        yield show
    finally:
        if known:
            bars.stop()


@contextmanager
def transfer_bars(*, as_json: bool = False) -> Iterator[Callable[[str], Follow]]:
    """As `counting_bars`, in per cent."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with _bars(columns, as_json=as_json) as add:
        yield add


@contextmanager
def _bars(columns: tuple[ProgressColumn, ...], *, as_json: bool) -> Iterator[Callable[[str], Follow]]:
    wanted = bars_are_wanted(as_json=as_json)
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not wanted) as bars:

        def add(label: str) -> Follow:
            bar = bars.add_task(label, total=None)
            return lambda done, total: bars.update(bar, completed=done, total=total)

        yield add
