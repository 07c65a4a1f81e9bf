"""What a benchmark did: the files it wrote, what failed, and what it left out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel


class CaseFailure(BaseModel):
    """A material or case that one potential could not do, and why."""

    case: str
    potential: str
    geometry: str | None = None
    reason: str


class TaskOutcome(BaseModel):
    """One task.

    Attributes
    ----------
    task : str
    potentials : list of str
    written : list of str
        Files of the tables that changed.
    failures : list of CaseFailure
        What failed although it was tried; the tables list it, too.
    left_out : list of str
        Sentences about what was not tried, and why.
    error : str or None
        Why the task ended early.
    """

    task: str
    potentials: list[str]
    written: list[str] = []
    failures: list[CaseFailure] = []
    left_out: list[str] = []
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether nothing failed."""
        return not self.failures and self.error is None


@contextmanager
def written_files(outcome: TaskOutcome, folder: Path) -> Iterator[None]:
    """Enter the files under a folder that change while the block runs, however it ends."""
    before = _contents(folder)
    try:
        yield
    finally:
        after = sorted(_contents(folder).items())
        outcome.written += [str(file) for file, content in after if before.get(file) != content]


def _contents(folder: Path) -> dict[Path, bytes]:
    return {file: hashlib.sha256(file.read_bytes()).digest() for file in folder.rglob("*") if file.is_file()}
