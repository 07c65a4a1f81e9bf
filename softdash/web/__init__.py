"""The Dash front end. Importing it loads neither torch nor any parser of uploads."""

from __future__ import annotations

from softdash.web.application import create_app, create_server

__all__ = ["create_app", "create_server"]
