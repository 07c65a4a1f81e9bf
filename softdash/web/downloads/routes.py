"""Plain Flask routes beside the Dash pages: table downloads."""

from __future__ import annotations

from flask import Flask

from softdash.web.downloads.comparison import register_comparison_downloads
from softdash.web.downloads.moved import register_moved_downloads
from softdash.web.downloads.softening import register_softening_downloads


def register_downloads(server: Flask) -> None:
    """Add the download routes below ``/download/``."""
    register_softening_downloads(server)
    register_comparison_downloads(server)
    register_moved_downloads(server)
