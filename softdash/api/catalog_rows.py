"""Rows of precomputed tables: what one can filter by, and their forms as JSON and csv."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pandas as pd
from flask import Response, request
from pydantic import Field

from softdash.api.addresses import table_name
from softdash.api.operations import CSV, JSON
from softdash.api.pagination import PageQuery, add_page_headers
from softdash.catalog import schemas
from softdash.errors import InputError, NotFoundError
from softdash.settings import Settings
from softdash.version import __version__

_FRESH_SECONDS = 300
_ALL = 1_000_000

# Which columns a filter looks at; a table has at most one of them.
_FILTER_COLUMNS = {
    "dataset": ("dataset",),
    "potential": ("potential",),
    "method": ("method",),
    "material": ("material_id", "material"),
    "element": ("element", "elements"),
}


def table_paths() -> dict[str, str]:
    """Return every table's path by its name in addresses; benchmarks may add some."""
    return {table_name(path): path for path in schemas.CSV_TABLES}


class RowsQuery(PageQuery):
    """Which rows of a table: those that fit all filters; a filter given several times takes any of its values."""

    limit: int = Field(1_000, ge=1, le=10_000, description="Most rows in one answer.")
    dataset: list[str] = Field([], max_length=50, description="Data set.")
    potential: list[str] = Field([], max_length=50, description="Potential, by its identifier.")
    method: list[str] = Field([], max_length=50, description="Method, in tables that have this column.")
    material: list[str] = Field([], max_length=50, description="Identifier of the material, or formula of the host.")
    element: list[str] = Field([], max_length=50, description="Chemical symbol: rows of it, or of materials with it.")


class AllRowsQuery(RowsQuery):
    """The same, with all rows at once."""

    limit: int = Field(_ALL, ge=1, le=_ALL, description="Most rows in one answer.")


class PointsQuery(PageQuery):
    """Which part of a material's points."""

    limit: int = Field(10_000, ge=1, le=10_000, description="Most atoms in one answer.")


class AllPointsQuery(PageQuery):
    """The same, with all points at once."""

    limit: int = Field(_ALL, ge=1, le=_ALL, description="Most rows in one answer.")


def table_path(name: str) -> str:
    """Return the place of a table under ``precomputed/``. Raises NotFoundError."""
    paths = table_paths()
    if name not in paths:
        raise NotFoundError(
            "There is no table of this name.", where=name, advice="GET /api/v1/catalog lists all tables."
        )
    return paths[name]


def filters_of(path: str) -> dict[str, str]:
    """Return the filters that a table takes, and the column that each looks at."""
    present = set(schemas.CSV_TABLES[path].column_names)
    return {name: column for name, columns in _FILTER_COLUMNS.items() for column in columns if column in present}


def filtered(table: pd.DataFrame, path: str, query: RowsQuery) -> pd.DataFrame:
    """Return the rows that fit all filters.

    Raises
    ------
    InputError
        If the table has no column for one of them.
    """
    columns = filters_of(path)
    for name in _FILTER_COLUMNS:
        values: list[str] = getattr(query, name)
        if not values:
            continue
        if name not in columns:
            offered = f"Filters of this table: {', '.join(columns)}." if columns else "This table has no filters."
            raise InputError(f"This table has no column to filter by {name}.", where=name, advice=offered)
        cells = table[columns[name]]
        if columns[name] == "elements":
            table = table[[not set(values).isdisjoint(cell.split()) for cell in cells]]
        else:
            table = table[cells.isin(values)]
    return table


def rows_response(
    table: pd.DataFrame, query: PageQuery, settings: Settings, *, form: str, name: str, is_file: bool = False
) -> Response:
    """Return one page of a table as a JSON array of objects, or as csv; as a file, browsers keep it."""
    shown = table.iloc[query.offset : query.offset + query.limit]
    if form == CSV:
        response = Response(shown.to_csv(index=False, lineterminator="\n"), mimetype=CSV)
        response.headers["Content-Disposition"] = f'attachment; filename="softdash-{name}.csv"'
    else:
        response = Response(rows_as_json(shown), mimetype=JSON)
        if is_file:
            response.headers["Content-Disposition"] = f'attachment; filename="softdash-{name}.json"'
    return add_page_headers(response, len(table), query.limit, query.offset, settings)


def rows_as_json(rows: pd.DataFrame) -> str:
    """Return rows as a JSON array of objects with all their digits; what is missing or not finite is null."""
    # Not DataFrame.to_json, which cuts numbers off fifteen places behind the point: 2.539924e-10 is 2.53992e-10 there.
    columns = [[_cell(value) for value in rows[name].tolist()] for name in rows.columns]
    records = [dict(zip(rows.columns, values, strict=True)) for values in zip(*columns, strict=True)]
    return json.dumps(records, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _cell(value: Any) -> Any:
    return None if pd.isna(value) or (isinstance(value, float) and math.isinf(value)) else value


def wanted_form() -> str:
    """Return the form that the request's Accept header prefers: JSON, unless it asks for csv."""
    return request.accept_mimetypes.best_match([JSON, CSV], default=JSON) or JSON


def entity_tag(sha256: str, form: str) -> str:
    """Return the ETag of a form of a file: the same file may be written otherwise by another softdash."""
    return f"{sha256}-{__version__}-{form.rpartition('/')[2]}"


def known_form(tag: str) -> str | None:
    """Return the ETag under which the client has the answer with this one already; None where it has not.

    The web application compresses answers and adds ``:gzip`` and the like to their ETags.
    """
    asked = request.if_none_match
    if asked.star_tag or asked.contains_weak(tag):
        return tag
    entries = asked.as_set(include_weak=True)
    return next((entry for entry in entries if entry and entry.rpartition(":")[0] == tag), None)


def cached_response(response: Response, tag: str | None) -> Response:
    """Let anybody keep the answer for some minutes, and ask by its ETag afterwards."""
    response.headers["Cache-Control"] = f"public, max-age={_FRESH_SECONDS}"
    if tag is not None:
        response.set_etag(tag)
        response.make_conditional(request)  # changes the response in place
    return response


def hashed_response(response: Response) -> Response:
    """Let anybody keep the answer, with an ETag that is made from its content."""
    return cached_response(response, hashlib.sha256(response.get_data()).hexdigest())


def not_modified(tag: str) -> Response:
    """Return the answer to a request whose client has the content already."""
    response = Response(status=304)
    response.headers["Cache-Control"] = f"public, max-age={_FRESH_SECONDS}"
    response.set_etag(tag)
    return response
