"""Fetch reference sets from their home into the user's cache: resumable, checked, all or nothing.

Sets whose original files softdash can read as published are fetched; the others are read from `Settings.data_dir`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from softdash.benchmarks.data_package import file_sha256
from softdash.benchmarks.datasets import ReferenceDataset
from softdash.errors import ReferenceDataError

DownloadProgress = Callable[[int, int | None], None]
"""Called as ``progress(bytes_done, bytes_total)``; the total is None when the server does not tell it."""

_CHUNK = 1 << 16
_TIMEOUT_SECONDS = 30.0
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416


def cache_dir() -> Path:
    """Folder of fetched data sets, by the XDG convention."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "softdash" / "data"


def fetched_file(dataset: ReferenceDataset) -> Path | None:
    """Return the fetched original of a data set, or None if it was not fetched."""
    if dataset.original is None:
        return None
    file = cache_dir() / dataset.original.file_name
    return file if file.is_file() else None


def fetch_dataset(dataset: ReferenceDataset, progress: DownloadProgress | None = None) -> Path:
    """Download the original file of a data set; does nothing when it is there already.

    Raises
    ------
    ReferenceDataError
        If softdash cannot fetch this set, the server cannot be reached, or the file is not the expected one.
    """
    if dataset.original is None:
        raise ReferenceDataError(
            "It is shipped with softdash, so there is nothing to fetch."
            if dataset.shipped
            else f"softdash cannot fetch {dataset.label}: its files here have another form than the originals.",
            where=dataset.name,
            advice=None if dataset.shipped else _where_from(dataset),
        )
    target = cache_dir() / dataset.original.file_name
    if target.is_file() and file_sha256(target) == dataset.original.sha256:
        return target
    return download(dataset.original.url, target, sha256=dataset.original.sha256, progress=progress)


def download(url: str, target: Path, *, sha256: str, progress: DownloadProgress | None = None) -> Path:
    """Download one file, going on where an earlier try stopped.

    Parameters
    ----------
    url : str
        ``https://`` (``http://`` on this machine only).
    target : pathlib.Path
        Appears only when complete and checked.
    sha256 : str
        Expected SHA-256, hexadecimal.
    progress : callable, optional

    Returns
    -------
    pathlib.Path
        `target`.

    Raises
    ------
    ReferenceDataError
        If the address is not allowed, the server fails, or the content is not the expected one.
    """
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ReferenceDataError("Only https addresses are fetched.", where=url)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _receive(url, part, progress)
    except (HTTPError, URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise ReferenceDataError(
            f"The download failed ({error}).", where=url, advice="Try again: it goes on where it stopped."
        ) from error
    found = file_sha256(part)
    if found != sha256:
        part.unlink()
        raise ReferenceDataError(
            f"The file is not the expected one (SHA-256 {found[:12]}…, expected {sha256[:12]}…).",
            where=url,
            advice="Try again; if it happens twice, the source has changed.",
        )
    part.replace(target)
    return target


def _where_from(dataset: ReferenceDataset) -> str:
    originals = "; ".join(f"{source.title}, {source.licence}, {source.path}" for source in dataset.sources)
    return (
        f"Its originals: {originals}. Put {' and '.join(dataset.files)}, in extended XYZ form with a material_id per "
        "frame, into a folder and name it in SOFTDASH_DATA_DIR."
    )


def _receive(url: str, part: Path, progress: DownloadProgress | None) -> None:
    present = part.stat().st_size if part.is_file() else 0
    request = Request(url, headers={"Range": f"bytes={present}-"} if present else {})  # noqa: S310, checked above
    try:
        response: HTTPResponse = urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    except HTTPError as error:
        if error.code == _RANGE_NOT_SATISFIABLE and present:
            return  # everything is here already; the checksum decides
        raise
    with response:
        resumed = response.status == _PARTIAL_CONTENT
        done = present if resumed else 0
        length = response.headers.get("Content-Length")
        total = None if length is None else done + int(length)
        with part.open("ab" if resumed else "wb") as stream:
            while chunk := response.read(_CHUNK):
                stream.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, total)
    if total is not None and done < total:
        raise ConnectionError(f"the connection ended after {done} of {total} bytes")
