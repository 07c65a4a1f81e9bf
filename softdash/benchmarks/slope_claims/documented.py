"""Numbers that other pages of the documentation hold: how often intervals hold, and what becomes of unclear uploads.

Both come from commands that take too long for a build: ``checks/interval_coverage.py`` and
``checks/upload_outcomes.py`` printed the tables of ``docs/statistics.md`` and ``docs/diagnose.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from softdash.benchmarks.slope_claims.number_text import markdown_table
from softdash.errors import ReferenceDataError
from softdash.softening.intervals import wilson_interval

DOCS = Path(__file__).resolve().parents[3] / "docs"
_COVERAGE_HEAD = ["set", "frames"]
_OUTCOME_HEAD = ["kind of upload", "cases"]
_SHARE = re.compile(r"→\s*(\d+)(?:\D+(\d+))?")
"""Of a cell of the table of coverage: the mean over potentials now, and that of the worst potential."""
_KINDS = {"MD": "one kind of dynamics", "relaxations": "steps of a relaxation as a sample"}


def coverage_claims(docs: Path = DOCS) -> dict[str, str]:
    """Return the smallest and the largest share of intervals that hold, over the sets of each kind.

    Where the cells of the table name the worst potential beside the mean over potentials, its smallest share as well.
    """
    head, rows = _table(docs / "statistics.md", _COVERAGE_HEAD)
    counts = [name for name in head if name.startswith("G = ")]
    first = head.index(counts[0])
    columns, sizes = [], []
    for kind in _KINDS:
        chosen = [row[first : first + len(counts)] for row in rows if row[0].startswith(f"{kind}:")]
        columns.append([_range_of_shares(cells) for cells in zip(*chosen, strict=True)])
        sizes.append(len(chosen))
    heads = [f"{label}, {size} sets" for label, size in zip(_KINDS.values(), sizes, strict=True)]
    names = [name.removeprefix("G = ") for name in counts]
    return {"table": markdown_table(["frames drawn", *heads], zip(names, *columns, strict=True))}


def _range_of_shares(cells: tuple[str, ...]) -> str:
    found = [match for match in map(_SHARE.search, cells) if match]
    means = [int(match[1]) for match in found]
    worst = [int(match[2]) for match in found if match[2]]
    text = f"{min(means)} to {max(means)}"
    return f"{text} (worst potential: {min(worst)})" if worst else text


def outcome_claims(docs: Path = DOCS) -> dict[str, str]:
    """Return what became of uploads that were written as people and programs write them."""
    head, rows = _table(docs / "diagnose.md", _OUTCOME_HEAD)
    by_kind = {row[0]: {name: int(cell or 0) for name, cell in zip(head[1:], row[1:], strict=True)} for row in rows}
    everything, silent = by_kind["all"], by_kind["unit not stated, about a factor of two"]
    counts = {name.replace(" ", "_"): str(count) for name, count in everything.items()}
    limit = wilson_interval(everything.get("wrong", 0), everything["cases"])
    return counts | {
        "kinds": str(len(rows) - 1),
        "wrong_limit": f"{100 * limit.high:.1f}",
        "silent_cases": str(silent["cases"]),
        "silent_without": str(silent["no verdict"]),
    }


def _table(page: Path, first: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table of a page whose head begins with the given cells."""
    lines = iter(page.read_text(encoding="utf-8").splitlines() if page.is_file() else [])
    for line in lines:
        head = _cells(line)
        if head[: len(first)] == first:
            next(lines)  # the line of alignments
            return head, list(_rows(lines))
    raise ReferenceDataError(
        f"The table with the columns {', '.join(first)} is not there any more.",
        where=page.name,
        advice="The page is written in a checkout of softdash, with docs/; adapt `documented` to the new table.",
    )


def _rows(lines: Iterator[str]) -> Iterator[list[str]]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield _cells(line)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
