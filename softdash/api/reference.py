"""``docs/api.md``, written from the OpenAPI document: ``python -m softdash.api.reference > docs/api.md``."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from softdash.api import register
from softdash.api.openapi import openapi_document
from softdash.api.schema_words import body_of, media_types_of, type_words
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings

_LINK = re.compile(r'<a href="#(\w+)">\w+</a>')
_CODE_TAG = re.compile(r"<code>(.*?)</code>")
_CODE = re.compile(r"(`[^`]+`)")
_EXAMPLE = "first_diagnosis.py.txt"
_EXAMPLE_SERVER = "https://softdash.example.org"
_EXAMPLE_POTENTIAL = "chgnet-0.3.0"

_INTRODUCTION = """\
# HTTP API

<!-- Written by `python -m softdash.api.reference` (`make docs`); change the routes in softdash/api instead. -->

Every softdash server has this page with its own address at `/api`, and the OpenAPI 3.1 document behind it at
`/api/v1/openapi.json`. There are no accounts and no keys. These ten lines upload a file, diagnose it, and fetch its
forces:

```python
{example}
```

`softdash diagnose FILE --potential NAME --url ADDRESS` does the same on the [command line](cli.md).

## Rules

- **Errors** have one form everywhere, [ErrorMessage](#errormessage): what was wrong, where, and what to do. 503 says in
  `Retry-After` when to come back.
- **Repeating a creation safely:** send a random `Idempotency-Key` (a UUID) with `POST /api/v1/diagnoses`. The same key
  with the same request answers with the same diagnosis; with another request, 409. A key is as good as the delete
  token: keep it secret.
- **Lists** are JSON arrays with `limit` and `offset`; `X-Total-Count` has the length, `Link` the address of the next
  page.
- **Caching:** tables and reports have an `ETag`; send it as `If-None-Match` and get 304 while nothing changed.
- **Other sites' pages** may read all of this (CORS), and change nothing.
- **Clients from the document**: `openapi-python-client generate --url ADDRESS/api/v1/openapi.json --config FILE`,
  where FILE says how two kinds of files are kept: `content_type_overrides: {{application/zip: application/octet-stream,
  chemical/x-extxyz: application/octet-stream}}`.
- **Links are the only key** to a diagnosis: there is no list of them. The delete token is shown once, by the creation.
"""


def api_markdown() -> str:
    """Return the documentation of all routes and of what they take and answer."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        server, service = Flask("documentation"), DiagnosisService(settings)
        register(server, service, settings)
        document = openapi_document(server)
        service.close()
    example = Environment(loader=PackageLoader("softdash.api"), autoescape=False).get_template(_EXAMPLE)  # noqa: S701 - Markdown
    script = example.render(address=_EXAMPLE_SERVER, potential=_EXAMPLE_POTENTIAL).rstrip()
    return "\n".join([_INTRODUCTION.format(example=script), *_topics(document), *_schemas(document)])


def _topics(document: dict[str, Any]) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"## {tag['name'].capitalize()}\n\n{_text(tag['description'])}\n"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### {method.upper()} `{path}` {{#{operation['operationId'].replace('_', '-')}}}\n"
    yield f"{_text(operation['summary'])}. {_text(operation.get('description', ''))}".rstrip() + "\n"
    parameters = [
        (f"`{one['name']}`", one["in"], _type(one["schema"]), _text(one["description"]) + _default(one["schema"]))
        for one in operation.get("parameters", [])
    ]
    if parameters:
        yield _table(("parameter", "in", "type", "what it is"), parameters)
    body = body_of(operation)
    if body:
        media_type, schema = body
        yield f"Body, `{media_type}`:" + ("\n" if "properties" in schema else f" {_type(schema)}\n")
        if "properties" in schema:
            yield _fields(schema)
    answers = [
        (status, _text(answer["description"]), ", ".join(_content(answer)))
        for status, answer in operation["responses"].items()
    ]
    yield _table(("status", "meaning", "content"), answers)


def _content(answer: dict[str, Any]) -> Iterator[str]:
    for media_type, kind in media_types_of(answer):
        yield _markdown(kind) + ("" if media_type == "application/json" else f" (`{media_type}`)")


def _schemas(document: dict[str, Any]) -> Iterator[str]:
    yield "## Schemas\n\nThe forms of what is sent and answered.\n"
    for name, schema in document["components"]["schemas"].items():
        yield f"### {name} {{#{name.lower()}}}\n"
        if "description" in schema:
            yield f"{_text(schema['description'])}\n"
        yield _fields(schema) if "properties" in schema else f"{_type(schema)}\n"


def _fields(schema: dict[str, Any]) -> str:
    return _table(
        ("field", "type", "what it is"),
        [(f"`{name}`", _type(one), _text(one.get("description", ""))) for name, one in schema["properties"].items()],
    )


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return f" Default: {default}." if default not in (None, [], 0) else ""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _type(schema: dict[str, Any]) -> str:
    return _markdown(type_words(schema))


def _markdown(words: Markup) -> str:
    """Return a type in Markdown: links to schemas whose anchors are written small, code between backticks."""
    linked = _LINK.sub(lambda found: f"[{found[1]}](#{found[1].lower()})", str(words))
    coded = _CODE_TAG.sub(lambda found: f"`{unescape(found[1])}`", linked)
    return coded.replace("|", "\\|")


def _text(text: str) -> str:
    """Return a description with everything escaped that Markdown would take for a sign, but for code."""
    parts = _CODE.split(" ".join(text.split()))
    escaped = [part if part.startswith("`") else re.sub(r"([*\[\]|])", r"\\\1", part) for part in parts]
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in escaped)


if __name__ == "__main__":
    sys.stdout.write(api_markdown())
