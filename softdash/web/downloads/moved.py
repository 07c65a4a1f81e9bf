"""Addresses of tables from before the API had them all: each leads to the API's, with its query."""

from __future__ import annotations

from flask import Flask, Response, request

from softdash.api.addresses import bands_address, table_address
from softdash.catalog import schemas
from softdash.errors import NotFoundError

_PERMANENTLY = 308
_TABLES = {
    "phonon-max-frequencies.csv": table_address(schemas.PHONON_MAX_FREQUENCIES),
    "phonon-max-frequencies.json": table_address(schemas.PHONON_MAX_FREQUENCIES, "json"),
    "phonon-materials.csv": table_address(schemas.PHONON_MATERIALS),
}


def register_moved_downloads(server: Flask) -> None:
    """Add the old addresses below ``/download/``; what was never there is told as any error is."""
    server.add_url_rule("/download/<path:path>", "moved_download", _moved)


def _moved(path: str) -> Response:
    stem, _, form = path.removeprefix("tables/").rpartition(".")
    if path in _TABLES:
        return _to(_TABLES[path])
    if path == "phonon-bands.csv" and request.args.get("material"):
        return _to(bands_address(request.args["material"]))
    if path.startswith("tables/") and f"{stem}.csv" in schemas.CSV_TABLES and form in {"csv", "json"}:
        return _to(table_address(f"{stem}.csv", form))
    raise NotFoundError("There is no such table.", where=path, advice="GET /api/v1/catalog lists all tables.")


def _to(address: str) -> Response:
    return Response(status=_PERMANENTLY, headers={"Location": address})
