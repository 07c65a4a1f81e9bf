"""The OpenAPI 3.1 document: Flask's routes, their declarations (`softdash.api.operations`) and pydantic's schemas.

Written here and not taken from a library: those that fit pydantic (spectree, flask-openapi3) want to check requests
and answers themselves, in an error shape of their own, or replace Flask's class, which Dash makes; others (apispec,
APIFlask) bring a second schema library. What is left for a document is these few functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from pydantic import BaseModel

from softdash.api.json_schemas import schemas_of
from softdash.api.messages import ErrorMessage
from softdash.api.operations import JSON, Answer, Header, Operation, operation_of
from softdash.api.written_docs import one_line, written_docstring
from softdash.errors import (
    ForbiddenError,
    InputError,
    SoftdashError,
    TooLargeError,
    UnsupportedFormatError,
)
from softdash.version import __version__

_COMPONENTS = "#/components/schemas/{model}"
_RULE_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_METHODS = ("get", "post", "put", "patch", "delete")

_DESCRIPTION = (
    "How much too soft is a universal machine-learning interatomic potential: for published benchmarks, and for your "
    "own material. Upload structures with DFT forces, diagnose them, fetch the report; read the benchmark tables. "
    "There are no accounts: a diagnosis is known by its link, and deleted with the token that its creation answered. "
    "Forces are in eV/Å."
)

_TOPICS = {
    "uploads": "Structures with DFT forces, and what was understood of them.",
    "diagnoses": "From an upload to a report: create, follow, cancel, name, delete.",
    "samplings": "A structure without forces: states to label, with ready DFT inputs, and what to expect meanwhile.",
    "reports": "The result of a diagnosis, in all its forms.",
    "catalog": "Benchmark tables, parity points and phonon bands, with their sources.",
    "installation": "Which potentials and examples this server has, and whether it works.",
}

_PATH_PARAMETERS = {
    "upload_id": "Identifier of an upload.",
    "diagnosis_id": "Identifier of a diagnosis, as in its link.",
    "sampling_id": "Identifier of a sampling, as in its link.",
    "name": "Name of a shipped example.",
    "table": "Name of a table, as in the list of tables.",
    "dataset": "Identifier of a data set.",
    "potential": "Identifier of a potential.",
    "material_id": "Identifier of a material in its data set.",
}

_MALFORMED = {400: "The body is not JSON.", 415: "The body is not declared as JSON."}
_IF_NONE_MATCH = Header("If-None-Match", "ETag of the answer that is known already; the same again is answered by 304.")
_ETAG = Header("ETag", "Changes when the content does.")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address, and its declaration."""

    path: str
    method: str
    parameters: tuple[str, ...]
    endpoint: str
    description: str
    operation: Operation


def documented_routes(server: Flask) -> list[Route]:
    """Return all routes with a declaration, in the order they were added."""
    return list(_routes(server))


def _routes(server: Flask) -> Iterator[Route]:
    for rule in server.url_map.iter_rules():
        view = server.view_functions.get(rule.endpoint)
        declared = operation_of(view) if view is not None else None
        if view is None or declared is None:
            continue
        for method in _METHODS:
            if method.upper() in (rule.methods or ()):
                yield Route(
                    path=_RULE_VARIABLE.sub(r"{\1}", rule.rule),
                    method=method,
                    parameters=tuple(_RULE_VARIABLE.findall(rule.rule)),
                    endpoint=rule.endpoint,
                    description=one_line(written_docstring(view)),
                    operation=declared,
                )


def openapi_document(server: Flask) -> dict[str, Any]:
    """Return the document of all declared routes.

    Parameters
    ----------
    server : Flask
        With all routes added.
    """
    routes = documented_routes(server)
    schemas, definitions = schemas_of(_kinds(routes), _COMPONENTS)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method] = _operation(route, schemas)
    used = {route.operation.topic for route in routes}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "softdash",
            "version": __version__,
            "summary": "Softening of universal interatomic potentials.",
            "description": _DESCRIPTION,
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": "/"}],
        "security": [],  # no accounts
        "tags": [{"name": name, "description": words} for name, words in _TOPICS.items() if name in used],
        "paths": paths,
        "components": {"schemas": definitions},
    }


def _kinds(routes: list[Route]) -> Iterator[Any]:
    yield ErrorMessage
    for route in routes:
        declared = route.operation
        wanted = (declared.body, *(answer.kind for answer in declared.answers.values()))
        yield from (kind for kind in wanted if kind is not None)


def _operation(route: Route, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    declared = route.operation
    summary, _, rest = route.description.partition(". ")
    described: dict[str, Any] = {
        "tags": [declared.topic],
        "operationId": route.endpoint.replace(".", "_"),
        "summary": summary.rstrip("."),
    }
    if rest:
        described["description"] = rest
    parameters = [*_path_parameters(route), *_query_parameters(declared.query), *_header_parameters(declared)]
    if parameters:
        described["parameters"] = parameters
    if declared.body is not None:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas[declared.body]}}}
    if declared.form is not None:
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": _form(declared.form)}}
    described["responses"] = {str(status): words for status, words in sorted(_responses(route, schemas).items())}
    return described


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_PARAMETERS[name],
            "schema": {"type": "string", "minLength": 1},
        }
        for name in route.parameters
    ]


def _query_parameters(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    described = query.model_json_schema()
    required = described.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            **({"required": True} if name in required else {}),
            "description": schema.get("description", ""),
            "schema": {key: value for key, value in schema.items() if key not in {"title", "description"}},
        }
        for name, schema in described["properties"].items()
    ]


def _header_parameters(declared: Operation) -> list[dict[str, Any]]:
    headers = (*declared.headers, _IF_NONE_MATCH) if declared.is_conditional else declared.headers
    return [{"name": header.name, "in": "header", **_header(header)} for header in headers]


def _header(header: Header) -> dict[str, Any]:
    limits = {"minLength": header.min_length, "maxLength": header.max_length, "pattern": header.pattern}
    schema = {"type": "string", **{name: limit for name, limit in limits.items() if limit is not None}}
    return {"description": header.description, "schema": schema}


def _form(fields: type[BaseModel]) -> dict[str, Any]:
    schema = fields.model_json_schema()
    file = _body("application/octet-stream")
    files = {"type": "array", "minItems": 1, "items": file, "description": "The files; any field name will do."}
    return {"schema": {"type": "object", "required": ["files"], "properties": {"files": files, **schema["properties"]}}}


def _responses(route: Route, schemas: dict[Any, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    declared = route.operation
    responses = {status: _answer(answer, declared, schemas) for status, answer in declared.answers.items()}
    if declared.is_conditional:
        responses[304] = {"description": "The content is the one that If-None-Match names.", "headers": _headers(_ETAG)}
    refused: dict[int, list[str]] = {}
    for kind in _errors(route):
        refused.setdefault(kind.http_status, []).append(one_line(written_docstring(kind)))
    if declared.body is not None:
        refused |= {status: [words] for status, words in _MALFORMED.items()}
    error = {JSON: {"schema": schemas[ErrorMessage]}}
    for status, words in refused.items():
        responses[status] = {"description": " ".join(dict.fromkeys(words)), "content": error}
    return responses


def _errors(route: Route) -> list[type[SoftdashError]]:
    declared = route.operation
    errors = list(declared.errors)
    if route.method != "get":
        errors.append(ForbiddenError)  # of requests that another site's page sends
    if declared.query is not None or declared.body is not None or declared.form is not None:
        errors.append(InputError)
    if declared.body is not None or declared.form is not None:
        errors.append(TooLargeError)
    if declared.form is not None:
        errors.append(UnsupportedFormatError)
    return errors


def _answer(answer: Answer, declared: Operation, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    headers = (*answer.headers, _ETAG) if declared.is_conditional else answer.headers
    if headers:
        described["headers"] = _headers(*headers)
    if answer.media_types:
        described["content"] = {
            media_type: {"schema": schemas[answer.kind] if media_type == JSON else _body(media_type)}
            for media_type in answer.media_types
        }
    return described


def _body(media_type: str) -> dict[str, Any]:
    """Return the schema of a body that is no JSON: text, or a file that a client keeps as it is."""
    if media_type.startswith("text/"):
        return {"type": "string"}
    # `format` is the older keyword; it is the one that programs which make clients from such documents know.
    return {"type": "string", "format": "binary", "contentMediaType": media_type}


def _headers(*headers: Header) -> dict[str, Any]:
    return {header.name: _header(header) for header in headers}
