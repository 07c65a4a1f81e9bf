"""Addresses of tables from before the API had them all: each leads to the API's, with its query translated."""

from __future__ import annotations

from flask import Flask, Response, request

from softdash.api.addresses import (
    bands_address,
    compared_forces_address,
    compared_materials_address,
    failures_address,
    medians_address,
    table_address,
)
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import schemas
from softdash.errors import NotFoundError
from softdash.web.context import web_context
from softdash.web.parts.material_selection import checked_selection

_PERMANENTLY = 308
_TABLES = {
    "phonon-max-frequencies.csv": table_address(schemas.PHONON_MAX_FREQUENCIES),
    "phonon-max-frequencies.json": table_address(schemas.PHONON_MAX_FREQUENCIES, "json"),
    "phonon-materials.csv": table_address(schemas.PHONON_MATERIALS),
    "potential-medians.csv": medians_address("csv"),
    "potential-medians.json": medians_address("json"),
}
_OF_A_SELECTION = {"softening": compared_materials_address, "failures": failures_address}


def register_moved_downloads(server: Flask) -> None:
    """Add the old addresses below ``/download/``; what was never there is told as any error is."""
    server.add_url_rule("/download/<path:path>", "moved_download", _moved)


def _moved(path: str) -> Response:
    address = _address_now(path)
    if address is None:
        raise NotFoundError("There is no such table.", where=path, advice="GET /api/v1/catalog lists all tables.")
    return Response(status=_PERMANENTLY, headers={"Location": address})


def _address_now(path: str) -> str | None:
    """Return where a table is now; what its query lacks, or nobody knows, is as on the page that linked it."""
    if path in _TABLES:
        return _TABLES[path]
    material = request.args.get("material")
    if path == "phonon-bands.csv":
        return bands_address(material) if material else None
    if path == "parity.csv":
        return compared_forces_address(_selection(), material) if material else None
    stem, _, form = path.rpartition(".")
    if form not in {"csv", "json"}:
        return None
    if stem in _OF_A_SELECTION:
        return _OF_A_SELECTION[stem](_selection(), form)
    table = f"{stem.removeprefix('tables/')}.csv"
    return table_address(table, form) if path.startswith("tables/") and table in schemas.CSV_TABLES else None


def _selection() -> MaterialSelection:
    return checked_selection(web_context().catalog, request.args)
