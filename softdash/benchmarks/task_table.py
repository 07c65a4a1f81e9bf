"""The table of tasks in ``docs/benchmarks.md``, written by ``python -m softdash.benchmarks.task_table``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from softdash.benchmarks.registry import tasks
from softdash.benchmarks.task import Task

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_START = "<!-- written by `python -m softdash.benchmarks.task_table` (`make docs`) -->\n"
_END = "<!-- end of the table -->\n"


def task_table(listed: Sequence[Task]) -> str:
    """Return the table as Markdown."""
    rows = ["| task (`softdash benchmark …`) | paper | what is computed | `--reference FILE` | tables |"]
    rows.append("|---|---|---|---|---|")
    for task in listed:
        first, *others = (table.path for table in task.tables)
        files = ", ".join(f"`{name}`" for name in (first, *(path.rpartition("/")[2] for path in others)))
        rows.append(f"| `{task.name}` | {task.figures} | {task.computes} | {task.reference} | {files} |")
    return "\n".join(rows) + "\n"


def with_table(page: str, table: str) -> str:
    """Return the page with this table between its two marks."""
    before, _, rest = page.partition(_START)
    return before + _START + table + _END + rest.partition(_END)[2]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), task_table(tasks())), encoding="utf-8")
