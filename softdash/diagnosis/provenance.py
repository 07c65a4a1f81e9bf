"""When a report was made, and of which bytes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path


def utc_now() -> datetime:
    """Return the present time, UTC."""
    return datetime.now(UTC)


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
