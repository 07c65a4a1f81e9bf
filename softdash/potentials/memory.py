"""Let glibc keep some freed memory: it gives each large tensor back and asks for it again in the next layer.

The kernel then has to zero the pages once more, up to a quarter of the time. All freed memory kept would be faster
still, but fragments: a process of thousands of batches grew to 9 GB. So blocks up to 32 MB are reused from the heap,
and the heap keeps at most 512 MB more than it needs.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from functools import cache

logger = logging.getLogger(__name__)

# Names and numbers of malloc.h; ctypes cannot read the header.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_THRESHOLD = -3
_MEBIBYTE = 1024 * 1024
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
