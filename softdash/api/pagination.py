"""Pages of a list: ``limit`` and ``offset`` in the query, ``X-Total-Count`` and ``Link`` (RFC 8288) in the answer.

A list is a plain JSON array, so that ``pandas.read_json(address)`` reads it; `requests` follows
``response.links["next"]["url"]``.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from softdash.api.addresses import public_address
from softdash.api.operations import Header
from softdash.settings import Settings

ENTRIES_MAX = 10_000
_OFFSET_MAX = 1_000_000_000

PAGE_HEADERS = (
    Header("X-Total-Count", "Number of entries on all pages together."),
    Header("Link", "Addresses of the next and the previous page, as RFC 8288 writes them."),
)


class PageQuery(BaseModel):
    """Which part of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=ENTRIES_MAX, description="Most entries in one answer.")
    offset: int = Field(0, ge=0, le=_OFFSET_MAX, description="Entries to skip.")


def add_page_headers(response: Response, total: int, limit: int, offset: int, settings: Settings) -> Response:
    """Say how many entries there are, and where the pages before and after this one are."""
    response.headers["X-Total-Count"] = str(total)
    places = {"next": offset + limit if offset + limit < total else None}
    places["prev"] = max(0, offset - limit) if offset > 0 else None
    links = [
        f'<{_address_at(place, limit, settings)}>; rel="{name}"' for name, place in places.items() if place is not None
    ]
    if links:
        response.headers["Link"] = ", ".join(links)
    return response


def _address_at(offset: int, limit: int, settings: Settings) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in {"limit", "offset"}]
    # Only ASCII may stand in a header; a path may hold anything once it is unquoted.
    path = quote(f"{request.root_path}{request.path}", safe="/")
    return f"{public_address(settings)}{path}?{urlencode([*kept, ('limit', limit), ('offset', offset)])}"
