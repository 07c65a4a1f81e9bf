"""Child process that compresses the files named on its standard input; see `softdash.web.server.compressed_files`.

A program of its own, started by its path: brotli at quality 11 takes ten seconds and 200 MB for the largest script, and
importing softdash.web would take as much again.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path


def _brotli(data: bytes) -> bytes:
    import brotli  # type: ignore[import-untyped]

    return bytes(brotli.compress(data, mode=brotli.MODE_TEXT, quality=11, lgwin=22))


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


_COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {"br": _brotli, "gz": _gzip}


def compress_all(folder: Path, sources: dict[str, str]) -> None:
    """Write what is missing in `folder`, smallest source first, and delete what no source needs any more.

    Parameters
    ----------
    folder : Path
        Holds ``SHA256.br`` and ``SHA256.gz``.
    sources : dict
        Path of each source by its SHA-256.
    """
    for old in folder.iterdir():
        if old.suffix in {".br", ".gz", ".part"} and old.stem not in sources:
            old.unlink()
    found = {digest: Path(source) for digest, source in sources.items() if Path(source).is_file()}
    for digest, source in sorted(found.items(), key=lambda item: item[1].stat().st_size):
        missing = [suffix for suffix in _COMPRESSORS if not (folder / f"{digest}.{suffix}").exists()]
        if not missing:
            continue
        data = source.read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            continue  # changed since the server looked: a later start takes care of it
        for suffix in missing:
            unfinished = folder / f"{digest}.{suffix}.part"
            unfinished.write_bytes(_COMPRESSORS[suffix](data))
            unfinished.replace(folder / f"{digest}.{suffix}")


def _end_with_the_server(parent: int) -> None:
    """Leave nothing behind when the web process is stopped: unfinished files are taken up at its next start."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main() -> None:
    """Compress under a lock: of several web processes that start together, one does the work."""
    os.nice(15)
    threading.Thread(target=_end_with_the_server, args=(os.getppid(),), daemon=True).start()
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "compressing.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        compress_all(folder, request["sources"])


if __name__ == "__main__":
    main()
