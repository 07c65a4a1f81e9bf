"""Files on disk, each named by the SHA-256 of its content."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from softdash.diagnosis.provenance import sha256_of_file
from softdash.errors import NotFoundError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_DAY = 86_400.0


def remove_left_over(folder: Path) -> None:
    """Remove what a killed process left in a folder of temporary files: everything older than a day."""
    limit = time.time() - _DAY
    for entry in folder.iterdir():
        if entry.stat().st_mtime < limit:
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


class FileStore:
    """A folder of immutable files; the same content is kept once.

    Parameters
    ----------
    folder : Path
        Created when missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unfinished = folder / "unfinished"
        self._unfinished.mkdir(parents=True, exist_ok=True)
        remove_left_over(self._unfinished)

    def path(self, sha256: str) -> Path:
        """Return where the file `sha256` lies.

        Raises
        ------
        NotFoundError
            If there is no such file.
        """
        path = self._place(sha256)
        if not path.is_file():
            raise NotFoundError("A file of this record is no longer in the store.", where=sha256)
        return path

    def read(self, sha256: str) -> bytes:
        """Return the content of the file `sha256`. Raises NotFoundError."""
        return self.path(sha256).read_bytes()

    def add_bytes(self, content: bytes) -> str:
        """Store `content` and return its SHA-256."""
        descriptor, name = tempfile.mkstemp(dir=self._unfinished)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return self._adopt(Path(name))

    def add_file(self, source: Path) -> str:
        """Store a copy of the file `source` and return its SHA-256."""
        descriptor, name = tempfile.mkstemp(dir=self._unfinished)
        with os.fdopen(descriptor, "wb") as file, source.open("rb") as original:
            shutil.copyfileobj(original, file, _CHUNK)
        return self._adopt(Path(name))

    def remove(self, sha256: str) -> None:
        """Remove the file `sha256`, if it is there."""
        self._place(sha256).unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise NotFoundError("This is not the name of a stored file.", where=sha256)
        return self.folder / sha256[:2] / sha256

    def _adopt(self, unfinished: Path) -> str:
        # Synced before it gets its name: after a power cut a name never stands for half a file.
        try:
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            sha256 = sha256_of_file(unfinished)
            place = self._place(sha256)
            place.parent.mkdir(exist_ok=True)
            unfinished.replace(place)
            _sync_folder(place.parent)
        finally:
            unfinished.unlink(missing_ok=True)
        return sha256


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
