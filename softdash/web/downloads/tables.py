"""Downloads of whole precomputed tables: ``/download/tables/energies/surfaces.csv``, or ``.json`` for its rows."""

from __future__ import annotations

from flask import Flask, Response

from softdash.catalog import schemas
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.context import web_context
from softdash.web.downloads.json_rows import json_file


def register_table_downloads(server: Flask) -> None:
    """Add the route; it serves what the catalog has checked, never a file by its name alone."""
    server.add_url_rule("/download/tables/<path:path>", "precomputed_table", _table)


def _table(path: str) -> Response:
    stem, _, kind = path.rpartition(".")
    name = f"softdash-{stem.replace('/', '-')}.{kind}"
    try:
        if f"{stem}.csv" not in schemas.CSV_TABLES or kind not in {"csv", "json"}:
            raise NotFoundError("There is no such table.", advice="Take the address from the page that shows it.")
        table = web_context().catalog.table(f"{stem}.csv")
    except SoftdashError as error:
        return Response(f"{error}\n", status=error.http_status, mimetype="text/plain")
    if kind == "json":
        return json_file(table, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(table.to_csv(index=False, lineterminator="\n"), mimetype="text/csv", headers=headers)
