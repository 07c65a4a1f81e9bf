"""SHA-256 of files of weights, computed once per version of a file."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's contents, hexadecimal."""
    return _sha256_of_version(file, file.stat().st_mtime_ns)


@cache
def _sha256_of_version(file: Path, _written: int) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
