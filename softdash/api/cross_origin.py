"""Pages of other sites may read the API (CORS), without cookies; they may not change anything."""

from __future__ import annotations

from flask import Flask, Response, request

_PREFIX = "/api/v1/"
_READING = {"GET", "HEAD", "OPTIONS"}
_SHOWN = "Content-Disposition, ETag, Link, Retry-After, X-Total-Count"


def allow_reading_from_other_sites(server: Flask) -> None:
    """Add the headers by which browsers let scripts of other sites read answers to GET and HEAD."""

    def add_headers(response: Response) -> Response:
        if not request.path.startswith(_PREFIX) or request.method not in _READING:
            return response
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _SHOWN
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
            response.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
            response.headers["Access-Control-Max-Age"] = "86400"
        return response

    server.after_request(add_headers)
