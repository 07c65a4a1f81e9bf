"""Plain Flask routes beside the Dash pages: table downloads."""

from __future__ import annotations

from flask import Flask


def register_downloads(server: Flask) -> None:
    """Add the download routes below ``/download/``."""
    del server
