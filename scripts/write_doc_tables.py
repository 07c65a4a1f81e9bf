"""Write the tables of the documentation that follow from code, each between two marks on its page (`make docs`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from softdash.benchmarks.registry import tasks
from softdash.benchmarks.task_table import task_table
from softdash.potentials.card_files import SHIPPED, card_files, read_card
from softdash.potentials.card_table import card_table, ready_table
from softdash.potentials.registry import cards
from softdash.structures.upload.formats import formats_table

FOLDER = Path(__file__).parents[1] / "docs"
TABLES: dict[str, Callable[[], str]] = {
    "benchmarks.md": lambda: task_table(tasks()),
    "diagnose.md": formats_table,
    "potentials.md": lambda: _potentials(),
}
"""The table of each page."""

_START = "<!-- written by `python scripts/write_doc_tables.py` (`make docs`) -->\n\n"
_END = "\n<!-- end of the table -->\n"


def _potentials() -> str:
    own = [card for card in cards() if card.is_universal and card.file is None]
    ready = [read_card(file) for file in card_files(SHIPPED)]
    return f"{card_table(own)}\n## Ready when installed\n\n{ready_table(ready)}"


def with_table(page: str, table: str) -> str:
    """Return the text of a page with this table between its two marks."""
    before, _, rest = page.partition(_START)
    return before + _START + table + _END + rest.partition(_END)[2]


def main() -> None:
    """Write all tables."""
    for name, table in TABLES.items():
        page = FOLDER / name
        page.write_text(with_table(page.read_text(encoding="utf-8"), table()), encoding="utf-8")


if __name__ == "__main__":
    main()
