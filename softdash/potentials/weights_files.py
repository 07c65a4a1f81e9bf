"""SHA-256 of files of weights, computed once per version of a file, and in words."""

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


def hash_in_words(sha256: str, digits: int = 64) -> str:
    """Return a hash of weights for display, shortened to `digits`; in words where softdash does not know it."""
    if not sha256:
        return "SHA-256 not known to softdash"
    return f"SHA-256 {sha256[:digits]}{'…' if digits < len(sha256) else ''}"
