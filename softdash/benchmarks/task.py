"""What a benchmark task is: one declaration, from which tables, command, page and documentation follow.

Each package of tasks has a module ``task.py`` with its `TASKS`; a package of one's own names such a tuple under the
entry points ``softdash.benchmarks``. `softdash.benchmarks.registry` collects them. Such a module is read by the web
process and by ``--help``: it imports what computes inside its functions only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from softdash.benchmarks.outcome import TaskOutcome
from softdash.catalog.tables import Table
from softdash.settings import Settings


def _say_nothing(_line: str) -> None: ...


def _show_nothing(_title: str, _done: int, _total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a task is asked to compute.

    Attributes
    ----------
    potentials : sequence of str
        Names of potentials.
    settings : Settings
        `precomputed_dir` receives the tables.
    reference_file : pathlib.Path or None
        The caller's own reference in the place of the shipped one.
    shipped_only : bool
        Only with reference data that is part of softdash.
    say : callable
        Takes one line about what is done now.
    show : callable
        Takes a title, how much of it is done, and of how much.
    """

    potentials: Sequence[str]
    settings: Settings
    reference_file: Path | None = None
    shipped_only: bool = False
    say: Callable[[str], None] = _say_nothing
    show: Callable[[str, int, int], None] = _show_nothing


@dataclass(frozen=True, slots=True)
class SmallPart:
    """Rows that are computed within seconds or a minute, and compared with the shipped ones (``checks/smoke.py``).

    Attributes
    ----------
    arguments : tuple of str
        Of the task's command.
    selection : mapping
        Of the first table: column to the values of the rows that come out, all of them and no others.
    tolerances : mapping of str to float
        Column to the largest difference.
    """

    arguments: tuple[str, ...]
    selection: Mapping[str, tuple[str, ...]]
    tolerances: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Task:
    """One task.

    Attributes
    ----------
    name : str
        Of its command, ``softdash benchmark NAME``: ``"point-defects"``.
    summary : str
        One line: ``"Formation energies of point defects (Fig. 2b)."``
    help : str
        What its command says about itself.
    tables : tuple of Table
        Where its rows go; the most important one first.
    run : callable
        ``run(request, **options)``, with the values of `options` by their names.
    options : tuple of click.Parameter
        What one may choose; those of this module that fit, and the task's own.
    examples : tuple of str
        Commands for ``--help``.
    run_all : callable or None
        ``run_all(request)``: all that can be done here, for `softdash benchmark all`; None where it takes no part.
    needs : str
        The task that must run before, for `run` reads its tables; empty for none.
    page : str
        Module of the page that shows it, with ``register(app)`` and `MENU` (`softdash.web.pages`); empty for none.
    figures, computes, reference : str
        For the table of `docs/benchmarks.md`: figures of the paper, what is computed, what ``--reference`` takes.
    small_part : SmallPart or None
        What shows within a minute whether the task still gives the shipped numbers.
    """

    name: str
    summary: str
    help: str
    tables: tuple[Table, ...]
    run: Callable[..., TaskOutcome]
    options: tuple[click.Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    run_all: Callable[[Request], TaskOutcome] | None = None
    needs: str = ""
    page: str = ""
    figures: str = ""
    computes: str = ""
    reference: str = ""
    small_part: SmallPart | None = None


POTENTIALS = click.Option(
    ["--potential", "potentials"],
    metavar="NAME",
    multiple=True,
    required=True,
    help="Potential; may be repeated; `softdash potentials list` has all names.",
)
RECOMPUTE = click.Option(["--recompute"], is_flag=True, help="Also compute what is there already.")


def names_option(flag: str, name: str, what: str, default: str = "all") -> click.Option:
    """Return the option that chooses by name, and may be repeated: data sets, cases, systems."""
    return click.Option([flag, name], multiple=True, help=f"{what}; may be repeated. [default: {default}]")


def reference_option(text: str) -> click.Option:
    """Return the option ``--reference FILE``; the file is the request's `reference_file`."""
    kind = click.Path(path_type=Path, exists=True, dir_okay=False)
    return click.Option(["--reference", "reference_file"], type=kind, help=text)
