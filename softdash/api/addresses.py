"""Addresses as visitors know them, which behind a proxy are not those of the request."""

from __future__ import annotations

from urllib.parse import quote

from flask import request

from softdash.settings import Settings


def table_name(path: str) -> str:
    """Return the name of a precomputed table in addresses: ``"energies/surfaces.csv"`` is ``"energies-surfaces"``."""
    return path.removesuffix(".csv").replace("/", "-")


def table_address(path: str, form: str = "csv") -> str:
    """Return the address of a whole table on this server, by its path under ``precomputed/``; `form` is csv or json."""
    return f"/api/v1/catalog/{table_name(path)}.{form}"


def bands_address(material_id: str) -> str:
    """Return the address of the bands of one material as a table."""
    return f"/api/v1/catalog/phonon-bands/{quote(material_id, safe='')}.csv"


def public_address(settings: Settings) -> str:
    """Return the address under which visitors know this server, without a slash at its end."""
    return (settings.public_url or request.host_url).rstrip("/")
