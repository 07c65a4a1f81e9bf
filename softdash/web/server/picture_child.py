"""Child process that makes a PNG of an SVG; see `softdash.web.server.report_picture`.

A program of its own, started by its path: what the rasteriser takes stays out of the web process, which has 200 MB.
Takes ``{"svg": …, "fonts": […], "width": …, "height": …}`` on standard input, writes the PNG to standard output.
"""

from __future__ import annotations

import json
import os
import resource
import sys

import resvg_py

_SECONDS = 20

if __name__ == "__main__":
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.load(sys.stdin)
    drawn = resvg_py.svg_to_bytes(
        svg_string=order["svg"],
        font_files=order["fonts"],
        skip_system_fonts=True,
        width=order["width"],
        height=order["height"],
    )
    sys.stdout.buffer.write(bytes(drawn))
