"""Every error under ``/api`` has the one JSON shape of `SoftdashError.as_json`, whoever raised it."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import Map

from softdash.errors import BusyError, ForbiddenError, SoftdashError

logger = logging.getLogger(__name__)

_PREFIX = "/api/"
_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
_BUSY_SECONDS = 60
_ADDRESSES = "The page /api lists all addresses; /api/v1/openapi.json does for programs."


def register_error_responses(server: Flask) -> None:
    """Answer errors of the API in JSON; call it after all routes of the API are there."""
    own_rules = Map([rule.empty() for rule in server.url_map.iter_rules() if rule.rule.startswith(_PREFIX)])

    def refuse_misdirected() -> Response | None:
        # The pages' catch-all route would answer an unknown address under /api with a page and status 200.
        if not request.path.startswith(_PREFIX):
            return None
        methods = set(own_rules.bind("").allowed_methods(request.path))
        if not methods:
            return _answer(404, "not_found", "The API has no such address.", _ADDRESSES)
        if request.method not in methods and request.method != "OPTIONS":
            allowed = ", ".join(sorted(methods))
            response = _answer(405, "method_not_allowed", "This address has no such method.", f"It takes: {allowed}.")
            response.headers["Allow"] = allowed
            return response
        if request.method in _CHANGING and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise ForbiddenError(
                "A page of another site sent this request.", advice="Use a page of this server, or a program."
            )
        return None

    server.before_request_funcs.setdefault(None, []).insert(0, refuse_misdirected)
    server.register_error_handler(SoftdashError, softdash_error_response)
    server.register_error_handler(HTTPException, _http_error_response)


def softdash_error_response(error: SoftdashError) -> Response:
    """Return an error in its JSON shape, with its status."""
    response = jsonify(error.as_json())
    response.status_code = error.http_status
    if isinstance(error, BusyError):
        response.headers["Retry-After"] = str(_BUSY_SECONDS)
    return response


def _http_error_response(error: HTTPException) -> Response | HTTPException:
    if not request.path.startswith(_PREFIX):
        return error
    status = error.code or 500
    if isinstance(error, InternalServerError):
        logger.error("%s %s failed", request.method, request.path, exc_info=error.original_exception)
        return _answer(500, "internal_error", "softdash made a mistake here; it was logged.", "Please report it.")
    code = error.name.lower().replace(" ", "_")
    return _answer(status, code, error.description or error.name, None)


def _answer(status: int, code: str, message: str, advice: str | None) -> Response:
    response = jsonify({"error": {"code": code, "message": message, "where": request.path, "advice": advice}})
    response.status_code = status
    return response
