"""The table of tasks in ``docs/benchmarks.md``, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.benchmarks.task import Task


def task_table(listed: Sequence[Task]) -> str:
    """Return the table as Markdown."""
    rows = ["| task (`softdash benchmark …`) | paper | what is computed | `--reference FILE` | tables |"]
    rows.append("|---|---|---|---|---|")
    for task in listed:
        first, *others = (table.path for table in task.tables)
        files = ", ".join(f"`{name}`" for name in (first, *(path.rpartition("/")[2] for path in others)))
        rows.append(f"| `{task.name}` | {task.figures} | {task.computes} | {task.reference} | {files} |")
    return "\n".join(rows) + "\n"
