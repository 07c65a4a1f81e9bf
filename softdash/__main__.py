"""``python -m softdash``: the command ``softdash``."""

from __future__ import annotations

from softdash.cli import main

main(prog_name="softdash")
