"""What a process that computes may do with memory: keep some of what it freed, and take no more than its share.

glibc gives each large tensor back and asks for it again in the next layer. The kernel then has to zero the pages once
more, up to a quarter of the time. All freed memory kept would be faster still, but fragments: a process of thousands of
batches grew to 9 GB. So blocks up to 32 MB are reused from the heap, and the heap keeps at most 512 MB more than it
needs.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import sys
from functools import cache
from pathlib import Path

logger = logging.getLogger(__name__)

# Names and numbers of malloc.h; ctypes cannot read the header.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_THRESHOLD = -3
_MEBIBYTE = 1024 * 1024
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
_OPTIONS = (
    (_M_MMAP_THRESHOLD, 32 * _MEBIBYTE),  # the largest that glibc accepts
    (_M_TRIM_THRESHOLD, 512 * _MEBIBYTE),
    (_M_TOP_PAD, 64 * _MEBIBYTE),
)


@cache
def keep_some_freed_memory() -> bool:
    """Tell glibc to keep freed memory within limits; does nothing on other C libraries.

    Returns
    -------
    bool
        Whether the allocator took the settings.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        logger.info("This C library has no mallopt: large batches will be slower.")
        return False
    taken = [mallopt(name, value) == 1 for name, value in _OPTIONS]
    return all(taken)


def limit_memory(byte_count: int | None) -> int:
    """Make allocations beyond a limit fail with an error, where the kernel would kill some process of the machine.

    A graph network needs 1 to 17 MB for each atom of a frame, so that a frame of 2,000 atoms can fill a small server.

    Parameters
    ----------
    byte_count : int or None
        Private memory that this process may hold; by default `half_of_the_memory`.

    Returns
    -------
    int
        The limit in bytes.
    """
    limit = byte_count or half_of_the_memory()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    return limit


def half_of_the_memory() -> int:
    """Return half of the bytes of this machine's memory, or of its container's."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if _CONTAINER_LIMIT.is_file():
        written = _CONTAINER_LIMIT.read_text().strip()
        if written.isdecimal():  # else "max"
            whole = min(whole, int(written))
    return whole // 2
