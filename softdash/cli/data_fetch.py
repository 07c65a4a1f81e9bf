"""``softdash data fetch``: progress on the terminal around the downloads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from softdash.cli.progress_bars import bars_are_wanted


def fetch_datasets(
    names: Sequence[str], source: str | None = None, sha256: str | None = None, *, as_json: bool = False
) -> dict[str, list[Path]]:
    """Fetch reference sets, with a bar on standard error, and return the files of each.

    Parameters
    ----------
    names : sequence of str
    source, sha256 : str, optional
        A file or an address to take the one set from, instead of its home, and its checksum.
    as_json : bool
        Whether the command prints JSON: then there are no bars.

    Raises
    ------
    ReferenceDataError
        If a set is unknown or cannot be fetched; those before it stay.
    """
    from softdash.benchmarks.data.datasets import dataset
    from softdash.benchmarks.data.download import adopt_file, fetch_dataset

    chosen = [dataset(name) for name in names]
    fetched: dict[str, list[Path]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not bars_are_wanted(as_json=as_json)) as bars:
        for one in chosen:
            bar = bars.add_task(one.label, total=None, visible=False)

            def show(done: int, total: int | None, bar: TaskID = bar) -> None:
                bars.update(bar, completed=done, total=total, visible=True)

            files = (
                fetch_dataset(one, show) if source is None else adopt_file(one, source, sha256=sha256, progress=show)
            )
            fetched[one.name] = list(files)
    return fetched
