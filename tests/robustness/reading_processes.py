"""Which processes that read uploads are alive."""

from __future__ import annotations

import os
from pathlib import Path


def readers() -> set[int]:
    """Return the descendants that read uploads; a browser of other tests may come and go meanwhile."""
    return {child for child in _descendants() if "sandbox_child" in _command(child)}


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(errors="replace")
    except OSError:
        return ""  # it has just ended


def _descendants() -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}
