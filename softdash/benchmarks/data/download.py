"""Fetch reference sets from their home into the user's cache: resumable, checked, all or nothing.

Sets whose original files softdash can read as published are fetched; the others are read from `Settings.data_dir`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Literal
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from softdash.benchmarks.data.datasets import FigshareArticle, OriginalFile, ReferenceDataset
from softdash.benchmarks.data.figshare import USER_AGENT, list_files
from softdash.errors import ReferenceDataError

DownloadProgress = Callable[[int, int | None], None]
"""Called as ``progress(bytes_done, bytes_total)``; the total is None when the server does not tell it."""

_CHUNK = 1 << 16
_FETCHED = "fetched.json"
"""Names of the files of a set that has several, written when all are here."""
_UNCHECKED = "unchecked-"
_TIMEOUT_SECONDS = 30.0
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416


@dataclass(frozen=True, slots=True)
class Checksum:
    """The expected checksum of a file: algorithm as `hashlib` names it, value in hexadecimal."""

    algorithm: Literal["sha256", "md5"]
    value: str

    @property
    def name(self) -> str:
        """Name of the algorithm for people."""
        return {"sha256": "SHA-256", "md5": "MD5"}[self.algorithm]

    def of(self, file: Path) -> str:
        """Return the checksum of a file."""
        with file.open("rb") as stream:
            # MD5 is what figshare publishes; here it finds broken downloads, not forgeries.
            return hashlib.file_digest(stream, partial(hashlib.new, self.algorithm, usedforsecurity=False)).hexdigest()

    def fits(self, file: Path) -> bool:
        """Whether a file has this checksum."""
        return self.of(file) == self.value


def cache_dir() -> Path:
    """Folder of fetched data sets, by the XDG convention."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "softdash" / "data"


def fetched_files(dataset: ReferenceDataset) -> list[Path]:
    """Return the fetched originals of a data set; none if they were not fetched, all of them, to the end."""
    original = dataset.original
    if original is None:
        return []
    if isinstance(original, OriginalFile):
        file = cache_dir() / original.file_name
        return [file] if file.is_file() else []
    listing = cache_dir() / original.folder / _FETCHED
    names = json.loads(listing.read_text(encoding="utf-8")) if listing.is_file() else []
    files = [listing.parent / name for name in names]
    return files if all(file.is_file() for file in files) else []


def fetch_dataset(dataset: ReferenceDataset, progress: DownloadProgress | None = None) -> list[Path]:
    """Download the original files of a data set; does nothing when they are there already.

    Raises
    ------
    ReferenceDataError
        If softdash cannot fetch this set, the server cannot be reached, or a file is not the expected one.
    """
    original = dataset.original
    if original is None:
        raise ReferenceDataError(
            "It is shipped with softdash, so there is nothing to fetch."
            if dataset.shipped
            else f"softdash cannot fetch {dataset.label}: its files here have another form than the originals.",
            where=dataset.name,
            advice=None if dataset.shipped else _where_from(dataset),
        )
    if isinstance(original, FigshareArticle):
        return _fetch_article(original, progress)
    target, checksum = cache_dir() / original.file_name, Checksum("sha256", original.sha256)
    if not (target.is_file() and checksum.fits(target)):
        download(original.url, target, checksum=checksum, progress=progress)
    return [target]


def _fetch_article(article: FigshareArticle, progress: DownloadProgress | None) -> list[Path]:
    """Fetch all files of an article; the list of their names, written last, makes them one whole."""
    folder = cache_dir() / article.folder
    files = []
    for one in list_files(article):
        target, checksum = folder / one.name, Checksum("md5", one.computed_md5)
        if not (target.is_file() and checksum.fits(target)):
            download(one.download_url, target, checksum=checksum, progress=progress)
        files.append(target)
    _write_names(folder, files)
    return files


def adopt_file(
    dataset: ReferenceDataset, source: str, *, sha256: str | None = None, progress: DownloadProgress | None = None
) -> list[Path]:
    """Take a file of a data set from elsewhere into the cache: a file of this machine, or an https address.

    For the forms in which others ship the set (matcalc's ``wbm-high-energy-states.json.gz``). Without a checksum, the
    content decides: it is read to the end before it is taken.

    Raises
    ------
    ReferenceDataError
        If the set cannot be taken from a file, the file cannot be had, or it is not of the expected form.
    """
    from softdash.benchmarks.data.wbm import is_wbm_file, read_wbm_frames

    article = dataset.original
    if not isinstance(article, FigshareArticle):
        raise ReferenceDataError("This set is fetched from its home only.", where=dataset.name)
    folder = cache_dir() / article.folder
    name = Path(urlsplit(source).path).name
    if not is_wbm_file(Path(name)):
        raise ReferenceDataError(
            f"Its name must end in {' or '.join(article.endings)}.", where=source, advice="Give the data file itself."
        )
    folder.mkdir(parents=True, exist_ok=True)
    taken = folder / f"{_UNCHECKED}{name}"
    checksum = None if sha256 is None else Checksum("sha256", sha256.lower())
    if source.startswith(("https://", "http://")):
        download(source, taken, checksum=checksum, progress=progress)
    else:
        _copy(Path(source), taken, checksum)
    try:
        for _ in read_wbm_frames(taken):
            pass
    except ReferenceDataError:
        taken.unlink()
        raise
    target = folder / name
    taken.replace(target)
    _write_names(folder, [target])
    return [target]


def _copy(source: Path, target: Path, checksum: Checksum | None) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise ReferenceDataError(f"The file cannot be read ({error.strerror}).", where=str(source)) from error
    if checksum is not None and not checksum.fits(target):
        target.unlink()
        raise ReferenceDataError("Its SHA-256 is not the given one.", where=str(source))


def _write_names(folder: Path, files: Sequence[Path]) -> None:
    part = folder / f"{_FETCHED}.part"
    part.write_text(json.dumps([file.name for file in files]), encoding="utf-8")
    part.replace(folder / _FETCHED)


def download(url: str, target: Path, *, checksum: Checksum | None, progress: DownloadProgress | None = None) -> Path:
    """Download one file, going on where an earlier try stopped.

    Parameters
    ----------
    url : str
        ``https://`` (``http://`` on this machine only).
    target : pathlib.Path
        Appears only when complete and checked.
    checksum : Checksum or None
        Expected; None where the caller checks the content.
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
    if checksum is not None and not checksum.fits(part):
        found = checksum.of(part)
        part.unlink()
        raise ReferenceDataError(
            f"The file is not the expected one ({checksum.name} {found[:12]}…, expected {checksum.value[:12]}…).",
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
    headers = {**USER_AGENT, **({"Range": f"bytes={present}-"} if present else {})}
    request = Request(url, headers=headers)  # noqa: S310, checked above
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
