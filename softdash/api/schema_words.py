"""JSON schemas in words, for the page ``/api``: ``array of Report``, ``integer, 1 to 10000``."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

_CODE = re.compile("`([^`]+)`")
_LIMITS = (
    ("minimum", "≥ {}"),
    ("exclusiveMinimum", "> {}"),
    ("maximum", "≤ {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} entries"),
    ("maxItems", "at most {} entries"),
)


def type_words(schema: dict[str, Any]) -> Markup:
    """Return what a schema allows, as HTML in which names of other schemas are links to them."""
    kind = _kind(schema)
    if schema.get("type") == "array" and "prefixItems" in schema:
        return kind  # the number of entries is in the kind
    limits = [words.format(schema[name]) for name, words in _LIMITS if name in schema]
    return kind + "".join(f", {words}" for words in limits)


def _kind(schema: dict[str, Any]) -> Markup:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#{0}">{0}</a>').format(name)
    for combined in ("anyOf", "oneOf"):
        if combined in schema:
            return Markup(" or ").join(type_words(one) for one in schema[combined])
    if "const" in schema:
        return escape(repr(schema["const"]))
    if "enum" in schema:
        return Markup(" | ").join(Markup("<code>{}</code>").format(value) for value in schema["enum"])
    if schema.get("type") == "array":
        if "prefixItems" in schema:
            return Markup("{} of ").format(len(schema["prefixItems"])) + type_words(schema["prefixItems"][0])
        return Markup("array of ") + type_words(schema.get("items", {}))
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return Markup("object of ") + type_words(schema["additionalProperties"])
    return escape(schema.get("format") or schema.get("type") or "anything")


def words(text: str) -> Markup:
    """Return a description as HTML: what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped one step before


def media_types_of(response: dict[str, Any]) -> list[tuple[str, Markup]]:
    """Return the media types of an answer, each with what it holds."""
    return [(name, type_words(content["schema"])) for name, content in response.get("content", {}).items()]


def body_of(operation: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the media type and the schema of a request's body; None where there is none."""
    content = operation.get("requestBody", {}).get("content", {})
    return next(((name, described["schema"]) for name, described in content.items()), None)
