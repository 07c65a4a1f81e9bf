"""Addresses as visitors know them, which behind a proxy are not those of the request."""

from __future__ import annotations

from flask import request

from softdash.settings import Settings


def public_address(settings: Settings) -> str:
    """Return the address under which visitors know this server, without a slash at its end."""
    return (settings.public_url or request.host_url).rstrip("/")
