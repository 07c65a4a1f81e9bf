"""Keeping what took time to draw: plain dictionaries under explicit keys, shared by all web processes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from softdash import version
from softdash.web.context import web_context

_Kept = TypeVar("_Kept")


def cached(make: Callable[[], _Kept], *key: object) -> _Kept:
    """Return `make()`, or what it gave before under the same key.

    Parameters
    ----------
    make : callable
        Its result must survive pickling: ``figure.to_dict()``, never a Figure.
    *key : object
        Everything the result depends on, by its ``repr``: purpose, file version, selection, colour scheme.
    """
    cache = web_context().cache
    name = hashlib.sha256(repr(key).encode()).hexdigest()
    kept: _Kept | None = cache.get(name)
    if kept is None:
        kept = make()
        cache.set(name, kept)
    return kept


def code_version() -> str:
    """Return version and a hash of softdash's own source files: what earlier code drew is not shown by later code."""
    package = Path(version.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.read_bytes())
    return f"{version.__version__}-{digest.hexdigest()[:12]}"


def file_version(path: str) -> tuple[int, int]:
    """Return time of change and size of a file under ``precomputed/``; zeros where it is missing."""
    try:
        status = (web_context().settings.precomputed_dir / path).stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
