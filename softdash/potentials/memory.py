"""Keep freed memory in the process: without this, large graphs spend half their time on page faults.

glibc returns each freed tensor above 128 kB to the system and asks for it again in the next layer; the kernel then
has to zero the pages once more. The process keeps its peak memory instead, which is bounded by the batch size.
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
_M_MMAP_MAX = -4
_TOP_PAD_BYTES = 64 * 1024 * 1024


@cache
def keep_freed_memory() -> bool:
    """Tell glibc to keep freed memory; does nothing on other C libraries.

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
    options = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, -1), (_M_TOP_PAD, _TOP_PAD_BYTES))
    taken = [mallopt(name, value) == 1 for name, value in options]
    return all(taken)
