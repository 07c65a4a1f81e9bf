"""Standard output for tables and sentences."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table

_WIDTH_IN_PIPES = 200
"""Characters: no table is squeezed, and most sentences stay in one line."""


def wide_console() -> Console:
    """Return a console as wide as the terminal, or wide in a pipe; what it prints is text, never markup."""
    # Names of files, titles and reasons come from outside.
    return Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else _WIDTH_IN_PIPES)


def plain_table() -> Table:
    """Return a table without frames, so that narrow terminals and other programs can read it."""
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
